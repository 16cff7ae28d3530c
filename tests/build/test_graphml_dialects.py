"""GraphML as other programs write it: what they all understand is read here too."""

from __future__ import annotations

import gzip

import networkx as nx
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import UnreadableFile

GRAPH = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}'
    '<graph edgedefault="directed">{nodes}<node id="b"/><edge source="a" target="b"/></graph>'
    "</graphml>"
)
KEY = '<key id="k" for="{place}" attr.name="n" attr.type="{kind}">{inner}</key>'


@pytest.mark.parametrize(
    ("keys", "node", "value"),
    [
        ("", '<node id="a"><port name="N"><data key="q">1</data></port></node>', None),
        ("", '<node id="a"><data key="n">:N</data></node>', ":N"),
        (("node", "int", ""), '<node id="a"><data key="k">3.0</data></node>', 3),
        (("node", "int", ""), '<node id="a"><data key="k">NaN</data></node>', None),
        (("all", "string", "<default>x</default>"), '<node id="a"/>', "x"),
        ("", '<node id="g"><graph><node id="a"/></graph></node>', None),
    ],
    ids=["port", "undeclared", "3.0", "NaN", "default for all", "group"],
)
def test_dialects_of_graphml_are_read(tmp_path, keys, node, value):
    if keys:
        keys = KEY.format(place=keys[0], kind=keys[1], inner=keys[2])
    content = GRAPH.format(keys=keys, nodes=node)
    (tmp_path / "plain.graphml").write_text(content)
    (tmp_path / "packed.graphml.gz").write_bytes(gzip.compress(content.encode()))
    wide = '<?xml version="1.0" encoding="UTF-16"?>' + content
    (tmp_path / "wide.graphml").write_bytes(wide.encode("utf-16"))
    for path in tmp_path.iterdir():
        g = cg.read(path)
        assert g.ids.tolist() == ["a", "b"]
        found = g.neurons["n"].iloc[0] if "n" in g.neurons else None
        assert (None if pd.isna(found) else found) == value
    assert ("n" in g.synapse_columns) == (value == "x")


def test_keys_of_one_name_are_one_column(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", size=3)
    graph.add_edge("a", "b", size=4.5)
    graph.add_node("a", cell_type=float("nan"))
    graph.add_node("b", cell_type="x")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    g = cg.read_graphml(tmp_path / "g.graphml")
    assert g.synapse_column("size").tolist() == [3, 4.5]
    assert g.neurons["cell_type"].isna().tolist() == [True, False]


def test_attributes_do_not_take_the_names_of_the_tables():
    graph = nx.DiGraph()
    graph.add_node("a", root_id="q")
    graph.add_edge("a", "b", pre="q", post="r")
    g = cg.from_networkx(graph)
    assert g.synapses.to_numpy().tolist() == [["a", "b", "q", "r"]]
    assert g.synapse_columns == ("pre_", "post_")
    assert "'pre' is called 'pre_'" in str(g.provenance)
    assert g.neurons.columns.tolist() == ["root_id_"]


@pytest.mark.parametrize("encoding", ["klingon", "shift_jis"])
def test_other_encodings_of_graphml_are_one_sentence(tmp_path, encoding):
    path = tmp_path / "g.graphml"
    path.write_text(
        f'<?xml version="1.0" encoding="{encoding}"?>' + GRAPH.format(keys="", nodes="")
    )
    with pytest.raises(UnreadableFile, match="encoding"):
        cg.read_graphml(path)
