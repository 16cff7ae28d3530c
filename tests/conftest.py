"""Fixtures shared by the tests: graphs that are expensive to make, and the real datasets."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

import connectome_graph as cg

# The first call of a kernel compiles it, so one example may take seconds; examples are the same
# in every run.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of the real datasets, or skip and say so."""
    folder = os.environ.get("CONNECTOME_GRAPH_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the real datasets: set CONNECTOME_GRAPH_DATA to their folder")
    return Path(folder)


@pytest.fixture(scope="session")
def column() -> cg.ConnectomeGraph:
    """Return the generated V1 column: 1,355 neurons, 146,711 synapses."""
    return cg.datasets.synthetic_column(seed=0)


@pytest.fixture(scope="session")
def random_graph() -> cg.ConnectomeGraph:
    """Return 60 neurons and 2,000 synapses, with loops, parallel synapses, types and positions."""
    rng = np.random.default_rng(11)
    ids = 864691135000000001 + rng.permutation(1000)[:60]
    weights = rng.lognormal(size=60)
    ends = rng.choice(ids, (2, 2000), p=weights / weights.sum())
    synapses = pd.DataFrame(
        {"pre": ends[0], "post": ends[1], "size": rng.lognormal(5, 1, 2000).astype(np.int64)}
    )
    neurons = pd.DataFrame(
        {
            "root_id": ids,
            "cell_type": rng.choice(["23P", "BC", "MC"], 60, p=[0.6, 0.25, 0.15]),
            "status_axon": rng.random(60) < 0.5,
        }
    )
    xyz = rng.uniform(0, 300, (60, 3))
    for axis, values in zip("xyz", xyz.T, strict=True):
        neurons[f"{axis}_um"] = values
    return cg.from_tables(synapses, neurons)
