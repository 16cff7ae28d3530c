"""Which axons and dendrites of a generated column came close, in agreement with its wiring.

Every connected pair has met. The pairs that met in vain are found where axons run: an axon that
reaches a neuron passes by that neuron's neighbours. Pairs with more synapses travelled further
together, so conversion rises with co-travel as it does in the data.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.distinct import distinct

__all__ = ["PER_EDGE", "draw_proximities"]

#: Assumed: pairs that met for each pair that is connected, about what axons of cortex show.
PER_EDGE = 3.8
# Assumed: co-travel is gamma with a mean of so many um, and more for every synapse; proximities
# come once per so many um.
_SHAPE, _MEAN_UM, _PER_SYNAPSE_UM, _PROXIMITY_UM = 1.2, 6.0, 4.0, 8.0
_NEIGHBOURS = 16


def draw_proximities(
    rng: np.random.Generator,
    xyz: npt.NDArray[np.float64],
    edges: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]],
    n_pairs: int,
) -> pd.DataFrame:
    """Return the ordered pairs that met: every edge, and others up to about `n_pairs` in all.

    Parameters
    ----------
    rng
        Where the random numbers come from.
    xyz
        float64, shape ``(n_neurons, 3)``, um.
    edges
        Positions of the two neurons of every edge, and its number of synapses.
    n_pairs
        Number of pairs wanted; fewer where the neighbourhoods hold no more.

    Returns
    -------
    pandas.DataFrame
        ``pre post`` (positions), ``n_proximities`` (int64), ``co_travel_um``, sorted by pre, post.

    Examples
    --------
    >>> edges = (np.array([0, 1]), np.array([1, 2]), np.array([3, 1]))
    >>> table = draw_proximities(np.random.default_rng(0), np.eye(3) * 50, edges, 4)
    >>> table[["pre", "post"]].to_numpy().tolist()
    [[0, 1], [0, 2], [1, 0], [1, 2]]
    """
    from scipy.spatial import cKDTree

    pre, post, counts = edges
    n, k = len(xyz), min(_NEIGHBOURS + 1, len(xyz))
    near = cKDTree(xyz).query(xyz, k=np.arange(1, k + 1))[1].reshape(n, k)
    known = pre * n + post
    candidates = distinct(pre[:, None] * n + near[post])
    candidates = candidates[candidates // n != candidates % n]
    candidates = np.setdiff1d(candidates, known, assume_unique=True)
    more = min(max(n_pairs - len(known), 0), len(candidates))
    chosen = rng.choice(candidates, more, replace=False)
    key = np.concatenate([known, chosen])
    shape = _SHAPE * (
        1 + np.concatenate([counts, np.zeros(more, np.int64)]) * _PER_SYNAPSE_UM / _MEAN_UM
    )
    order = np.argsort(key, kind="stable")
    key, shape = key[order], shape[order]
    length = np.round(rng.standard_gamma(shape) * _MEAN_UM / _SHAPE + 0.1, 2)
    return pd.DataFrame(
        {
            "pre": key // n,
            "post": key % n,
            "n_proximities": 1 + rng.poisson(length / _PROXIMITY_UM),
            "co_travel_um": length,
        }
    )
