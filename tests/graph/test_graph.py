"""ConnectomeGraph: its tables, its verbs, and that nothing reaches into it."""

from __future__ import annotations

import pickle
import pydoc

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName
from definitions import tables as define


def _domain_ids(g):
    return set(g.ids[g.domain.sources]), set(g.ids[g.domain.targets])


@given(strategies.graphs())
def test_edges_are_the_definition(g):
    expected = define.edges(g.synapses, *_domain_ids(g))
    edges = g.edges
    found = {
        (row.pre, row.post): (row.count_, row.size_)
        for row in edges.rename(columns={"count": "count_", "size": "size_"}).itertuples()
    }
    assert found == {pair: (len(sizes), sum(sizes)) for pair, sizes in expected.items()}
    assert g.n_edges == len(expected)
    assert g.n_autapses == len(set(g.synapses.query("pre == post")["pre"]))
    pairs = set(zip(g.synapses["pre"], g.synapses["post"], strict=True))
    assert g.n_edges + g.n_edges_outside + g.n_autapses == len(pairs)


@given(strategies.tables())
def test_synapses_are_in_canonical_order_and_none_is_lost(pair):
    synapses, neurons = pair
    g = cg.from_tables(synapses, neurons)
    place = {root: i for i, root in enumerate(neurons["root_id"])}
    order = sorted(
        range(len(synapses)),
        key=lambda i: (place[synapses["pre"][i]], place[synapses["post"][i]], i),
    )
    expected = synapses.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(g.synapses, expected, check_dtype=False)


@given(strategies.graphs(), st.sets(st.integers(0, 6)))
def test_subgraph_is_the_definition(g, chosen):
    ids = [root for i, root in enumerate(g.ids) if i in chosen]
    part = g.subgraph(ids)
    both = g.synapses["pre"].isin(ids) & g.synapses["post"].isin(ids)
    pd.testing.assert_frame_equal(part.synapses, g.synapses[both].reset_index(drop=True))
    assert list(part.ids) == ids
    assert _domain_ids(part) == tuple(ends & set(ids) for ends in _domain_ids(g))


@given(strategies.graphs(), st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)))
def test_between_is_the_definition(g, rows, columns):
    pre = [root for i, root in enumerate(g.ids) if i in rows]
    post = [root for i, root in enumerate(g.ids) if i in columns]
    part = g.between(pre=pre, post=post)
    kept = g.synapses["pre"].isin(pre) & g.synapses["post"].isin(post)
    pd.testing.assert_frame_equal(part.synapses, g.synapses[kept].reset_index(drop=True))
    assert set(part.ids) == {*pre, *post}
    assert _domain_ids(part) == (_domain_ids(g)[0] & set(pre), _domain_ids(g)[1] & set(post))


@given(strategies.graphs(), st.integers(1, 4))
def test_threshold_keeps_whole_pairs(g, minimum):
    sizes = g.synapses.groupby(["pre", "post"])["size"].transform("size")
    expected = g.synapses[sizes >= minimum].reset_index(drop=True)
    pd.testing.assert_frame_equal(g.threshold(min_synapses=minimum).synapses, expected)


@given(strategies.graphs())
def test_filter_synapses_by_query_and_mask_agree(g):
    expected = g.synapses.query("size > 10").reset_index(drop=True)
    by_query = g.filter_synapses("size > 10")
    by_mask = g.filter_synapses(g.synapses["size"] > 10)
    pd.testing.assert_frame_equal(by_query.synapses, expected)
    assert by_query.equals(by_mask)
    assert by_query.domain == g.domain


@given(strategies.graphs())
def test_adjacency_is_edges_in_sources_by_targets(g):
    matrix = g.matrix("count")
    expected = define.edges(g.synapses, *_domain_ids(g))
    for pre in matrix.index:
        for post in matrix.columns:
            assert matrix.loc[pre, post] == len(expected.get((pre, post), []))
    assert g.adjacency("sum").nnz == g.n_edges
    assert list(matrix.index) == list(g.ids[g.domain.sources])


