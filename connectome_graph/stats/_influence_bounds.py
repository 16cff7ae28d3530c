"""Between what bounds influence lies when some inputs were not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Weight
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats import _steady_state as steady
from connectome_graph.stats._circuit import Rows
from connectome_graph.stats._sampling import neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["bounded_influence", "fitting", "largest_with_unseen"]

Floats = npt.NDArray[np.float64]

# Relative width at which the largest eigenvalue is known well enough, and rounds at most.
_CLOSE = 1e-9
_ROUNDS = 2000


def fitting(weight: Weight, sign: str | None) -> None:
    """Refuse bounds for weights of which unseen inputs have no known sum.

    Raises
    ------
    InvalidArgument
        When the weight is neither a count nor an input fraction, or there are signs.
    """
    known = isinstance(weight, str) and weight in ("count", "input_fraction")
    if not known or sign is not None:
        raise InvalidArgument(
            "bounds need weight='count' or 'input_fraction' and no sign: only then do all inputs "
            "of a neuron, seen or not, have a known sum"
        )


def bounded_influence(
    g: ConnectomeGraph,
    rows: Rows,
    drive: Floats,
    names: list[str],
    gain: float,
    *,
    weight: str,
    total: Any,
) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Return the least and the most influence that the unseen inputs allow, and lambda_max.

    Unseen inputs of neuron j sum to u_j, and their sources have at most the activity m of the
    most active neuron: r = gain / lambda (W r + u x) + s with 0 <= x <= m. The lowest r has x = 0
    and the largest lambda, the highest x = m and the smallest, and then m itself is
    max(r0 / (1 - q)), q the response to a drive of gain u / lambda. Fractions have lambda 1, and
    as the rows of W + u sum to 1 and gain < 1, q < 1. Counts have lambda between that of W and
    the largest that any W + U can have; where some q >= 1, no m is large enough.

    Returns
    -------
    tuple
        The table, and the least and the largest lambda_max.
    """
    counts = np.bincount(rows.post, weights=g.edge_counts[rows.kept], minlength=rows.n)
    every = steady.all_inputs(g) if total is None else steady.column_of(g, total)
    short = (counts > every) & (counts > 0)
    if short.any():
        at = np.flatnonzero(short)[0]
        raise InvalidArgument(
            f"total counts fewer inputs than were seen for {int(short.sum()):,} neurons (first: "
            f"{g.ids[at]}, {every[at]:g} of {counts[at]:g})"
        )
    if weight == "input_fraction":
        # A silenced input was seen: what it does not send is not unknown.
        value = np.where(rows.value == 0, 0.0, g.edge_counts[rows.kept] / every[rows.post])
        rows = Rows(rows.ptr, rows.pre, rows.post, value, rows.kept)
        with np.errstate(invalid="ignore", divide="ignore"):
            unseen = np.where(every > 0, 1 - counts / every, np.isnan(every).astype(float))
        scales = 1.0, 1.0
    else:
        if np.isnan(every).any():
            raise InvalidArgument(
                f"total={total!r} is missing for {int(np.isnan(every).sum()):,} neurons; bounds "
                "of counts need to know how many inputs every neuron has"
            )
        unseen = every - counts
        least = steady.largest_real_part(rows)
        scales = least, largest_with_unseen(rows, unseen, least)
    low, high = _bounds(rows, drive, unseen, gain, scales)
    index = neuron_index(g)
    parts = {
        name: pd.DataFrame({"low": low[:, k], "high": high[:, k]}, index=index)
        for k, name in enumerate(names)
    }
    if names == ["influence"]:
        return parts["influence"], scales
    joined: pd.DataFrame = pd.concat(parts, names=["seeds", "root_id"])
    return joined, scales


def _bounds(
    rows: Rows, drive: Floats, unseen: Floats, gain: float, scales: tuple[float, float]
) -> tuple[Floats, Floats]:
    least, most = scales
    answers = steady.solved(rows, gain / least, np.column_stack([drive, gain / least * unseen]))
    # Iteration may leave a residual below 0.
    base, response = np.maximum(answers[:, :-1], 0), np.maximum(answers[:, -1:], 0)
    low = base if most == least else steady.solved(rows, gain / most, drive)
    if (response >= 1).any():
        return low, np.where(response > 0, np.inf, base)
    return low, base + (base / (1 - response)).max(axis=0) * response


def largest_with_unseen(rows: Rows, unseen: Floats, least: float) -> float:
    """Return the largest lambda_max when the unseen inputs come from whatever neuron.

    It is reached when all come from one neuron, that of the largest entry of the eigenvector:
    the growth rate of ``x -> W x + unseen * max(x)``. The largest ratio of the two sides bounds
    it from above at every step (Collatz and Wielandt).

    Examples
    --------
    >>> import numpy as np, connectome_graph as cg
    >>> from connectome_graph.stats._circuit import rows_of
    >>> rows = rows_of(cg.from_adjacency([[0, 2], [2, 0]]), [2, 2])
    >>> round(largest_with_unseen(rows, np.array([0.0, 0.0]), 2.0), 6)
    2.0
    >>> round(largest_with_unseen(rows, np.array([3.0, 0.0]), 2.0), 6)
    4.0
    """
    into = rows.matrix.T.tocsr()
    x, bound = np.ones(rows.n), np.inf
    for _ in range(_ROUNDS):
        grown = into @ x + unseen * x.max()
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = grown / x
        bound = min(bound, float(np.nanmax(ratio)))
        # The shift keeps what alternates from never settling.
        x = grown + least * x
        x /= x.max()
        lowest = grown[x > 0.5].min() if (x > 0.5).any() else 0.0
        if bound <= least * (1 + _CLOSE) or lowest >= bound * (1 - _CLOSE):
            break
    return max(bound, least)
