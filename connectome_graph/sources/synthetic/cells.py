"""The neuron table of the generated column: ids, types, positions, proofreading."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.sources.synthetic.marginals import (
    AXON_STRATEGIES,
    COLUMN_SIDE_UM,
    DENDRITE_STRATEGIES,
    N_EXCITATORY,
    N_NEURONS,
    TYPES,
)

__all__ = ["apportion", "draw_cells", "number_of_neurons", "side_um"]

# Public root ids of minnie65 are 864691135 followed by nine digits: none of them fits a float64.
_FIRST_ROOT_ID = 864_691_135_000_000_000
_N_ROOT_IDS = 1_000_000_000


def number_of_neurons(scale: float) -> int:
    """Return how many neurons a column of that scale has.

    Below 1 the column is a sample of its neurons (`scale` of the synapses need the square root
    of `scale` of the neurons); above 1 it is a wider piece of cortex in which every neuron
    keeps its number of partners.

    Examples
    --------
    >>> number_of_neurons(1), number_of_neurons(0.25), number_of_neurons(10)
    (1355, 678, 13550)
    """
    return round(N_NEURONS * (scale if scale >= 1 else scale**0.5))


def side_um(scale: float) -> float:
    """Return the side of the column's square, in um.

    Examples
    --------
    >>> side_um(1.0), side_um(0.25), side_um(4.0)
    (100.0, 100.0, 200.0)
    """
    return COLUMN_SIDE_UM * math.sqrt(max(scale, 1.0))


def apportion(total: int, shares: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return `total` split in proportion to `shares`, whole numbers by largest remainder.

    Examples
    --------
    >>> apportion(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    """
    weights = np.asarray(shares, dtype=np.float64)
    exact = total * weights / weights.sum()
    whole: npt.NDArray[np.int64] = np.floor(exact).astype(np.int64)
    largest = np.argsort(-(exact - whole), kind="stable")
    whole[largest[: total - int(whole.sum())]] += 1
    return whole


def draw_cells(rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """Return the neurons of a generated column, indexed by ``root_id``.

    Parameters
    ----------
    rng
        Where the random numbers come from.
    scale
        Size of the column; see :func:`number_of_neurons`.

    Returns
    -------
    pandas.DataFrame
        ``cell_type broad_type``, ``x_um y_um z_um`` (y is depth below the pia),
        ``status_axon strategy_axon status_dendrite strategy_dendrite``.

    Examples
    --------
    >>> import numpy as np
    >>> cells = draw_cells(np.random.default_rng(0), 1.0)
    >>> len(cells), cells["cell_type"].nunique(), str(cells.index.dtype)
    (1355, 11, 'int64')
    """
    n = number_of_neurons(scale)
    names = np.array(list(TYPES))
    kind = rng.permutation(np.repeat(np.arange(len(names)), _type_counts(n)))
    low, high = np.array([cell.depth_um for cell in TYPES.values()]).T
    depth = low[kind] + (high - low)[kind] * rng.beta(2.0, 2.0, n)
    lateral = rng.uniform(0.0, side_um(scale), (2, n))
    excitatory = np.array([cell.broad_type == "excitatory" for cell in TYPES.values()])[kind]
    root_id = _FIRST_ROOT_ID + rng.choice(_N_ROOT_IDS, n, replace=False)
    return pd.DataFrame(
        {
            "cell_type": names[kind].astype(object),
            "broad_type": np.where(excitatory, "excitatory", "inhibitory").astype(object),
            "x_um": lateral[0],
            "y_um": depth,
            "z_um": lateral[1],
            "status_axon": np.ones(n, bool),
            "strategy_axon": _axon_strategies(rng, excitatory),
            "status_dendrite": np.ones(n, bool),
            "strategy_dendrite": _dendrite_strategies(rng, n),
        },
        index=pd.Index(root_id.astype(np.int64), name="root_id"),
    )


def _type_counts(n: int) -> npt.NDArray[np.int64]:
    """Return the neurons of each type: shared out to the classes, then within each class."""
    shares = np.array([cell.n_typed for cell in TYPES.values()])
    excitatory = np.array([cell.broad_type == "excitatory" for cell in TYPES.values()])
    by_class = apportion(n, [N_EXCITATORY, N_NEURONS - N_EXCITATORY])
    counts = np.zeros(len(shares), np.int64)
    counts[excitatory] = apportion(int(by_class[0]), shares[excitatory])
    counts[~excitatory] = apportion(int(by_class[1]), shares[~excitatory])
    return counts


def _axon_strategies(
    rng: np.random.Generator, excitatory: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    """Strategies in the published proportions; which neuron has which is assumed.

    Only excitatory axons are followed between areas, and inhibitory axons, which stay local,
    are three times likelier to be fully extended.
    """
    n = len(excitatory)
    counts = dict(zip(AXON_STRATEGIES, apportion(n, list(AXON_STRATEGIES.values())), strict=True))
    strategy = np.full(n, "axon_partially_extended", dtype=object)
    between_areas = rng.permutation(np.flatnonzero(excitatory))[: counts["axon_interareal"]]
    strategy[between_areas] = "axon_interareal"
    weight = np.where(excitatory, 1.0, 3.0)
    weight[between_areas] = 0.0
    # The smallest Exp(1) / weight are a weighted sample without replacement.
    with np.errstate(divide="ignore"):
        order = np.argsort(rng.standard_exponential(n) / weight, kind="stable")
    strategy[order[: counts["axon_fully_extended"]]] = "axon_fully_extended"
    return strategy


def _dendrite_strategies(rng: np.random.Generator, n: int) -> npt.NDArray[np.object_]:
    counts = apportion(n, list(DENDRITE_STRATEGIES.values()))
    return rng.permutation(np.repeat(np.array(list(DENDRITE_STRATEGIES), dtype=object), counts))
