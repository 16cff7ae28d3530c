"""Graphs on which chains have a hard time."""

from __future__ import annotations

import numpy as np
import pytest

import connectome_graph as cg


@pytest.fixture
def stuck() -> cg.ConnectomeGraph:
    """Return a transitive tournament: the only graph with its degrees."""
    return cg.from_adjacency(np.triu(np.ones((8, 8), int), 1))


@pytest.fixture(scope="session")
def hubs() -> cg.ConnectomeGraph:
    """Return 200 neurons of heavy-tailed out-degrees that share 15 targets."""
    rng = np.random.default_rng(0)
    out, into = rng.lognormal(0, 1, 200), np.ones(200)
    into[:15] = 40
    chance = np.minimum(np.outer(out, into) / (out.mean() * into.mean()) * 0.08, 0.97)
    matrix = rng.random((200, 200)) < chance
    np.fill_diagonal(matrix, False)
    return cg.from_adjacency(matrix.astype(int))
