"""The tutorial's tables, on small ones with its schema: the real files are not at hand here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidTable
from connectome_graph.sources.published import minnie65_tutorial

FIRST = 864691135000000001


@pytest.fixture
def cells() -> pd.DataFrame:
    """Six cells: three of the column, one neuron beside it, one glia, one whose id is 0."""
    n = 6
    return pd.DataFrame(
        {
            "id": range(100, 100 + n),
            "pt_root_id": [FIRST, FIRST + 2, FIRST + 4, FIRST + 6, FIRST + 8, 0],
            "broad_type": ["excitatory", "inhibitory", "excitatory", "excitatory", "glia", None],
            "cell_type": ["23P", "BC", "4P", "23P", "astrocyte", None],
            "is_column": [True, True, True, False, False, False],
            "status_axon": [True, True, False, True, False, False],
            "status_dendrite": [True] * n,
            "strategy_axon": ["axon_fully_extended", "axon_fully_extended", *["none"] * (n - 2)],
            "pt_position_x": range(180_000, 180_000 + n),
            "pt_position_y": range(120_000, 120_000 + n),
            "pt_position_z": range(20_000, 20_000 + n),
            "pt_position_x_tform": np.arange(n) * 10.0,
            "pt_position_y_tform": np.arange(n) * 100.0,
            "pt_position_z_tform": np.arange(n) * 5.0,
        }
    )


def write(folder: Path, cells: pd.DataFrame, synapses: pd.DataFrame) -> dict[str, Path]:
    paths = {name: folder / name for name in ("v1718_cell_info.csv",)}
    cells.to_csv(paths["v1718_cell_info.csv"], index=False)
    for table in ("v1_column", "proofread_output"):
        name = f"v1718_{table}_synapses.feather"
        paths[name] = folder / name
        synapses.to_feather(paths[name])
    return paths


def synapses(post: list[int], **columns: object) -> pd.DataFrame:
    n = len(post)
    return pd.DataFrame(
        {
            "syn_id": range(500, 500 + n),
            "pre_pt_root_id": [FIRST] * (n - 1) + [FIRST + 2],
            "post_pt_root_id": post,
            "size": range(1_000, 1_000 + n),
            **columns,
        }
    )


def test_column(tmp_path: Path, cells: pd.DataFrame) -> None:
    table = synapses([FIRST + 2, FIRST + 2, FIRST + 4, FIRST], tag=["spine", "shaft", "soma", None])
    tables = minnie65_tutorial.read(write(tmp_path, cells, table), "column")
    g = cg.from_tables(tables.synapses, tables.neurons, unknown=tables.unknown)
    assert g.ids.tolist() == [FIRST, FIRST + 2, FIRST + 4]
    assert (g.n_synapses, g.n_edges) == (4, 3)
    assert g.neurons["y_um"].tolist() == [0.0, 100.0, 200.0]
    assert g.neurons["nucleus_id"].tolist() == [100, 101, 102]
    assert g.synapses["synapse_id"].tolist() == [500, 501, 502, 503]
    assert g.synapses["target"].tolist()[:3] == ["spine", "shaft", "soma"]
    assert tables.sources is None


def test_outputs(tmp_path: Path, cells: pd.DataFrame) -> None:
    # One synapse ends on glia and one on nothing known: both are dropped and counted.
    table = synapses([FIRST + 2, FIRST + 8, 7, FIRST + 6])
    tables = minnie65_tutorial.read(write(tmp_path, cells, table), "outputs")
    g = cg.from_tables(
        tables.synapses,
        tables.neurons,
        unknown=tables.unknown,
        invalid_neurons=tables.invalid_neurons,
    )
    assert g.ids.tolist() == [FIRST, FIRST + 2, FIRST + 4, FIRST + 6]
    assert (g.n_synapses, g.provenance.fact("n_dropped_unknown")) == (2, 2)
    assert g.neurons["sends"].tolist() == [True, True, False, False]
    assert tables.sources == "sends"


@pytest.mark.parametrize(
    ("voxel", "scale"),
    [((181_000, 121_000, 21_000), (4, 4, 40)), ((724e3, 484e3, 840e3), (1, 1, 1))],
)
@pytest.mark.parametrize("split", [True, False])
def test_synapse_positions_are_told_apart_by_z_and_stay_beside_the_somata(
    tmp_path: Path,
    cells: pd.DataFrame,
    voxel: tuple[float, ...],
    scale: tuple[float, ...],
    split: bool,
) -> None:
    post = [FIRST + 2, FIRST]
    if split:
        columns = {f"ctr_pt_position_{a}": [v, v] for a, v in zip("xyz", voxel, strict=True)}
    else:
        columns = {"ctr_pt_position": [list(voxel)] * 2}
    paths = write(tmp_path, cells, synapses(post, **columns))
    tables = minnie65_tutorial.read(paths, "column")
    g = cg.from_tables(tables.synapses, tables.neurons)
    expected = np.array(voxel) * scale / 1e3
    found = g.synapses[["em_x_um", "em_y_um", "em_z_um"]].to_numpy()
    np.testing.assert_allclose(found, [expected, expected])
    assert "x_um" not in g.synapses


def test_positions_in_no_known_unit_are_refused(tmp_path: Path, cells: pd.DataFrame) -> None:
    table = synapses([FIRST + 2, FIRST], ctr_pt_position=[[1.0, 2.0, 3.0]] * 2)
    with pytest.raises(InvalidTable, match="neither a slice number"):
        minnie65_tutorial.read(write(tmp_path, cells, table), "column")
