"""Functions of networkx on our graphs: networkx's own tests, and networkx itself as witness."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given

import connectome_graph as cg
from connectome_graph import networkx_backend as backend
from connectome_graph.errors import InvalidArgument
from strategies import dense_graphs, graphs

HERE = Path(__file__).parent
BASE = 864691135000000001

#: Modules of networkx's tests, and the functions of ours that they reach.
THEIR_TESTS = {
    "algorithms.tests.test_triads": {"triadic_census"},
    "algorithms.tests.test_reciprocity": {"reciprocity", "overall_reciprocity"},
    "algorithms.centrality.tests.test_degree_centrality": {
        "in_degree_centrality",
        "out_degree_centrality",
    },
    "algorithms.tests.test_cluster": {"clustering"},
    "algorithms.components.tests.test_strongly_connected": {
        "is_strongly_connected",
        "number_strongly_connected_components",
    },
    "algorithms.components.tests.test_weakly_connected": {
        "is_weakly_connected",
        "number_weakly_connected_components",
    },
    "classes.tests.test_function": {"is_empty", "number_of_selfloops"},
}

#: Functions that give one number, and those that give one for every neuron.
NUMBERS = (
    "number_of_isolates", "number_strongly_connected_components", "is_empty",
    "number_weakly_connected_components", "number_of_selfloops", "is_strongly_connected",
    "is_weakly_connected", "overall_reciprocity", "reciprocity", "average_clustering",
)  # fmt: skip
TABLES = (
    "triadic_census", "degree_centrality", "in_degree_centrality", "out_degree_centrality",
    "clustering",
)  # fmt: skip


def test_networkx_s_own_tests_pass_on_our_functions(tmp_path: Path) -> None:
    environment = os.environ | {
        "NETWORKX_TEST_BACKEND": "connectome_graph",
        "NETWORKX_FALLBACK_TO_NX": "True",
        "COUNTED_CALLS": str(tmp_path / "calls.json"),
        "PYTHONPATH": str(HERE),
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "counting_calls",
        "-p",
        "no:cacheprovider",
    ]
    modules = [f"networkx.{name}" for name in THEIR_TESTS]
    shown = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", str(tmp_path), "--pyargs", *modules],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stdout[-4000:] + shown.stderr[-2000:]
    assert "passed" in shown.stdout
    called = json.loads((tmp_path / "calls.json").read_text(encoding="utf-8"))
    assert set(called) >= set().union(*THEIR_TESTS.values())


def outcome(name: str, graph: object) -> object:
    """Return what a function of networkx gives, or the kind of its refusal."""
    try:
        return getattr(nx, name)(graph)
    except nx.NetworkXException as refusal:
        return type(refusal).__name__


def theirs(g: cg.ConnectomeGraph) -> nx.DiGraph:
    """Return the connections as a networkx graph that is not dispatched."""
    return cg.export.to_networkx(g, weight="count")


@given(dense_graphs(domain=False))
def test_one_number_is_the_one_of_networkx(g: cg.ConnectomeGraph) -> None:
    plain = theirs(g)
    for name in NUMBERS:
        if name == "number_of_selfloops" and g.n_autapses:
            continue
        if name == "average_clustering" and not g.n_neurons:
            continue
        assert outcome(name, g) == pytest.approx(outcome(name, plain)), name


@given(dense_graphs(domain=False))
def test_every_number_is_the_one_of_networkx(g: cg.ConnectomeGraph) -> None:
    plain = theirs(g)
    for name in TABLES:
        assert getattr(nx, name)(g) == pytest.approx(getattr(nx, name)(plain)), name
    assert list(nx.isolates(g)) == list(nx.isolates(plain))
    known = [node for node in g.ids.tolist() if plain.degree(node)]
    assert nx.reciprocity(g, known) == pytest.approx(nx.reciprocity(plain, known))


@given(graphs(domain=True))
def test_a_domain_leaves_out_what_nobody_could_see(g: cg.ConnectomeGraph) -> None:
    core = theirs(g.subgraph(g.domain.core))
    assert nx.triadic_census(g) == nx.triadic_census(core)
    for position, value in enumerate(nx.in_degree_centrality(g).values()):
        if g.n_neurons > 1:
            exposed = g.domain.n_sources - g.domain.sources[position]
            assert math.isnan(value) == (not g.domain.targets[position] or not exposed)


def test_ids_come_back_digit_for_digit() -> None:
    synapses = pd.DataFrame({"pre": [BASE, BASE + 1], "post": [BASE + 1, BASE]})
    g = cg.from_tables(synapses, pd.DataFrame({"root_id": [BASE, BASE + 1, BASE + 2]}))
    assert nx.in_degree_centrality(g) == {BASE: 0.5, BASE + 1: 0.5, BASE + 2: 0.0}
    assert nx.reciprocity(g, BASE) == 1.0
    assert nx.reciprocity(g, [BASE + 2, 5]) == {BASE + 2: None}
    with pytest.raises(nx.NetworkXError, match="isolated"):
        nx.reciprocity(g, BASE + 2)


def test_autapses_are_loops_and_not_edges() -> None:
    g = cg.from_adjacency([[1, 1], [0, 0]])
    assert nx.number_of_selfloops(g) == 1
    assert nx.in_degree_centrality(g) == {1: 0.0, 2: 1.0}


def test_what_is_not_ours_runs_in_networkx_on_one_copy() -> None:
    g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    plain = theirs(g)
    with pytest.warns(backend.ConversionWarning, match="shortest_path runs in networkx"):
        assert nx.shortest_path(g, 1, 3) == [1, 3]
    # A second warning would be an error here.
    assert nx.pagerank(g) == nx.pagerank(plain)
    assert nx.pagerank(g, backend="networkx") == nx.pagerank(plain)
    assert nx.triadic_census(g, [1, 2]) == nx.triadic_census(plain, [1, 2])
    assert nx.clustering(g, weight="weight") == nx.clustering(plain, weight="weight")
    assert dict(nx.all_pairs_shortest_path_length(g)) == dict(
        nx.all_pairs_shortest_path_length(plain)
    )
    other = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    with pytest.warns(backend.ConversionWarning, match="copy of 3 neurons"):
        assert nx.is_isomorphic(g, other)
    union = nx.disjoint_union_all([g, other])
    assert union.number_of_nodes() == 6


def test_a_copy_goes_with_its_graph_and_is_not_changed() -> None:
    from connectome_graph.networkx_backend import _everything_else

    g = cg.from_adjacency([[0, 1], [1, 0]])
    with pytest.warns(backend.ConversionWarning):
        nx.pagerank(g)
    held = len(_everything_else._copies)
    with pytest.raises(InvalidArgument, match="does not change"):
        nx.set_node_attributes(g, 1, "x")
    with pytest.raises(InvalidArgument, match="does not change"):
        nx.relabel_nodes(g, {1: 5}, copy=False)
    assert set(nx.relabel_nodes(g, {1: 5})) == {5, 2}
    del g
    assert len(_everything_else._copies) == held - 1


def test_every_function_of_one_graph_that_networkx_dispatches_is_found() -> None:
    from networkx.utils.backends import _registered_algorithms

    for name in _registered_algorithms:
        assert callable(getattr(backend, name)), name
    with pytest.raises(AttributeError):
        backend.no_such_function  # noqa: B018
    assert not hasattr(backend, "__path_of_something__")


def test_a_graph_of_types_is_refused() -> None:
    cells = pd.DataFrame({"root_id": [1, 2, 3], "kind": ["E", "I", "I"]})
    types = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]], cells).collapse("kind")
    with pytest.raises(NotImplementedError):
        nx.triadic_census(types)


def test_networkx_graphs_convert_there_and_back() -> None:
    plain = nx.DiGraph([("a", (1, 2)), ((1, 2), "a"), ("a", 0)])
    converted = backend.convert_from_nx(plain)
    assert set(backend.convert_to_nx(converted).edges) == set(plain.edges)
    assert nx.triadic_census(plain, backend="connectome_graph") == nx.triadic_census(plain)
    for other in (nx.Graph(), nx.MultiDiGraph()):
        with pytest.raises(NotImplementedError):
            backend.convert_from_nx(other)
        assert backend.can_run("triadic_census", (other,), {}) is not True


@pytest.mark.parametrize(
    ("first", "absent"), [("networkx", "connectome_graph"), ("connectome_graph", "networkx")]
)
def test_neither_library_loads_the_other(first: str, absent: str) -> None:
    code = f"import sys, {first}; sys.exit({absent!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE)
