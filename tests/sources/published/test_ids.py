"""Ids of 18 digits come through every reader exactly, also beside empty cells."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.sources.published import (
    PublishedTables,
    larval_brain,
    larval_skeletons,
    layer23,
    minnie65_tutorial,
)

# Whole numbers past 2**53 that no float64 holds: odd, of 18 digits.
exact_ids = st.lists(
    st.integers(432_345_567_500_000_000, 432_345_567_999_999_999).map(lambda half: 2 * half + 1),
    min_size=2,
    max_size=6,
    unique=True,
)


def built(tables: PublishedTables) -> cg.ConnectomeGraph:
    return cg.from_tables(
        tables.synapses,
        tables.neurons,
        unknown=tables.unknown,
        invalid_neurons=tables.invalid_neurons,
        resolution_nm=tables.resolution_nm,
    )


def assert_exact(g: cg.ConnectomeGraph, ids: Sequence[int]) -> None:
    """Every neuron is there, and each sends one synapse to the next."""
    assert g.ids.dtype == np.int64
    assert sorted(g.ids.tolist()) == sorted(ids)
    pairs = sorted(zip(g.synapses["pre"].tolist(), g.synapses["post"].tolist(), strict=True))
    assert pairs == sorted(zip(ids, [*ids[1:], ids[0]], strict=True))


def larval_brain_files(folder: Path, ids: Sequence[int]) -> tuple[dict[str, Path], str]:
    paths = {name: folder / name for name in ("edgelist.csv.gz", "nodes.csv.gz")}
    edges = ["source,target,weight,aa_weight,ad_weight,da_weight,dd_weight"]
    edges += [f"{pre},{post},1,,1,," for pre, post in zip(ids, [*ids[1:], ids[0]], strict=True)]
    # The second column of numbers has gaps, which a reader may turn into floats.
    nodes = ["node_id,super_class,axon_input"]
    nodes += [f"{one},KC,{'' if row % 2 else 5}" for row, one in enumerate(ids)]
    for path, lines in zip(paths.values(), (edges, nodes), strict=True):
        path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return paths, "all"


def layer23_files(folder: Path, ids: Sequence[int]) -> tuple[dict[str, Path], str]:
    names = ("soma_subgraph_synapses_spines_v185.csv", "soma_valence_v185.csv")
    paths = {name: folder / name for name in names}
    synapses = ["id,pre_root_id,post_root_id,cleft_vx,spine_vol_um3,ctr_pt_x_nm,ctr_pt_y_nm,"]
    synapses[0] += "ctr_pt_z_nm"
    for row, (pre, post) in enumerate(zip(ids, [*ids[1:], ids[0]], strict=True)):
        synapses.append(f"{row + 1},{pre},{post},100,{'' if row % 2 else 0.1},1,2,3")
    cells = ["id,cell_type,pt_position,pt_root_id,soma_x_nm,soma_y_nm,soma_z_nm"]
    cells += [f"{row},e,[10 20 30],{one},40,40,400" for row, one in enumerate(ids)]
    for path, lines in zip(paths.values(), (synapses, cells), strict=True):
        path.write_text("\n".join(lines))
    return paths, "pyramidal"


def larval_skeleton_files(folder: Path, ids: Sequence[int]) -> tuple[dict[str, Path], str]:
    paths = {}
    for row, one in enumerate(ids):
        connector, received = one, ids[row - 1]
        neuron = {
            "name": "A02n a1l",
            "id": one,
            "nodes": [[2 * one - 1, 0, 0, 0, 0]],
            "topology": [],
            "syns_in": [[received, 0, 0, 0, 2 * one - 1]],
            "syns_out": [[connector, 0, 0, 0, 2 * one - 1, 1]],
            "soma": None,
            "twig_base": [],
        }
        paths[f"{row}.json"] = folder / f"{row}.json"
        paths[f"{row}.json"].write_text(json.dumps({"neuron": neuron}))
    return paths, "all"


def tutorial_files(folder: Path, ids: Sequence[int]) -> tuple[dict[str, Path], str]:
    paths = {
        name: folder / name for name in ("v1718_cell_info.csv", "v1718_v1_column_synapses.feather")
    }
    cells = ["id,pt_root_id,broad_type,is_column"]
    cells += [f"{'' if row % 2 else row},{one},excitatory,True" for row, one in enumerate(ids)]
    paths["v1718_cell_info.csv"].write_text("\n".join(cells))
    table = pd.DataFrame(
        {
            "syn_id": ids,
            "pre_pt_root_id": pd.array(ids, dtype="Int64"),
            "post_pt_root_id": [*ids[1:], ids[0]],
            "size": 5,
        }
    )
    table.to_feather(paths["v1718_v1_column_synapses.feather"])
    return paths, "column"


@pytest.mark.parametrize(
    ("reader", "files"),
    [
        (larval_brain.read, larval_brain_files),
        (layer23.read, layer23_files),
        (larval_skeletons.read, larval_skeleton_files),
        (minnie65_tutorial.read, tutorial_files),
    ],
)
@settings(max_examples=15)
@given(ids=exact_ids)
def test_ids_never_pass_through_a_float(reader, files, ids: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths, variant = files(Path(folder), ids)
        assert_exact(built(reader(paths, variant)), ids)
