"""SONATA: edges and nodes in h5 files, with tables of node types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile, require
from connectome_graph.sources.releases.choosing import Found, companions
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.neurons import frame_of
from connectome_graph.sources.releases.release import Choices, Release

__all__ = ["read"]


def read(found: Found, choices: Choices) -> Release:
    """Return the edges of one population, and the nodes at their ends."""
    h5py = require("h5py", extra="sonata", purpose="reading SONATA files")
    release = Release(
        kind="sonata", title="SONATA", synapses=pd.DataFrame(), neurons=None,
        facts={"licence": "see the model", "citation": "Dai et al. (2020), PLoS Comput Biol 16"},
    )  # fmt: skip
    edges: dict[str, dict[str, Any]] = {}
    nodes: dict[str, pd.DataFrame] = {}
    for given in companions(found, "edges"):
        assert given.path is not None
        with _opened(h5py, given.path) as file:
            for name, group in file.get("edges", {}).items():
                edges[f"{given.name}: {name}"] = _edges(group, given.name)
            for name, group in file.get("nodes", {}).items():
                if name in nodes:
                    raise InvalidTable(f"the nodes of the population {name!r} are there twice")
                nodes[name] = _nodes(group)
    types = [_node_types(given) for given in companions(found, "node types")]
    wanted = choices.connections
    names = [name for name in edges if wanted is None or wanted in name]
    if len(names) != 1:
        raise InvalidArgument(
            f"{len(edges)} populations of edges are there ({', '.join(edges) or 'none'}); name one "
            "with connections="
        )
    part = edges[names[0]]
    release.facts |= {"edges": names[0], "populations": [part["source"], part["target"]]}
    _take(part, nodes, types, release)
    return release


def _node_types(given: Given) -> pd.DataFrame:
    frame = frame_of(given.read()).drop_duplicates()
    twice = frame["node_type_id"][frame["node_type_id"].duplicated()]
    if len(twice):
        raise InvalidTable(
            f"{given.name} describes the node type {twice.iloc[0]} in several rows that differ; "
            "keep one row per type"
        )
    return frame


def _opened(h5py: Any, path: Path) -> Any:
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise UnreadableFile(f"{path} could not be read as h5 ({error})") from error


def _edges(group: Any, name: str) -> dict[str, Any]:
    try:
        ids = [group["source_node_id"], group["target_node_id"]]
    except KeyError as error:
        raise InvalidTable(f"edges of {name} need source_node_id and target_node_id") from error
    populations = [_text(each.attrs.get("node_population", "")) for each in ids]
    data = {"pre": ids[0][:], "post": ids[1][:]}
    if len(data["pre"]) != len(data["post"]):
        raise InvalidTable(f"edges of {name} have another number of sources than of targets")
    if "edge_type_id" in group:
        data["edge_type_id"] = group["edge_type_id"][:]
    held = group.get("0", {})
    for key in held:
        if hasattr(held[key], "shape") and held[key].shape == data["pre"].shape:
            data[{"nsyns": "count"}.get(key, key)] = held[key][:]
    return {"rows": data, "source": populations[0], "target": populations[1]}


def _nodes(group: Any) -> pd.DataFrame:
    n = len(group["node_type_id"])
    data = {"node_id": group["node_id"][:] if "node_id" in group else np.arange(n)}
    data["node_type_id"] = group["node_type_id"][:]
    held = group.get("0", {})
    for key in held:
        if hasattr(held[key], "shape") and held[key].shape == (n,):
            values = held[key][:]
            if values.dtype.kind in "OS":
                values = np.array([_text(each) for each in values], object)
            # the guide says um for positions
            data[f"{key}_um" if key in ("x", "y", "z") else key] = values
    return pd.DataFrame(data)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _take(
    part: dict[str, Any],
    nodes: dict[str, pd.DataFrame],
    types: list[pd.DataFrame],
    release: Release,
) -> None:
    """Fill in the tables; ids of two populations overlap, so the population is part of them."""
    ends = part["source"], part["target"]
    rows = dict(part["rows"])
    several = ends[0] != ends[1]
    for end, population in zip(("pre", "post"), ends, strict=True):
        rows[end] = _named(rows[end], population, several=True)
    release.synapses = pd.DataFrame(rows)
    if "count" in rows:
        release.note("nsyns is the number of synapses of a row.")
    else:
        release.note("A row is a synapse.")
    frames = []
    for population in dict.fromkeys(ends):
        if population not in nodes:
            release.facts.setdefault("missing_files", []).append(f"nodes of {population!r}")
            continue
        frame = nodes[population].copy()
        frame.insert(0, "root_id", _named(frame["node_id"].to_numpy(), population, several=True))
        frame["population"] = population
        for table in types:
            if set(frame["node_type_id"]) <= set(table["node_type_id"]):
                frame = frame.merge(table, on="node_type_id", how="left", suffixes=("", "_type"))
                break
        frames.append(frame)
    if len(frames) == len(dict.fromkeys(ends)):
        release.neurons = pd.concat(frames, ignore_index=True)
        if several:
            release.sources, release.targets = (
                _named(nodes[p]["node_id"].to_numpy(), p, several=True) for p in ends
            )


def _named(ids: Any, population: str, *, several: bool) -> np.ndarray[Any, Any]:
    """Return ids as text, ``population:id``: id 0 is a neuron here, as in no segmentation."""
    del several
    return np.array([f"{population}:{each}" for each in np.asarray(ids).tolist()], object)
