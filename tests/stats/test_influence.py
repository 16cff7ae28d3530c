"""Effective connectivity and influence: against walks, dense solves and simulations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats import _steady_state as steady
from connectome_graph.stats._circuit import rows_of
from connectome_graph.stats._influence_bounds import largest_with_unseen
from definitions import circuits
from strategies import graphs


@settings(max_examples=30)
@given(graphs(max_neurons=5))
def test_effective_connectivity_adds_up_walks(g: cg.ConnectomeGraph) -> None:
    assume(g.domain.n_sources and g.domain.n_targets)
    values = cg.weights.values(g, "input_fraction")
    table = cg.stats.effective_connectivity(g, g.ids.tolist(), hops=3)
    for i in np.flatnonzero(g.domain.sources).tolist():
        for j in np.flatnonzero(g.domain.targets).tolist():
            wanted = [circuits.walks(g, values, i, j, steps) for steps in (1, 2, 3)]
            pair = g.ids[i], g.ids[j]
            found = table.loc[pair].tolist() if pair in table.index else [0.0, 0.0, 0.0]
            assert found == pytest.approx(wanted)
    assert set(table.index.get_level_values(0)) <= set(g.ids[g.domain.sources])


def test_between_types_sources_add_and_targets_average(random_graph: cg.ConnectomeGraph) -> None:
    single = cg.stats.effective_connectivity(random_graph, random_graph.ids.tolist(), hops=2)
    kinds = random_graph.neurons["cell_type"]
    ends = [kinds[single.index.get_level_values(k)].to_numpy() for k in (0, 1)]
    sums = single.groupby(ends).sum()
    sizes = kinds.value_counts()
    table = cg.stats.effective_connectivity(random_graph, "cell_type != 'x'", by="cell_type")
    for (source, target), row in table.iterrows():
        wanted = sums.loc[(source, target)] / sizes[target]
        assert row.tolist() == pytest.approx(wanted.tolist())
    some = cg.stats.effective_connectivity(
        random_graph, "cell_type == 'MC'", "cell_type == 'BC'", by="cell_type"
    )
    assert some.index.tolist() == [("MC", "BC")]
    assert some.loc[("MC", "BC")].tolist() == pytest.approx(table.loc[("MC", "BC")].tolist())


def test_nothing_is_said_of_what_nobody_saw() -> None:
    g = cg.from_adjacency([[0, 1, 1], [1, 0, 1], [1, 1, 0]]).between(pre=[1, 2])
    table = cg.stats.effective_connectivity(g, [1, 3])
    assert set(table.index.get_level_values("source")) == {1}
    assert table.attrs["n_sources_left_out"] == 1
    assert table.attrs["lower_bound"]
    with pytest.raises(InvalidArgument, match="observable outputs"):
        cg.stats.effective_connectivity(g, [3])


@given(graphs(max_neurons=7, max_synapses=40), st.floats(0.1, 0.99))
def test_influence_is_the_dense_solve(g: cg.ConnectomeGraph, gain: float) -> None:
    wanted, largest = circuits.influence(g, None, [0], gain)
    if largest < 0.5:
        # counts are whole numbers: below 1 there is no cycle
        with pytest.raises(InvalidArgument, match="cycle"):
            cg.stats.influence(g, [g.ids[0]], gain=gain)
        return
    found = cg.stats.influence(g, [g.ids[0]], gain=gain)
    assert found.attrs["lambda_max"] == pytest.approx(largest)
    assert np.abs(found["influence"].to_numpy() - wanted).max() < 1e-8 * np.abs(wanted).max()


def test_influence_with_signs_and_silence(random_graph: cg.ConnectomeGraph) -> None:
    g = random_graph
    sign = np.where(g.neurons["cell_type"] == "BC", -1.0, 1.0)
    g = g.annotate(pd.DataFrame({"root_id": g.ids, "sign": sign}))
    values = g.edge_counts * sign[g.edge_codes[0]]
    quiet = g.positions("cell_type == 'MC'")
    quiet = quiet[quiet != 0]
    kept = ~np.isin(g.edge_codes[0], quiet) & ~np.isin(g.edge_codes[1], quiet)
    wanted, largest = circuits.influence(g, values * kept, [0], 0.9)
    found = cg.stats.influence(g, [g.ids[0]], gain=0.9, sign="sign", silenced="cell_type == 'MC'")
    assert found.attrs["lambda_max"] == pytest.approx(largest)
    assert found["influence"].to_numpy() == pytest.approx(wanted, abs=1e-8)
    words = g.annotate(
        pd.DataFrame({"root_id": g.ids, "kind": np.where(sign < 0, "inhibitory", "excitatory")})
    )
    again = cg.stats.influence(
        words, [g.ids[0]], gain=0.9, sign="kind", silenced="cell_type == 'MC'"
    )
    pd.testing.assert_frame_equal(found, again, check_like=True)


def test_signs_of_synapses_average_over_an_edge() -> None:
    synapses = pd.DataFrame({"pre": [1, 1, 1, 2], "post": [2, 2, 2, 1], "sign": [1, 1, -1, 1]})
    g = cg.from_tables(synapses, pd.DataFrame({"root_id": [1, 2]}))
    found = cg.stats.influence(g, [1], gain=0.5, sign="sign")
    # 1 -> 2 counts 3 * 1/3, as 2 -> 1 counts 1
    assert found.attrs["lambda_max"] == pytest.approx(1.0)
    missing = g.annotate_synapses({"part": [1.0, np.nan, 1.0, 1.0]})
    with pytest.raises(InvalidArgument, match="no sign"):
        cg.stats.influence(missing, [1], sign="part")
    with pytest.raises(InvalidArgument, match="no sign"):
        cg.stats.influence(g.annotate_synapses({"word": list("abcd")}), [1], sign="word")


def test_many_seed_sets_and_types(random_graph: cg.ConnectomeGraph) -> None:
    sets = {"MC": "cell_type == 'MC'", "first": [random_graph.ids[0]]}
    both = cg.stats.influence(random_graph, sets)
    for name, seeds in sets.items():
        single = cg.stats.influence(random_graph, seeds)["influence"]
        assert both[name].tolist() == pytest.approx(single.tolist())
    typed = cg.stats.influence(random_graph, sets, by="cell_type")
    kinds = random_graph.neurons["cell_type"]
    assert typed.loc[("MC", "BC"), "sum"] == pytest.approx(both["MC"][kinds == "BC"].sum())
    assert typed.loc[("MC", "BC"), "mean"] == pytest.approx(both["MC"][kinds == "BC"].mean())


def test_the_iteration_agrees_with_the_direct_solve(column: cg.ConnectomeGraph) -> None:
    rows = rows_of(column, column.edge_counts)
    scale = 0.99 / steady.largest_real_part(rows)
    drive = np.zeros((rows.n, 1))
    drive[:5] = 1
    direct = steady.solved(rows, scale, drive)[:, 0]
    iterated = steady._iterated(rows.matrix.T.tocsr(), scale, drive[:, 0])
    assert np.abs(direct - iterated).max() < 1e-8
    dense = np.linalg.eigvals(rows.matrix.toarray()).real.max()
    assert steady.largest_real_part(rows) == pytest.approx(dense, rel=1e-9)


def test_bounds_hold_whatever_the_unseen_inputs_are() -> None:
    rng = np.random.default_rng(5)
    counts = (rng.random((30, 30)) < 0.3) * rng.integers(1, 6, (30, 30))
    np.fill_diagonal(counts, 0)
    whole = cg.from_adjacency(counts)
    truth = cg.stats.influence(whole, [1], gain=0.8, weight="input_fraction")
    assert truth.attrs["lambda_max"] == pytest.approx(1.0)
    seen = whole.observed(lambda t: (t.index <= 20, np.ones(len(t), bool)))
    found = cg.stats.influence(seen, [1], gain=0.8, weight="input_fraction", bounds=True)
    value = truth["influence"]
    assert (found["low"] <= value + 1e-9).all()
    assert (value <= found["high"] + 1e-9).all()
    assert (found["high"] > found["low"]).any()
    complete = cg.stats.influence(whole, [1], gain=0.8, weight="input_fraction", bounds=True)
    assert complete["low"].to_numpy() == pytest.approx(value.to_numpy())
    assert complete["high"].to_numpy() == pytest.approx(value.to_numpy())
    with pytest.raises(InvalidArgument, match="input_fraction"):
        cg.stats.influence(whole, [1], weight="binary", bounds=True)


def test_bounds_of_counts_hold_whatever_the_unseen_inputs_are() -> None:
    """Where all inputs are known but not their sources, any sources give what lies between."""
    rng = np.random.default_rng(6)
    n, finite = 25, 0
    for kept in (24, 23, 20, 12):
        counts = (rng.random((n, n)) < 0.3) * rng.integers(1, 6, (n, n))
        np.fill_diagonal(counts, 0)
        whole = cg.from_adjacency(counts)
        seen = whole.observed(lambda t, kept=kept: (t.index <= kept, np.ones(len(t), bool)))
        found = cg.stats.influence(seen, [1], gain=0.6, bounds=True)
        finite += int(np.isfinite(found["high"]).all())
        scale = found.attrs["lambda_max"], found.attrs["lambda_max_high"]
        hidden = counts[kept:].sum(axis=0)
        for _ in range(6):
            sources = rng.permuted(np.tile(np.arange(n), (n, 1)), axis=1)
            other = counts.copy()
            other[kept:] = 0
            for target in range(n):
                # Unseen synapses on a target come from one, two or many neurons.
                from_whom = sources[target, : rng.choice([1, 2, n])]
                from_whom = from_whom[from_whom != target]
                if len(from_whom):
                    np.add.at(other[:, target], rng.choice(from_whom, hidden[target]), 1)
            truth = cg.stats.influence(cg.from_adjacency(other), [1], gain=0.6)
            assert scale[0] - 1e-9 <= truth.attrs["lambda_max"] <= scale[1] + 1e-9
            assert (found["low"] <= truth["influence"] + 1e-9).all()
            assert (truth["influence"] <= found["high"] + 1e-9).all()
    assert finite
    complete = cg.stats.influence(whole, [1], bounds=True)
    plain = cg.stats.influence(whole, [1])["influence"].to_numpy()
    assert complete.attrs["lambda_max"] == pytest.approx(complete.attrs["lambda_max_high"])
    assert complete["low"].to_numpy() == pytest.approx(plain)
    assert complete["high"].to_numpy() == pytest.approx(plain)


def test_unseen_inputs_raise_the_eigenvalue_most_when_they_come_from_one_neuron() -> None:
    rng = np.random.default_rng(7)
    for _ in range(10):
        counts = (rng.random((9, 9)) < 0.4) * rng.integers(1, 6, (9, 9))
        np.fill_diagonal(counts, 0)
        unseen = rng.integers(0, 6, 9) * (rng.random(9) < 0.5)
        g = cg.from_adjacency(counts)
        least = np.abs(np.linalg.eigvals(counts)).max()
        every = [
            np.abs(np.linalg.eigvals(counts.T + np.outer(unseen, one))).max() for one in np.eye(9)
        ]
        found = largest_with_unseen(rows_of(g, g.edge_counts), unseen.astype(float), least)
        assert found == pytest.approx(max(every), rel=1e-7)


def test_influence_against_a_null(random_graph: cg.ConnectomeGraph) -> None:
    def statistic(g: cg.ConnectomeGraph) -> pd.DataFrame:
        return cg.stats.influence(g, "cell_type == 'MC'", by="cell_type")[["mean"]]

    found = cg.compare(random_graph, statistic, null=cg.nulls.Configuration(), n=5, seed=1)
    assert list(found.table.index) == ["23P", "BC", "MC"]
