"""For every layout in the table of layouts: small files, which of them it is, and its ids.

Folders come from the makers of the documentation; what no maker writes is added here with exactly
the columns of the release.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from docs import made_other_releases as other
from docs import made_releases as made

IDS = made.IDS


class Made(NamedTuple):
    """One layout, written down.

    Attributes
    ----------
    key
        Kind, role and columns: those of the layout in the table.
    make
        Writes the files into a folder.
    file
        The one that has this layout.
    ids
        Its columns of ids: one of a table of neurons, two of a table of connections.
    impossible
        Fault -> why it cannot occur in this layout.
    """

    key: tuple[str, str, tuple[str, ...]]
    make: Callable[[Path], Path]
    file: str
    ids: tuple[str, ...]
    impossible: dict[str, str] = {}  # noqa: RUF012


PREFIX, TEXT, REPEATED, TRUNCATED, COMPANION = (
    "wrong prefix", "text ids", "repeated ids", "truncated", "missing companion",
)  # fmt: skip
_NAMES = {
    PREFIX: "names of cells have no prefix",
    TEXT: "the ids of this layout are text",
}
_ALONE = {COMPANION: "the layout has no companion: its neurons are those of its connections"}
_FREE = {PREFIX: "ids of a plain edge list are anybody's", TEXT: "and may be text"}


def _with(make: Callable[..., Path], file: str, table: Callable[[], pd.DataFrame]) -> Callable:
    """Return a maker that writes one file more."""

    def both(folder: Path) -> Path:
        place = make(folder)
        write(place / file, table())
        return place

    return both


def _alone(file: str, table: Callable[[], pd.DataFrame]) -> Callable:
    return _with(made._made, file, table)


def write(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as its ending says; of text with a file of names, without them."""
    if path.suffix == ".feather":
        frame.reset_index(drop=True).to_feather(path)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".npy":
        np.save(path, frame.iloc[:, 0].to_numpy())
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        first = str(frame.columns[0])
        frame = frame.rename(columns={first: ""} if first.startswith("Unnamed") else {})
        frame.to_csv(path, sep=_mark(path), index=False, header=not _names_beside(path))


