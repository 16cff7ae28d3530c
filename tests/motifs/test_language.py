"""The parser: what it reads, and where it says a text goes wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._language import parse
from connectome_graph.motifs._pattern import Comparison, Condition


def test_edges_forbidden_edges_and_comments():
    motif = parse("# a comment\nA -> B  # and another\nB !> C;C ~> A")
    assert motif.nodes == ("A", "B", "C")
    assert motif.edges == (("A", "B"),)
    assert motif.forbidden == (("B", "C"), ("C", "A"))


def test_conditions_on_nodes():
    motif = parse("""
        A -> B
        A.type = BC
        A.type <> "a b"
        A.depth >= -1.5e2
        A["soma depth"] < 3
        A[depth] == .5
        B.type contains "x"
        B.type !contains 'y'
        B.layer in [1, 2]
        B.type !in "abc"
        B.status_axon = True
    """)
    assert motif.node_conditions["A"] == (
        Condition("type", "==", "BC"),
        Condition("type", "!=", "a b"),
        Condition("depth", ">=", -150.0),
        Condition("soma depth", "<", 3),
        Condition("depth", "==", 0.5),
    )
    assert motif.node_conditions["B"] == (
        Condition("type", "contains", "x"),
        Condition("type", "!contains", "y"),
        Condition("layer", "in", (1, 2)),
        Condition("type", "!in", "abc"),
        Condition("status_axon", "==", True),
    )


def test_long_ids_stay_integers():
    condition = parse("A -> B; A.root_id = 864691135000000001").node_conditions["A"][0]
    assert condition.value == 864691135000000001
    assert isinstance(condition.value, int)


def test_edges_with_conditions_and_names():
    motif = parse(
        "A -> B [weight > 1, size <= 20] as ab\nB -> C as bc\nab.size > bc.size\nbc.weight = 3"
    )
    assert motif.edge_conditions["A", "B"] == (
        Condition("weight", ">", 1),
        Condition("size", "<=", 20),
    )
    assert motif.edge_conditions["B", "C"] == (Condition("weight", "==", 3),)
    assert motif.edge_comparisons == (Comparison(("A", "B"), "size", ">", ("B", "C"), "size"),)


def test_nodes_compared():
    motif = parse("A -> B; A.x != B.y; A['p q'] < B[\"r\"]")
    assert motif.node_comparisons == (
        Comparison("A", "x", "!=", "B", "y"),
        Comparison("A", "p q", "<", "B", "r"),
    )


def test_interchangeable_nodes_share_conditions_along_a_chain():
    motif = parse("A -> X; B -> X; C -> X; A === B; B === C; A.x = 1; C.y = 2")
    assert {tuple(sorted(held)) for held in motif.node_conditions.values()} == {
        (Condition("x", "==", 1), Condition("y", "==", 2))
    }
    assert set(motif.node_conditions) == {"A", "B", "C"}


def test_macros_in_macros_with_conditions_and_named_edges():
    motif = parse("""
        pair(x, y) {
            x -> y [weight > 1] as forth
            y -> x as back
            forth.size > back.size
            x.type = "BC"
        }
        triple(a, b, c) { pair(a, b)  pair(b, c)  a !> c }
        triple(P, Q, R)
    """)
    assert motif.edges == (("P", "Q"), ("Q", "P"), ("Q", "R"), ("R", "Q"))
    assert motif.forbidden == (("P", "R"),)
    assert set(motif.node_conditions) == {"P", "Q"}
    assert [c.left for c in motif.edge_comparisons] == [("P", "Q"), ("Q", "R")]


@pytest.mark.parametrize("order", [("edges", "condition"), ("condition", "edges")])
def test_statements_come_in_any_order(order):
    lines = {"edges": "A -> B", "condition": "A.x = 1"}
    assert parse("\n".join(lines[part] for part in order)) == parse("A -> B; A.x = 1")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "expected at least one edge"),
        ("# nothing", 1, "expected at least one edge"),
        ("A -> ", 1, "expected the name of the node at the end"),
        ("A -> B\nB -", 2, "expected a name"),
        ("A -> B\n\nA B", 3, "expected '->'"),
        ("A -> B\nA.x 5", 2, "expected one of = !="),
        ("A -> B\nA.x =", 2, "expected a number"),
        ("A -> B\nC.x = 5", 2, "neither a node nor a named edge"),
        ("A -> B [weight > 5", 1, "',' or ']'"),
        ("A -> B [> 5]", 1, "expected the name of an edge weight"),
        ("A !> B [weight > 5]", 1, "takes no conditions"),
        ("A -> A", 1, "joined to itself"),
        ("A -> B\nA !> B", 2, "both required and forbidden"),
        ("A -+ B", 1, "an inhibitory edge"),
        ("f(A, B)", 1, "not defined above"),
        ("f(x) { x -> y } f(A)", 1, "neither a parameter"),
        ("f(x, y) { x -> y } f(A)", 1, "takes 2 arguments"),
        ("f(x, y) { x -> y", 1, "at the end of the macro"),
        ("f(x, y) { g(a, b) { a -> b } }", 1, "cannot be defined inside"),
        ("A -> B as e\nB -> A as e", 2, "two edges are named"),
        ("A -> B as e\nA.x > e.weight", 2, "cannot be compared with an edge"),
        ("A !> B as e\nA -> C as f\ne.weight > f.weight", 3, "is forbidden"),
        ("A -> B\nA === A", 2, "two different nodes"),
        ("A -> B\nA.x = €", 2, "expected a name"),
    ],
)
def test_errors_say_where_and_what(text, line, message):
    with pytest.raises(InvalidArgument) as caught:
        parse(text)
    assert str(caught.value).startswith(f"motif, line {line}, column ")
    assert message in str(caught.value)


def test_too_many_nodes():
    with pytest.raises(InvalidArgument, match="at most 12 nodes"):
        parse("; ".join(f"A -> B{i}" for i in range(12)))


@given(st.text(alphabet="AB ->!~=.[](){}\"'#;\n<>,15xin_as", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        nodes = parse(text).nodes
    except InvalidArgument:
        nodes = ("refused",)
    assert nodes
