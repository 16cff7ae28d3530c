"""Pairs that could have met: read as given, composed with every verb, carried by every format."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName
from connectome_graph.model.pairs import PairSet
from definitions import stats as define

TINY = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])
TABLE = pd.DataFrame({"pre": [1, 2, 3], "post": [2, 3, 3], "area": [1.5, 0.5, 9.0]})


def met(g):
    """Return {(pre, post): exposure} by root id."""
    pairs = g.domain.pairs
    values = np.ones(len(pairs)) if pairs.exposure is None else pairs.exposure
    ends = g.ids[pairs.pre].tolist(), g.ids[pairs.post].tolist()
    return dict(zip(zip(*ends, strict=True), values.tolist(), strict=True))


@st.composite
def graphs_and_contacts(draw):
    g = draw(strategies.graphs())
    return g, draw(strategies.contacts(g))


@given(drawn=graphs_and_contacts(), symmetric=st.booleans())
def test_the_pairs_are_those_of_the_table_between_sources_and_targets(drawn, symmetric):
    g, table = drawn
    if symmetric:
        table = table[table["pre"] < table["post"]]
    expected = {}
    for row in table.itertuples():
        expected[row.pre, row.post] = row.area
        if symmetric:
            expected[row.post, row.pre] = row.area
    allowed = {(g.ids[i], g.ids[j]) for i, j in define.pairs(g)}
    expected = {pair: area for pair, area in expected.items() if pair in allowed}
    found = g.within(table, exposure="area", symmetric=symmetric)
    assert met(found) == expected
    assert found.domain.exposure == sum(expected.values())
    assert found.domain.n_pairs == len(expected)
    assert found.n_edges == sum(
        pair in expected for pair in zip(*g.edges[["pre", "post"]].T.to_numpy(), strict=True)
    )
    assert found.n_edges + found.n_edges_outside == g.n_edges + g.n_edges_outside
    assert found.n_synapses == g.n_synapses


@given(drawn=graphs_and_contacts())
def test_every_way_to_give_the_pairs_gives_the_same_pairs(drawn):
    g, table = drawn
    table = table[table["area"] > 0]
    expected = g.within(table, exposure="area")
    by_index = table.set_index(["pre", "post"])
    positions = [g.codes_of(table[end]) for end in ("pre", "post")]
    square = scipy.sparse.coo_array(
        (table["area"], tuple(positions)), shape=(g.n_neurons, g.n_neurons)
    )
    others = [
        by_index,
        by_index["area"],
        table.sample(frac=1, random_state=0),
        square,
        square.tocsc(),
    ]
    for other in others:
        assert g.within(other, exposure="area").domain == expected.domain
    touching = table[table["pre"] != table["post"]].rename(columns={"area": "size"}).assign(count=1)
    contact = cg.from_edges(touching, g.neurons.reset_index()[["root_id"]])
    assert met(g.within(contact, exposure="sum")) == met(expected)


@given(drawn=graphs_and_contacts(), rng=st.randoms(use_true_random=False))
def test_selections_compose_in_any_order(drawn, rng):
    g, table = drawn
    some, others = ([v for v in g.ids if rng.random() < 0.7] for _ in range(2))

    def cut(part):
        return part.within(table, exposure="area", unknown="drop")

    assert cut(g).subgraph(some) == cut(g.subgraph(some))
    assert cut(g).between(pre=some, post=others) == cut(g.between(pre=some, post=others))
    own = (g.neurons["is_source"], g.neurons["is_target"])
    assert cut(g).observed(lambda _: own) == cut(g.observed(lambda _: own))
    for part in (cut(g).filter_synapses("size > 0"), cut(g).threshold(min_synapses=2)):
        assert part.domain == cut(g).domain


@given(g=strategies.graphs(), data=st.data())
def test_within_twice_keeps_the_pairs_of_both_with_the_last_exposure(g, data):
    one, two = data.draw(strategies.contacts(g)), data.draw(strategies.contacts(g))
    both = set(met(g.within(one))) & set(met(g.within(two)))
    last = g.within(one, exposure="area").within(two, exposure="area")
    assert met(last) == {k: v for k, v in met(g.within(two, exposure="area")).items() if k in both}
    kept = g.within(one, exposure="area").within(two)
    assert met(kept) == {k: v for k, v in met(g.within(one, exposure="area")).items() if k in both}


@given(g=strategies.graphs(pair_sets=True))
def test_the_sizes_of_a_domain_are_counts_of_its_pairs(g):
    domain, pairs = g.domain, define.pairs(g)
    assert domain.n_pairs == len(pairs)
    assert domain.n_mutual_pairs == sum((j, i) in pairs for i, j in pairs) / 2
    for k, end in enumerate(("pre", "post")):
        counted = [sum(pair[k] == v for pair in pairs) for v in range(g.n_neurons)]
        assert domain.pair_counts(end).tolist() == counted
    kind = np.arange(g.n_neurons) % 3 - (np.arange(g.n_neurons) == 3)
    between = np.zeros((3, 3), int)
    for i, j in pairs:
        if kind[i] >= 0 and kind[j] >= 0:
            between[kind[i], kind[j]] += 1
    np.testing.assert_array_equal(domain.pairs_between(kind, 3), between)
    everything = np.divmod(np.arange(g.n_neurons**2), g.n_neurons)
    inside = [pair in pairs for pair in zip(*(e.tolist() for e in everything), strict=True)]
    assert domain.contains(*everything).tolist() == inside


@given(g=strategies.graphs(pair_sets=True), text=st.booleans())
def test_a_domain_of_pairs_survives_every_way_out_and_back(g, text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    assert pickle.loads(pickle.dumps(g)) == g
    assert cg.read(cg.write(g, folder / "g.connectome")) == g
    assert cg.read_graphml(cg.export.write_graphml(g, folder / "g.graphml")) == g
    assert cg.from_networkx(cg.export.to_networkx(g)) == g
    assert hash(pickle.loads(pickle.dumps(g))) == hash(g)


def test_what_a_graph_on_pairs_says_of_itself():
    g = TINY.within(TABLE, exposure="area")
    assert repr(g) == (
        "<ConnectomeGraph: 3 neurons, 1 edge, 4 synapses, 2 connected pairs outside the domain; "
        "domain all, 2 pairs that could have met, area 2>"
    )
    assert "pairs that could have met" in g._repr_html_()
    assert g.provenance.steps[-1].sentence == (
        "Of 6 ordered pairs 2 pairs that could have met, area 2 were kept; 2 connected pairs fell "
        "outside."
    )
    facts = g.provenance.steps[-1].facts
    assert facts["n_self_pairs"] == 1
    assert facts["exposure"] == 2


def test_rows_of_one_pair_add_up_and_are_counted():
    g = TINY.within(pd.concat([TABLE, TABLE]), exposure="area")
    assert met(g) == {(1, 2): 3.0, (2, 3): 1.0}
    assert g.provenance.steps[-1].facts["n_repeated_rows"] == 2


def test_a_contact_that_is_listed_both_ways_counts_once():
    both = pd.DataFrame({"pre": [1, 2, 1], "post": [2, 1, 3], "area": [2.0, 2.0, 5.0]})
    expected = {(1, 2): 2.0, (2, 1): 2.0, (1, 3): 5.0, (3, 1): 5.0}
    assert met(TINY.within(both, exposure="area", symmetric=True)) == expected
    both.loc[1, "area"] = 3.0
    with pytest.raises(InvalidTable, match=r"1 of them .*first: 1 and 2, 2\.0 and 3\.0"):
        TINY.within(both, exposure="area", symmetric=True)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"pre": [1, 2, 4]}, InvalidTable, r"1 of 3 pairs name a neuron .*first: row 2"),
        ({"pre": [1.0, 2.0, 3.0]}, InvalidTable, "floats"),
        ({"pre": ["1", "2", "3"]}, InvalidTable, "are text and the graph's are integers"),
        ({"area": [1, np.nan, 2]}, InvalidTable, "1 of 3 in 'area' are not .*row 1"),
        ({"area": [1, -1, 2]}, InvalidTable, "at least 0"),
        ({"area": [1, np.inf, 2]}, InvalidTable, "finite"),
        ({"area": [1e308, 1e308, 2]}, InvalidTable, "larger unit"),
        ({"area": pd.Series([10**400, 1, 2], dtype=object)}, InvalidTable, "needs numbers"),
        ({"area": [1j, 1, 2]}, InvalidTable, "complex"),
        ({"pre": np.array([2**64 - 1, 1, 2], np.uint64)}, InvalidTable, "does not fit int64"),
        ({"pre": pd.array([None, 1, 2], "Int64")}, InvalidTable, "name a neuron that is not"),
    ],
)
def test_pairs_that_are_not_sound_are_refused(change, error, words):
    with pytest.raises(error, match=words):
        TINY.within(TABLE.assign(**change), exposure="area")


def test_other_things_than_pairs_are_refused():
    with pytest.raises(UnknownName, match=r"no column 'aria'.*Did you mean 'area'"):
        TINY.within(TABLE, exposure="aria")
    with pytest.raises(InvalidTable, match="needs the columns 'pre' and 'post'"):
        TINY.within(TABLE[["pre", "area"]])
    with pytest.raises(InvalidArgument, match="column of ids"):
        TINY.within(TABLE, exposure="pre")
    twice = pd.concat([TABLE, TABLE[["area"]]], axis=1)
    with pytest.raises(InvalidTable, match="several columns called"):
        TINY.within(twice, exposure="area")
    for entry in (np.nan, 1j):
        with pytest.raises(InvalidTable, match="entries of a matrix"):
            TINY.within(scipy.sparse.csr_array(np.eye(3, k=1) * entry))
    with pytest.raises(InvalidArgument, match="found list"):
        TINY.within([(1, 2)])
    with pytest.raises(InvalidTable, match="needs 3 x 3"):
        TINY.within(scipy.sparse.eye_array(4))
    assert TINY.within(TABLE.assign(pre=[1, 2, 4]), unknown="drop").domain.n_pairs == 2


def test_a_matrix_of_sources_by_targets_speaks_of_them():
    part = TINY.between(pre=[1, 2])
    matrix = scipy.sparse.csr_array(np.array([[0, 1.0, 0], [0, 0, 2.0]]))
    assert met(part.within(matrix, exposure="area")) == {(1, 2): 1.0, (2, 3): 2.0}


def test_a_graph_of_types_keeps_the_pairs_of_types_that_met():
    cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["a", "a", "b"]})
    g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]], cells).within(TABLE, exposure="area")
    types = g.collapse("cell_type")
    assert met(types) == {("a", "a"): 1.5, ("a", "b"): 0.5}
    assert types.n_edges == 1


def test_a_pair_set_is_read_only_and_of_one_size():
    g = TINY.within(TABLE, exposure="area")
    for array in (g.domain.pairs.ptr, g.domain.pairs.post, g.domain.pairs.exposure):
        assert not array.flags.writeable
    with pytest.raises(InvalidArgument, match="a domain of 3 neurons needs pairs of as many"):
        g.domain.within(PairSet.build(np.array([0]), np.array([1]), 2))


def in_volumes(g, label):
    """Return the pairs of which the first has outputs, the second inputs, in one volume."""
    rows = [*zip(g.synapses["pre"], g.synapses["post"], label, strict=True)]
    names = {name for *_, name in rows if name is not None}
    shared = {}
    for name in names:
        makes = {pre for pre, _, other in rows if other == name}
        takes = {post for _, post, other in rows if other == name}
        for pair in ((i, j) for i in makes for j in takes if i != j):
            shared[pair] = shared.get(pair, 0) + 1
    return shared


@given(g=strategies.graphs(), rng=st.randoms(use_true_random=False))
def test_neuropils_and_boxes_are_volumes_that_both_arbors_enter(g, rng):
    label = [rng.choice(["a", "b", None]) for _ in range(len(g.synapses))]
    xyz = np.array([[rng.uniform(0, 3) for _ in "xyz"] for _ in label]).reshape(-1, 3)
    table = g.synapses.assign(neuropil=pd.Series(label, dtype=object), x_um=0.0, y_um=0.0, z_um=0.0)
    table[["x_um", "y_um", "z_um"]] = xyz
    placed = cg.from_tables(table, g.neurons.reset_index()).observed(
        lambda _: (g.domain.sources, g.domain.targets)
    )
    label = placed.synapses["neuropil"].astype(object).where(lambda c: c.notna(), None).tolist()
    allowed = {(g.ids[i], g.ids[j]) for i, j in define.pairs(g)}
    expected = {p: n for p, n in in_volumes(placed, label).items() if p in allowed}
    assert met(placed.within(neuropil="neuropil", exposure="shared")) == expected
    box = ((0.5, 2.0), (0.0, 2.5), (0.2, 3.0))
    points = placed.synapses[["x_um", "y_um", "z_um"]].to_numpy()
    inside = [
        "box" if all(a <= x < b for x, (a, b) in zip(p, box, strict=True)) else None for p in points
    ]
    boxed = placed.within(box_um=box)
    assert boxed.domain.is_rectangle
    pairs = {(g.ids[i], g.ids[j]) for i, j in define.pairs(boxed)}
    assert pairs == set(in_volumes(placed, inside)) & allowed


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, InvalidArgument, "exactly one of pairs, box_um and neuropil; found none"),
        ({"pairs": TABLE, "neuropil": "x"}, InvalidArgument, "found pairs and neuropil"),
        ({"neuropil": "x"}, UnknownName, "no column 'x'"),
        ({"box_um": ((0, 1), (0, 1), (0, 1))}, UnknownName, "no x_um, y_um, z_um"),
    ],
)
def test_what_gives_no_pairs_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        TINY.within(**given)


@pytest.mark.parametrize("box", [3, "box", ((0, 1), (0, 1)), ((1, 0), (0, 1), (0, 1))])
def test_a_box_has_three_rising_sides(box):
    table = pd.DataFrame({"pre": [1], "post": [2], "x_um": 0.0, "y_um": 0.0, "z_um": 0.0})
    g = cg.from_tables(table, unknown="add")
    with pytest.raises(InvalidArgument, match="box_um needs"):
        g.within(box_um=box)
