"""The generated column holds the public marginals, for every seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.sources.synthetic import marginals, synthetic_tables

SEEDS = (0, 1, 2, 3)


class Column:
    """A generated column with what the tests ask of it, worked out with plain pandas."""

    def __init__(self, seed: int) -> None:
        self.neurons, self.synapses = synthetic_tables(seed=seed)
        kinds = self.neurons[["broad_type", "cell_type"]]
        self.pre = kinds.loc[self.synapses["pre"]].reset_index(drop=True)
        self.post = kinds.loc[self.synapses["post"]].reset_index(drop=True)
        self.edges = self.synapses.groupby(["pre", "post"]).size().rename("count").reset_index()
        n = len(self.neurons)
        code = pd.Series(np.arange(n), index=self.neurons.index)
        self.matrix = np.zeros((n, n), bool)
        self.matrix[code.loc[self.edges["pre"]], code.loc[self.edges["post"]]] = True

    def onto(self, pre: str, post: str) -> np.ndarray:
        """Counts of the edges from one class to another."""
        broad = self.neurons["broad_type"]
        chosen = (broad.loc[self.edges["pre"]].to_numpy() == pre) & (
            broad.loc[self.edges["post"]].to_numpy() == post
        )
        return self.edges["count"].to_numpy()[chosen]

    def distances(self, axes: list[str]) -> np.ndarray:
        xyz = self.neurons[axes].to_numpy()
        return np.sqrt(((xyz[:, None] - xyz[None]) ** 2).sum(-1))


@pytest.fixture(scope="module", params=SEEDS)
def column(request: pytest.FixtureRequest) -> Column:
    return Column(request.param)


def test_published_totals(column: Column) -> None:
    assert len(column.neurons) == 1_355
    assert column.neurons["cell_type"].nunique() == 11
    assert len(column.synapses) == 146_711
    assert len(column.edges) == pytest.approx(78_928, rel=0.05)
    assert column.onto("excitatory", "excitatory").sum() == pytest.approx(36_233, rel=0.05)
    assert column.onto("inhibitory", "excitatory").sum() == pytest.approx(72_765, rel=0.05)


def test_ids_are_unique_18_digit_integers_that_a_float_would_change(column: Column) -> None:
    ids = column.neurons.index
    assert ids.dtype == np.int64
    assert ids.is_unique
    assert {len(str(root_id)) for root_id in ids} == {18}
    assert (ids.to_numpy().astype(float).astype(np.int64) != ids).mean() > 0.9
    assert column.synapses["pre"].isin(ids).all()
    assert column.synapses["post"].isin(ids).all()
    assert column.synapses["synapse_id"].is_unique
    assert (column.synapses["synapse_id"] > 0).all()


def test_no_neuron_contacts_itself(column: Column) -> None:
    assert not (column.synapses["pre"] == column.synapses["post"]).any()


def test_types_are_shared_out_as_published_within_each_class(column: Column) -> None:
    counts = column.neurons["cell_type"].value_counts()
    for broad_type in ("excitatory", "inhibitory"):
        published = pd.Series(
            {n: c.n_typed for n, c in marginals.TYPES.items() if c.broad_type == broad_type}
        )
        own = counts[published.index]
        expected = own.sum() * published / published.sum()
        assert (own - expected).abs().max() < 1
    by_type = column.neurons.groupby("cell_type")["broad_type"].agg(["nunique", "first"])
    assert (by_type["nunique"] == 1).all()
    assert all(marginals.TYPES[name].broad_type == row for name, row in by_type["first"].items())


def test_somata_lie_in_their_layer_and_in_the_square(column: Column) -> None:
    for name, cells in column.neurons.groupby("cell_type"):
        low, high = marginals.TYPES[str(name)].depth_um
        assert cells["y_um"].between(low, high).all()
    assert column.neurons[["x_um", "z_um"]].stack().between(0, 100).all()


def test_axon_strategies_are_in_the_public_proportions(column: Column) -> None:
    counts = column.neurons["strategy_axon"].value_counts()
    published = pd.Series(
        {"axon_partially_extended": 1_576, "axon_fully_extended": 518, "axon_interareal": 120}
    )
    expected = 1_355 * published / published.sum()
    assert (counts - expected).abs().max() < 1
    assert column.neurons["status_axon"].all()
    assert column.neurons["status_dendrite"].all()
    between_areas = column.neurons.query("strategy_axon == 'axon_interareal'")
    assert (between_areas["broad_type"] == "excitatory").all()


def test_proofreading_policies_read_the_column() -> None:
    g = cg.datasets.synthetic_column(seed=0, scale=0.05)
    fully = (g.neurons["strategy_axon"] == "axon_fully_extended").sum()
    assert g.observed("strict").domain.n_sources == fully
    assert g.observed("permissive").domain.n_sources == g.n_neurons


def test_excitatory_pairs_have_mostly_one_synapse_and_inhibitory_pairs_more(
    column: Column,
) -> None:
    excitatory = column.onto("excitatory", "excitatory")
    inhibitory = column.onto("inhibitory", "excitatory")
    assert (excitatory == 1).mean() > 0.8
    assert inhibitory.mean() > 2 * excitatory.mean()
    assert (inhibitory == 1).mean() < 0.5


def test_sizes_are_log_normal_and_shared_within_a_pair(column: Column) -> None:
    size = column.synapses["size"].to_numpy()
    assert size.min() >= 1
    log_size = np.log(size)
    assert np.median(size) == pytest.approx(marginals.SIZE_MEDIAN, rel=0.02)
    assert log_size.std() == pytest.approx(marginals.SIZE_LOG_SD, rel=0.02)
    skew = ((log_size - log_size.mean()) ** 3).mean() / log_size.std() ** 3
    kurtosis = ((log_size - log_size.mean()) ** 4).mean() / log_size.std() ** 4
    assert abs(skew) < 0.05
    assert abs(kurtosis - 3) < 0.1
    # Intraclass correlation: what the mean of a pair of synapses varies beyond chance.
    table = column.synapses.assign(log_size=log_size)
    two = table.groupby(["pre", "post"])["log_size"].agg(["size", "first", "last"])
    two = two[two["size"] == 2]
    r = np.corrcoef(two["first"], two["last"])[0, 1]
    assert 0.05 < r < 0.3


def test_degrees_have_heavy_tails(column: Column) -> None:
    for degree in (column.matrix.sum(0), column.matrix.sum(1)):
        poisson = degree.mean() ** 0.5
        assert degree.std() > 3 * poisson
        assert degree.max() > 4 * degree.mean()
        assert np.median(degree) < degree.mean()


def test_reciprocity_is_above_chance_also_within_the_excitatory_cells(column: Column) -> None:
    excitatory = (column.neurons["broad_type"] == "excitatory").to_numpy()
    for cells in (np.ones(len(excitatory), bool), excitatory):
        matrix = column.matrix[np.ix_(cells, cells)]
        n = len(matrix)
        p = matrix.sum() / (n * (n - 1))
        r = (matrix & matrix.T).sum() / matrix.sum()
        assert r / p > 1.5
    # By others' counts the public column has 9,869 mutual pairs among 78,301 edges: r = 0.25.
    mutual = (column.matrix & column.matrix.T).sum() / column.matrix.sum()
    assert mutual == pytest.approx(0.25, abs=0.05)


def test_connection_probability_falls_with_distance(column: Column) -> None:
    euclidean = column.distances(["x_um", "y_um", "z_um"])
    lateral = column.distances(["x_um", "z_um"])
    for distance, bins in (
        (euclidean, [1e-9, 50, 100, 150, 200, 300, 400]),
        (lateral, [1e-9, 25, 50, 75, 100]),
    ):
        pairs = np.histogram(distance, bins)[0]
        edges = np.histogram(distance[column.matrix], bins)[0]
        assert (np.diff(edges / pairs) < 0).all()


def test_targets_depend_on_types(column: Column) -> None:
    target = column.synapses["target"].to_numpy()
    assert set(target) == {"spine", "shaft", "soma"}
    between_e = (column.pre["broad_type"] == "excitatory") & (
        column.post["broad_type"] == "excitatory"
    )
    assert (target[between_e] == "spine").mean() > 0.85
    onto_i = column.post["broad_type"] == "inhibitory"
    assert (target[onto_i] == "shaft").mean() > 0.6
    soma = pd.Series(target == "soma").groupby(column.pre["cell_type"]).mean()
    assert soma.idxmax() == "BC"
    assert 0.2 < soma["BC"] < 0.4
    assert (soma.drop("BC") < 0.1).all()


def test_distance_to_root_agrees_with_target_type_and_position(column: Column) -> None:
    synapses = column.synapses
    distance = synapses["distance_to_root_um"]
    on_soma = synapses["target"] == "soma"
    assert (distance[on_soma] == 0).all()
    assert (distance[~on_soma] > 5).all()
    assert distance.max() < 1_000
    means = distance[~on_soma].groupby(column.pre["cell_type"][~on_soma]).mean()
    assert means["BC"] < means["23P"] < means["MC"]
    xyz = ["x_um", "y_um", "z_um"]
    away = synapses[xyz].to_numpy() - column.neurons.loc[synapses["post"], xyz].to_numpy()
    straight = np.sqrt((away**2).sum(1))
    # A path is never shorter than the straight line; on the soma the line is its radius.
    assert (straight[~on_soma] <= distance[~on_soma] + 1e-9).all()
    assert (straight[on_soma] < 10).all()
    assert (synapses["y_um"] >= 0).all()


def test_the_same_seed_gives_the_same_tables_and_another_seed_others() -> None:
    first, again, other = (synthetic_tables(seed=seed, scale=0.05) for seed in (7, 7, 8))
    pd.testing.assert_frame_equal(first[0], again[0])
    pd.testing.assert_frame_equal(first[1], again[1])
    assert not first[0].index.equals(other[0].index)
    generator = synthetic_tables(seed=np.random.default_rng(7), scale=0.05)
    pd.testing.assert_frame_equal(first[1], generator[1])


@pytest.mark.parametrize("scale", [0.01, 0.1, 0.25, 1.0, 3.0])
def test_scale_multiplies_synapses_and_keeps_density_or_degree(scale: float) -> None:
    neurons, synapses = synthetic_tables(seed=1, scale=scale)
    n_edges = synapses.groupby(["pre", "post"]).ngroups
    assert len(synapses) == round(146_711 * scale)
    assert n_edges == pytest.approx(78_928 * scale, rel=0.005)
    n = len(neurons)
    density = 78_928 / (1_355 * 1_354)
    if scale < 1:
        assert n_edges / (n * (n - 1)) == pytest.approx(density, rel=0.02)
        assert neurons["x_um"].max() <= 100
    else:
        assert n == round(1_355 * scale)
        assert n_edges / n == pytest.approx(78_928 / 1_355, rel=0.01)
        assert neurons["x_um"].max() == pytest.approx(100 * scale**0.5, rel=0.02)


@pytest.mark.parametrize("scale", [0, -1, 0.001, 1e9, float("nan"), float("inf"), "1"])
def test_a_scale_out_of_range_is_refused(scale: object) -> None:
    with pytest.raises(InvalidArgument, match=r"between 0\.01"):
        synthetic_tables(scale=scale)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, "seven"])
def test_a_bad_seed_is_refused(seed: object) -> None:
    with pytest.raises(InvalidArgument, match="is not a seed"):
        synthetic_tables(seed=seed, scale=0.01)  # type: ignore[arg-type]


def test_the_graph_holds_the_generated_tables(column: Column) -> None:
    g = cg.from_tables(column.synapses, column.neurons)
    assert g.n_synapses == 146_711
    assert g.n_edges == len(column.edges)
    assert g.ids.tolist() == column.neurons.index.tolist()
    assert "not data" in str(cg.datasets.synthetic_column(seed=0, scale=0.01).provenance)