@given(strategies.dense_graphs(domain=False))
def test_networkx_agrees_on_the_simple_graph(g):
    witness = nx.from_numpy_array(g.matrix("count").to_numpy(), create_using=nx.DiGraph)
    assert witness.number_of_edges() == g.n_edges
    assert not list(nx.selfloop_edges(witness))


def test_a_weight_of_zero_is_still_an_edge():
    synapses = pd.DataFrame({"pre": [1, 2], "post": [2, 1], "size": [1, 5]})
    g = cg.from_tables(synapses, pd.DataFrame({"root_id": [1, 2, 3]}))
    assert g.adjacency("log_sum").nnz == 2
    assert cg.weights.compute(g, "log_sum").tolist() == [0.0, np.log(5)]
    matrix = g.matrix("log_sum", absent=np.nan)
    assert matrix.loc[1, 2] == 0
    assert np.isnan(matrix.loc[2, 3])


def test_a_neuron_that_receives_nothing_is_a_row_and_a_column(random_graph):
    g = random_graph.filter_synapses(random_graph.synapses["post"] != random_graph.ids[3])
    assert g.matrix("count").shape == (60, 60)
    assert g.matrix("count")[random_graph.ids[3]].sum() == 0


def test_writing_into_tables_does_not_reach_the_graph(random_graph):
    before = random_graph.synapses, random_graph.neurons, random_graph.edges
    for table, column in zip(before, ("size", "cell_type", "count"), strict=True):
        copy = getattr(
            random_graph, {"size": "synapses", "cell_type": "neurons"}.get(column, "edges")
        )
        copy.loc[copy.index[0], column] = copy[column].iloc[1]
        copy[column] = copy[column].iloc[0]
        assert len(copy) == len(table)
    pd.testing.assert_frame_equal(before[0], random_graph.synapses)
    pd.testing.assert_frame_equal(before[1], random_graph.neurons)
    pd.testing.assert_frame_equal(before[2], random_graph.edges)


