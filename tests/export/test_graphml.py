"""GraphML: read back without loss, and read by other programs with every id intact."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hard_graphs import BASE, HOSTILE, difference, every_kind, xml_text
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import read_graphml
from connectome_graph.build import graphml as graphml_reader
from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile
from connectome_graph.export import write_graphml
from connectome_graph.sources.graphml import lines as graphml_lines
from connectome_graph.sources.graphml import writer as graphml
from strategies import graphs

XMLNS = "{http://graphml.graphdrawing.org/xmlns}"
TYPES = {"boolean", "int", "long", "float", "double", "string"}


@pytest.mark.parametrize("text_ids", [False, True])
def test_every_kind_of_column_comes_back(tmp_path, text_ids):
    g = every_kind(text_ids=text_ids)
    assert difference(g, read_graphml(write_graphml(g, tmp_path / "g.graphml"))) == []


@pytest.mark.parametrize("text_ids", [False, True])
@pytest.mark.parametrize("block", [1 << 23, 300])
def test_line_by_line_and_event_by_event_are_the_same(tmp_path, monkeypatch, text_ids, block):
    g = every_kind(text_ids=text_ids)
    path = write_graphml(g, tmp_path / "g.graphml")
    monkeypatch.setattr(graphml_lines, "_BLOCK", block)
    assert graphml_lines.quickly_parsed(path) is not None
    quick = read_graphml(path)
    monkeypatch.setattr(graphml_reader, "quickly_parsed", lambda _: None)
    assert difference(quick, read_graphml(path)) == []


@pytest.mark.parametrize(
    ("ours", "edited"),
    [
        ("<node ", " <node "),
        ("</graph>", "<!-- seen --></graph>"),
        ("&lt;", "&#60;"),
        ('encoding="UTF-8"', "encoding='UTF-8'"),
    ],
)
def test_an_edited_file_is_read_all_the_same(tmp_path, ours, edited):
    g = every_kind()
    path = write_graphml(g, tmp_path / "g.graphml")
    path.write_text(path.read_text().replace(ours, edited))
    assert graphml_lines.quickly_parsed(path) is None
    assert difference(g, read_graphml(path)) == []


@settings(max_examples=20)
@given(g=graphs())
def test_any_graph_comes_back(tmp_path_factory, g):
    path = tmp_path_factory.getbasetemp() / "any.graphml"
    assert difference(g, read_graphml(write_graphml(g, path))) == []


@settings(max_examples=20)
@given(texts=st.lists(xml_text | st.none() | st.sampled_from(HOSTILE), min_size=3, max_size=3))
def test_any_text_comes_back_here_and_in_networkx(tmp_path_factory, texts):
    path = tmp_path_factory.getbasetemp() / "text.graphml"
    notes = pd.DataFrame({"root_id": [1, 2, 3], "note": pd.Series(texts, dtype=object)})
    g = cg.from_adjacency(np.ones((3, 3)), notes)
    write_graphml(g, path)
    assert difference(g, read_graphml(path)) == []
    theirs = nx.read_graphml(path)
    assert [theirs.nodes[str(i)].get("note") for i in (1, 2, 3)] == texts


@settings(max_examples=20)
@given(ids=st.lists(xml_text.filter(bool), min_size=2, max_size=2, unique=True))
def test_any_text_id_comes_back_here_and_in_networkx(tmp_path_factory, ids):
    path = tmp_path_factory.getbasetemp() / "ids.graphml"
    frame = pd.DataFrame([[0, 2], [1, 0]], index=ids, columns=ids)
    g = cg.from_adjacency(frame)
    write_graphml(g, path)
    assert read_graphml(path).equals(g)
    assert list(nx.read_graphml(path)) == ids


@settings(max_examples=20)
@given(
    sizes=st.lists(st.floats(-1e300, 1e300) | st.just(float("nan")), min_size=1),
    singles=st.lists(st.floats(width=32), min_size=1),
)
def test_any_number_comes_back(tmp_path_factory, sizes, singles):
    path = tmp_path_factory.getbasetemp() / "numbers.graphml"
    n = min(len(sizes), len(singles))
    columns = {"size": sizes[:n], "single": np.array(singles[:n], np.float32)}
    g = cg.from_tables(pd.DataFrame({"pre": 1, "post": 2, **columns}), unknown="add")
    assert difference(g, read_graphml(write_graphml(g, path))) == []


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe"])
def test_a_character_that_xml_cannot_carry_is_refused_and_nothing_is_left(tmp_path, character):
    notes = pd.DataFrame({"root_id": [1, 2], "note": ["fine", f"a{character}b"]})
    g = cg.from_adjacency([[0, 1], [0, 0]], notes)
    with pytest.raises(InvalidTable, match=r"column 'note': .* control character"):
        write_graphml(g, tmp_path / "g.graphml")
    assert list(tmp_path.iterdir()) == []


def test_networkx_and_igraph_read_every_id_and_synapse(tmp_path):
    g = every_kind()
    path = write_graphml(g, tmp_path / "g.graphml")
    ids = [str(i) for i in g.ids]
    pairs = [(str(a), str(b)) for a, b in g.synapses[["pre", "post"]].itertuples(index=False)]

    theirs = nx.read_graphml(path)
    assert theirs.is_multigraph()
    assert list(theirs) == ids
    assert sorted((a, b) for a, b in theirs.edges()) == sorted(pairs)
    first = theirs.nodes[ids[0]]
    assert first["root_id"] == ids[0]
    assert [theirs.nodes[i].get("nucleus_id") for i in ids] == [
        None if i % 3 == 0 else str(BASE + i) for i in range(12)
    ]
    assert [theirs.nodes[i].get("supervoxel") for i in ids] == [str(2**63 + i) for i in range(12)]
    assert [theirs.nodes[i].get("depth") for i in ids] == [
        None if np.isnan(x) else x for x in g.neurons["depth"]
    ]

    also = igraph.Graph.Read_GraphML(str(path))
    assert also.is_directed()
    assert also.vs["id"] == also.vs["root_id"] == ids
    names = also.vs["id"]
    assert [(names[a], names[b]) for a, b in also.get_edgelist()] == pairs
    assert also.es["synapse_id"] == [str(i) for i in g.synapse_column("synapse_id")]
    assert also["provenance"] == str(g.provenance)


def test_weights_become_attributes_of_connections(tmp_path):
    synapses = pd.DataFrame({"pre": [1, 1, 2, 3], "post": [2, 2, 1, 3], "size": [5, 7, 2, 1]})
    g = cg.from_tables(synapses, pd.DataFrame({"root_id": [1, 2, 3]}))
    path = write_graphml(g, tmp_path / "g.graphml", weight=["log_sum", "count", ("size", "max")])
    theirs = nx.read_graphml(path)
    assert not theirs.is_multigraph()
    assert theirs.edges["1", "2"] == {
        "count": 2, "size": 12, "size_max": 7.0, "weight": np.log(12)
    }  # fmt: skip
    back = read_graphml(path)
    assert back.edges.equals(g.edges)
    assert back.synapse_column("log_sum").tolist() == np.log([12, 2]).tolist()
    assert back.provenance == g.provenance


def test_the_count_as_weight_is_read_back_once(tmp_path):
    g = cg.from_adjacency([[0, 3], [1, 0]])
    path = write_graphml(g, tmp_path / "g.graphml", weight="count")
    assert igraph.Graph.Read_GraphML(str(path)).es["weight"] == [3, 1]
    assert difference(g, read_graphml(path)) == []


def test_an_unknown_weight_is_named(tmp_path):
    with pytest.raises(InvalidArgument, match="'cuont'"):
        write_graphml(cg.from_adjacency([[0, 3], [1, 0]]), tmp_path / "g", weight="cuont")


@pytest.mark.parametrize("weight", [None, ["count", "output_fraction"]])
def test_the_file_keeps_the_rules_that_gephi_and_cytoscape_need(tmp_path, weight):
    path = write_graphml(every_kind(), tmp_path / "g.graphml", weight=weight)
    declared: dict[str, str] = {}
    nodes: set[str] = set()
    names = set()
    for event, element in ET.iterparse(path, events=("start", "end")):
        tag = element.tag.removeprefix(XMLNS)
        if event == "start":
            if tag == "key":
                assert not nodes, "keys come before the graph"
                assert element.get("attr.type") in TYPES
                assert element.get("id") not in declared
                declared[element.get("id")] = element.get("for")
                name = element.get("for"), element.get("attr.name")
                assert name not in names
                names.add(name)
            if tag == "graph":
                assert element.get("edgedefault") == "directed"
            if tag == "node":
                assert element.get("id") not in nodes
                nodes.add(element.get("id"))
            if tag == "edge":
                assert {element.get("source"), element.get("target")} <= nodes
        elif tag in ("node", "edge"):
            keys = [data.get("key") for data in element]
            assert len(keys) == len(set(keys))
            assert all(declared[key] == tag for key in keys)
    assert len(nodes) == 12


def test_pieces_join_to_the_same_file(tmp_path, monkeypatch):
    whole = write_graphml(every_kind(), tmp_path / "whole").read_bytes()
    monkeypatch.setattr(graphml, "_ROWS", 5)
    assert write_graphml(every_kind(), tmp_path / "pieces").read_bytes() == whole


def test_what_networkx_rewrites_is_read_back(tmp_path):
    g = every_kind()
    theirs = nx.read_graphml(write_graphml(g, tmp_path / "g.graphml"))
    nx.write_graphml(theirs, tmp_path / "nx.graphml")
    assert difference(g, read_graphml(tmp_path / "nx.graphml")) == []


def test_what_igraph_rewrites_keeps_ids_and_numbers(tmp_path):
    g = every_kind()
    theirs = igraph.Graph.Read_GraphML(str(write_graphml(g, tmp_path / "g.graphml")))
    theirs.write_graphml(str(tmp_path / "ig.graphml"))
    back = read_graphml(tmp_path / "ig.graphml")
    # igraph has no missing text and no missing booleans.
    lost = {"neurons.note", "neurons.empty", "neurons.proofread", "synapses.target"}
    assert set(difference(g, back)) == {"equals", *lost}
    assert back.ids.tolist() == g.ids.tolist()


def test_a_graph_that_another_program_changed_says_so(tmp_path):
    g = cg.from_adjacency([[0, 3, 1], [1, 0, 0], [2, 0, 0]])
    theirs = nx.read_graphml(write_graphml(g, tmp_path / "g.graphml"))
    theirs.remove_node("3")
    theirs.add_node("4")
    nx.set_node_attributes(theirs, {"1": 0.5}, "rank")
    nx.write_graphml(theirs, tmp_path / "nx.graphml")
    back = read_graphml(tmp_path / "nx.graphml")
    assert back.ids.tolist() == [1, 2, 4]
    assert back.edges["count"].tolist() == [3, 1]
    assert back.neurons["rank"].tolist()[0] == 0.5
    assert str(back.provenance).endswith("read from nx.graphml.") or back.n_neurons == 3
    assert back.provenance.steps[: len(g.provenance.steps)] == g.provenance.steps


FOREIGN = """<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="node" attr.name="kind" attr.type="string"><default>BC</default></key>
  <key id="d1" for="all" attr.name="score" attr.type="double"/>
  <key id="d2" for="edge" attr.name="count" attr.type="int"/>
  <key id="d3" for="node" attr.name="flag" attr.type="boolean"/>
  <graph edgedefault="directed">
    <desc>by hand</desc>
    <node id="{a}"><data key="d0">MC</data><data key="d1"> 0.5 </data></node>
    <node id="{b}"><data key="d3">True</data></node>
    <edge id="e0" source="{a}" target="{b}"><data key="d2">4</data></edge>
    <edge source="{a}" target="{a}"><data key="d2">1</data><data key="d1"></data></edge>
  </graph>
