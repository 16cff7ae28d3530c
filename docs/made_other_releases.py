"""Small made-up files of worms, SONATA, CAVE's dumps and edge lists; nothing in them is data."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd


def _made(folder: str | Path) -> Path:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    return place


def _text(path: Path, frame: pd.DataFrame, **options: object) -> None:
    frame.to_csv(path, index=False, **options)


WORM = (
    ("AVAL", "AVAR", "chemical", 2),
    ("AVAL", "DA1", "chemical", 5),
    ("AVAR", "AVAL", "electrical", 3),
)


def witvliet(folder: str | Path, *, number: int = 7) -> Path:
    """A workbook of Witvliet et al.: one sheet, a row per connection."""
    import openpyxl

    place = _made(folder)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["pre", "post", "type", "synapses"])
    for row in WORM:
        sheet.append(list(row))
    book.save(place / f"witvliet_2020_{number} adult.xlsx")
    return place


def white(folder: str | Path) -> Path:
    """A table of White et al.: separated by tabs although it ends in csv."""
    place = _made(folder)
    frame = pd.DataFrame(WORM, columns=["pre", "post", "type", "synapses"])
    frame.to_csv(place / "white_1986_whole.csv", sep="\t", index=False)
    return place


def worm_edges(folder: str | Path) -> Path:
    """The edge list of the hermaphrodite, its names padded with spaces."""
    place = _made(folder)
    rows = [(f"{a:<8}", f"{b:<8}", n, kind) for a, b, kind, n in WORM]
    _text(
        place / "herm_full_edgelist.csv",
        pd.DataFrame(rows, columns=["Source", "Target", "Weight", "Type"]),
    )
    return place


def cook(folder: str | Path) -> Path:
    """The workbook of Cook et al., SI 5: a legend and matrices with names on all four sides."""
    import openpyxl

    place = _made(folder)
    book = openpyxl.Workbook()
    book.active.title = "TITLE AND LEGEND"
    book.active.append(["SI 5 Connectome adjacency matrices"])
    for title, entries in (
        ("hermaphrodite chemical", {("AVAL", "AVAR"): 4, ("AVAL", "dBWML1"): 9}),
        ("male chemical", {("AVAL", "AVAR"): 1}),
        ("herm gap jn symmetric", {("AVAL", "AVAR"): 3, ("AVAR", "AVAL"): 3}),
        ("herm gap jn asymmetric", {("AVAL", "AVAR"): 3}),
    ):
        rows = ["AVAL", "AVAR"]
        columns = ["AVAL", "AVAR", "dBWML1"]
        sheet = book.create_sheet(title)
        sheet.append([None, None, None, "INTERNEURONS", None, "MUSCLES"])
        sheet.append([None])
        sheet.append([None, None, None, *columns])
        for i, row in enumerate(rows):
            values = [entries.get((row, column)) for column in columns]
            sheet.append(["INTERNEURONS" if i == 0 else None, None, row, *values, row])
        sheet.append([None, None, None, *columns])
    book.save(place / "41586_2019_1352_MOESM9_ESM.xlsx")
    return place


def sonata(folder: str | Path) -> Path:
    """SONATA edges and nodes of one population, with its node types."""
    import h5py

    place = _made(folder)
    with h5py.File(place / "v1_nodes.h5", "w") as file:
        group = file.create_group("nodes/v1")
        group["node_id"], group["node_type_id"] = np.arange(3), np.array([100, 100, 101])
        for i, axis in enumerate("xyz"):
            group[f"0/{axis}"] = np.arange(3) + 10.0 * i
    with h5py.File(place / "v1_v1_edges.h5", "w") as file:
        group = file.create_group("edges/v1_to_v1")
        for name, ids in (("source_node_id", [0, 0, 2]), ("target_node_id", [1, 2, 0])):
            group[name] = np.array(ids)
            group[name].attrs["node_population"] = "v1"
        group["edge_type_id"] = np.array([1, 1, 1])
        group["0/nsyns"], group["0/syn_weight"] = np.array([3, 1, 2]), np.array([0.1, 0.2, 0.3])
    types = pd.DataFrame({"node_type_id": [100, 101], "ei": ["e", "i"], "model_name": ["a", "b"]})
    types.to_csv(place / "v1_node_types.csv", sep=" ", index=False)
    return place


MINNIE = 864691135_000000001


def cave_dump(folder: str | Path, *, aggregated: bool = False) -> Path:
    """A static dump of CAVE: tables without a header, and their headers beside them."""
    place = _made(folder)
    cells = pd.DataFrame(
        {
            "id": [1, 2, 3, 4, 5],
            "pt_root_id": [MINNIE, MINNIE + 1, MINNIE + 2, 0, MINNIE + 2],
            "broad_type": ["excitatory", "inhibitory", "excitatory", "", "excitatory"],
            "cell_type": ["23P", "BC", "4P", "", "5P-IT"],
            "pt_position_x": [1000] * 5,
            "pt_position_y": [2000] * 5,
            "pt_position_z": [100] * 5,
        }
    )
    cells = cells.assign(volume=[300.5] * 5)
    _dumped(place, "aibs_cell_info_merged", cells)
    if aggregated:
        table = pd.DataFrame(
            [(MINNIE, MINNIE + 1, 2, 500, 1, 2), (MINNIE + 1, 5, 1, 30, 2, 3)],
            columns=["pre_pt_root_id", "post_pt_root_id", "n_syn", "sum_size", "pre_nuc_id",
                     "post_nuc_id"],
        )  # fmt: skip
        _dumped(place, "connections_with_nuclei", table)
        return place
    rows = [(1, MINNIE, MINNIE + 1), (2, MINNIE, MINNIE + 1), (3, MINNIE + 1, 0), (4, MINNIE, 5)]
    table = pd.DataFrame(rows, columns=["id", "pre_pt_root_id", "post_pt_root_id"])
    for axis, value in zip("xyz", (1000, 2000, 100), strict=True):
        table[f"ctr_pt_position_{axis}"] = value
    table["size"] = [100, 200, 300, 400]
    table["strategy_axon"] = ["axon_fully_extended"] * 4
    _dumped(place, "synapses_with_axon_proofreading", table)
    status = pd.DataFrame(
        {
            "id": [1],
            "valid_id": [MINNIE],
            "status_dendrite": ["t"],
            "status_axon": ["f"],
            "strategy_axon": ["none"],
            "pt_root_id": [MINNIE],
        }
    )
    _dumped(place, "proofreading_status_and_strategy_merged", status)
    return place


def _dumped(place: Path, name: str, table: pd.DataFrame) -> None:
    with gzip.open(place / f"{name}.csv.gz", "wt") as file:
        table.to_csv(file, index=False, header=False)
    kinds = {"int64": "bigint", "float64": "double precision"}
    lines = [f"{column},{kinds.get(str(kind), 'varchar')}" for column, kind in table.dtypes.items()]
    (place / f"{name}_header.csv").write_text("\n".join(lines) + "\n")


def edge_list(folder: str | Path, *, header: bool = True) -> Path:
    """A plain edge list: connecto's with a header, or without one."""
    place = _made(folder)
    frame = pd.DataFrame([(1, 2, 3), (2, 3, 4)], columns=["pre", "post", "weight"])
    frame.to_csv(place / "edges.csv", index=False, header=header)
    return place
