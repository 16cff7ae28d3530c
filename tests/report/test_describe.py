"""Table 1 of a graph, and the small picture of it in a notebook."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest

import connectome_graph as cg


def test_the_numbers_are_those_of_the_statistics(random_graph):
    g = random_graph.between(pre=random_graph.ids[:30])
    table = cg.describe(g).table
    assert len(table) >= 12
    found = table["value"]
    assert found["density"] == pytest.approx(cg.stats.density(g)["density"])
    assert found["mean out-degree"] == cg.stats.degrees(g)["out_degree"].mean()
    assert found["mean in-degree"] == cg.stats.degrees(g)["in_degree"].mean()
    dyads = cg.stats.dyads(g)
    assert found["reciprocity"] == dyads["reciprocity"]
    assert found["synapses per edge"] == pytest.approx(g.edge_counts.mean())
    assert f"{g.domain.n_pairs:,} observable" in table.loc["density", "of"]


def test_a_graph_of_types_and_an_empty_one_are_described(random_graph):
    assert "reciprocity" not in cg.describe(random_graph.collapse("cell_type")).table.index
    empty = cg.describe(cg.from_adjacency([[0, 0], [0, 0]]))
    assert "missing" in repr(empty)


def test_it_is_shown_and_exported(random_graph):
    found = cg.describe(random_graph)
    assert "density" in repr(found)
    assert "<table" in found._repr_html_()
    text = found.to_latex()
    assert text.count("\\\\\n") == len(found.table) + 1
    assert "_" not in text.replace("\\_", "")


def test_text_of_the_user_means_nothing_to_latex(random_graph):
    hostile = random_graph.subgraph("cell_type != '\\\\input{x}^~$#%&_'")
    caption = cg.describe(hostile).to_latex().split("\\caption{")[1]
    assert r"\textbackslash{}input\{x\}\textasciicircum{}\textasciitilde{}\$\#\%\&\_" in caption


def test_a_notebook_shows_a_small_picture(random_graph):
    image = pytest.importorskip("matplotlib.image")
    html = random_graph._repr_html_()
    assert len(html) < 20_000
    data = base64.b64decode(re.search(r"base64,([\w+/=]+)", html)[1])
    shown = image.imread(io.BytesIO(data))
    edges = np.zeros((60, 60), bool)
    edges[random_graph.edge_codes] = True
    assert ((shown[..., 0] if shown.ndim == 3 else shown) < 1).sum() == edges.sum()
    assert "<img" not in cg.from_adjacency([[0, 0], [0, 0]])._repr_html_()
