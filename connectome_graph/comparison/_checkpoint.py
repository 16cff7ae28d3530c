"""Samples on disk: a run that was killed goes on where it was, with the same result."""

from __future__ import annotations

import functools
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.border.atomic import SUFFIX, replacing
from connectome_graph.border.regular import check_regular
from connectome_graph.comparison._coded import CodedRow, Coding, Row, decoded, small
from connectome_graph.comparison._components import united
from connectome_graph.comparison._fingerprint import fingerprint
from connectome_graph.errors import InvalidArgument, UnreadableFile
from connectome_graph.model.provenance import Provenance

__all__ = ["Checkpoint", "described", "known"]


_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


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
    coding
        How the statistic numbers its components, where it does.
    """

    path: Path
    about: dict[str, str]
    observed: pd.Series
    coding: Coding | None = None

    def load(self) -> dict[int, Row]:
        """Return the finished samples; none when there is no file yet.

        Raises
        ------
        UnreadableFile
            When the file is not a checkpoint.
        InvalidArgument
            When it belongs to another graph, null, statistic or seed.
        """
        # A run that was killed while it wrote may have left its temporary file.
        ours = re.compile(rf"\.{re.escape(self.path.name[:60])}\.[0-9a-f]{{12}}{re.escape(SUFFIX)}")
        for beside in self.path.parent.glob(f".*{SUFFIX}"):
            if ours.fullmatch(beside.name):
                beside.unlink(missing_ok=True)
        check_regular(self.path)
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
        if "codes" in parts:
            return _coded_rows(parts)
        labels = _labels(str(parts["labels"]), self.observed.index)
        whole = len(labels) == len(self.observed) and bool(parts["given"].all())
        rows: dict[int, Row] = {}
        for number, values, given in zip(
            parts["numbers"].tolist(), parts["values"], parts["given"], strict=True
        ):
            index = self.observed.index if whole else labels[given]
            rows[number] = pd.Series(values[given], index=index)
        return rows

    def save(self, rows: Mapping[int, Row]) -> None:
        """Write the finished samples.

        Raises
        ------
        UnreadableFile
            When the file cannot be written.
        """
        numbers = sorted(rows)
        arrays = _by_code([rows[number] for number in numbers])
        if arrays is None:
            arrays = self._by_label([decoded(self.coding, rows[number]) for number in numbers])
        with replacing(self.path) as temporary, temporary.open("wb") as file:
            np.savez(
                file,
                about=np.array(json.dumps(self.about)),
                numbers=np.array(numbers, np.int64),
                **arrays,
            )

    def _by_label(self, rows: list[pd.Series]) -> dict[str, Any]:
        labels = united(self.observed.index, [row.index for row in rows])
        kind = np.result_type(*(row.to_numpy().dtype for row in rows))
        values = np.zeros((len(rows), len(labels)), kind)
        given = np.zeros(values.shape, bool)
        for place, row in enumerate(rows):
            at = labels.get_indexer(row.index)
            values[place, at], given[place, at] = row.to_numpy(), True
        text = json.dumps([_plain(label) for label in labels])
        return {"labels": np.array(text), "values": values, "given": given}


def _by_code(rows: list[Row]) -> dict[str, Any] | None:
    """Return numbered rows, one after the other; None when a row is labelled."""
    found = [row for row in rows if isinstance(row, CodedRow)]
    if not found or len(found) < len(rows):
        return None
    return {
        "codes": np.concatenate([row.codes for row in found]),
        "values": small(np.concatenate([row.many for row in found])),
        "ends": np.cumsum([len(row.codes) for row in found]),
    }


def _coded_rows(parts: Mapping[str, Any]) -> dict[int, Row]:
    codes, values = (np.split(parts[name], parts["ends"][:-1]) for name in ("codes", "values"))
    return {
        number: CodedRow(*row)
        for number, *row in zip(parts["numbers"].tolist(), codes, values, strict=True)
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            own = ("codes", "ends") if "codes" in stored else ("labels", "given")
            return {name: stored[name] for name in ("about", "numbers", "values", *own)}
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
        arguments = [_shown(value) for value in thing.args]
        arguments += [f"{key}={_shown(value)}" for key, value in thing.keywords.items()]
        return f"{described(thing.func)}({', '.join(arguments)})"
    if is_dataclass(thing) and not isinstance(thing, type):
        return _ADDRESS.sub("", repr(thing))
    name = getattr(thing, "__qualname__", None) or type(thing).__qualname__
    return f"{getattr(thing, '__module__', type(thing).__module__)}.{name}"


def _shown(value: Any) -> str:
    if isinstance(value, str | int | float | bool | list | tuple | None):
        return _ADDRESS.sub("", repr(value))
    if np.ndim(value):
        return f"<{type(value).__name__} of {len(value):,}>"
    return described(value)


def known(thing: Any, *, name: str) -> str:
    """Return what a checkpoint keeps of a null model or statistic: its name and its content.

    Raises
    ------
    InvalidArgument
        When it cannot be known by its content.

    Examples
    --------
    >>> known(sorted, name="statistic").partition(" #")[0]
    'builtins.sorted'
    """
    return f"{described(thing)} #{fingerprint(thing, name=name)}"


def software() -> str:
    """Return the name and version of the software: other versions may draw other samples."""
    return Provenance().software
