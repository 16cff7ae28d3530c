"""Networks of types, flow diagrams and clustered matrices: what is drawn and said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName


@pytest.fixture(scope="module")
def matrix(random_graph: cg.ConnectomeGraph) -> pd.DataFrame:
    return cg.stats.type_matrix(random_graph, "cell_type", interval="wilson")


def patches(ax, kind) -> list:
    return [patch for patch in ax.patches if type(patch) is kind]


def test_arrows_and_rings_are_the_connections_above_the_threshold(matrix: pd.DataFrame) -> None:
    at_least = float(matrix["probability"].median())
    ax = cg.plot.type_network(matrix, at_least=at_least, ax=Figure().subplots())
    drawn = matrix[matrix["probability"] >= at_least]
    inside = int((drawn["pre_type"] == drawn["post_type"]).sum())
    assert len(patches(ax, FancyArrowPatch)) == len(drawn) - inside
    # a disc for each type, and a ring for each connection inside a type
    assert len(patches(ax, Circle)) == 3 + inside
    assert f": {len(drawn)} of {int((matrix['probability'] > 0).sum())}" in ax.texts[-1].get_text()


def test_areas_grow_with_cells(random_graph: cg.ConnectomeGraph, matrix: pd.DataFrame) -> None:
    ax = cg.plot.type_network(matrix, at_least=2.0, ax=Figure().subplots())
    radius = dict(
        zip(dict.fromkeys(matrix["pre_type"]), [c.radius for c in patches(ax, Circle)], strict=True)
    )
    sizes = random_graph.neurons["cell_type"].value_counts()
    assert sorted(radius, key=radius.get) == sorted(sizes.index, key=lambda kind: sizes[kind])


def test_layers_run_from_left_to_right(
    random_graph: cg.ConnectomeGraph, matrix: pd.DataFrame
) -> None:
    layers = pd.Series({"MC": 0.0, "BC": 1.2, "23P": 2.1})
    ax = cg.plot.type_network(matrix, layout="layer", layers=layers, ax=Figure().subplots())
    across = {text.get_text(): text.get_position()[0] for text in ax.texts[:-1]}
    assert across["MC"] < across["BC"] < across["23P"]
    found = cg.stats.layers(random_graph, "cell_type == 'MC'", by="cell_type")
    cg.plot.type_network(matrix, layout="layer", layers=found, ax=Figure().subplots())
    with pytest.raises(InvalidArgument, match="needs layers"):
        cg.plot.type_network(matrix, layout="layer")
    with pytest.raises(UnknownName, match="probability"):
        cg.plot.type_network(matrix, value="probabilty")


def many_types(n: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return a matrix of types in groups that connect more within, and a layer of each type."""
    rng = np.random.default_rng(0)
    names = [f"T{k:03d}" for k in range(n)]
    group = rng.integers(0, max(3, n // 12), n)
    chance = np.where(group[:, None] == group, 0.4, 0.03)
    found = np.where(rng.random((n, n)) < chance, rng.beta(1, 6, (n, n)), 0.0)
    pairs = pd.MultiIndex.from_product([names, names]).to_frame(index=False)
    table = pd.DataFrame(
        {
            "pre_type": pairs[0],
            "post_type": pairs[1],
            "n_sources": np.repeat(rng.integers(1, 80, n), n),
            "n_targets": 5,
            "probability": found.ravel(),
        }
    )
    return table, pd.Series(rng.random(n) * 4, names)


@pytest.mark.parametrize("n", [10, 40, 200])
@pytest.mark.parametrize("layout", ["spring", "layer"])
def test_networks_of_types_look_as_before(n: int, layout: str, same_picture) -> None:
    table, layers = many_types(n)
    figure = Figure(figsize=(8, 6), dpi=72)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0.02, 0.05, 0.96, 0.93))
    cg.plot.type_network(table, layout=layout, layers=layers, ax=ax)
    same_picture(figure, f"type_network_{n}_{layout}.png")


def test_arrows_stay_within_the_axes() -> None:
    """Connections of a column bow out of it, also at the edge of the picture."""
    table, layers = many_types(40)
    ax = cg.plot.type_network(table, layout="layer", layers=layers, ax=Figure().subplots())
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    for arrow in patches(ax, FancyArrowPatch):
        for curve in arrow.get_path().to_polygons(closed_only=False):
            assert (curve >= (left, low)).all()
            assert (curve <= (right, high)).all()


