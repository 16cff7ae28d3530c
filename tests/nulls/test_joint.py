"""Degrees, reciprocity, types and distances kept together: on average, and exactly."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.errors import InvalidArgument
from connectome_graph.nulls._joint import _dyads
from connectome_graph.nulls._joint_fit import Fit, fitted
from null_models import BINS


def may(dyads, i, j):
    start, target = dyads.allowed
    return j in target[start[i] : start[i + 1]]


def by_definition(fit, dyads):
    """Return what is expected of every number that is kept, dyad by dyad."""
    n = len(dyads.kind)
    degrees, blocks = np.zeros((3, n)), np.zeros_like(dyads.blocks)
    lengths, total = np.zeros_like(dyads.lengths), 0.0
    for i, j in combinations(range(n), 2):
        far = np.linalg.norm(dyads.xyz[i] - dyads.xyz[j])
        b = int((far >= np.sqrt(dyads.squares)).sum())
        s, t = dyads.kind[i], dyads.kind[j]
        forth, back = dyads.source[i] & dyads.target[j], dyads.source[j] & dyads.target[i]
        if len(dyads.allowed.target):
            forth, back = may(dyads, i, j), may(dyads, j, i)
        w, v = fit.between[s, t] * fit.near[b], fit.between[t, s] * fit.near[b]
        weights = np.array(
            [
                1,
                fit.strength[0, i] * fit.strength[1, j] * w * forth,
                fit.strength[0, j] * fit.strength[1, i] * v * back,
                fit.strength[2, i] * fit.strength[2, j] * w * v * forth * back,
            ]
        )
        total += np.log(weights.sum())
        _, a, c, m = weights / weights.sum()
        degrees[:, i] += a, c, m
        degrees[:, j] += c, a, m
        blocks[s, t] += a + m
        blocks[t, s] += c + m
        lengths[b] += a + c + 2 * m
    return np.concatenate([degrees.ravel(), blocks.ravel(), lengths]), total


@pytest.mark.parametrize("part", ["all", "sources", "pairs"])
def test_expectations_by_definition_and_the_fit_meets_the_observed(random_graph, part):
    g = random_graph.between(pre="status_axon") if part == "sources" else random_graph
    if part == "pairs":
        everyone = np.divmod(np.arange(3600), 60)
        met = pd.DataFrame({"pre": g.ids[everyone[0]], "post": g.ids[everyone[1]]})
        g = g.within(met[np.arange(3600) % 3 < 2])
    dyads = _dyads(g, "cell_type", BINS)
    rng = np.random.default_rng(0)
    row = rng.normal(-1, 0.5, len(dyads.sums))
    expected, total = Fit.of(row, dyads).expected(dyads)
    slow, slow_total = by_definition(Fit.of(row, dyads), dyads)
    assert expected == pytest.approx(slow)
    assert total == pytest.approx(slow_total)
    found, _ = fitted(dyads, 1e-3).expected(dyads)
    assert np.abs(found - dyads.sums).max() < 0.02 * np.sqrt(dyads.sums.max())


def test_samples_have_the_fitted_chances():
    rng = np.random.default_rng(2)
    matrix = (rng.random((8, 8)) < 0.4).astype(int)
    np.fill_diagonal(matrix, 0)
    g = cg.from_adjacency(matrix)
    draw = nulls.JointConfiguration().prepare(g)
    dyads = _dyads(g, None, None)
    fit = fitted(dyads, 0.01)
    n = 4000
    mean = sum(draw(rng).adjacency("binary").toarray() for rng in rng.spawn(n)) / n
    out = fit.strength[0][:, None] * fit.strength[1] * fit.between[0, 0] * fit.near[0]
    both = np.outer(fit.strength[2], fit.strength[2]) * (fit.between[0, 0] * fit.near[0]) ** 2
    p = (out + both) / (1 + out + out.T + both)
    off = ~np.eye(8, dtype=bool)
    assert np.abs((mean - p)[off]).max() < 5 * np.sqrt(0.25 / n)


def test_the_exact_one_keeps_everything(random_graph):
    null = nulls.ExactJointConfiguration("cell_type", bins=BINS, swaps_per_edge=10)
    sample = null.sample(random_graph, 3)
    ours, theirs = (_dyads(g, "cell_type", BINS).sums for g in (random_graph, sample))
    assert np.array_equal(ours, theirs)
    assert not np.array_equal(sample.edge_codes[1], random_graph.edge_codes[1])


def test_what_cannot_be_fitted_is_refused(random_graph):
    with pytest.raises(InvalidArgument, match="bins"):
        nulls.JointConfiguration(bins=(3, 1))
    with pytest.raises(InvalidArgument, match="by="):
        nulls.JointConfiguration(by=3)


@pytest.mark.parametrize("kind", [nulls.MaxEntConfiguration, nulls.JointConfiguration])
def test_graphs_of_the_model_itself_are_nothing_unusual(kind):
    # without refits the mean of z over such graphs lies near -1 at this size
    rng = np.random.default_rng(0)
    size = 150 if kind is nulls.MaxEntConfiguration else 60
    strength = rng.lognormal(0, 0.8, size)
    z = []
    for _ in range(6):
        chance = np.outer(strength, strength) * 4.5 / size
        matrix = rng.random((size, size)) < chance / (1 + chance)
        np.fill_diagonal(matrix, False)
        found = cg.compare(
            cg.from_adjacency(matrix.astype(int)), triangles, null=kind(), n=30, progress=False
        )
        z.append(found.table["z"].to_numpy())
    assert np.abs(np.mean(z, axis=0)).max() < 1.3


def triangles(g):
    census = cg.motifs.triad_census(g)
    return {"transitive": census["030T"], "cyclic": census["030C"], "wedges": census["021C"]}
