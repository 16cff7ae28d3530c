"""Pictures of neurons: what is drawn, where, and that nothing else is touched."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from skeletons.trees_at_random import random_cell

import connectome_graph as cg
from connectome_graph import plot as draw
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, UnknownName


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture
def cell():
    return random_cell(np.random.default_rng(4), 40, n_inputs=25)


@pytest.fixture
def g(cell):
    table = cell.inputs.drop(columns="vertex").assign(pre=2, post=1)
    table["target"] = ["spine"] * 15 + ["shaft"] * 6 + [None] * 4
    neurons = pd.DataFrame({"root_id": [1, 2], "cell_type": ["23P", "BC"]})
    return skeletons.attach(cg.from_tables(table, neurons), [cell])


def lines(ax):
    return [one for one in ax.collections if isinstance(one, LineCollection)]


def dots(ax):
    return [one for one in ax.collections if not isinstance(one, LineCollection)]


def texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("projection", ["xy", "zy", "xz"])
def test_every_edge_is_drawn_once_in_its_plane(ax, cell, projection):
    assert draw.morphology(cell, ax=ax, projection=projection) is ax
    segments = [segment for one in lines(ax) for segment in one.get_segments()]
    assert len(segments) == cell.n_vertices - 1
    plane = ["xyz".index(axis) for axis in projection]
    flat = cell.vertices[:, plane]
    expected = sorted(
        (*flat[k], *flat[cell.parent[k]]) for k in range(cell.n_vertices) if cell.parent[k] >= 0
    )
    np.testing.assert_allclose(sorted(tuple(s.ravel()) for s in segments), expected)
    assert set(texts(ax)) == {"axon", "dendrite", "apical"}
    assert ax.yaxis_inverted() == (projection[1] == "y")
    assert "µm" in ax.get_xlabel()
    assert ax.get_aspect() == 1


def test_depth_stays_downwards_when_more_is_drawn(ax, cell):
    draw.morphology(cell, ax=ax, color="0.7")
    draw.synapse_sites(cell, side="post", ax=ax)
    assert ax.yaxis_inverted()
    low, high = ax.get_ylim()
    assert low > high


def test_distance_to_root_colours_the_lines(ax, cell):
    part = skeletons.mask(cell, compartment="dendrite")
    draw.morphology(part, ax=ax, color="distance_to_root_um")
    (one,) = lines(ax)
    child = part.parent >= 0
    np.testing.assert_allclose(one.get_array(), part.distance_to_root_um[child])


def test_sites_are_drawn_where_they_are(ax, cell):
    draw.synapse_sites(cell, side="post", ax=ax, projection="zy")
    (one,) = dots(ax)
    np.testing.assert_allclose(one.get_offsets(), cell.inputs[["z_um", "y_um"]])
    assert texts(ax) == ["inputs (25)"]


def test_known_synapses_are_coloured_by_target_and_partner(ax, g, cell):
    draw.neuron_synapses(g, cell, color_by="target", ax=ax)
    assert texts(ax) == ["spine (15)", "shaft (6)", "not known (4)"]
    other = Figure().subplots()
    draw.neuron_synapses(g, cell, color_by="cell_type", ax=other)
    assert texts(other) == ["BC (25)"]
    third = Figure().subplots()
    draw.neuron_synapses(g, cell, color_by="distance_to_root_um", ax=third)
    np.testing.assert_allclose(dots(third)[0].get_array(), g.synapse_column("distance_to_root_um"))
    fourth = Figure().subplots()
    draw.neuron_synapses(g, cell, ax=fourth)
    assert texts(fourth) == ["inputs with a known partner (25)"]


def test_positions_come_from_the_sites_when_the_graph_has_none(ax, cell):
    table = pd.DataFrame({"pre": 2, "post": 1, "synapse_id": cell.inputs["synapse_id"]})
    bare = cg.from_tables(table, unknown="add")
    draw.neuron_synapses(bare, cell, ax=ax)
    np.testing.assert_allclose(dots(ax)[0].get_offsets(), cell.inputs[["x_um", "y_um"]])
    nowhere = cg.from_tables(table[["pre", "post"]], unknown="add")
    with pytest.raises(InvalidArgument, match="where the synapses are"):
        draw.neuron_synapses(nowhere, cell, ax=ax)


def test_profiles_and_cards_are_drawn(ax, g, cell):
    table = skeletons.distance_profile(g, [cell], bins=50)
    draw.distance_profile(table, ax=ax)
    assert texts(ax) == ["observed", "uniform over cable, 95 %"]
    groups = skeletons.distance_profile(g, [cell], by_partner="cell_type", bins=50)
    other = Figure().subplots()
    draw.distance_profile(groups, ax=other, by="cell_type")
    assert texts(other) == ["BC"]
    own = g.synapses.drop(columns="synapse_id")
    neurons = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["23P", "BC", "BC"]})
    both = cg.from_tables(pd.concat([own, own.assign(pre=3)], ignore_index=True), neurons)
    card = skeletons.connectivity_card(both, [2], n=20)
    third = Figure().subplots()
    draw.connectivity_card(card, ax=third)
    assert [label.get_text() for label in third.get_yticklabels()] == [f"23P ({card.n_synapses})"]


def test_axes_are_made_when_none_are_given(cell):
    mpl.use("agg")
    import matplotlib.pyplot as plt

    ax = draw.morphology(cell)
    assert ax is plt.gca()
    plt.close("all")


def test_mistakes_are_named(ax, g, cell):
    with pytest.raises(InvalidArgument, match="Did you mean 'compartment'"):
        draw.morphology(cell, ax=ax, color="compartmen")
    with pytest.raises(InvalidArgument, match="projection"):
        draw.morphology(cell, ax=ax, projection="xx")
    with pytest.raises(UnknownName, match="Did you mean 'target'"):
        draw.neuron_synapses(g, cell, color_by="targe", ax=ax)


def test_proximity_draws_two_arbors_and_where_they_meet(ax):
    axon = skeletons.from_arrays(
        [[0, 0, 0], [20, 0, 0]], [[1, 0]], root=0, root_id=1, compartment=[1, 2]
    )
    dendrite = skeletons.from_arrays(
        [[5, 19, 0], [5, 1, 0], [15, 1, 0]], [[1, 0], [2, 1]], root=0, root_id=2,
        compartment=[1, 3, 3],
    )  # fmt: skip
    draw.proximity(axon, dendrite, within_um=4, ax=ax)
    met = skeletons.proximities([axon, dendrite], within_um=4)
    bold = lines(ax)[2].get_segments()
    length = sum(np.linalg.norm(np.diff(line, axis=0)) for line in bold)
    assert length == pytest.approx(met["co_travel_um"].iloc[0])
    assert ax.get_title() == "1 proximity, 14.0 µm of co-travel"
    assert [one.get_label() for one in lines(ax)] == ["axon of 1", "dendrite of 2", "within 4 µm"]
    with pytest.raises(InvalidArgument, match="none of the 1 cells"):
        draw.proximity(dendrite, axon, ax=ax)