def test_the_flow_looks_as_before(same_picture) -> None:
    g = cg.datasets.synthetic_column(scale=0.1)
    figure = Figure(figsize=(9, 6), dpi=72)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0.03, 0.06, 0.9, 0.9))
    cg.plot.flow(cg.stats.flow(g, "cell_type == 'NGC'", by="cell_type"), ax=ax)
    same_picture(figure, "flow.png")


def test_the_clustered_matrix_looks_as_before(same_picture) -> None:
    worm = cg.datasets.load("celegans-cook2019")
    g = worm.subgraph(worm.ids[:40].tolist())
    table = cg.stats.similarity(g, of="both", top=None)
    groups = cg.stats.cluster_similarity(table, n_clusters=5)
    figure = Figure(figsize=(8, 6), dpi=72)
    FigureCanvasAgg(figure)
    cg.plot.similarity(table, groups, ax=figure.add_axes((0.16, 0.16, 0.6, 0.8)))
    same_picture(figure, "similarity.png")


def test_discs_do_not_overlap_at_two_hundred_types() -> None:
    rng = np.random.default_rng(0)
    names = [f"T{k:03d}" for k in range(200)]
    pairs = pd.MultiIndex.from_product([names, names]).to_frame(index=False)
    table = pd.DataFrame(
        {
            "pre_type": pairs[0],
            "post_type": pairs[1],
            "n_sources": np.repeat(rng.integers(1, 50, 200), 200),
            "n_targets": 5,
            "probability": np.where(rng.random(40_000) < 0.03, rng.random(40_000), 0.0),
        }
    )
    for options in ({}, {"layout": "layer", "layers": pd.Series(rng.random(200) * 4, names)}):
        ax = cg.plot.type_network(table, ax=Figure().subplots(), **options)
        discs = [c for c in patches(ax, Circle) if c.get_fill()]
        centre = np.array([c.center for c in discs])
        radius = np.array([c.radius for c in discs])
        gap = np.hypot(*np.moveaxis(centre[:, None] - centre[None], -1, 0))
        gap -= radius[:, None] + radius[None]
        np.fill_diagonal(gap, 1.0)
        assert gap.min() > 0


def test_flow_counts_what_runs_forward_within_and_back(random_graph: cg.ConnectomeGraph) -> None:
    g = random_graph
    table = cg.stats.flow(g, [g.ids[0]], by="cell_type")
    layer = cg.stats.layers(g, [g.ids[0]])["layer"]
    edges = g.edges
    step = layer[edges["post"]].to_numpy() - layer[edges["pre"]].to_numpy()
    found = table["post_layer"] - table["pre_layer"]
    for value in (-1, 0, 1):
        wanted = edges["count"][np.asarray(step == value, bool)].sum()
        assert table["n_synapses"][found == value].sum() == wanted
    assert table["n_edges"].sum() == int(pd.notna(step).sum())
    ax = cg.plot.flow(table, ax=Figure().subplots())
    forward = table[found == 1]
    bars = {*zip(forward["pre_layer"], forward["pre_type"], strict=True)}
    bars |= {*zip(forward["post_layer"], forward["post_type"], strict=True)}
    assert len(patches(ax, Rectangle)) == len(bars)
    lumped = cg.plot.flow(table, most=1, ax=Figure().subplots())
    assert any("others" in text.get_text() for text in lumped.texts)
    with pytest.raises(InvalidArgument, match="nothing runs forward"):
        cg.plot.flow(table[found == 0])


def test_the_matrix_is_in_the_order_of_its_tree(random_graph: cg.ConnectomeGraph) -> None:
    table = cg.stats.similarity(random_graph, of="both", top=None)
    groups = cg.stats.cluster_similarity(table, n_clusters=4)
    kinds = random_graph.neurons["cell_type"]
    ax = cg.plot.similarity(table, groups, labels=kinds)
    shown = ax.images[0].get_array()
    square = cg.stats.similarity_matrix(table).loc[groups.order, groups.order].to_numpy()
    apart = ~np.eye(len(square), dtype=bool)
    assert np.asarray(shown)[apart] == pytest.approx(square[apart])
    assert [t.get_text() for t in ax.get_yticklabels()] == kinds[groups.order].tolist()
    assert ax.get_xlabel() == f"{len(square)} neurons in 4 clusters"
    other = cg.stats.similarity(random_graph, neurons="cell_type == 'MC'")
    with pytest.raises(InvalidArgument, match="different neurons"):
        cg.plot.similarity(other.iloc[:3], groups)
