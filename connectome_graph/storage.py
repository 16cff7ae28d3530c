"""read() and write(): a graph as a bundle of Parquet tables and a JSON manifest.

A bundle is one file (an uncompressed zip, usually named ``*.connectome``) or a folder, with

========================  ==================================================================
``manifest.json``         format version, sizes, kinds of columns, domain, provenance, sha256
``neurons.parquet``       ``root_id`` and the neuron columns, in table order
``synapses.parquet``      ``pre``, ``post`` and the synapse columns, in canonical order
``domain.parquet``        ``root_id``, ``is_source``, ``is_target``
``pairs.parquet``         ``pre``, ``post`` (rows of neurons), ``exposure``; only of a pair set
``left_out.parquet``      the columns of ``g.left_out``; only where verbs have left inputs out
========================  ==================================================================

``read(write(g))`` equals ``g``, always. The page "bundle format" of the documentation
describes every field for those who write their own reader.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from connectome_graph.border import atomic
from connectome_graph.border.arguments import check_switch, one_of
from connectome_graph.border.bundles import (
    FILES,
    FORMAT,
    LEFT_OUT,
    MANIFEST,
    PAIRS,
    PARTS,
    Hashed,
    check_own_folder,
    check_replaceable,
    zip_part,
)
from connectome_graph.border.progress import pieces_written
from connectome_graph.border.regular import as_path, check_regular, open_regular
from connectome_graph.build.assembler import assembled_parts
from connectome_graph.build.graphml import read_graphml
from connectome_graph.errors import ConnectomeError, InvalidTable, UnreadableFile
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.domain import Domain
from connectome_graph.model.kinds import describe, restored, to_arrow
from connectome_graph.model.left_out import LeftOut
from connectome_graph.model.pairs import PairSet
from connectome_graph.model.provenance import Provenance
from connectome_graph.sources.graphml.events import looks_like_graphml

#: One zip file, or a folder.
Layout = Literal["file", "folder"]

__all__ = ["FORMAT_VERSION", "is_bundle", "read", "write"]

#: The newest version of the bundle format that this library reads. A bundle is written as the
#: oldest version that can hold it: 1, 2 with a set of pairs, 3 where inputs were left out.
FORMAT_VERSION = 3

# Rows a Parquet row group: what is held twice while writing.
_ROWS = 1 << 20

Opener = Callable[[str], contextlib.AbstractContextManager[IO[bytes]]]


def write(
    g: ConnectomeGraph, path: str | Path, *, layout: Layout = "file", overwrite: bool = False
) -> Path:
    """Write a graph as a bundle and return its path.

    The same graph gives the same bytes under the same versions of the libraries. The bundle
    appears whole or not at all; one that is already there is replaced. Other files stay.

    Parameters
    ----------
    g
        The graph.
    path
        Where, by custom ``something.connectome``.
    layout
        ``"file"`` for one zip file, ``"folder"`` for a folder of plain files.
    overwrite
        Whether another file at `path` may be replaced. A folder that holds anything beside the
        files of a bundle never is.

    Raises
    ------
    UnreadableFile
        When the place cannot be written, or something that is no bundle stands there.
    InvalidTable
        When a column holds objects that no file can keep.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> path = write(g, Path(tempfile.mkdtemp()) / "two.connectome")
    >>> read(path).equals(g)
    True
    """
    one_of(layout, Layout, name="layout")
    check_switch(overwrite, name="overwrite")
    target = as_path(path)
    check_regular(target)
    if layout == "file":

        def may_go(place: Path) -> None:
            check_replaceable(place, overwrite=overwrite)

        with (
            atomic.replacing(target, check=may_go) as temporary,
            zipfile.ZipFile(temporary, "w") as archive,
        ):
            _write_parts(g, lambda name: zip_part(archive, name))
        return target
    with atomic.replacing_folder(target, known=FILES, check=check_own_folder) as temporary:
        _write_parts(g, lambda name: (temporary / name).open("wb"))
    return target


def read(path: str | Path) -> ConnectomeGraph:
    """Return the graph in a bundle or GraphML file, its domain and provenance as written.

    Parameters
    ----------
    path
        A bundle file or folder that :func:`write` made, or a GraphML file (then as
        :func:`connectome_graph.read_graphml` reads it). What the file is decides, not its name.

    Raises
    ------
    UnreadableFile
        When it is missing, truncated or changed (every byte is checked against its sha256), is
        something else, or was written by a newer version of the format.

    Examples
    --------
    >>> read("nowhere.connectome")
    Traceback (most recent call last):
    connectome_graph.errors.UnreadableFile: there is no bundle at nowhere.connectome
    """
    place = atomic.standing(path)
    check_regular(place)
    if looks_like_graphml(place):
        return read_graphml(place)
    try:
        with _opened(place) as load:
            manifest = _manifest(load, place)
            names = [*PARTS, *([PAIRS] if "pairs" in manifest["domain"] else [])]
            names += {LEFT_OUT} & set(manifest["parts"])
            tables = {name: _table(load, manifest, name, place) for name in names}
        return _graph(manifest, tables)
    except UnreadableFile:
        raise
    except (ConnectomeError, KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise UnreadableFile(
            f"{place} is not a sound bundle ({str(error) or repr(error)}); its hashes agree, so it "
            "was written by something else or by a faulty version"
        ) from error


def is_bundle(path: str | Path) -> bool:
    """Return whether `path` looks like a bundle: a zip or folder with a manifest.

    Examples
    --------
    >>> is_bundle("nowhere.connectome")
    False
    """
    place = atomic.standing(path)
    if place.is_dir():
        return (place / MANIFEST).is_file()
    if not (place.is_file() and zipfile.is_zipfile(place)):
        return False
    with zipfile.ZipFile(place) as archive:
        return MANIFEST in archive.namelist()


# -- writing ------------------------------------------------------------------------------


def _write_parts(g: ConnectomeGraph, open_part: Opener) -> None:
    neurons = {str(name): g.neuron_column(name).array for name in _names(g)}
    synapses = {name: g.synapse_column(name) for name in g.synapse_columns}
    said = {
        "neuron_columns": [{"name": n, **describe(v, name=n)} for n, v in neurons.items()],
        "synapse_columns": [{"name": n, **describe(v, name=n)} for n, v in synapses.items()],
    }
    ids = {"root_id": g.ids}
    ends = {"pre": g.synapse_column("pre"), "post": g.synapse_column("post")}
    masks = {"is_source": g.domain.sources, "is_target": g.domain.targets}
    tables = dict(
        zip(PARTS, ({**ids, **neurons}, {**ends, **synapses}, {**ids, **masks}), strict=True)
    )
    pairs = g.domain.pairs
    if pairs is not None:
        tables[PAIRS] = pairs.columns
    version = 1 if pairs is None else 2
    left_out = {str(name): values.to_numpy() for name, values in g.left_out.items()}
    if left_out["n_inputs"].any():
        tables[LEFT_OUT], version = left_out, FORMAT_VERSION
    parts = {}
    for name, columns in tables.items():
        with open_part(name) as file:
            sink = Hashed(file)
            _write_table(columns, sink)
        parts[name] = {"sha256": sink.sha256.hexdigest(), "bytes": sink.n_bytes}
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "format_version": version,
        "software": Provenance().software,
        "ids": "text" if g.ids.dtype.kind == "O" else "int64",
        "n_neurons": g.n_neurons,
        "n_synapse_rows": len(ends["pre"]),
        **said,
        "domain": _told_domain(g),
        "provenance": g.provenance.to_dict(),
        "parts": parts,
    }
    manifest["sha256"] = _own_hash(manifest)
    with open_part(MANIFEST) as file:
        file.write(json.dumps(manifest, indent=1).encode("ascii"))


def _names(g: ConnectomeGraph) -> list[str]:
    names: list[Any] = list(g.neurons.columns)
    bad = [name for name in names if not isinstance(name, str) or name == "root_id"]
    if bad:
        raise InvalidTable(
            f"the neuron column {bad[0]!r} cannot be written: names are text, and 'root_id' is the "
            "index; rename it"
        )
    return names


def _write_table(columns: Mapping[str, Any], sink: Hashed) -> None:
    """Write columns as one Parquet table, a row group at a time."""
    said = {name: describe(values, name=name) for name, values in columns.items()}
    n_rows = len(next(iter(columns.values())))
    writer = None
    try:
        for start in pieces_written(range(0, max(n_rows, 1), _ROWS), rows=_ROWS):
            stop = start + _ROWS
            piece = pa.table(
                {n: to_arrow(v[start:stop], said[n], name=n) for n, v in columns.items()}
            )
            if writer is None:
                writer = pq.ParquetWriter(sink, piece.schema, compression="zstd")
            writer.write_table(piece)
    finally:
        if writer is not None:
            writer.close()


def _own_hash(manifest: Mapping[str, Any]) -> str:
    """Return the sha256 of a manifest without its own ``sha256`` field."""
    rest = {name: value for name, value in manifest.items() if name != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


# -- reading ------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[Callable[[str], bytes]]:
    """Give a function that returns the bytes of a part."""
    try:
        if not place.exists():
            raise UnreadableFile(f"there is no bundle at {place}")
        if place.is_dir():
            yield lambda name: _content(place / name)
        elif zipfile.is_zipfile(place):
            with zipfile.ZipFile(place) as archive:
                yield archive.read
        else:
            raise UnreadableFile(
                f"{place} is not a bundle, or it is truncated: a bundle is a zip file or a folder "
                f"with a {MANIFEST}"
            )
    except (OSError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(
            f"{str(place)[:500]} cannot be read as a bundle ({str(error)[:200]}); it is damaged or "
            "something else"
        ) from error


def _content(path: Path) -> bytes:
    with open_regular(path) as file:
        return file.read()


def _manifest(load: Callable[[str], bytes], place: Path) -> dict[str, Any]:
    text = load(MANIFEST)
    try:
        manifest = json.loads(text)
        is_ours = manifest["format"] == FORMAT
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableFile(f"{place} has no readable {MANIFEST} ({error})") from error
    if not is_ours:
        raise UnreadableFile(f"{place} holds {manifest['format']!r}, not a {FORMAT!r}")
    version = manifest.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise UnreadableFile(
            f"{place} has bundle format version {version}, written by {manifest.get('software')}; "
            f"this library reads up to version {FORMAT_VERSION}: upgrade it with pip install -U "
            "connectome-graph"
        )
    if manifest.get("sha256") != _own_hash(manifest):
        raise UnreadableFile(f"the {MANIFEST} of {place} was changed: its sha256 does not match")
    return dict(manifest)


def _table(
    load: Callable[[str], bytes], manifest: Mapping[str, Any], name: str, place: Path
) -> pa.Table:
    data = load(name)
    wanted = manifest["parts"][name]["sha256"]
    _agree(f"{name}: bytes", manifest["parts"][name]["bytes"], len(data))
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        raise UnreadableFile(
            f"{name} of {place} was changed or is damaged: its sha256 is {found[:12]}..., the "
            f"manifest says {wanted[:12]}..."
        )
    return pq.read_table(pa.BufferReader(data))


def _graph(manifest: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> ConnectomeGraph:
    neurons, synapses, domain = (tables[name] for name in PARTS)
    _check_parts(manifest, neurons, synapses, domain)
    kind = {"dtype": manifest["ids"]}
    ids, pre, post = (
        np.asarray(restored(column, kind), object if kind["dtype"] == "text" else np.int64)
        for column in (neurons["root_id"], synapses["pre"], synapses["post"])
    )
    g = assembled_parts(
        ids,
        _columns(neurons, manifest["neuron_columns"]),
        pre=pre,
        post=post,
        synapses=_columns(synapses, manifest["synapse_columns"]),
        domain=Domain(
            np.asarray(domain["is_source"]),
            np.asarray(domain["is_target"]),
            manifest["domain"]["policy"],
            manifest["domain"]["diagonal"],
            _pairs(tables[PAIRS], len(ids), manifest) if PAIRS in tables else None,
        ),
        provenance=Provenance.from_dict(manifest["provenance"]),
        left_out=_left_out(tables[LEFT_OUT], len(ids)) if LEFT_OUT in tables else None,
    )
    _agree("domain", manifest["domain"], _told_domain(g))
    if g.domain.pairs is not None:
        _agree("columns of pairs", list(g.domain.pairs.columns), tables[PAIRS].column_names)
    for name, column in (("pre", pre), ("post", post)):
        if not np.array_equal(g.synapse_column(name), column):
            raise InvalidTable("synapses.parquet is not in the order of the neurons")
    return g


def _pairs(table: pa.Table, n_neurons: int, manifest: Mapping[str, Any]) -> PairSet:
    columns = {name: np.asarray(table[name]) for name in table.column_names}
    return PairSet.from_columns(columns, n_neurons, name=manifest["domain"]["pairs_name"])


def _left_out(table: pa.Table, n_neurons: int) -> LeftOut:
    columns = {name: np.asarray(table[name]) for name in table.column_names}
    return LeftOut.from_columns(columns, n_neurons)


def _check_parts(
    manifest: Mapping[str, Any], neurons: pa.Table, synapses: pa.Table, domain: pa.Table
) -> None:
    """Refuse parts that are sound by themselves and do not belong together."""
    listed = {
        "neuron_columns": ["root_id", *(each["name"] for each in manifest["neuron_columns"])],
        "synapse_columns": ["pre", "post", *(each["name"] for each in manifest["synapse_columns"])],
        "domain": ["root_id", "is_source", "is_target"],
    }
    for (what, names), table in zip(listed.items(), (neurons, synapses, domain), strict=True):
        _agree(f"columns of {what}", names, table.column_names)
    _agree("n_neurons", manifest["n_neurons"], neurons.num_rows)
    _agree("n_synapse_rows", manifest["n_synapse_rows"], synapses.num_rows)
    if not domain["root_id"].combine_chunks().equals(neurons["root_id"].combine_chunks()):
        raise InvalidTable("domain.parquet names other neurons, or in another order, than the rest")
    for name in ("is_source", "is_target"):
        if not pa.types.is_boolean(domain[name].type) or domain[name].null_count:
            raise InvalidTable(f"{name!r} of domain.parquet needs true or false for every neuron")
    for name, kind in (("diagonal", bool), ("policy", str)):
        if not isinstance(manifest["domain"][name], kind):
            raise InvalidTable(f"{name!r} of the domain is no {kind.__name__}")


def _told_domain(g: ConnectomeGraph) -> dict[str, Any]:
    told = {**g.domain.describe(), "diagonal": g.domain.diagonal}
    return told if g.domain.pairs is None else {**told, "pairs_name": g.domain.pairs.name}


def _agree(what: str, said: Any, found: Any) -> None:
    if type(said) is not type(found) or said != found:
        raise InvalidTable(f"{what}: the manifest says {said!r} and the parts {found!r}")


def _columns(table: pa.Table, said: list[dict[str, Any]]) -> dict[str, Any]:
    return {column["name"]: restored(table[column["name"]], column) for column in said}
