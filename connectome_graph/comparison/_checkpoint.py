"""Samples on disk: a run that was killed goes on where it was, with the same result."""

from __future__ import annotations

import functools
import glob
import hashlib
import json
import zipfile
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.border.atomic import SUFFIX, replacing
from connectome_graph.comparison._components import united
from connectome_graph.errors import InvalidArgument, UnreadableFile
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.provenance import Provenance

__all__ = ["Checkpoint", "described", "graph_digest"]


@dataclass(frozen=True)
class Checkpoint:
    """A file of finished samples, and what they are samples of.

    Parameters
    ----------
    path
        The file (NumPy's npz format, without pickled objects), written whole or not at all.
    about
        What the samples belong to: graph, null, statistic and seed. Another file is refused.
    observed
        Components of the observed graph.
    """

    path: Path
    about: dict[str, str]
    observed: pd.Series

    def load(self) -> dict[int, pd.Series]:
        """Return the finished samples; none when there is no file yet.

        Raises
        ------
        UnreadableFile
            When the file is not a checkpoint.
        InvalidArgument
            When it belongs to another graph, null, statistic or seed.
        """
        # A run that was killed while it wrote may have left its temporary file.
        for leftover in self.path.parent.glob(f".{glob.escape(self.path.name[:60])}.*{SUFFIX}"):
            leftover.unlink(missing_ok=True)
        if not self.path.exists():
            return {}
        parts = _read(self.path)
        found = json.loads(str(parts["about"]))
        wrong = [key for key, value in self.about.items() if found.get(key) != value]
        if wrong:
            told = "; ".join(
                f"{key}: {found.get(key)} there, {self.about[key]} here" for key in wrong
            )
            raise InvalidArgument(
                f"{self.path} holds samples of another run ({told}); name another checkpoint, or "
                "remove this one to start anew"
            )
        labels = _labels(str(parts["labels"]), self.observed.index)
        whole = len(labels) == len(self.observed) and bool(parts["given"].all())
        rows = {}
        for number, values, given in zip(
            parts["numbers"].tolist(), parts["values"], parts["given"], strict=True
        ):
            index = self.observed.index if whole else labels[given]
            rows[number] = pd.Series(values[given], index=index)
        return rows

    def save(self, rows: dict[int, pd.Series]) -> None:
        """Write the finished samples.

        Raises
        ------
        UnreadableFile
            When the file cannot be written.
        """
        numbers = sorted(rows)
        labels = united(self.observed.index, [rows[number].index for number in numbers])
        kind = np.result_type(*(rows[number].to_numpy().dtype for number in numbers))
        values = np.zeros((len(numbers), len(labels)), kind)
        given = np.zeros(values.shape, bool)
        for place, number in enumerate(numbers):
            at = labels.get_indexer(rows[number].index)
            values[place, at], given[place, at] = rows[number].to_numpy(), True
        with replacing(self.path) as temporary, temporary.open("wb") as file:
            np.savez(
                file,
                about=np.array(json.dumps(self.about)),
                labels=np.array(json.dumps([_plain(label) for label in labels])),
                numbers=np.array(numbers, np.int64),
                values=values,
                given=given,
            )


def _read(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {
                name: stored[name] for name in ("about", "labels", "numbers", "values", "given")
            }
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableFile(
            f"{path} is not a checkpoint of compare ({error}); name another file, or remove it"
        ) from error


def stored_entropy(path: Path) -> int | None:
    """Return the seed entropy of a checkpoint, so that a run without a seed can go on with it."""
    if not path.exists():
        return None
    return int(json.loads(str(_read(path)["about"]))["entropy"])


def _plain(label: Any) -> Any:
    """Return a label as JSON: numbers and text as they are, anything else by its text."""
    if isinstance(label, tuple):
        return [_plain(part) for part in label]
    if isinstance(label, np.generic):
        label = label.item()
    return label if isinstance(label, str | int | float | bool) or label is None else str(label)


def _labels(text: str, observed: pd.Index) -> pd.Index:
    """Return the labels written as JSON, those of the observed graph as they were."""
    known = {json.dumps(_plain(label)): label for label in observed}
    labels = []
    for plain in json.loads(text):
        other = tuple(plain) if isinstance(plain, list) else plain
        labels.append(known.get(json.dumps(plain), other))
    return united(observed, [pd.Index(labels, tupleize_cols=False)])


def described(thing: Any) -> str:
    """Return a text that names a null model or statistic and its parameters, without addresses.

    Examples
    --------
    >>> described(functools.partial(sorted, reverse=True))
    'builtins.sorted(reverse=True)'
    """
    if isinstance(thing, functools.partial):
        arguments = [repr(value) for value in thing.args]
        arguments += [f"{key}={value!r}" for key, value in thing.keywords.items()]
        return f"{described(thing.func)}({', '.join(arguments)})"
    if is_dataclass(thing) and not isinstance(thing, type):
        return repr(thing)
    name = getattr(thing, "__qualname__", None) or type(thing).__qualname__
    return f"{getattr(thing, '__module__', type(thing).__module__)}.{name}"


def graph_digest(g: ConnectomeGraph) -> str:
    """Return a fingerprint of a graph: its ids, edges, domain, and every column.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> graph_digest(cg.from_adjacency([[0, 2], [1, 0]])) == graph_digest(
    ...     cg.from_adjacency([[0, 2], [1, 0]])
    ... )
    True
    """
    digest = hashlib.sha256()
    arrays = [*g.edge_codes, g.edge_counts, g.domain.sources, g.domain.targets]
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    for table in (g.neurons.reset_index(), g.synapses):
        for name, column in table.items():
            digest.update(str(name).encode())
            numeric = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb"
            values = column if numeric else column.astype(str)
            digest.update(pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]


def software() -> str:
    """Return the name and version of the software: other versions may draw other samples."""
    return Provenance().software