def read(path: Path) -> pd.DataFrame:
    """Return a table as its ending says."""
    if path.suffix == ".feather":
        return pd.read_feather(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".npy":
        return pd.DataFrame({"id": np.load(path)})
    if path.suffix == ".xlsx":
        return pd.read_excel(path)
    names = _names_beside(path)
    return pd.read_csv(
        path, sep=_mark(path), header=None if names else 0, names=names or None,
        keep_default_na=False, na_values=[""],
    )  # fmt: skip


def _mark(path: Path) -> str:
    if path.suffix == ".tsv" or "white" in path.name:
        return "\t"
    return " " if "node_types" in path.name else ","


def _names_beside(path: Path) -> list[str]:
    """Return the names of a file that has none: from beside it, or from the layout."""
    beside = path.with_name(path.name.split(".")[0] + "_header.csv")
    if beside.exists():
        return [line.split(",")[0] for line in beside.read_text().splitlines()]
    return ["pre", "post", "weight"] if "headerless" in path.name else []


def _flywire_synapses() -> pd.DataFrame:
    rows = [(IDS[i], IDS[j], r) for i, j, r, n in made.ROWS for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["pre_pt_root_id", "post_pt_root_id", "neuropil"])
    frame.insert(0, "id", np.arange(len(frame)) + 1)
    for nt in ("gaba", "ach", "glut", "oct", "ser", "da"):
        frame[nt] = 0.1
    frame["cleft_score"] = 100
    for end in ("pre", "post"):
        for axis in "xyz":
            frame[f"{end}_pt_position_{axis}"] = 1000.0
    return frame


def _roi_counts() -> pd.DataFrame:
    return pd.DataFrame({"bodyId": [11], "roi": ["MB"], "pre": [5], "post": [6]})


def _weights(first: str, second: str, third: str) -> pd.DataFrame:
    return pd.DataFrame([(1, 2, 3), (2, 3, 4)], columns=[first, second, third])


def _nuclei() -> pd.DataFrame:
    return pd.DataFrame(
        {"id": [1, 2], "pt_root_id": [other.MINNIE, other.MINNIE + 1], "volume": [300.5, 200.5]}
    )


def _dump_with_nuclei(folder: Path) -> Path:
    place = other.cave_dump(folder)
    other._dumped(place, "nucleus_detection_v0", _nuclei())
    return place


def _simple_banc(folder: Path) -> Path:
    place = made.banc(folder)
    (place / "banc_746_split_edgelist.feather").unlink()
    return place


def _per_root(column: str, values: list[object]) -> Callable[[], pd.DataFrame]:
    return lambda: pd.DataFrame({"root_id": IDS, column: values})


def _names() -> pd.DataFrame:
    return pd.DataFrame({"root_id": IDS, "name": list("abcd"), "group": ["MB"] * 4})


def _visual() -> pd.DataFrame:
    data = {"root_id": IDS, "type": ["Mi1"] * 4, "family": ["Mi"] * 4, "subsystem": ["ON"] * 4}
    return pd.DataFrame({**data, "category": ["intrinsic"] * 4, "side": ["left"] * 4})


def _labels() -> pd.DataFrame:
    data = {"root_id": [*IDS, IDS[0]], "label": ["a", "b", "c", "d", "e"], "user_id": [1] * 5}
    return pd.DataFrame({**data, "position": ["[1 2 3]"] * 5})


def _edges_of(kind: str, *columns: str) -> tuple[str, str, tuple[str, ...]]:
    return kind, "connections", columns


_FLY, _NEU, _SJ = "flywire", "neuprint", "sjcabs"
_TWO = ("pre_root_id", "post_root_id")
_POINTS = ("pre_pt_root_id", "post_pt_root_id")
_BODIES = ("bodyId_pre", "bodyId_post")
_MANY = {REPEATED: "a neuron has several rows in this layout: they are told, and not an error"}
_MORE = {PREFIX: "rows about ids that are no neurons are counted as stale: see test_stale_ids"}
_BODY = {PREFIX: "bodies are small integers without a prefix; see test_ids_of_another_prefix"}
_LIST = {REPEATED: "a list of ids says nothing that could differ"}

CASES: dict[str, Made] = {
    # FlyWire
    "codex connections": Made(
        _edges_of(_FLY, "pre_root_id", "post_root_id", "neuropil", "syn_count"),
        made.codex, "connections.csv.gz", _TWO),
    "zenodo connections": Made(
        _edges_of(_FLY, "pre_pt_root_id", "post_pt_root_id", "neuropil", "syn_count"),
        made.zenodo, "proofread_connections_783.feather", _POINTS),
    "princeton synapses": Made(
        (_FLY, "synapses", ("pre_x", "ctr_x", "post_x", "^pre_root_id_", "^post_root_id_",
                            "neuropil")),
        lambda folder: made.codex_princeton(made.codex(folder)),
        "fafb_v783_princeton_synapse_table.csv.gz",
        ("pre_root_id_720575940", "post_root_id_720575940")),
    "zenodo synapses": Made(
        (_FLY, "synapses", ("pre_pt_root_id", "post_pt_root_id", "cleft_score",
                            "post_pt_position_x")),
        _with(made.zenodo, "flywire_synapses_783.feather", _flywire_synapses),
        "flywire_synapses_783.feather", _POINTS),
    "codex neurons": Made(
        (_FLY, "neurons", ("root_id", "group", "nt_type", "nt_type_score")),
        made.codex, "neurons.csv.gz", ("root_id",)),
    "codex classification": Made(
        (_FLY, "classification", ("root_id", "flow", "super_class", "side")),
        made.codex, "classification.csv.gz", ("root_id",), _MORE),
    "codex cell types": Made(
        (_FLY, "cell types", ("root_id", "primary_type")),
        made.codex, "consolidated_cell_types.csv.gz", ("root_id",), _MORE),
    "codex cell statistics": Made(
        (_FLY, "cell statistics", ("root_id", "length_nm", "area_nm", "size_nm")),
        made.codex, "cell_stats.csv.gz", ("root_id",), _MORE),
    "codex names": Made(
        (_FLY, "names", ("root_id", "name", "group")),
        _with(made.codex, "names.csv.gz", _names), "names.csv.gz", ("root_id",), _MORE),
    "codex tags": Made(
        (_FLY, "tags", ("root_id", "connectivity_tag")),
        _with(made.codex, "connectivity_tags.csv.gz",
              _per_root("connectivity_tag", ["rich_club", None, "a", "b"])),
        "connectivity_tags.csv.gz", ("root_id",), _MORE),
    "codex visual types": Made(
        (_FLY, "visual types", ("root_id", "type", "family", "subsystem")),
        _with(made.codex, "visual_neuron_types.csv.gz", _visual),
        "visual_neuron_types.csv.gz", ("root_id",), _MORE),
    "codex labels": Made(
        (_FLY, "labels", ("root_id", "label", "user_id")),
        _with(made.codex, "labels.csv.gz", _labels), "labels.csv.gz", ("root_id",),
        _MORE | _MANY),
    "codex coordinates": Made(
        (_FLY, "coordinates", ("root_id", "position", "supervoxel_id")),
        made.codex, "coordinates.csv.gz", ("root_id",), _MORE | _MANY),
    "annotations": Made(
        (_FLY, "annotations", ("root_id", "super_class", "cell_class", "top_nt", "side")),
        made.zenodo, "Supplemental_file1_neuron_annotations.tsv", ("root_id",), _MORE),
    "root ids": Made(
        (_FLY, "root ids", ("ids of an array",)),
        made.zenodo, "proofread_root_ids_783.npy", ("id",), _LIST),
    "shiu connections": Made(
        ("shiu", "connections", ("Presynaptic_ID", "Postsynaptic_ID", "Connectivity",
                                 "Excitatory")),
        made.shiu, "Connectivity_783.parquet", ("Presynaptic_ID", "Postsynaptic_ID")),
    "shiu neurons": Made(
        ("shiu", "neurons", ("Completed",)),
        made.shiu, "Completeness_783.csv", ("Unnamed: 0",)),
    # neuPrint
    "manc totals": Made(
        _edges_of(_NEU, "bodyId_pre", "bodyId_post", "weight"),
        made.manc, "traced-connections.csv", _BODIES, _BODY),
    "manc regions": Made(
        _edges_of(_NEU, "bodyId_pre", "bodyId_post", "roi", "weight"),
        made.manc, "traced-connections-per-roi.csv", _BODIES, _BODY),
    "male cns weights": Made(
        _edges_of(_NEU, "body_pre", "body_post", "weight"),
        made.male_cns, "connectome-weights-male-cns-v1.0-minconf-0.5.feather",
        ("body_pre", "body_post"), _BODY),
    "male cns partners": Made(
        (_NEU, "synapses", ("x_pre", "x_post", "body_pre", "body_post", "conf_pre")),
        lambda folder: made.male_cns(folder, partners=True),
        "syn-partners-male-cns-v1.0-minconf-0.5.feather", ("body_pre", "body_post"), _BODY),
    "neuprint synapses": Made(
        (_NEU, "synapses", ("bodyId_pre", "bodyId_post", "x_pre", "x_post", "confidence_pre",
                            "confidence_post")),
        _with(_with(made._made, "neurons.csv", made._bodies), "synapses.csv",
              made.fetched_synapses),
        "synapses.csv", _BODIES, _BODY),
    "manc neurons": Made(
        (_NEU, "neurons", ("bodyId", "type")),
        made.manc, "manc-v1.0-neuron-properties.feather", ("bodyId",)),
    "male cns annotations": Made(
        (_NEU, "annotations", ("bodyId", "type", "superclass")),
        made.male_cns, "body-annotations-male-cns-v1.0.feather", ("bodyId",)),
    "male cns transmitters": Made(
        (_NEU, "transmitters", ("body", "predicted_nt")),
        made.male_cns, "body-neurotransmitters-male-cns-v1.0.feather", ("body",), _MORE),
    "neuprint counts by region": Made(
        (_NEU, "counts by region", ("bodyId", "roi", "pre", "post")),
        _with(made.manc, "roi_counts.csv", _roi_counts), "roi_counts.csv", ("bodyId",),
        dict.fromkeys((PREFIX, TEXT, REPEATED, TRUNCATED, COMPANION),
                      "it is recognised, so that it is not taken for connections, and not read")),
    # SJCABS
    "banc simple": Made(
        _edges_of(_SJ, "pre", "post", "count", "norm"),
        _simple_banc, "banc_746_simple_edgelist.feather", ("pre", "post"), {TEXT: _NAMES[TEXT]}),
    "banc split": Made(
        _edges_of(_SJ, "pre", "pre_label", "post", "post_label", "count", "norm"),
        made.banc, "banc_746_split_edgelist.feather", ("pre", "post"), {TEXT: _NAMES[TEXT]}),
    "banc synapses": Made(
        (_SJ, "synapses", ("pre", "post", "x", "y", "z", "connector_id")),
        made.banc_synapses, "banc_746_synapses.parquet", ("pre", "post"), {TEXT: _NAMES[TEXT]}),
    "banc meta": Made(
        (_SJ, "neurons", (r"^(banc|fafb|manc|malecns|hemibrain)_\w+_id$", "super_class")),
        made.banc, "banc_746_meta.feather", ("banc_746_id",), {TEXT: _NAMES[TEXT]}),
    # worms
    "white": Made(
        _edges_of("worm", "pre", "post", "type", "synapses"),
        other.white, "white_1986_whole.csv", ("pre", "post"), _NAMES | _ALONE),
    "worm edge list": Made(
        ("worm", "edge list", ("Source", "Target", "Weight", "Type")),
        other.worm_edges, "herm_full_edgelist.csv", ("Source", "Target"), _NAMES | _ALONE),
    "witvliet": Made(
        ("worm", "matrices", ("sheets of a workbook",)),
        other.witvliet, "witvliet_2020_7 adult.xlsx", ("pre", "post"), _NAMES | _ALONE),
    # edge lists
    "connecto": Made(
        _edges_of("edge-list", "pre", "post", "weight"),
        other.edge_list, "edges.csv", ("pre", "post"), _FREE | _ALONE),
    "connecto by region": Made(
        _edges_of("edge-list", "pre", "post", "weight", "roi"),
        _alone("edges.csv", lambda: _weights("pre", "post", "weight").assign(roi="MB")),
        "edges.csv", ("pre", "post"), _FREE | _ALONE),
    "source and target": Made(
        _edges_of("edge-list", "source", "target", "weight"),
        _alone("edges.csv", lambda: _weights("source", "target", "weight")),
        "edges.csv", ("source", "target"), _FREE | _ALONE),
    "challenge": Made(
        _edges_of("edge-list", "From Node ID", "To Node Id", "Weight"),
        _alone("edges.csv", lambda: _weights("From Node ID", "To Node Id", "Weight")),
        "edges.csv", ("From Node ID", "To Node Id"), _FREE | _ALONE),
    "challenge, other spelling": Made(
        _edges_of("edge-list", "From Node ID", "To Node ID", "Weight"),
        _alone("edges.csv", lambda: _weights("From Node ID", "To Node ID", "Weight")),
        "edges.csv", ("From Node ID", "To Node ID"), _FREE | _ALONE),
    "headerless": Made(
        ("edge-list", "headerless", ("three columns without names",)),
        _alone("headerless.csv", lambda: _weights("pre", "post", "weight")),
        "headerless.csv", ("pre", "post"), _FREE | _ALONE),
    # CAVE's dumps
    "dumped synapses": Made(
        ("cave-dump", "synapses", ("pre_pt_root_id", "post_pt_root_id", "ctr_pt_position_x")),
        other.cave_dump, "synapses_with_axon_proofreading.csv.gz", _POINTS),
    "dumped connections": Made(
        ("cave-dump", "connections", ("pre_pt_root_id", "post_pt_root_id", "n_syn")),
        lambda folder: other.cave_dump(folder, aggregated=True),
        "connections_with_nuclei.csv.gz", _POINTS),
    "dumped proofreading": Made(
        ("cave-dump", "proofreading", ("pt_root_id", "status_axon", "status_dendrite")),
        other.cave_dump, "proofreading_status_and_strategy_merged.csv.gz", ("pt_root_id",), _MORE),
    "dumped cells": Made(
        ("cave-dump", "cells", ("pt_root_id", "cell_type")),
        other.cave_dump, "aibs_cell_info_merged.csv.gz", ("pt_root_id",)),
    "dumped nuclei": Made(
        ("cave-dump", "nuclei", ("pt_root_id", "volume")),
        _dump_with_nuclei, "nucleus_detection_v0.csv.gz", ("pt_root_id",), _MORE),
    # SONATA: h5 files are changed in place, by the tests themselves
    "sonata edges": Made(
        ("sonata", "edges", ("edges of an h5 file",)),
        other.sonata, "v1_v1_edges.h5", ("source_node_id", "target_node_id"),
        {TEXT: "node ids are integers in the file's own format",
         PREFIX: "nodes are numbered from 0 within a population",
         REPEATED: "two rows between the same nodes are two connections"}),
    "sonata node types": Made(
        ("sonata", "node types", ("node_type_id",)),
        other.sonata, "v1_node_types.csv", ("node_type_id",),
        {PREFIX: "types are numbers of the model's own", TEXT: "they are joined as they are"}),
}  # fmt: skip


def cut(path: Path) -> None:
    """Cut a file off: packed and binary ones in their middle, text inside its last row."""
    whole = path.read_bytes()
    if path.suffix in (".csv", ".tsv"):
        mark = _mark(path).encode()
        path.write_bytes(whole[: whole.rstrip().rfind(mark)])
    else:
        path.write_bytes(whole[: len(whole) // 2])


def packed(path: Path) -> None:
    """Write gz beside a plain text file, and remove the plain one."""
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
