"""Who contacts whom in the generated column: exact numbers of edges, drawn without listing pairs.

An edge is proposed by drawing its source by out-propensity, a point sideways at a distance
that falls off exponentially, and a target near that point by in-propensity; it is accepted by
depth and by type. Proposals that repeat an edge are dropped, so the edges are a weighted
sample without replacement of all ordered pairs, at a cost that grows with the edges and not
with the square of the neurons.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.sources.synthetic.cells import side_um
from connectome_graph.sources.synthetic.draws import in_chunks, weighted_draws
from connectome_graph.sources.synthetic.marginals import AFFINITY, BLOCKS, TYPES, Block

__all__ = ["Edges", "draw_edges"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_BIN_UM = 25.0
_MOST_PROPOSALS = 4_000_000
# Assumed: spread (of the natural log) of how many partners a neuron has, which makes the tails
# heavy; inhibitory axons already reach one pyramidal cell in seven, so theirs spread less.
_OUT_SD = {"excitatory": 0.8, "inhibitory": 0.45}
_IN_SD = {"excitatory": 0.45, "inhibitory": 0.55}
# Assumed: how many partners an axon shows, by how far it was followed.
_EXTENT = {"axon_partially_extended": 0.8, "axon_fully_extended": 1.3, "axon_interareal": 1.1}
# Assumed: a contact that ignores depth, beside the Gaussian around the axon's own depth.
_ANY_DEPTH = 0.06


@dataclass(frozen=True, eq=False)
class Edges:
    """Connected pairs as positions in the neuron table, and the block each belongs to."""

    pre: Ints
    post: Ints
    block: Ints


@dataclass(frozen=True, eq=False)
class _Column:
    """What the sampler needs of the neurons, as arrays."""

    x: Floats
    y: Floats
    z: Floats
    kind: Ints
    lateral: Floats
    shift: Floats
    spread: Floats
    excitatory: npt.NDArray[np.bool_]
    outgoing: Floats
    incoming: Floats
    side: float
    scale: float


@dataclass(frozen=True, eq=False)
class _Targets:
    """The neurons of one class sorted by lateral bin, with the running sum of in-propensity."""

    order: Ints
    cumulative: Floats
    start: Floats
    weight: Floats
    n_side: int


def draw_edges(rng: np.random.Generator, cells: pd.DataFrame, *, scale: float) -> Edges:
    """Return the connected pairs of a generated column.

    Parameters
    ----------
    rng
        Where the random numbers come from.
    cells
        The neurons, from :func:`~connectome_graph.sources.synthetic.cells.draw_cells`.
    scale
        Every block of :data:`BLOCKS` gets ``round(scale * n_edges)`` edges.

    Examples
    --------
    >>> import numpy as np
    >>> from connectome_graph.sources.synthetic.cells import draw_cells
    >>> rng = np.random.default_rng(0)
    >>> len(draw_edges(rng, draw_cells(rng, 0.1), scale=0.1).pre)
    7893
    """
    column = _column(rng, cells, scale)
    n = len(cells)
    keys: dict[tuple[str, str], Ints] = {}
    for block in BLOCKS:
        keys[block.pre, block.post] = _draw_block(rng, column, block, keys)
    drawn = [keys[block.pre, block.post] for block in BLOCKS]
    pre, post = np.divmod(np.concatenate(drawn), n)
    return Edges(pre, post, np.repeat(np.arange(len(BLOCKS)), [len(part) for part in drawn]))


def _column(rng: np.random.Generator, cells: pd.DataFrame, scale: float) -> _Column:
    types = list(TYPES.values())
    position = {name: code for code, name in enumerate(TYPES)}
    kind = np.array([position[name] for name in cells["cell_type"]], dtype=np.int64)
    broad = [types[code].broad_type for code in kind]
    extent = np.array([_EXTENT[name] for name in cells["strategy_axon"]])
    noise = rng.standard_normal((2, len(cells)))
    return _Column(
        x=cells["x_um"].to_numpy(np.float64),
        y=cells["y_um"].to_numpy(np.float64),
        z=cells["z_um"].to_numpy(np.float64),
        kind=kind,
        lateral=np.array([cell.lateral_um for cell in types])[kind],
        shift=np.array([cell.axon_shift_um for cell in types])[kind],
        spread=np.array([cell.axon_spread_um for cell in types])[kind],
        excitatory=np.array(broad) == "excitatory",
        outgoing=extent * np.exp(np.array([_OUT_SD[name] for name in broad]) * noise[0]),
        incoming=np.exp(np.array([_IN_SD[name] for name in broad]) * noise[1]),
        side=side_um(scale),
        scale=scale,
    )


def _draw_block(
    rng: np.random.Generator,
    column: _Column,
    block: Block,
    drawn: dict[tuple[str, str], Ints],
) -> Ints:
    """Return the sorted keys ``pre * n + post`` of the edges of a block."""
    n = len(column.x)
    wanted = round(column.scale * block.n_edges)
    answers = round(column.scale * block.n_edges * block.reversals)
    keys = _draw_in_space(rng, column, block, wanted - answers)
    asked = keys if block.pre == block.post else drawn.get((block.post, block.pre), keys[:0])
    pre, post = np.divmod(asked, n)
    keys = _add(rng, keys, post * n + pre, wanted)
    # At very small scales there may be too few edges left to answer.
    return _draw_in_space(rng, column, block, wanted, keys)


def _draw_in_space(
    rng: np.random.Generator,
    column: _Column,
    block: Block,
    wanted: int,
    keys: Ints | None = None,
) -> Ints:
    """Return `keys` filled up to `wanted` edges by proposals."""
    keys = np.zeros(0, np.int64) if keys is None else keys
    if len(keys) >= wanted:
        return keys
    to_class = "to_excitatory" if block.post == "excitatory" else "to_inhibitory"
    strength = np.array([getattr(cell, to_class) for cell in TYPES.values()])
    affinity, most = _affinity(block)
    sources = _by_bin(column, block.pre == "excitatory")
    kind = column.kind[sources]
    outgoing = column.outgoing[sources] * (strength * most)[kind]
    targets = _targets(column, block.post == "excitatory")
    rate = 0.1
    while len(keys) < wanted:
        k = min(int(1.1 * (wanted - len(keys)) / rate) + 1_000, _MOST_PROPOSALS)
        pre = sources[weighted_draws(rng, outgoing, k)]
        task = partial(_propose, column, targets, affinity, pre)
        proposed = in_chunks(task, k, rng)
        before = len(keys)
        keys = _add(rng, keys, np.concatenate(proposed), wanted)
        rate = max((len(keys) - before) / k, 0.002)
    return keys


def _propose(  # noqa: PLR0917
    column: _Column,
    targets: _Targets,
    affinity: Floats,
    sources: Ints,
    rows: slice,
    rng: np.random.Generator,
) -> Ints:
    """Return the keys of the accepted proposals from some of the drawn sources."""
    pre = sources[rows]
    # The sum of two exponentials makes the density over the plane fall off as exp(-r / lateral).
    radius = (rng.standard_exponential(len(pre)) + rng.standard_exponential(len(pre))) * (
        column.lateral[pre]
    )
    angle = rng.uniform(0.0, 2 * np.pi, len(pre))
    x = column.x[pre] + radius * np.cos(angle)
    z = column.z[pre] + radius * np.sin(angle)
    inside = np.flatnonzero((x >= 0) & (x < column.side) & (z >= 0) & (z < column.side))
    pre = pre[inside]
    place = _bins(x[inside], z[inside], column.side, targets.n_side)
    weight = targets.weight[place]
    chance = np.flatnonzero(rng.random(len(pre)) * targets.weight.max() < weight)
    pre, place, weight = pre[chance], place[chance], weight[chance]
    within = targets.start[place] + rng.random(len(pre)) * weight
    found = np.searchsorted(targets.cumulative, within, side="right")
    post = targets.order[np.minimum(found, len(targets.order) - 1)]
    offset = (column.y[post] - column.y[pre] - column.shift[pre]) / column.spread[pre]
    likelihood = (1 - _ANY_DEPTH) * np.exp(-0.5 * offset**2) + _ANY_DEPTH
    likelihood *= affinity[column.kind[pre], column.kind[post]]
    kept = (rng.random(len(pre)) < likelihood) & (pre != post)
    keys: Ints = pre[kept] * len(column.x) + post[kept]
    return keys


def _add(rng: np.random.Generator, keys: Ints, proposed: Ints, wanted: int) -> Ints:
    """Return the sorted union, no longer than `wanted`: which new keys stay is random."""
    fresh = np.sort(proposed)
    fresh = fresh[np.diff(fresh, prepend=-1) > 0]
    if len(keys):
        fresh = fresh[keys[np.minimum(np.searchsorted(keys, fresh), len(keys) - 1)] != fresh]
    room = wanted - len(keys)
    if len(fresh) > room:
        fresh = fresh[np.sort(rng.permutation(len(fresh))[:room])]
    # Two sorted runs: a stable sort merges them in one pass.
    return np.sort(np.concatenate([keys, fresh]), kind="stable")


def _targets(column: _Column, excitatory: bool) -> _Targets:  # noqa: FBT001
    order = _by_bin(column, excitatory)
    n_side = _n_side(column)
    place = _bins(column.x[order], column.z[order], column.side, n_side)
    incoming = column.incoming[order]
    weight: Floats = np.zeros(n_side * n_side)
    np.add.at(weight, place, incoming)
    start = np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    return _Targets(order, np.cumsum(incoming), start, weight, n_side)


def _by_bin(column: _Column, excitatory: bool) -> Ints:  # noqa: FBT001
    """Return the neurons of a class, neighbours beside each other: look-ups then stay local."""
    members = np.flatnonzero(column.excitatory == excitatory)
    place = _bins(column.x[members], column.z[members], column.side, _n_side(column))
    return members[np.argsort(place, kind="stable")]


def _n_side(column: _Column) -> int:
    return max(int(column.side // _BIN_UM), 1)


def _bins(x: Floats, z: Floats, side: float, n_side: int) -> Ints:
    width = side / n_side
    column = np.minimum(x // width, n_side - 1).astype(np.int64)
    row = np.minimum(z // width, n_side - 1).astype(np.int64)
    return column * n_side + row


def _affinity(block: Block) -> tuple[Floats, Floats]:
    """Likelihood of each target type as a share of the source type's largest, and that largest."""
    names = list(TYPES)
    table = np.ones((len(names), len(names)))
    for (pre, post), factor in AFFINITY.items():
        table[names.index(pre), names.index(post)] = factor
    reached = np.array([cell.broad_type == block.post for cell in TYPES.values()])
    most = table[:, reached].max(axis=1)
    return table / most[:, None], most
