"""How far from seed neurons: hops, and the layers of a probabilistic traversal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Seed, Weight, generator, number, whole
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.stats._circuit import (
    Rows,
    as_text,
    bounded,
    chosen,
    known_weights,
    mean_by_type,
    rows_of,
    type_title,
)
from connectome_graph.stats._labels import type_codes
from connectome_graph.stats._sampling import neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.graph.totals import Total
    from connectome_graph.model.selection import Selection

__all__ = ["cascade", "layers"]


def layers(  # noqa: PLR0913
    g: ConnectomeGraph,
    seeds: Selection,
    *,
    method: Literal["hops", "traversal"] = "hops",
    weight: Weight = "input_fraction",
    total: Total | None = None,
    threshold: float = 0.3,
    per: Literal["connection", "neuron"] = "connection",
    max_steps: int = 15,
    n: int = 1000,
    by: By | None = None,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return how many steps downstream of some seed neurons every neuron lies.

    With ``"hops"`` the layer is the smallest number of connections from any seed. With
    ``"traversal"`` neurons are added to a pool by chance, step by step, and the layer is the
    mean step at which a neuron joins over `n` runs: a connection of weight w from a neuron of
    the pool is passed with probability ``min(1, w / threshold)`` at every step. Strongly
    connected neurons then come early and weak shortcuts count for little. Seeds are layer 0
    (Schlegel et al. count them as 1).

    Parameters
    ----------
    g
        The graph.
    seeds
        Where to start: an expression over the neuron columns, a boolean mask, or root ids.
    method
        ``"hops"`` or ``"traversal"``.
    weight, total
        Of a traversal: the weight of connections (:func:`connectome_graph.weights.compute`),
        and the neuron column of all inputs that fractions divide by.
    threshold
        Of a traversal: the weight from which on a neuron is always added.
    per
        ``"connection"``: each connection is tried by itself, as in the authors' code.
        ``"neuron"``: the chance is that of the summed weight from the pool.
    max_steps
        Of a traversal: the last step.
    n
        Of a traversal: number of runs.
    by
        Neuron column: return types instead of neurons.
    seed
        Whole number or Generator for the runs.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``. ``layer`` is missing where nothing was reached (Int64 for hops,
        float64 for a traversal, which also has ``sd`` and ``reached``, the share of runs). By
        type: the mean ``layer`` of its neurons, ``lowest highest reached n_neurons``. Where
        ``attrs["lower_bound"]`` is true not every pair was observable, and true layers are no
        higher.

    Raises
    ------
    InvalidArgument
        When no neuron is a seed, a weight is missing or negative, or an argument is out of range.

    References
    ----------
    Schlegel et al. 2021, eLife 10:e66018.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 9, 1], [0, 0, 5], [0, 0, 0]])
    >>> cg.stats.layers(g, [1])["layer"].tolist()
    [0, 1, 1]
    >>> found = cg.stats.layers(g, [1], method="traversal", n=200)
    >>> bool(found.loc[3, "layer"] > found.loc[2, "layer"])
    True
    """
    choice(method, ("hops", "traversal"), name="method")
    choice(per, ("connection", "neuron"), name="per")
    start = chosen(g, seeds, name="seeds")
    if method == "hops":
        table = _hop_table(g, start)
    else:
        number(threshold, name="threshold", above=0)
        values = known_weights(g, weight, total=total, what="a traversal")
        table = _traversal_table(g, rows_of(g, values), start, threshold, per, max_steps, n, seed)
    if by is not None:
        table = mean_by_type(g, by, table)
    return bounded(g, table, method=method, seeds=as_text(seeds))  # type: ignore[no-any-return]


def _hop_table(g: ConnectomeGraph, start: npt.NDArray[Any]) -> pd.DataFrame:
    from connectome_graph._kernels.breadth_first import hops

    rows = rows_of(g)
    found = hops(rows.ptr, rows.post, start, -1)
    layer = pd.arrays.IntegerArray(found.astype(np.int64), found < 0)
    return pd.DataFrame({"layer": layer}, index=neuron_index(g))


