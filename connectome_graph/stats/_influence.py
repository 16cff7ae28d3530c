"""Influence: the steady state of a linear network driven through some seed neurons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Weight, check_switch, is_number
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats import _influence_bounds as limits
from connectome_graph.stats import _steady_state as steady
from connectome_graph.stats._circuit import (
    Rows,
    as_text,
    bounded,
    chosen,
    known_weights,
    rows_of,
    type_title,
)
from connectome_graph.stats._labels import type_codes
from connectome_graph.stats._sampling import neuron_index
from connectome_graph.stats._signs import edge_signs

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.graph.totals import Total
    from connectome_graph.model.selection import Selection

__all__ = ["influence"]

Floats = npt.NDArray[np.float64]


def influence(
    g: ConnectomeGraph,
    seeds: Selection | Mapping[str, Selection],
    *,
    gain: float = 0.99,
    weight: Weight = "count",
    total: Total | None = None,
    sign: str | None = None,
    silenced: Selection | None = None,
    by: By | None = None,
    bounds: bool = False,
) -> pd.DataFrame:
    r"""Return how strongly seed neurons drive every neuron in the steady state of a linear model.

    Activity r follows dr/dt = -r + (gain / lambda_max) W r + s, where ``W[j, i]`` is the weight
    of the connection from i to j (autapses left out) and s is 1 on the seeds, so that

    .. math:: r = (I - \mathrm{gain}\, W / \lambda_{max})^{-1} s

    lambda_max is the largest real part among the eigenvalues of W, signed where `sign` is given,
    after `silenced` neurons lost their connections; ``attrs["lambda_max"]`` tells it. Graphs of
    up to 2,000 neurons are solved directly, larger ones by iteration to a residual of 1e-10.

    Parameters
    ----------
    g
        The graph.
    seeds
        An expression over the neuron columns, a boolean mask, or root ids; or a mapping of names
        to any of these, for many seed sets in one go.
    gain
        Between 0 and 1: the largest eigenvalue after scaling.
    weight, total
        As in :func:`connectome_graph.weights.compute`.
    sign
        A neuron column with the sign of each neuron's outputs, or a synapse column with the sign
        of each synapse: numbers from -1 to 1, or the words ``excitatory`` and ``inhibitory``.
    silenced
        Neurons without connections; seeds among them are not silenced.
    by
        Neuron column: return the sum and mean over the neurons of each type.
    bounds
        Whether to say between what bounds influence lies when inputs were not seen, from
        whatever neuron of the graph they come. All inputs are those of the column `total`, or
        without one all synapses of the table onto the neuron, outside the domain too. With
        ``weight="input_fraction"`` the fractions, seen or not, sum to 1 and lambda_max is 1.
        With ``weight="count"`` unseen inputs may raise lambda_max, up to
        ``attrs["lambda_max_high"]``, and `high` is infinite where they could keep activity up
        by themselves. No signs, no other weight.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``, a column for each seed set (``influence`` for a lone one). By
        type: indexed by type, or by (seed set, type), ``sum mean n_neurons``. With `bounds`:
        indexed by ``root_id``, or by (seed set, ``root_id``), ``low`` (unseen inputs carry
        nothing) and ``high`` (every unseen input comes from a neuron as active as any can be).

    Raises
    ------
    InvalidArgument
        When no neuron is a seed, `gain` is not between 0 and 1, a weight or sign is missing, the
        graph has no cycle (lambda_max is 0; see :func:`effective_connectivity`), or for a graph
        of types.
    ConnectomeError
        When the iteration does not converge.

    References
    ----------
    Bates et al. 2025, bioRxiv 2025.07.31.667571 (influence in the brain and nerve cord).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 2, 0], [0, 0, 2], [2, 0, 0]])
    >>> found = cg.stats.influence(g, [1], gain=0.5)
    >>> found["influence"].round(4).tolist(), round(found.attrs["lambda_max"], 6)
    ([1.1429, 0.5714, 0.2857], 2.0)
    """
    g.domain.require_simple("influence")
    check_switch(bounds, name="bounds")
    if not is_number(gain) or not 0 < gain < 1:
        raise InvalidArgument(f"gain needs a number between 0 and 1; found {gain!r}")
    sets = seeds if isinstance(seeds, Mapping) else {"influence": seeds}
    if not sets:
        raise InvalidArgument("seeds is an empty mapping; give at least one set of neurons")
    drive = np.zeros((g.n_neurons, len(sets)))
    for column, (name, selection) in enumerate(sets.items()):
        drive[chosen(g, selection, name=f"seeds {name!r}"), column] = 1.0
    values = known_weights(g, weight, total=total, what="influence", negative=True)
    if bounds:
        limits.fitting(weight, sign)
    if sign is not None:
        values = values * edge_signs(g, sign)
    rows = _silent(g, rows_of(g, values), silenced, drive)
    facts: dict[str, Any] = {"gain": float(gain), "weight": str(weight), "sign": sign}
    facts["silenced"] = 0 if silenced is None else as_text(silenced)
    if bounds:
        table, scales = limits.bounded_influence(
            g, rows, drive, list(sets), float(gain), weight=str(weight), total=total
        )
        facts["lambda_max"], facts["lambda_max_high"] = scales
    else:
        scale = steady.largest_real_part(rows)
        activity = steady.solved(rows, float(gain) / scale, drive)
        facts["lambda_max"] = scale
        table = pd.DataFrame(activity, index=neuron_index(g), columns=list(sets))
        if by is not None:
            table = _by_type(g, table, by, several=isinstance(seeds, Mapping))
    return bounded(g, table, **facts)  # type: ignore[no-any-return]


def _silent(g: ConnectomeGraph, rows: Rows, silenced: Selection | None, drive: Floats) -> Rows:
    """Return the rows without the connections of silenced neurons that are no seeds."""
    if silenced is None:
        return rows
    quiet = np.zeros(g.n_neurons, bool)
    quiet[chosen(g, silenced, name="silenced")] = True
    quiet &= ~drive.any(axis=1)
    value = np.where(quiet[rows.pre] | quiet[rows.post], 0.0, rows.value)
    return Rows(rows.ptr, rows.pre, rows.post, value, rows.kept)


def _by_type(g: ConnectomeGraph, table: pd.DataFrame, by: By, *, several: bool) -> pd.DataFrame:
    codes, names = type_codes(g, by)
    grouped = table[codes >= 0].groupby(codes[codes >= 0])
    sums, size = grouped.sum(), grouped.size()
    labels = pd.Index(names[sums.index], name=type_title(by))
    parts = {
        name: pd.DataFrame(
            {
                "sum": sums[name].to_numpy(),
                "mean": sums[name].to_numpy() / size.to_numpy(),
                "n_neurons": size.to_numpy(),
            },
            index=labels,
        )
        for name in table.columns
    }
    if not several:
        return parts["influence"]
    joined: pd.DataFrame = pd.concat(parts, names=["seeds", type_title(by)])
    return joined
