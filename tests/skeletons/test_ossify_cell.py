"""ossify's cells: the same distances, and every trap of the border."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from skeletons.trees_at_random import random_tree

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidTable, UnreadableFile

ossify = pytest.importorskip(
    "ossify", reason="ossify is not installed: it asks for caveclient, which asks for pandas 2"
)
pytestmark = [
    pytest.mark.extras,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

BIG = 864691135000000001


@pytest.fixture(scope="module")
def real(data):
    """Return the real minnie65 neuron as ossify loads it."""
    return ossify.load_cell(str(next((data / "minnie65_cell").glob("*.osy"))))


def made(seed=0, n=50, *, index_step=3, n_synapses=20, **changes):
    """Return an ossify cell whose vertex index is not its positions."""
    rng = np.random.default_rng(seed)
    points, parent, edges = random_tree(rng, n)
    cell = ossify.Cell(name=BIG, meta={})
    compartment = rng.integers(2, 4, n)
    compartment[parent < 0] = 1
    index = 1000 + index_step * np.arange(n)
    cell.add_skeleton(
        vertices=points * 1000,
        edges=changes.get("edges", edges),
        vertex_index=index,
        root=int(index[parent < 0][0]),
        features={"compartment": compartment, "radius": rng.uniform(50, 500, n)},
    )
    places = rng.integers(0, n, n_synapses)
    table = pd.DataFrame(points[places] * 1000, columns=["x", "y", "z"])
    table["syn_id"] = BIG + np.arange(n_synapses)
    table["on"] = index[places]
    table["size"] = rng.integers(1, 99, n_synapses)
    cell.add_point_annotations(
        "post_syn",
        vertices=table,
        spatial_columns=["x", "y", "z"],
        vertex_index="syn_id",
        linkage=ossify.Link(mapping="on", target="skeleton"),
    )
    return cell


@pytest.mark.data
def test_real_neuron_has_ossifys_distances(real):
    cell = skeletons.from_ossify(real)
    assert cell.root_id == 864691135336055529
    assert (cell.n_vertices, len(cell.outputs), len(cell.inputs)) == (5592, 902, 2648)
    assert cell.measured_from == "soma"
    for side, name in (("pre", "pre_syn"), ("post", "post_syn")):
        points = real.annotations[name]
        theirs = points.distance_to_root()
        sites = cell.sites[side]
        assert sites["synapse_id"].tolist() == points.vertex_index.tolist()
        ours = cell.distance_to_root_um[sites["vertex"]]
        np.testing.assert_allclose(ours * 1000, theirs, rtol=1e-6)
    assert cell.edge_length_um.sum() * 1000 == pytest.approx(real.skeleton.cable_length(), rel=1e-6)


@pytest.mark.data
def test_reading_the_file_without_ossify_gives_the_same_cell(real, data):
    theirs = skeletons.from_ossify(real)
    ours = skeletons.load(data / "minnie65_cell")[0]
    for name in ("vertices", "parent", "radius", "compartment", "node_id", "origin_um"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    for side in ("pre", "post"):
        pd.testing.assert_frame_equal(ours.sites[side], theirs.sites[side])


@pytest.mark.data
def test_real_neuron_attaches_every_synapse(real):
    cell = skeletons.from_ossify(real)
    tables = []
    for side, other, sites in (("pre", "post", cell.outputs), ("post", "pre", cell.inputs)):
        table = sites[["synapse_id", "size"]].copy()
        table[side] = np.int64(cell.root_id)
        table[other] = np.int64(cell.root_id) + 1 + np.arange(len(sites)) % 7
        tables.append(table)
    g = cg.from_tables(pd.concat(tables, ignore_index=True), unknown="add")
    h = skeletons.attach(g, [real], side="both")
    assert h.provenance.fact("pre")["n_by_synapse_id"] == 902
    assert h.provenance.fact("post")["n_by_synapse_id"] == 2648
    rows = h.synapses.set_index("synapse_id")
    for name, column in (
        ("pre_syn", "pre_distance_to_root_um"),
        ("post_syn", "distance_to_root_um"),
    ):
        points = real.annotations[name]
        np.testing.assert_allclose(
            rows.loc[points.vertex_index, column] * 1000, points.distance_to_root(), rtol=1e-6
        )
    dendrite = h.filter_synapses("distance_to_root_um < 100 and compartment == 'dendrite'")
    assert dendrite.n_synapses > 100


@pytest.mark.data
def test_real_neuron_has_ossifys_strahler_numbers(real):
    theirs = ossify.algorithms.strahler_number(real.skeleton)
    ours = skeletons.graph(skeletons.from_ossify(real)).nodes["strahler"]
    np.testing.assert_array_equal(ours.to_numpy(dtype=np.int64), theirs)


@pytest.mark.parametrize("seed", range(5))
def test_vertex_index_is_not_taken_for_a_position(seed):
    theirs = made(seed)
    cell = skeletons.from_ossify(theirs)
    np.testing.assert_array_equal(cell.node_id, theirs.skeleton.vertex_index)
    np.testing.assert_allclose(
        cell.distance_to_root_um * 1000, theirs.skeleton.distance_to_root(), rtol=1e-6
    )
    np.testing.assert_allclose(
        cell.distance_to_root_um[cell.inputs["vertex"]] * 1000,
        theirs.annotations.post_syn.distance_to_root(),
        rtol=1e-6,
    )


def test_one_synapse_without_a_place_does_not_lose_the_others():
    theirs = made(1)
    table = theirs.annotations.post_syn.nodes.reset_index()
    table["on"] = theirs.annotations.post_syn.map_index_to_layer("skeleton")
    table.loc[3, "on"] = 5  # no such vertex
    theirs.add_point_annotations(
        "dangling",
        vertices=table,
        spatial_columns=["x", "y", "z"],
        vertex_index="syn_id",
        linkage=ossify.Link(mapping="on", target="skeleton"),
    )
    cell = skeletons.from_ossify(theirs, inputs="dangling")
    assert cell.inputs["vertex"].eq(-1).tolist() == [row == 3 for row in range(20)]


def test_a_masked_cell_is_refused_and_a_masked_skeleton_keeps_distances():
    theirs = made(2)
    whole = skeletons.from_ossify(theirs)
    keep = np.asarray(theirs.skeleton.get_feature("compartment")) == 2
    part = skeletons.mask(whole, compartment="axon")
    np.testing.assert_array_equal(part.distance_to_root_um, whole.distance_to_root_um[keep])
    with theirs.skeleton.mask_context(keep, return_cell=True) as axon:
        np.testing.assert_allclose(
            part.distance_to_root_um * 1000, axon.skeleton.distance_to_root(), rtol=1e-6
        )
        with pytest.raises(InvalidTable, match=r"skeletons\.mask"):
            skeletons.from_ossify(axon)


def test_a_duplicate_edge_that_doubles_a_length_is_refused():
    rng = np.random.default_rng(3)
    _, _, edges = random_tree(rng, 50)
    theirs = made(3, edges=np.vstack([edges, edges[:1]]))
    with pytest.raises(InvalidTable, match="duplicate_edges"):
        skeletons.from_ossify(theirs)
    cell = skeletons.from_ossify(theirs, duplicate_edges="drop")
    straight = skeletons.from_ossify(made(3))
    np.testing.assert_allclose(cell.distance_to_root_um, straight.distance_to_root_um)


def test_osy_files_round_trip_and_broken_ones_are_told(tmp_path):
    path = tmp_path / "cell.osy"
    ossify.save_cell(made(4), str(path))
    cell = skeletons.load(path)[0]
    np.testing.assert_allclose(
        cell.distance_to_root_um, skeletons.from_ossify(made(4)).distance_to_root_um, rtol=1e-6
    )
    assert cell.inputs["synapse_id"].tolist() == (BIG + np.arange(20)).tolist()
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UnreadableFile, match="ossify cell"):
        skeletons.load_osy(path)
    with pytest.raises(UnreadableFile, match="does not exist"):
        skeletons.load_osy(tmp_path / "absent.osy")


def test_a_cell_without_a_skeleton_or_with_another_feature_name_is_told():
    with pytest.raises(InvalidTable, match="no skeleton"):
        skeletons.from_ossify(ossify.Cell(name=BIG, meta={}))
    with pytest.raises(InvalidTable, match="Did you mean 'compartment'"):
        skeletons.from_ossify(made(), compartment="compartments")


def test_without_compartments_the_root_is_the_soma():
    theirs = made(5)
    cell = skeletons.from_ossify(theirs, compartment="unheard of")
    assert cell.measured_from == "soma"
    assert set(cell.compartment) == {0}