def _traversal_table(  # noqa: PLR0917
    g: ConnectomeGraph,
    rows: Rows,
    start: npt.NDArray[Any],
    threshold: float,
    per: str,
    max_steps: int,
    n: int,
    seed: Seed,
) -> pd.DataFrame:
    from connectome_graph._kernels.spread import traversal

    whole(max_steps, name="max_steps")

    def draw(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        joined: npt.NDArray[np.int32] = traversal(
            rows.ptr, rows.post, rows.value, float(threshold), per == "neuron", start, max_steps,
            state,
        )  # fmt: skip
        return joined

    counts = _step_counts(draw, rows.n, int(max_steps), n, seed)
    steps = np.arange(max_steps + 1)
    reached = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = counts @ steps / reached
        sd = np.sqrt(np.maximum(counts @ steps**2 / reached - mean**2, 0))
    return pd.DataFrame({"layer": mean, "sd": sd, "reached": reached / n}, index=neuron_index(g))


def cascade(
    g: ConnectomeGraph,
    seeds: Selection,
    *,
    p: float = 0.05,
    max_steps: int = 15,
    stops: Selection | None = None,
    n: int = 1000,
    by: By | None = None,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return how often each neuron fires at each step of signal cascades from seed neurons.

    Every synapse of a neuron that fires transmits with probability `p`, independently, so that a
    connection of k synapses passes with ``1 - (1 - p)^k``; a neuron that was reached fires at
    the next step, once. Repeated `n` times.

    Parameters
    ----------
    g
        The graph.
    seeds
        Where the cascade starts: an expression, a boolean mask, or root ids.
    p
        Chance of transmission per synapse, between 0 and 1.
    max_steps
        Last step.
    stops
        Neurons that pass nothing on, such as outputs of the brain.
    n
        Number of cascades.
    by
        Neuron column: return the mean over the neurons of each type.
    seed
        Whole number or Generator; each cascade has its own stream.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id`` (or type): ``step_0 ... step_k``, the share of cascades in which
        the neuron fired at that step; ``reached``, their sum; and ``step``, the mean step where
        it fired (missing where it never did).

    Raises
    ------
    InvalidArgument
        When no neuron is a seed, or an argument is out of range.

    References
    ----------
    Winding et al. 2023, Science 379:eadd9330 (signal cascades).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 100, 0], [0, 0, 1], [0, 0, 0]])
    >>> found = cg.stats.cascade(g, [1], p=0.5, n=400, max_steps=2)
    >>> found.loc[2, "step_1"].item(), bool(0.4 < found.loc[3, "reached"] < 0.6)
    (1.0, True)
    """
    from connectome_graph._kernels.spread import cascade as one_cascade

    if not 0 <= p <= 1:
        raise InvalidArgument(f"p needs a probability between 0 and 1; found {p!r}")
    whole(max_steps, name="max_steps")
    start = chosen(g, seeds, name="seeds")
    silent = np.zeros(g.n_neurons, bool)
    if stops is not None:
        silent[chosen(g, stops, name="stops")] = True
    rows = rows_of(g, 1 - (1 - p) ** g.edge_counts)

    def draw(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        fired: npt.NDArray[np.int32] = one_cascade(
            rows.ptr, rows.post, rows.value, start, silent, max_steps, state
        )
        return fired

    counts = _step_counts(draw, rows.n, int(max_steps), n, seed)
    table = pd.DataFrame(
        counts / n,
        index=neuron_index(g),
        columns=[f"step_{step}" for step in range(max_steps + 1)],
    )
    if by is not None:
        codes, names = type_codes(g, by)
        table = table[codes >= 0].groupby(codes[codes >= 0]).mean()
        table.index = pd.Index(names[table.index], name=type_title(by))
    share = table.to_numpy()
    table["reached"] = share.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        table["step"] = share @ np.arange(max_steps + 1) / table["reached"].to_numpy()
    return bounded(g, table, seeds=as_text(seeds), p=p, n=n)  # type: ignore[no-any-return]


def _step_counts(
    draw: Any, n_neurons: int, max_steps: int, n: int, seed: Seed
) -> npt.NDArray[np.int64]:
    """Return in how many of `n` runs each neuron was reached at each step."""
    from connectome_graph._kernels import threads

    whole(n, name="n")
    streams = generator(seed).spawn(int(n))
    states = [stream.integers(0, 2**64, 4, dtype=np.uint64) for stream in streams]
    width = max_steps + 1

    def some(first: int, last: int) -> npt.NDArray[np.int64]:
        counts = np.zeros(n_neurons * width, np.int64)
        for state in states[first:last]:
            step = draw(state)
            at = np.flatnonzero(step >= 0)
            counts[at * width + step[at]] += 1
        return counts

    parts: list[Any] = threads.run(some, threads.spans(int(n), min(int(n), threads.n_threads())))
    return np.sum(parts, axis=0).reshape(n_neurons, width)  # type: ignore[no-any-return]
