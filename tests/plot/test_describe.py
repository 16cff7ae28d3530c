"""One description of each figure: what axes show and what a page shows are the same numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

import connectome_graph as cg
from connectome_graph.plot import _describe as describe
from connectome_graph.plot import _describe_pairs as describe_pairs
from connectome_graph.report import _chart as chart


def shown(places, ticks, *, log=False):
    """Return the numbers at some places of a chart, read off the ticks of its axis."""
    at = np.array([tick.at for tick in ticks])
    says = np.array([float(tick.label.replace(",", "")) for tick in ticks])
    says = np.log(says) if log else says
    slope, start = np.polyfit(at, says, 1)
    read = slope * np.asarray(places) + start
    return np.exp(read) if log else read


@pytest.fixture(scope="module")
def distances(random_graph):
    return cg.stats.connection_by_distance(random_graph)


def test_the_curve_over_distance(ax, distances):
    cg.plot.connection_by_distance(distances, ax=ax)
    page = chart.curve(describe.by_distance(distances), title="t")
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(shown([dot.x for dot in page.dots], page.x_ticks), x, rtol=1e-6)
    np.testing.assert_allclose(
        shown([dot.y for dot in page.dots], page.y_ticks), y, rtol=1e-6, atol=1e-9
    )
    assert page.x_label == ax.get_xlabel()
    assert page.y_label == ax.get_ylabel()


def test_the_ratios_of_triads(ax, random_graph):
    table = cg.motifs.significance(random_graph, n=39, seed=1, progress=False).table
    cg.plot.triad_census(table, ax=ax)
    page = chart.ratios(describe.triad_ratios(table), title="t", x_label="x")
    dots = np.concatenate([drawn.get_offsets() for drawn in ax.collections])
    wanted = np.sort([y for _, y in dots.tolist()])
    read = np.sort(shown([dot.x for dot in page.dots], page.x_ticks, log=True))
    np.testing.assert_allclose(read, wanted, rtol=1e-6)
    crosses = [drawn for drawn in ax.collections if drawn.get_label() == "observed, not tested"]
    assert sum(dot.faint for dot in page.dots) == sum(len(d.get_offsets()) for d in crosses) > 0


def test_the_bins_of_weights(ax, random_graph):
    cg.plot.weights(random_graph, "count", scale="log", n_bins=chart.MOST_BARS, ax=ax)
    page = chart.histogram(random_graph.edge_counts, title="t", x_label="x", y_label="edges",
                           scale="log")  # fmt: skip
    drawn = ax.patches[0].get_data()
    said = [int(re.search(r": ([\d,]+) ", bar.tip)[1].replace(",", "")) for bar in page.bars]
    np.testing.assert_array_equal(drawn.values, said)
    left = shown([bar.x for bar in page.bars], page.x_ticks, log=True)
    np.testing.assert_allclose(left, drawn.edges[:-1], rtol=1e-6)


def test_the_blocks_of_types(ax, random_graph):
    table = cg.stats.type_matrix(random_graph, by="cell_type", interval="wilson")
    cg.plot.type_matrix(table, notes="value", ax=ax)
    found = describe.type_blocks(table)
    drawn = ax.images[0].get_array()
    for block in found.blocks:
        row = found.table.index.get_loc(block.pre)
        column = found.table.columns.get_loc(block.post)
        assert drawn[row, column] == block.value
    assert found.top == drawn.max()


def test_a_value_beside_a_gap_is_no_histogram_of_gaps():
    assert describe.histogram([np.nan]) is None
    assert describe.histogram([0.0, -1.0], scale="log") is None
    assert describe.histogram([np.nan, 2.0]).counts.tolist() == [1.0]


def test_the_curve_over_a_property_of_the_pair(ax, random_graph):
    table = cg.stats.connection_by(random_graph, "y_um", bins=100.0, how="signed_difference")
    cg.plot.connection_by(table, ax=ax)
    curve = describe_pairs.by_property(table)
    page = chart.curve(curve, title="t")
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(x, curve.x)
    np.testing.assert_allclose(y, curve.y)
    np.testing.assert_allclose(shown([dot.x for dot in page.dots], page.x_ticks), x, atol=1e-6)
    assert page.x_label == ax.get_xlabel() == "signed difference of y_um"
    seen = table[table["n_pairs"] > 0]
    np.testing.assert_allclose(y, seen["probability"])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), seen["expected"])
    assert len(curve.tips) == len(seen)


def test_several_nulls_side_by_side(ax, random_graph):
    found = {
        name: cg.compare(random_graph, cg.stats.dyads, null=null, n=9, seed=1, progress=False)
        for name, null in (("a", cg.nulls.ErdosRenyi()), ("b", cg.nulls.DyadErdosRenyi()))
    }
    cg.plot.nulls(found, component="mutual", ax=ax)
    rows = describe_pairs.against_nulls(found, "mutual").rows
    drawn = [line.get_ydata().tolist() for line in ax.lines]
    for at, (name, row) in enumerate(zip(found, rows, strict=True)):
        assert drawn[3 * at] == [row.low, row.high]
        assert drawn[3 * at + 1] == found[name].samples["mutual"].tolist()
        assert drawn[3 * at + 2] == [found[name].observed["mutual"]]
        assert row.tip.startswith(f"{name}: observed")
    assert ax.get_ylabel() == "mutual"
    with pytest.raises(cg.errors.UnknownName, match="component"):
        cg.plot.nulls(found, component="r_over", ax=ax)
    for nothing in ({}, None, [1]):
        with pytest.raises(cg.errors.InvalidArgument):
            cg.plot.nulls(nothing, ax=ax)


def test_conversion_against_exposure(random_graph):
    met = random_graph.edges[["pre", "post"]].assign(area=np.arange(random_graph.n_edges) + 1.0)
    near = random_graph.within(met, exposure="area")
    table = cg.stats.connection_by(near, "exposure", bins=[0, 10, 20])
    wanted = cg.stats.connection_by(near, met, bins=[0, 10, 20])
    assert table.attrs["property"] == "exposure"
    assert table["n_pairs"].tolist() == wanted["n_pairs"].tolist()
    with pytest.raises(cg.errors.InvalidArgument, match="no exposure"):
        cg.stats.connection_by(random_graph, "exposure")
    with pytest.raises(cg.errors.InvalidArgument, match="of the pair"):
        cg.stats.connection_by(near, "exposure", how="difference")