</graphml>"""


def test_a_file_by_another_program_is_read_as_it_is(tmp_path):
    path = tmp_path / "foreign.graphml"
    path.write_text(FOREIGN.format(a=BASE, b=BASE + 1))
    g = read_graphml(path)
    assert g.ids.tolist() == [BASE, BASE + 1]
    assert g.neurons["kind"].tolist() == ["MC", "BC"]
    assert g.neurons["score"].iloc[0] == 0.5
    assert g.neurons["flag"].tolist() == [pd.NA, True]
    assert (g.n_edges, g.n_autapses, g.n_synapses) == (1, 1, 5)
    assert str(g.provenance) == "2 neurons and 2 edges were read from foreign.graphml."
    path.write_text(FOREIGN.format(a="AVAL", b="007"))
    assert read_graphml(path).ids.tolist() == ["AVAL", "007"]


def test_a_named_attribute_gives_the_ids(tmp_path):
    graph = nx.DiGraph([("n0", "n1")])
    nx.set_node_attributes(graph, {"n0": str(BASE), "n1": str(BASE + 1)}, "segment")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    assert read_graphml(tmp_path / "g.graphml").ids.tolist() == ["n0", "n1"]
    assert read_graphml(tmp_path / "g.graphml", ids="segment").ids.tolist() == [BASE, BASE + 1]
    with pytest.raises(InvalidTable, match="Did you mean 'segment'"):
        read_graphml(tmp_path / "g.graphml", ids="segmnt")


def test_ids_that_were_written_as_floats_are_refused(tmp_path):
    graph = nx.DiGraph([("n0", "n1")])
    nx.set_node_attributes(graph, {"n0": float(BASE), "n1": 1.0}, "root_id")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    with pytest.raises(InvalidTable, match="holds floats, in which 18-digit ids lose digits"):
        read_graphml(tmp_path / "g.graphml")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{i} "{f"&lol{i - 1 or str()};" * 10}">' for i in range(1, 10))
    + "]><graphml><graph edgedefault='directed'><node id='&lol9;'/></graph></graphml>"
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        '<!DOCTYPE g SYSTEM "http://127.0.0.1:1/x.dtd"><graphml><graph/></graphml>',
        '<!DOCTYPE g [<!ENTITY f SYSTEM "file:///etc/passwd">]><graphml>&f;</graphml>',
    ],
    ids=["million laughs", "external type", "external entity"],
)
def test_document_types_and_entities_are_refused(tmp_path, text):
    path = tmp_path / "bad.graphml"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match="declares a document type or an entity"):
        read_graphml(path)


GRAPH = '<graphml><key id="d" for="edge" attr.name="x" attr.type="{kind}"/>{graph}</graphml>'


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ('<graph edgedefault="undirected"/>', "undirected"),
        ('<graph><node id="1"/><edge source="1" target="1" directed="false"/></graph>',
         "undirected"),
        ('<graph><node id="1"/><edge source="1" target="2"/></graph>',
         "target '2', which is no node"),
        ('<graph><node id="1"/><node id="1"/></graph>', "several nodes of one id"),
        ('<graph><hyperedge/></graph>', "<hyperedge> elements"),
        ("<graph/><graph/>", "several graphs"),
        ('<graph><node id="1"/><edge source="1" target="1"><data key="d">ten</data></edge></graph>',
         "declared long and holds 'ten'"),
    ],
)  # fmt: skip
def test_what_is_no_connectome_is_refused_with_the_reason(tmp_path, graph, message):
    path = tmp_path / "bad.graphml"
    path.write_text(GRAPH.format(kind="long", graph=graph))
    with pytest.raises(InvalidTable, match=message):
        read_graphml(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not well-formed XML"),
        ("<graphml><graph>", "not well-formed XML"),
        ("<html/>", "not <graphml>"),
        ("<graphml/>", "holds no <graph>"),
        ("<graphml><graph><node/></graph></graphml>", "without its attribute 'id'"),
        (GRAPH.format(kind="decimal", graph="<graph/>"), "unknown type 'decimal'"),
    ],
)
def test_what_is_no_graphml_is_refused_with_the_reason(tmp_path, text, message):
    path = tmp_path / "bad.graphml"
    path.write_text(text)
    with pytest.raises((UnreadableFile, InvalidTable), match=message):
        read_graphml(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.graphml cannot be read"):
        read_graphml(tmp_path / "nowhere.graphml")


def test_a_newer_description_is_refused_by_name(tmp_path):
    path = write_graphml(cg.from_adjacency([[0, 3], [1, 0]]), tmp_path / "g.graphml")
    path.write_text(path.read_text().replace('"format_version":1', '"format_version":4'))
    with pytest.raises(InvalidTable, match="attribute format version 4"):
        read_graphml(path)


def test_a_damaged_description_is_refused_with_a_way_out(tmp_path):
    path = write_graphml(every_kind(), tmp_path / "g.graphml")
    whole = path.read_text()
    path.write_text(whole.replace('{"format_version"', '{format_version"'))
    with pytest.raises(InvalidTable, match="is damaged"):
        read_graphml(path)
    path.write_text(whole.replace('"neuron_columns"', '"neuron_rows"'))
    with pytest.raises(InvalidTable, match="does not fit its own description"):
        read_graphml(path)


def test_every_truncation_is_an_error(tmp_path):
    path = write_graphml(every_kind(), tmp_path / "g.graphml")
    whole = path.read_bytes()
    for length in random.Random(1).sample(range(len(whole) - 12), 40):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadableFile):
            read_graphml(path)


def test_several_threads_may_write_at_once(tmp_path):
    g = every_kind()
    paths = [tmp_path / f"{i}.graphml" for i in range(4)]
    threads = [threading.Thread(target=write_graphml, args=(g, path)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({Path(path).read_bytes() for path in paths}) == 1
