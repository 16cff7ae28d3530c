"""Cytoscape's formats: written by the libraries that know them, and read back by them."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hard_graphs import BASE, every_kind
from hypothesis import given, settings

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.export import to_networkx, write_cytoscape
from strategies import graphs


def finite(g: cg.ConnectomeGraph) -> cg.ConnectomeGraph:
    """Return the graph without infinite numbers, which JSON cannot carry."""
    neurons = g.neurons.drop(columns="depth")
    return cg.from_tables(g.synapses, neurons)


def read_cyjs(path):
    return nx.cytoscape_graph(json.loads(path.read_text(encoding="utf-8")))


def read_cx2(path):
    ndex2 = pytest.importorskip("ndex2.cx2", reason="needs ndex2")
    return ndex2.RawCX2NetworkFactory().get_cx2network(str(path))


def as_read(values, reserved):
    """Return what Cytoscape is to find: long integers as text, its own names with an underscore."""
    found = {}
    for name, value in values.items():
        if isinstance(value, float) and np.isnan(value):
            continue
        found[f"{name}_" if name in reserved else name] = value
    return found


@settings(max_examples=15)
@given(g=graphs())
def test_networkx_reads_what_it_would_have_been_given(tmp_path_factory, g):
    path = write_cytoscape(g, tmp_path_factory.getbasetemp() / "any.cyjs")
    theirs, ours = read_cyjs(path), to_networkx(g)
    assert list(theirs) == [str(each) for each in g.ids]
    own = {"id", "value", "name", "root_id"}
    for node, values in zip(ours, theirs.nodes.values(), strict=True):
        assert {k: v for k, v in values.items() if k not in own} == as_read(ours.nodes[node], ())
    rows = sorted((str(a), str(b), k) for a, b, k in ours.edges(keys=True))
    assert sorted(theirs.edges(keys=True)) == rows
    own = {"source", "target", "key"}
    for a, b, k in ours.edges(keys=True):
        values = theirs.edges[str(a), str(b), k]
        found = {name: value for name, value in values.items() if name not in own}
        assert found == as_read(ours.edges[a, b, k], own)


@settings(max_examples=15)
@given(g=graphs())
def test_the_reader_of_cx2_finds_every_node_and_edge(tmp_path_factory, g):
    path = write_cytoscape(g, tmp_path_factory.getbasetemp() / "any.cx2", weight="count")
    theirs = read_cx2(path)
    names = [node["v"]["name"] for node in theirs.get_nodes().values()]
    assert names == [str(each) for each in g.ids]
    found = [
        (names[edge["s"]], names[edge["t"]], edge["v"]["weight"])
        for edge in theirs.get_edges().values()
    ]
    rows = g.edges[["pre", "post", "count"]].itertuples(index=False)
    assert found == [(str(pre), str(post), count) for pre, post, count in rows]


def test_cx2_declares_what_it_holds(tmp_path):
    g = finite(every_kind())
    raw = json.loads(write_cytoscape(g, tmp_path / "g.cx2").read_text(encoding="utf-8"))
    assert raw[0] == {"CXVersion": "2.0", "hasFragments": False}
    counts = {each["name"]: each["elementCount"] for each in raw[1]["metaData"]}
    assert counts["nodes"] == g.n_neurons
    assert counts["edges"] == len(g.synapses)
    (declared,) = next(part for part in raw if "attributeDeclarations" in part)[
        "attributeDeclarations"
    ]
    kinds = {name: each["d"] for name, each in declared["nodes"].items()}
    wanted = {
        "root_id": "string",
        "supervoxel": "string",
        "is_source": "boolean",
        "share": "double",
    }
    assert {name: kinds[name] for name in wanted} == wanted
    theirs = read_cx2(tmp_path / "g.cx2")
    supervoxels = [node["v"]["supervoxel"] for node in theirs.get_nodes().values()]
    assert supervoxels == [str(2**63 + i) for i in range(g.n_neurons)]


@pytest.mark.parametrize("ending", ["cyjs", "cx2"])
def test_no_number_is_one_that_javascript_rounds(tmp_path, ending):
    def held(value):
        if isinstance(value, dict | list):
            return any(map(held, value.values() if isinstance(value, dict) else value))
        return isinstance(value, int) and abs(value) > 2**53

    g = finite(every_kind())
    path = write_cytoscape(g, tmp_path / f"g.{ending}")
    assert not held(json.loads(path.read_text(encoding="utf-8")))
    assert str(BASE) in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["cyjs", "cx2"])
def test_names_of_cytoscapes_own_do_not_hide_a_column(tmp_path, ending):
    synapses = pd.DataFrame({"pre": [1], "post": [2], "target": ["spine"], "source": ["x"]})
    cells = pd.DataFrame({"root_id": [1, 2], "value": [5, 6], "selected": [True, False]})
    path = write_cytoscape(cg.from_tables(synapses, cells), tmp_path / f"g.{ending}")
    if ending == "cyjs":
        said = json.loads(path.read_text(encoding="utf-8"))["elements"]
        node, edge = said["nodes"][0]["data"], said["edges"][0]["data"]
        assert (edge["source"], edge["target"]) == ("1", "2")
        assert node["id"] == "1"
    else:
        theirs = read_cx2(path)
        node, edge = theirs.get_nodes()[0]["v"], theirs.get_edges()[0]["v"]
    assert (edge["target_"], edge["source_"]) == ("spine", "x")
    assert (node["value_"], node["selected_"]) == (5, True)


@pytest.mark.parametrize("ending", ["cyjs", "cx2"])
def test_nothing_infinite_is_written(tmp_path, ending):
    cells = pd.DataFrame({"root_id": [1, 2], "depth": [np.inf, 1.0]})
    g = cg.from_adjacency([[0, 1], [0, 0]], cells)
    with pytest.raises(InvalidTable, match="'depth' holds an infinite number"):
        write_cytoscape(g, tmp_path / f"g.{ending}")
    assert list(tmp_path.iterdir()) == []


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(InvalidArgument, match=r"\.cyjs, \.cx2"):
        write_cytoscape(every_kind(), tmp_path / "g.json")
