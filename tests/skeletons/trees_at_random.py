"""Random trees and cells for the tests of this folder."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectome_graph import skeletons


def random_tree(rng, n):
    """Return points, the parent array and (child, parent) edges of a random recursive tree."""
    parent = np.array([-1, *(int(rng.integers(0, k)) for k in range(1, n))], dtype=np.int64)
    shuffle = rng.permutation(n)
    place = np.argsort(shuffle)
    moved = np.array([-1 if parent[v] < 0 else place[parent[v]] for v in shuffle], dtype=np.int64)
    children = np.flatnonzero(moved >= 0)
    return rng.uniform(0, 100, (n, 3)), moved, np.column_stack([children, moved[children]])


def random_cell(rng, n=40, *, root_id=1, n_inputs=0, first_synapse=1):
    """Return a skeleton of a random tree with compartments and input synapses."""
    points, parent, edges = random_tree(rng, n)
    root = int(np.flatnonzero(parent < 0)[0])
    compartment = rng.integers(2, 5, n)
    compartment[root] = 1
    vertex = rng.integers(0, n, n_inputs)
    inputs = pd.DataFrame(
        {
            "synapse_id": np.arange(first_synapse, first_synapse + n_inputs),
            "vertex": vertex,
            "x_um": points[vertex, 0],
            "y_um": points[vertex, 1],
            "z_um": points[vertex, 2],
        }
    )
    return skeletons.from_arrays(
        points, edges, root_id=root_id, compartment=compartment, inputs=inputs
    )
