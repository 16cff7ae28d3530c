"""The door for public releases: the files a user already has become a ConnectomeGraph."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import Autapses, Keep, Progress, Unknown, one_of
from connectome_graph.border.regular import as_path, check_regular
from connectome_graph.build.assembler import Request, Resolution, assembled
from connectome_graph.build.graphml import read_graphml
from connectome_graph.build.story import read, told
from connectome_graph.errors import InvalidArgument, InvalidTable, choice
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.attributes import METADATA
from connectome_graph.model.columns import column_names
from connectome_graph.model.domain import Domain
from connectome_graph.model.expressions.tuples import Filters
from connectome_graph.model.names import ColumnMap
from connectome_graph.model.provenance import Step
from connectome_graph.sources.files import opened
from connectome_graph.sources.graphml.events import parsed
from connectome_graph.sources.releases.families import FAMILIES, released
from connectome_graph.sources.releases.given import (
    ARCHIVES,
    Source,
    looked_at,
    packed_names,
    unpack,
)
from connectome_graph.sources.releases.release import Choices, Release
from connectome_graph.sources.releases.totals import held_against
from connectome_graph.sources.releases.verified import total_of

__all__ = ["from_release"]

_GRAPHML = (".graphml", ".graphml.gz")
# Bytes of a file of pairs above which an engine takes it in parts
_LARGE = 64 * 2**20

#: Which connections of a worm are read.
Layer = Literal["chemical", "electrical", "all"]


def from_release(
    source: Source,
    kind: str | None = None,
    *,
    connections: str | None = None,
    cell_table: str | None = None,
    layer: Layer = "chemical",
    resolution_nm: Resolution | None = None,
    unknown: Unknown | None = None,
    autapses: Autapses = "keep",
    filters: Filters | None = None,
    keep: Keep = "synapses",
    engine: Any = None,
    memory_limit: str | None = None,
    progress: Progress = None,
) -> ConnectomeGraph:
    """Return the graph of a public release, from the files or tables as they were downloaded.

    The kind is recognised by the columns and names of the files. Companion tables (classification,
    cell types, coordinates, transmitters) are joined onto the neurons; what is missing, stale or
    repeated is counted in the provenance, with licence and citation. Two views of the same synapses
    (total and per region, simple and split, weights and partners) are never added up: the most
    detailed is read and the others are named.

    Parameters
    ----------
    source
        A folder, a file, an archive (zip, tar.gz), several of them, or tables as neuprint-python's
        ``fetch_adjacencies``, ``fetch_neurons`` and ``fetch_synapse_connections`` return them.
    kind
        ``"flywire"``, ``"shiu"``, ``"neuprint"``, ``"sjcabs"`` (BANC and kin), ``"worm"``,
        ``"sonata"``, ``"cave-dump"``, ``"edge-list"`` or ``"graphml"``; None recognises it.
    connections
        Part of the name of the file, sheet or population to read connections from, where files
        differ by detector, threshold or animal.
    cell_table
        Part of the name of the file to read neurons from, where several differ by version or
        method, as the cell type tables of CAVE do.
    layer
        For worms: ``"chemical"``, ``"electrical"``, or ``"all"`` with a column ``layer``.
    resolution_nm
        Nanometres per voxel, where it is not that of the release (8, 8, 8 for neuPrint; 4, 4, 40
        for CAVE).
    unknown
        What happens to rows with a partner outside the neuron table: ``"drop"`` (the default where
        there is such a table), ``"add"`` (the default where there is none) or ``"raise"``.
    autapses, filters, keep, engine, memory_limit, progress
        As in :func:`connectome_graph.from_tables`.

    Returns
    -------
    ConnectomeGraph
        Neurons have ``cell_type``, ``side`` (left, right, center) and ``nt_type`` where the
        release does; rows have ``neuropil``, ``layer`` and ``count`` where it does.

    Raises
    ------
    UnreadableFile
        When a file is missing or truncated, or none is of a layout that is known.
    InvalidArgument
        When files of several kinds, detectors or animals lie together and none is named.
    InvalidTable
        When ids repeat, have another prefix, or do not fit together.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> neurons = pd.DataFrame(
    ...     {"bodyId": [1, 2], "type": ["KC", "MBON"], "instance": ["a_L", "b_R"]}
    ... )
    >>> rows = pd.DataFrame(
    ...     {"bodyId_pre": [1, 1], "bodyId_post": [2, 2], "roi": ["a", "b"], "weight": [3, 4]}
    ... )
    >>> g = cg.from_release((neurons, rows))
    >>> g.edges
       pre  post  count
    0    1     2      7
    >>> g.neurons["side"].tolist()
    ['left', 'right']
    """
    if kind is not None:
        choice(kind, (*FAMILIES, "graphml"), name="kind")
    one_of(layer, Layer, name="layer")
    for name, part in (("connections", connections), ("cell_table", cell_table)):
        if part is not None and not isinstance(part, str):
            raise InvalidArgument(f"{name}= is part of a file's name; found {type(part).__name__}")
    with contextlib.ExitStack() as stack:
        graphml = _graphml_file(source, kind, stack)
        if graphml is not None:
            return _from_graphml(graphml)
    choices = Choices(
        connections=connections,
        cell_table=cell_table,
        unknown=unknown,
        layer=layer,
        resolution_nm=resolution_nm,
    )
    with looked_at(source) as given:
        release = released(given, kind, choices)
        wanted = ("add" if release.neurons is None else "drop") if unknown is None else unknown
        request = Request(
            synapses=release.synapses,
            neurons=release.neurons,
            columns={**release.columns, "position": None},
            neuron_columns={"position": None},
            unknown=wanted,
            autapses=autapses,
            filters=filters,
            keep=keep,
            engine=engine,
            memory_limit=memory_limit,
            progress=progress,
        )
        g = assembled(
            _of_pairs(request), lambda facts: _story(release, facts), domain=_domain(release)
        )
    _check_overlap(g, release)
    return g


def _graphml_file(source: Source, kind: str | None, stack: contextlib.ExitStack) -> Path | None:
    """Return the GraphML file that was handed over, alone or alone in its folder or archive."""
    if isinstance(source, list | tuple) and len(source) == 1:
        source = source[0]
    if not isinstance(source, str | Path) or kind not in (None, "graphml"):
        return None
    place = as_path(source)
    check_regular(place)
    if place.is_file() and place.name.lower().endswith(ARCHIVES):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="release-")))
        named = list(packed_names(place))
        if [name.lower().endswith(_GRAPHML) for name in named].count(True) != 1 or (
            kind is None and len(named) > 1
        ):
            return None
        unpack(place, folder, _GRAPHML)
        return next(file for file in folder.rglob("*") if file.is_file())
    if place.is_dir():
        files = sorted(file for file in place.iterdir() if file.is_file())
        found = [file for file in files if file.name.lower().endswith(_GRAPHML)]
        if len(found) != 1 or (kind is None and len(files) > 1):
            return None
        place = found[0]
    return place if place.name.lower().endswith(_GRAPHML) else None


def _from_graphml(path: Path) -> ConnectomeGraph:
    """Return the graph of a GraphML file as igraph and others publish it: ``name``, ``weight``."""
    document = parsed(path)
    nodes, edges = ({key.name for key in document.keys[of].values()} for of in ("node", "edge"))
    if METADATA in document.graph_data:
        return read_graphml(path)
    ids = "name" if "name" in nodes and "root_id" not in nodes else None
    columns: ColumnMap | None = None
    if "weight" in edges and "count" not in edges:
        columns = {"count": "weight"}
    try:
        g, said = read_graphml(path, ids=ids, columns=columns), "the number of synapses"
    except InvalidTable:
        if columns is None:
            raise
        g, said = read_graphml(path, ids=ids, columns={"count": None, "size": "weight"}), "a size"
    told_weight = f" weight was read as {said} of an edge." if columns else ""
    sentence = f"A release of the kind 'graphml' was read.{told_weight}"
    step = Step("from_release", sentence, {"kind": "graphml", "connections_file": path.name})
    return ConnectomeGraph.from_parts(
        g.neurons, g._index, domain=g.domain, provenance=told(g.provenance, (step,))
    )


def _of_pairs(request: Request) -> Request:
    """Return the request with its rows kept as edges, where every row is a pair and no more.

    Such a file is large and a sum over it is small: it is left to the engine, so that memory
    follows the edges between known neurons and not the rows.
    """
    path = request.synapses
    held = {name for name, own in (request.columns or {}).items() if own}
    if not isinstance(path, Path) or held != {"pre", "post", "count"}:
        return request
    if len(opened(path).schema) != len(held):
        return request
    large = request.engine is None and path.stat().st_size > _LARGE
    return replace(request, keep="edges", engine="duckdb" if large else request.engine)


def _story(release: Release, facts: Mapping[str, Any]) -> tuple[Step, ...]:
    counted = "count" in release.columns or (
        not hasattr(release.synapses, "open") and "count" in column_names(release.synapses)
    )
    notes = " ".join(release.notes)
    rows = release.facts.get("n_rows_read", facts["n_synapse_rows"])
    file = release.facts.get("connections_file", "")
    of = f"{release.kind} {release.facts['layer']}" if "layer" in release.facts else release.kind
    published, expected = held_against(of, file, rows=rows, total=lambda: total_of(release))
    notes = f"{notes} {published}".strip()
    missing = release.facts.get("missing_files", [])
    sentence = (
        f"A release of the kind {release.kind!r} ({release.title}) was read: "
        f"{read(facts, noun='edge' if counted else 'synapse')} {notes}"
    )
    if missing and release.neurons is None:
        sentence += " No file says which neurons there are: they are those of the connections."
    said = {"kind": release.kind, "title": release.title, **release.facts}
    return (Step("from_release", sentence.strip(), {**facts, **said, **expected}),)


def _domain(release: Release) -> Any:
    """Return the domain as a function of the neuron table: rows and columns of a matrix."""
    if release.sources is None or release.targets is None:
        return None
    sources, targets = release.sources, release.targets

    def domain(frame: pd.DataFrame) -> Domain:
        ends = [np.asarray(frame.index.isin(ids), bool) for ids in (sources, targets)]
        if all(end.all() for end in ends):
            return Domain.full(len(frame))
        return Domain(ends[0], ends[1], "release")

    return domain


def _check_overlap(g: ConnectomeGraph, release: Release) -> None:
    """Refuse a release whose connections are among other ids than its neurons'."""
    dropped = g.provenance.steps[0].facts.get("n_dropped_unknown", 0)
    dropped = dropped or release.facts.get("n_dropped_unknown", 0)
    if dropped and not g.n_synapses:
        raise InvalidTable(
            f"none of the {dropped:,} rows of {release.facts['connections_file']} has both "
            "partners in the neuron table: the files are of different versions, or their ids have "
            "another prefix; pass unknown='add' to take the partners as they are"
        )
