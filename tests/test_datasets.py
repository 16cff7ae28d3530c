"""The registered datasets as graphs, against the files read with the standard library alone."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import connectome_graph as cg
from connectome_graph import datasets
from connectome_graph.errors import InvalidArgument, UnknownName

LOADABLE = [
    ("microns-l23-v185", "pyramidal"),
    ("larva-mushroom-body", "left"),
    ("larva-mushroom-body", "right"),
    ("larva-brain-winding2023", "all"),
    ("larva-brain-winding2023", "axon-dendrite"),
    ("celegans-cook2019", "chemical"),
    ("celegans-cook2019", "electrical"),
    ("minnie65-cell", "inputs"),
    ("minnie65-cell", "outputs"),
    ("larva-l1v-skeletons", "all"),
]


def rows(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def counts(g: cg.ConnectomeGraph) -> dict[tuple[object, object], int]:
    """Synapses of every pair, autapses included."""
    table = g.synapses
    if "count" not in table:
        table["count"] = 1
    return table.groupby(["pre", "post"])["count"].sum().to_dict()


@pytest.mark.parametrize(("name", "variant"), LOADABLE)
def test_ids_come_through_as_exact_integers_or_text(data: Path, name: str, variant: str) -> None:
    g = datasets.load(name, variant=variant)
    text = {"celegans-cook2019"}
    for ids in (g.ids, g.synapses["pre"].to_numpy(), g.synapses["post"].to_numpy()):
        if name in text:
            assert all(type(one) is str for one in ids)
        else:
            assert ids.dtype == np.int64
    assert len(set(g.ids)) == g.n_neurons
    assert set(g.synapses["pre"]) | set(g.synapses["post"]) <= set(g.ids)


@pytest.mark.parametrize(("name", "variant"), LOADABLE)
def test_the_provenance_names_the_source(data: Path, name: str, variant: str) -> None:
    g = datasets.load(name, variant=variant)
    assert g.provenance.fact("dataset") == name
    assert g.provenance.fact("variant") == variant
    dataset = datasets.available().loc[name]
    assert g.provenance.fact("commit") == dataset["commit"]
    assert dataset["repository"] in str(g.provenance)


def test_layer23(data: Path) -> None:
    g = datasets.load("microns-l23-v185")
    synapses = rows(data / "microns_l23_v185" / "soma_subgraph_synapses_spines_v185.csv")
    pairs = Counter((int(row["pre_root_id"]), int(row["post_root_id"])) for row in synapses)
    assert counts(g) == pairs
    assert (g.n_synapses, len(pairs), g.n_autapses, g.n_edges) == (1_961, 1_736, 2, 1_734)
    assert len({one for pair in pairs for one in pair}) == 334
    sizes = {int(row["id"]): int(row["cleft_vx"]) for row in synapses}
    assert g.synapses.set_index("synapse_id")["size"].to_dict() == sizes


def test_layer23_cells_are_kept_but_for_two_nuclei_in_one_segment(data: Path) -> None:
    g = datasets.load("microns-l23-v185")
    cells = rows(data / "microns_l23_v185" / "soma_valence_v185.csv")
    assert len(cells) == 456
    ids = Counter(int(row["pt_root_id"]) for row in cells)
    assert set(g.ids) == {one for one, times in ids.items() if times == 1}
    assert g.provenance.fact("n_duplicate_id_rows") == 6
    assert (g.domain.n_sources, g.domain.n_targets) == (364, 364)
    assert g.n_edges_outside == 0


def test_layer23_somata_come_from_the_voxels_not_from_the_wrong_columns(data: Path) -> None:
    g = datasets.load("microns-l23-v185")
    neurons = g.neurons
    for row in rows(data / "microns_l23_v185" / "soma_valence_v185.csv"):
        root_id = int(row["pt_root_id"])
        if root_id in neurons.index:
            voxel = [int(part) for part in row["pt_position"].strip("[]").split()]
            expected = [voxel[0] * 0.004, voxel[1] * 0.004, voxel[2] * 0.04]
            found = neurons.loc[root_id, ["x_um", "y_um", "z_um"]].to_numpy(float)
            np.testing.assert_allclose(found, expected)
    assert not any(name.endswith("_nm") for name in neurons)


@pytest.mark.parametrize(("side", "n", "n_edges"), [("left", 209, 7_425), ("right", 213, 7_536)])
def test_mushroom_body(data: Path, side: str, n: int, n_edges: int) -> None:
    g = datasets.load("larva-mushroom-body", variant=side)
    folder = data / "larva_mushroom_body"
    matrix = np.loadtxt(folder / f"{side}_adjacency.csv", dtype=int)
    assert (g.n_neurons, g.n_edges, g.n_autapses) == (n, n_edges, 0)
    np.testing.assert_array_equal(g.adjacency("count").toarray(), matrix)
    labels = (folder / f"{side}_cell_labels.csv").read_text().split()
    assert g.neurons["cell_type"].tolist() == labels


def test_larval_brain(data: Path) -> None:
    g = datasets.load("larva-brain-winding2023")
    folder = data / "larva_brain_winding2023"
    pairs = {
        (int(row["source"]), int(row["target"])): int(row["weight"])
        for row in rows(folder / "edgelist.csv.gz")
    }
    assert counts(g) == pairs
    assert sum(pre == post for pre, post in pairs) == g.n_autapses == 537
    assert g.n_edges == 110_140
    nodes = [int(row["node_id"]) for row in rows(folder / "nodes.csv.gz")]
    assert g.ids.tolist() == nodes
    assert len(nodes) == 3_066
    assert len(set(nodes) - {one for pair in pairs for one in pair}) == 114


def test_the_kinds_of_larval_synapse_add_up(data: Path) -> None:
    everything = datasets.load("larva-brain-winding2023")
    kinds = ["axon-axon", "axon-dendrite", "dendrite-axon", "dendrite-dendrite"]
    graphs = [datasets.load("larva-brain-winding2023", variant=kind) for kind in kinds]
    assert sum(g.n_synapses for g in graphs) == everything.n_synapses
    for kind, g in zip(kinds, graphs, strict=True):
        column = everything.synapses[f"count_{kind.replace('-', '_')}"]
        assert g.n_synapses == column.sum()
        assert len(counts(g)) == (column > 0).sum()


@pytest.mark.parametrize("kind", ["chemical", "electrical"])
def test_worm(data: Path, kind: str) -> None:
    g = datasets.load("celegans-cook2019", variant=kind)
    folder = data / "celegans_cook2019"
    sizes = {
        (row["source"], row["target"]): int(float(row[f"{kind}_weight"]))
        for row in rows(folder / "edgelist.csv.gz")
        if row[f"{kind}_weight"]
    }
    assert g.synapses.groupby(["pre", "post"])["size"].sum().to_dict() == sizes
    assert g.n_autapses == sum(pre == post for pre, post in sizes)
    assert g.ids.tolist() == [row["node_id"] for row in rows(folder / "nodes.csv.gz")]
    # The hermaphrodite has 302 neurons.
    assert (g.neurons["cell_class"] == "neuron").sum() == 302


def test_gap_junctions_go_both_ways(data: Path) -> None:
    matrix = datasets.load("celegans-cook2019", variant="electrical").adjacency("sum").toarray()
    np.testing.assert_array_equal(matrix, matrix.T)


def test_larval_skeletons_share_connectors(data: Path) -> None:
    g = datasets.load("larva-l1v-skeletons")
    cells = [
        json.loads(path.read_text())["neuron"]
        for path in (data / "larva_l1v_skeletons").glob("*.json")
    ]
    sender = {row[0]: cell["id"] for cell in cells for row in cell["syns_out"]}
    pairs = Counter(
        (sender[row[0]], cell["id"])
        for cell in cells
        for row in cell["syns_in"]
        if row[0] in sender
    )
    assert counts(g) == pairs
    assert (g.n_neurons, g.n_synapses, g.n_edges) == (18, 394, 78)
    assert (~g.neurons["has_soma"]).sum() == 6
    assert g.neurons.loc[~g.neurons["has_soma"], "x_um"].isna().all()


def test_minnie65_cell_is_a_star_of_fragments(data: Path) -> None:
    for variant, n in (("inputs", 2_648), ("outputs", 902)):
        g = datasets.load("minnie65-cell", variant=variant)
        own = "post" if variant == "inputs" else "pre"
        assert set(g.synapses[own]) == {864691135336055529}
        assert (g.n_synapses, g.n_edges, g.n_edges_outside) == (n, n, 0)
        assert g.domain.n_pairs == n
        assert (g.neurons["kind"] == "neuron").sum() == 1
        # Neurites of one neuron stay within a millimetre of its soma.
        soma = g.neurons.loc[864691135336055529, ["x_um", "y_um", "z_um"]].to_numpy(float)
        away = g.synapses[["x_um", "y_um", "z_um"]].to_numpy() - soma
        assert np.sqrt((away**2).sum(1)).max() < 1_000


def test_available_lists_every_dataset(data: Path) -> None:
    table = datasets.available()
    assert table.index.is_unique
    assert len(table) == 7
    present = [name for name, _ in LOADABLE]
    assert table.loc[sorted(set(present)), "on_this_machine"].all()


def test_fetch_hands_out_the_folder(data: Path) -> None:
    folder = datasets.fetch("minnie65-cell")
    assert (folder / "864691135336055529.osy").is_file()


def test_unknown_names_and_variants_are_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'minnie65-cell'"):
        datasets.load("minnie65_cell")
    with pytest.raises(InvalidArgument, match="'chemical', 'electrical', 'all'"):
        datasets.load("celegans-cook2019", variant="both")
    with pytest.raises(InvalidArgument, match="'left', 'right'"):
        datasets.fetch("larva-mushroom-body", variant="middle")


def test_the_generated_column_says_that_it_is_generated() -> None:
    g = datasets.synthetic_column(seed=3, scale=0.02)
    assert g.provenance.fact("generated") is True
    assert g.provenance.fact("seed") == 3
    assert "not data" in str(g.provenance)
    assert g.n_synapses == round(0.02 * 146_711)
    assert datasets.synthetic_column(seed=3, scale=0.02).equals(g)


@pytest.mark.parametrize(
    ("name", "n_edges"), [("celegans-cook2019", 4841), ("larva-mushroom-body", 7425)]
)
def test_two_connectomes_ship_with_the_package(name, n_edges, monkeypatch, tmp_path):
    monkeypatch.setenv("CONNECTOME_GRAPH_DATA", str(tmp_path))
    assert datasets.load(name).n_edges == n_edges
    assert list(tmp_path.iterdir()) == []
    assert bool(datasets.available().loc[name, "shipped"])
    folder = datasets.fetch(name)
    assert any(path.name.startswith("LICENSE") for path in folder.iterdir())
