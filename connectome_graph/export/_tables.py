"""Edges, neurons and synapses as table files: CSV, TSV, Parquet, Feather."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from connectome_graph.border.arguments import Weight
from connectome_graph.border.replaced import replacing_own, table_of
from connectome_graph.errors import InvalidArgument
from connectome_graph.export._separated import write_separated
from connectome_graph.graph import weights
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.kinds import describe, to_arrow
from connectome_graph.sources.files import SUFFIXES, suffix_of

__all__ = ["write_edges", "write_neurons", "write_synapses"]


def write_edges(
    g: ConnectomeGraph,
    path: str | Path,
    *,
    weight: Weight | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the edge list: ``pre, post, count``, ``size`` where known, and weights by name.

    One row per edge on the domain, in canonical order; autapses are not edges.

    Parameters
    ----------
    g
        The graph.
    path
        The file; its ending says the format: csv, csv.gz, tsv, tsv.gz, parquet, feather.
    weight
        A weight as in :func:`connectome_graph.weights.compute`, or a list of them, as further
        columns.
    overwrite
        Whether another file at `path` may be replaced; a table that begins with the same columns
        is replaced in any case.

    Raises
    ------
    InvalidArgument
        When the ending is not known.
    UnreadableFile
        When the file cannot be written, or another one is there.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> print(write_edges(g, Path(tempfile.mkdtemp()) / "edges.csv").read_text())
    pre,post,count
    1,2,3
    2,1,1
    """
    frame = g.edges
    columns = {name: frame[name].array for name in frame.columns}
    named = weight if isinstance(weight, list) else [] if weight is None else [weight]
    for each in named:
        values = weights.compute(g, each)
        columns.setdefault(str(values.name), values.array)
    return _write(columns, path, own=("pre", "post", "count"), overwrite=overwrite)


def write_neurons(g: ConnectomeGraph, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the neuron table: ``root_id`` and every neuron column.

    Parameters
    ----------
    g
        The graph.
    path, overwrite
        The file, as in :func:`write_edges`.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> print(write_neurons(g, Path(tempfile.mkdtemp()) / "neurons.csv").read_text())
    root_id
    1
    2
    """
    columns = {str(name): g.neuron_column(name).array for name in g.neurons.columns}
    return _write({"root_id": g.ids, **columns}, path, own=("root_id",), overwrite=overwrite)


def write_synapses(g: ConnectomeGraph, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the synapse table: ``pre``, ``post`` and every synapse column.

    Autapses and synapses outside the domain are included.

    Parameters
    ----------
    g
        The graph.
    path, overwrite
        The file, as in :func:`write_edges`.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, pandas as pd, connectome_graph as cg
    >>> g = cg.from_tables(pd.DataFrame({"pre": [7, 7], "post": [8, 8]}), unknown="add")
    >>> print(write_synapses(g, Path(tempfile.mkdtemp()) / "synapses.tsv").read_text())
    pre     post
    7       8
    7       8
    """
    names = ("pre", "post", *g.synapse_columns)
    columns = {name: g.synapse_column(name) for name in names}
    return _write(columns, path, own=("pre", "post"), overwrite=overwrite)


def _write(
    columns: Mapping[str, Any], path: str | Path, *, own: Sequence[str], overwrite: bool
) -> Path:
    suffix = suffix_of(path)
    if not suffix:
        raise InvalidArgument(
            f"{Path(path).name!r} has no ending that says its format; use one of "
            f"{', '.join(SUFFIXES)}"
        )
    arrays = {}
    for name, values in columns.items():
        kind = describe(values, name=name)
        arrays[name] = to_arrow(values, kind, name=name)
    with (
        replacing_own(path, own=table_of(own), what="such table", overwrite=overwrite) as temporary,
        temporary.open("wb") as file,
    ):
        _write_table(arrays, file, suffix)
    return Path(path)


def _write_table(arrays: Mapping[str, pa.Array], file: IO[bytes], suffix: str) -> None:
    if suffix in (".parquet", ".pq"):
        pyarrow.parquet.write_table(pa.table(arrays), file, compression="zstd")
        return
    if suffix in (".feather", ".arrow"):
        pyarrow.feather.write_feather(pa.table(arrays), file)
        return
    delimiter = "\t" if ".tsv" in suffix else ","
    if suffix.endswith(".gz"):
        # no name and no time of day inside: the same table gives the same file
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
            write_separated(arrays, io.BufferedWriter(stream, 1 << 20), delimiter=delimiter)
    else:
        write_separated(arrays, file, delimiter=delimiter)