def test_arrays_are_read_only_and_attributes_cannot_be_set(random_graph):
    for array in (
        *random_graph.edge_codes,
        *random_graph.edge_runs,
        random_graph.ids,
        random_graph.edge_counts,
        random_graph.synapse_column("size"),
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        random_graph.name = "x"
    with pytest.raises(TypeError, match="from_tables"):
        cg.ConnectomeGraph()


def test_the_tables_given_are_neither_kept_nor_changed():
    synapses = pd.DataFrame({"pre": [2, 1], "post": [1, 2], "size": [7, 8]})
    neurons = pd.DataFrame({"root_id": [1, 2], "cell_type": ["a", "b"]})
    copies = synapses.copy(), neurons.copy()
    g = cg.from_tables(synapses, neurons)
    pd.testing.assert_frame_equal(synapses, copies[0])
    pd.testing.assert_frame_equal(neurons, copies[1])
    synapses["size"] = 0
    neurons.loc[0, "cell_type"] = "z"
    assert g.synapses["size"].tolist() == [8, 7]
    assert g.neurons["cell_type"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("selection", "error", "says"),
    [
        ("cel_type == 'BC'", UnknownName, "Did you mean 'cell_type'"),
        ("@x == 1", InvalidArgument, "'@'"),
        ("cell_type.__class__", InvalidArgument, "not part of the language"),
        ("cell_type ==", InvalidArgument, "cannot be read"),
        ("cell_type", InvalidArgument, "not true or false"),
        ([1, 2], UnknownName, "2 of 2 ids"),
        (["a"], UnknownName, "integers"),
        ([True], InvalidArgument, "one boolean for each of 60"),
    ],
)
def test_selections_that_cannot_be_understood(random_graph, selection, error, says):
    with pytest.raises(error, match=says):
        random_graph.subgraph(selection)


def test_selections_by_query_mask_and_ids_agree(random_graph):
    frame = random_graph.neurons
    mask = (frame["cell_type"] == "BC") & frame["status_axon"]
    by_query = random_graph.subgraph("cell_type == 'BC' and status_axon")
    for other in (
        mask,
        mask.to_numpy(),
        list(mask),
        frame.index[mask],
        list(frame.index[mask])[::-1],
        mask.sample(frac=1, random_state=0),
    ):
        assert by_query.equals(random_graph.subgraph(other))
    assert random_graph.subgraph([]).n_neurons == 0


def test_collapse_sums_edges_and_keeps_connections_inside_a_type(random_graph):
    types = random_graph.collapse("cell_type")
    label = random_graph.neurons["cell_type"]
    edges = random_graph.edges
    expected = edges.groupby([edges["pre"].map(label), edges["post"].map(label)])["count"].sum()
    found = types.edges.set_index(["pre", "post"])["count"]
    assert found.to_dict() == expected.to_dict()
    assert ("23P", "23P") in found.to_dict()
    assert types.n_synapses == edges["count"].sum()
    assert types.neurons["n_members"].sum() == 60
    assert types.domain.n_pairs == 9


def test_annotate_keeps_integers_exact_when_ids_have_gaps(random_graph):
    ids = random_graph.ids[::2]
    table = pd.DataFrame({"pt_root_id": ids, "nucleus": ids, "checked": True})
    g = random_graph.annotate(table)
    found = g.neuron_column("nucleus")
    assert found.dropna().astype("int64").tolist() == list(ids)
    assert found.isna().sum() == 30
    assert g.provenance.fact("n_matched") == 30
    with pytest.raises(InvalidTable, match="overwrite"):
        g.annotate(table)
    with pytest.raises(InvalidTable, match="share a root id"):
        random_graph.annotate(pd.concat([table, table]))
    with pytest.raises(InvalidTable, match="root_id"):
        random_graph.annotate(table.drop(columns="pt_root_id"))


def test_annotate_synapses_adds_columns_that_filters_can_use(random_graph):
    values = np.arange(random_graph.n_synapses) / 2
    g = random_graph.annotate_synapses({"distance_to_root_um": values})
    assert g.filter_synapses("distance_to_root_um < 10").n_synapses == 20
    with pytest.raises(InvalidTable, match=r"2,000 rows; found 3"):
        random_graph.annotate_synapses({"x": [1, 2, 3]})
    with pytest.raises(InvalidTable, match="identity"):
        random_graph.annotate_synapses({"pre": values})


def test_synapses_between_are_the_rows_of_the_pair(random_graph):
    pre, post = random_graph.edges.loc[0, ["pre", "post"]]
    rows = random_graph.synapses.query(f"pre == {pre} and post == {post}")
    pd.testing.assert_frame_equal(random_graph.synapses_between(pre, post), rows)
    several = random_graph.synapses_between(list(random_graph.ids[:5]), list(random_graph.ids[5:9]))
    kept = random_graph.synapses
    kept = kept[kept["pre"].isin(random_graph.ids[:5]) & kept["post"].isin(random_graph.ids[5:9])]
    pd.testing.assert_frame_equal(several, kept)


def test_rewired_moves_columns_with_their_edge(random_graph):
    pre, post = random_graph.edge_codes
    order = np.random.default_rng(0).permutation(len(pre))
    g = random_graph.rewired(
        pre[order],
        post[order],
        columns={"count": random_graph.edge_counts[order]},
        verb="shuffled",
        sentence="Rows were shuffled.",
    )
    assert g.edges["count"].tolist() == random_graph.edges["count"].tolist()
    assert g.provenance.steps[-1].verb == "shuffled"


def test_a_graph_survives_a_process_border(random_graph):
    copy = pickle.loads(pickle.dumps(random_graph))
    assert copy.equals(random_graph)
    assert str(copy.provenance) == str(random_graph.provenance)
    for array in (*copy.edge_codes, copy.ids, copy.domain.sources, copy.synapse_column("size")):
        assert not array.flags.writeable


def test_every_verb_adds_one_step_of_provenance(random_graph):
    steps = len(random_graph.provenance.steps)
    for g in (
        random_graph.subgraph("cell_type == 'BC'"),
        random_graph.between(pre="status_axon"),
        random_graph.observed("all"),
        random_graph.filter_synapses("size > 3"),
        random_graph.threshold(min_synapses=2),
        random_graph.annotate(pd.Series(1, index=random_graph.neurons.index, name="one")),
        random_graph.annotate_synapses({"two": np.ones(2000)}),
        random_graph.collapse("cell_type"),
    ):
        assert len(g.provenance.steps) == steps + 1
        assert g.provenance.steps[:-1] == random_graph.provenance.steps
        assert g.provenance.steps[-1].sentence.endswith(".")


def test_the_notebook_repr_escapes_what_comes_from_data(random_graph):
    hostile = random_graph.annotate(
        pd.Series(1, index=random_graph.neurons.index, name="<script>alert(1)</script>")
    )
    html = hostile._repr_html_()
    assert "<script>" not in html
    assert "60 neurons" in html
    assert "60 neurons" in repr(random_graph)


def test_equals_sees_every_part(random_graph):
    assert random_graph.equals(random_graph.filter_synapses("size >= 0"))
    for other in (
        random_graph.threshold(min_synapses=2),
        random_graph.between(pre="status_axon"),
        random_graph.annotate(pd.Series(1, index=random_graph.neurons.index, name="one")),
        random_graph.annotate_synapses({"two": np.ones(2000)}),
        random_graph.subgraph(random_graph.ids[1:]),
    ):
        assert not random_graph.equals(other)
        assert random_graph != other


@given(a=strategies.graphs(), b=strategies.graphs())
def test_equality_and_hash_follow_one_rule(a, b):
    assert (a == b) == a.equals(b) == b.equals(a)
    assert a != b or hash(a) == hash(b)
    again = a.annotate_synapses({}, verb="told", sentence="told otherwise")
    restored = pickle.loads(pickle.dumps(a))
    assert a == again == restored
    assert len({a, again, restored}) == 1
    assert a != "a graph"


def test_the_hash_does_not_see_how_a_column_is_stored():
    tables = [
        pd.DataFrame({"root_id": [1, 2], "n": values})
        for values in (np.array([1, 2], np.int64), pd.array([1, 2], "Int64"))
    ]
    one, two = (cg.from_tables(pd.DataFrame({"pre": [1], "post": [2]}), t) for t in tables)
    assert one == two
    assert hash(one) == hash(two)


def test_the_whole_class_stands_in_one_place():
    text = pydoc.plain(pydoc.render_doc(cg.ConnectomeGraph))
    assert all(name in text for name in ("edge_codes", "adjacency", "labels", "rewired"))
    assert cg.ConnectomeGraph.__mro__ == (cg.ConnectomeGraph, object)


def test_threshold_needs_a_whole_number(random_graph):
    for bad in (0, 1.5, True):
        with pytest.raises(InvalidArgument, match="whole number"):
            random_graph.threshold(min_synapses=bad)


def test_selecting_does_not_copy_what_it_does_not_keep():
    n = 300_000
    rng = np.random.default_rng(0)
    neurons = pd.DataFrame({"root_id": np.arange(1, 1001)})
    ends = rng.integers(1, 1001, (2, n))
    g = cg.from_tables(pd.DataFrame({"pre": ends[0], "post": ends[1], "size": ends[0]}), neurons)
    part = g.subgraph(np.arange(1, 101))
    kept = part._index.columns["size"]
    assert len(kept) == part.n_synapses < n / 50
    assert kept.base is None or kept.base.nbytes == kept.nbytes
    # Widening nothing, a selection shares the column it was made from.
    shared = g.between()._index.columns["size"]
    assert np.shares_memory(shared, g._index.columns["size"])
