"""Statistics that number their components: the same results as with labels, in less room."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import motifs, nulls
from connectome_graph.comparison import _coded, compare
from connectome_graph.comparison._checkpoint import Checkpoint
from connectome_graph.comparison._coded import CodedRow, coded_matrix, coding_of
from connectome_graph.comparison._components import components
from connectome_graph.comparison._significance import CHUNK, max_t, max_t_of

LABELLED = partial(motifs.labelled_census, by="cell_type")


def plainly_labelled(g):
    """Count the same, as a statistic that says nothing about numbers."""
    return motifs.labelled_census(g, by="cell_type")


def relabelled(g, rng):
    """Draw a null that gives the neurons other types, and one that the graph does not have."""
    types = rng.choice(["23P", "BC", "new"], g.n_neurons)
    return g.annotate(pd.DataFrame({"root_id": g.ids, "cell_type": types}), overwrite=True)


@pytest.mark.parametrize("null", [nulls.Configuration(), nulls.ErdosRenyi()], ids=repr)
@pytest.mark.parametrize("dense", [0.0, 1.1], ids=["dense", "sparse"])
def test_numbers_give_what_labels_give(random_graph, null, dense, monkeypatch):
    monkeypatch.setattr(_coded, "_DENSE", dense)
    options = {"null": null, "n": 12, "seed": 3}
    found = compare(random_graph, LABELLED, **options)
    expected = compare(random_graph, plainly_labelled, **options)
    assert isinstance(found.samples.dtypes.iloc[0], pd.SparseDtype) is (dense > 1)
    assert found.observed.index.names == ["triad", "a", "b", "c"]
    # what only samples have comes last, in the order of its numbers
    both = expected.observed.index
    assert set(both) == set(found.observed.index)
    pd.testing.assert_series_equal(found.observed[both], expected.observed, check_names=False)
    plain = found.samples[list(both)].sparse.to_dense() if dense > 1 else found.samples[list(both)]
    np.testing.assert_array_equal(plain, expected.samples)
    pd.testing.assert_frame_equal(found.table.loc[both], expected.table)


def test_the_labels_are_those_of_the_table(random_graph):
    coding = coding_of(LABELLED, random_graph)
    row = coding.count(random_graph)
    expected = components(LABELLED(random_graph), "labelled_census")
    found = _coded.decoded(coding, row)
    pd.testing.assert_series_equal(found, expected, check_names=False)
    assert np.all(np.diff(row.codes) > 0)


def test_types_that_are_whole_numbers_are_labels_too(random_graph):
    numbered = random_graph.annotate(
        pd.DataFrame({"root_id": random_graph.ids, "cluster": np.arange(60) % 3})
    )
    found = compare(
        numbered, partial(motifs.labelled_census, by="cluster"), null=nulls.Configuration(), n=3
    )
    assert found.observed.sum() == motifs.labelled_census(numbered, by="cluster")["count"].sum()


def test_samples_with_other_types_are_labelled(random_graph):
    found = compare(random_graph, LABELLED, null=relabelled, n=6, seed=1)
    expected = compare(random_graph, plainly_labelled, null=relabelled, n=6, seed=1)
    pd.testing.assert_frame_equal(found.samples, expected.samples)
    assert "new" in set(found.samples.columns.get_level_values("a"))


def test_a_value_for_what_is_absent_is_kept(random_graph):
    found = compare(
        random_graph, LABELLED, null=nulls.Configuration(), n=6, seed=1, absent=float("nan")
    )
    assert found.samples.isna().any(axis=None)


def test_a_run_goes_on_from_its_numbers(random_graph, tmp_path):
    options = {"null": nulls.Configuration(), "seed": 3}
    expected = compare(random_graph, LABELLED, n=12, **options)
    path = tmp_path / "run.npz"
    compare(random_graph, LABELLED, n=5, checkpoint=path, **options)
    with np.load(path, allow_pickle=False) as stored:
        assert {"codes", "ends"} <= set(stored)
    found = compare(random_graph, LABELLED, n=12, checkpoint=path, **options)
    pd.testing.assert_frame_equal(found.samples, expected.samples)
    # one sample of other types, and the whole file is written by label
    mixed = tmp_path / "mixed.npz"
    options = {"null": relabelled, "seed": 1, "checkpoint": mixed}
    part = compare(random_graph, LABELLED, n=3, **options)
    whole = compare(random_graph, LABELLED, n=6, **options)
    pd.testing.assert_frame_equal(
        whole.samples.iloc[:3].reindex(columns=part.samples.columns), part.samples
    )


def test_rows_come_back_from_a_file_as_they_were(tmp_path):
    rows = {
        4: CodedRow(np.array([1, 2**40]), np.array([3, 2**40])),
        7: CodedRow(np.empty(0, np.int64), np.empty(0, np.int8)),
        9: CodedRow(np.array([5]), np.array([1], np.int8)),
    }
    checkpoint = Checkpoint(tmp_path / "run.npz", {}, pd.Series(dtype=np.int64))
    checkpoint.save(rows)
    found = checkpoint.load()
    assert list(found) == [4, 7, 9]
    for number, row in rows.items():
        np.testing.assert_array_equal(found[number].codes, row.codes)
        np.testing.assert_array_equal(found[number].many, row.many)


class Digits:
    """Numbers components by themselves."""

    def count(self, g):
        raise NotImplementedError

    def labels(self, codes):
        return pd.Index([f"c{code}" for code in codes])


@given(
    st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 300)), min_size=1, max_size=5),
    st.dictionaries(st.integers(0, 9), st.integers(1, 300)),
    st.sampled_from([0.0, 0.25, 1.1]),
)
def test_the_matrix_holds_every_value_and_zeros(samples, first, dense):
    def row(values):
        codes = np.array(sorted(values), np.int64)
        return CodedRow(codes, _coded.small(np.array([values[code] for code in codes], np.int64)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_coded, "_DENSE", dense)
        observed, frame = coded_matrix(Digits(), row(first), dict(enumerate(map(row, samples))))
    every = sorted(first) + sorted({code for each in samples for code in each} - set(first))
    assert list(observed.index) == [f"c{code}" for code in every] == list(frame.columns)
    assert observed.tolist() == [first.get(code, 0) for code in every]
    expected = [[each.get(code, 0) for code in every] for each in samples]
    assert frame.to_numpy(np.int64).tolist() == expected


def test_max_t_does_not_depend_on_how_many_components_are_looked_at_together(monkeypatch):
    rng = np.random.default_rng(0)
    samples = rng.poisson(2.0, (40, 30)).astype(float)
    samples[rng.random(samples.shape) < 0.05] = np.nan
    observed = rng.poisson(3.0, 30).astype(float)
    observed[4] = np.nan
    whole = max_t(observed, samples)
    monkeypatch.setattr("connectome_graph.comparison._significance.CHUNK", 7)
    np.testing.assert_array_equal(max_t_of(observed, lambda at: samples[:, at]), whole)
    assert CHUNK > 30


def test_types_and_significance_agree(random_graph):
    found = motifs.significance(random_graph, by="cell_type", n=19, seed=2)
    samples = found.comparison.samples
    every = pd.concat([found.comparison.observed.to_frame().T, samples])
    assert (every.mean() >= 1).all()
    assert found.table["tested"].sum() == found.n_tests == samples.shape[1]
    assert isinstance(found.comparison.provenance, cg.Provenance)
