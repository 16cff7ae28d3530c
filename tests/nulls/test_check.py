"""What a null model says it keeps against what its samples keep."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.nulls._properties import READERS
from null_models import BINS, MODELS, suited

ORDER = ["not", "expected", "exact"]


def named_models():
    """Return every null model that the package offers."""
    classes = {name: getattr(nulls, name) for name in nulls.__all__}
    return {
        name: each
        for name, each in classes.items()
        if inspect.isclass(each) and issubclass(each, nulls.NullModel) and each != nulls.NullModel
    }


def test_every_null_model_of_the_package_is_checked():
    assert {type(null).__name__ for null in MODELS.values()} == set(named_models())


def test_every_property_has_a_reader():
    assert list(READERS) == list(nulls.PROPERTIES)


@pytest.mark.parametrize("name", MODELS)
def test_every_null_model_keeps_what_it_says(name, random_graph):
    g = suited(random_graph, MODELS[name])
    found = nulls.check(MODELS[name], g, by="cell_type", bins=BINS)
    assert found.index.tolist() == list(nulls.PROPERTIES)
    assert found["stated"].to_dict() == dict(MODELS[name].preserves)
    assert found["holds"].all(), found


def promoted(null, what, how):
    """Return a null model that draws as another does and says more of itself."""
    says = {**null.preserves, what: how}

    class Overstated(type(null)):
        @property
        def preserves(self):
            return says

    return Overstated(**vars(null))


@pytest.mark.parametrize("name", MODELS)
def test_a_null_model_that_says_too_much_is_found_out(name, random_graph):
    null = MODELS[name]
    settings = {"n": 6, "by": "cell_type", "bins": BINS}
    g = suited(random_graph, null)
    measured = nulls.check(null, g, **settings)["measured"]
    for what, how in measured.items():
        for more in ORDER[ORDER.index(how) + 1 :]:
            found = nulls.check(promoted(null, what, more), g, **settings)
            assert found.index[~found["holds"]].tolist() == [what], more


def test_a_function_says_nothing_and_is_measured(random_graph):
    def reversed_edges(g, rng):
        pre, post = g.edge_codes
        return g.rewired(post, pre, columns={"count": g.edge_counts}, verb="x", sentence=".")

    found = nulls.check(reversed_edges, random_graph, n=2)
    assert (found["stated"] == "not").all()
    assert found["holds"].all()
    kept = found.index[found["measured"] == "exact"]
    assert {"edges", "dyads", "mutual_degree", "distance_bins", "labels"} <= set(kept)
    assert "out_degree" not in kept


def test_a_mean_that_is_a_little_off_is_found_out(random_graph):
    def thinned(g, rng):
        pre, post = g.edge_codes
        keep = rng.random(len(pre)) < 0.98
        return g.rewired(pre[keep], post[keep], verb="x", sentence=".")

    found = nulls.check(thinned, random_graph)
    assert (found.loc[["edges", "out_degree", "type_pairs"], "measured"] == "not").all()


def test_what_the_graph_does_not_have_is_missing():
    g = cg.from_adjacency([[0, 1, 0], [0, 0, 2], [3, 1, 0]])
    found = nulls.check(nulls.Configuration(), g, n=2)
    assert found.loc[["type_pairs", "distance_bins"], "measured"].isna().all()
    assert found["holds"].all()


def test_missing_labels_are_a_type(random_graph):
    labels = random_graph.neurons[["cell_type"]].mask(np.arange(60)[:, None] % 4 == 0)
    g = random_graph.annotate(labels, overwrite=True)
    found = nulls.check(nulls.TypedConfiguration("cell_type"), g, n=3)
    assert found["holds"].all()
    assert found.loc["type_pairs", "measured"] == "exact"


def test_the_seed_decides(random_graph):
    found = [nulls.check(nulls.MaxEntConfiguration(), random_graph, n=5, seed=3) for _ in range(2)]
    pd.testing.assert_frame_equal(*found)


def test_what_cannot_be_checked_is_refused(random_graph):
    says = promoted(nulls.ErdosRenyi(), "in_degre", "exact")
    with pytest.raises(InvalidArgument, match=r"'in_degre'.*in_degree"):
        nulls.check(says, random_graph)
    with pytest.raises(InvalidArgument, match="precise"):
        nulls.check(promoted(nulls.ErdosRenyi(), "in_degree", "precise"), random_graph)
    with pytest.raises(InvalidArgument, match="n=1"):
        nulls.check(nulls.ErdosRenyi(), random_graph, n=1)
    with pytest.raises(InvalidArgument, match="did you mean ErdosRenyi"):
        nulls.check(nulls.ErdosRenyi, random_graph)
    with pytest.raises(UnknownName, match="cel_type"):
        nulls.check(nulls.ErdosRenyi(), random_graph, by="cel_type")


def test_a_lone_sample_says_with_which_seed_it_was_drawn():
    rng = np.random.default_rng(0)
    matrix = (rng.random((12, 12)) < 0.3) & ~np.eye(12, dtype=bool)
    g = cg.from_adjacency(matrix.astype(int))
    for null in (cg.nulls.ErdosRenyi(), cg.nulls.Configuration(swaps_per_edge=3)):
        sample = null.sample(g, 7)
        assert sample.provenance.fact("seed") == 7
        assert sample.provenance.fact("null") == repr(null)
        assert "Drawn from seed 7." in str(sample.provenance)
        assert null.sample(g, sample.provenance.fact("seed")) == sample
    stream = np.random.SeedSequence(7).spawn(2)[1]
    told = cg.nulls.ErdosRenyi().sample(g, stream).provenance.fact("seed")
    assert told == {"entropy": 7, "spawn_key": [1]}
