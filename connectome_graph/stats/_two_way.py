"""The two-way variance of a ratio of sums over pairs, counted once.

Two pairs that share a neuron are not independent. A block's ratio ``sum y / sum x`` deviates by
the sum of ``e = (y - ratio x) / sum x`` over its pairs, so its variance is the sum of ``e e'``
over all pairs of pairs that share a neuron. Sums per neuron, squared and added over sources and
targets, hold every single pair once for each of its two ends: the noise of the pairs, which a
two-way (pigeonhole) bootstrap counts three times and neuron sums twice, is taken out of either
end, what remains is what neurons differ by (not below 0), and the noise comes in once. So the
interval is neither too wide where neurons do not differ nor too short where they do. Degrees of
freedom come from the second and fourth moments of the neuron sums, and proportions get Wilson's
interval at the number of independent pairs that would have this variance, as is done for
proportions from complex surveys: it stays within 0 and 1, and does not shrink to a point where
every pair is connected.

References
----------
Owen & Eckles 2012, Ann Appl Stat 6:895; Menzel 2021, Econometrica 89:2143 (bootstrap with two
clusters; the degenerate case); Cameron, Gelbach & Miller 2011, J Bus Econ Stat 29:238; Aronow,
Samii & Assenova 2015, Polit Anal 23:564 (dyads); Korn & Graubard 1998, Surv Methodol 24:193, and
Franco, Little, Louis & Slud 2019, J Surv Stat Methodol 7:334 (proportions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._spread import Ends, Spread, combined

if TYPE_CHECKING:
    from connectome_graph.stats._bootstrap import Blocks

__all__ = ["partner_sums", "spread_of_ratio"]

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]
# Numbers in a table of neurons and kinds of partners: 128 MB
_TABLE = 1 << 24


def spread_of_ratio(blocks: Blocks, y: Floats, x: Floats | None = None) -> Spread:
    """Return the variance of ``sum y / sum x`` over each block of types.

    Parameters
    ----------
    blocks
        Edges between types, and the pairs they could have been on.
    y
        float64, shape ``(n_edges,)``.
    x
        Likewise, or ``None``: x is 1 on every pair of the domain, connected or not.

    Returns
    -------
    Spread
        Arrays of shape ``(n_types, n_types)``.
    """
    whole = _Whole.of(blocks, y, x)
    k = blocks.n_types
    rows, columns = (_moments(blocks, whole, end) for end in (0, 1))
    members = [blocks.members(mask) for mask in (blocks.domain.sources, blocks.domain.targets)]
    noise = whole.noise
    by_source = Ends.of(np.repeat(members[0][:, None], k, 1), *rows.sums, noise)
    by_target = Ends.of(np.repeat(members[1][None, :], k, 0), *columns.sums, noise)
    found = combined([by_source, by_target], noise)
    same = np.arange(k)
    within = _within(blocks, whole, rows.own, columns.own)
    found.variance[same, same], found.df[same, same] = within.variance, within.df
    return found


@dataclass(frozen=True)
class _Whole:
    """The sums of a ratio over whole blocks, from which deviations follow."""

    blocks: Blocks
    y: Floats
    x: Floats | None
    estimate: Floats
    total: Floats

    @classmethod
    def of(cls, blocks: Blocks, y: Floats, x: Floats | None) -> _Whole:
        sums = _block_sums(blocks, np.stack([y, np.ones_like(y) if x is None else x]), power=1)
        total = blocks.pairs if x is None else sums[..., 1]
        return cls(blocks, y, x, ratio(sums[..., 0], total), total)

    @cached_property
    def noise(self) -> Floats:
        """Return the sum over single pairs of their deviation squared."""
        y, x, ratio_, b = self.y, self.x, self.estimate, self.blocks
        other = np.ones_like(y) if x is None else x
        sums = _block_sums(b, np.stack([y * y, y * other, other * other]), power=2)
        squares = sums[..., 2]
        if x is None:
            squares = self.total if b.weight is None else _pairs(b, power=2)
        raw = sums[..., 0] - 2 * ratio_ * sums[..., 1] + ratio_**2 * squares
        squared: Floats = np.maximum(ratio(raw, self.total**2), 0)
        return squared


def partner_sums(
    blocks: Blocks, y: Floats, x: Floats | None, end: int
) -> Iterator[tuple[int, Floats, Floats]]:
    """Yield each type of partner, and every neuron's sums of y and x over its partners of it.

    `end` 0 takes neurons as sources, 1 as targets. Without `x` a pair counts 1, connected or not.
    """
    n = len(blocks.kind)
    mine, other = (blocks.pre, blocks.post) if end == 0 else (blocks.post, blocks.pre)
    if blocks.weight is not None:
        own = blocks.weight[blocks.pre]
        y, x = y * own, None if x is None else x * own
    # Few types are sorted fastest as short numbers.
    partner = blocks.kind[other].astype(np.int16 if blocks.n_types < 2**15 else np.int64)
    order = np.argsort(partner, kind="stable")
    bounds = np.searchsorted(partner[order], np.arange(blocks.n_types + 1))
    met = None if x is not None else _met(blocks, end)
    for kind in range(blocks.n_types):
        at = order[bounds[kind] : bounds[kind + 1]]
        sums = np.bincount(mine[at], weights=y[at], minlength=n)
        if x is None:
            yield kind, sums, _exposure(blocks, end, kind) if met is None else met(kind)
        else:
            yield kind, sums, np.bincount(mine[at], weights=x[at], minlength=n)


def _block_sums(blocks: Blocks, values: Floats, *, power: int) -> Floats:
    """Return sums of values times a power of the source's weight: ``(k, k, n_values)``."""
    from connectome_graph._kernels.blocks import sum_blocks

    out = np.zeros((blocks.n_types, blocks.n_types, len(values) + 1))
    weight = np.ones(len(blocks.kind)) if blocks.weight is None else blocks.weight**power
    kind = blocks.kind.astype(np.int32)
    sum_blocks(blocks.pre, blocks.post, kind, weight, np.ascontiguousarray(values), out)
    sums: Floats = out[..., 1:]
    return sums


def _pairs(blocks: Blocks, *, power: int) -> Floats:
    """Return the sum over the pairs of each block of a power of the source's weight."""
    from dataclasses import replace

    weight = None if blocks.weight is None else blocks.weight**power
    pairs: Floats = replace(blocks, weight=weight).pairs
    return pairs


def _met(blocks: Blocks, end: int) -> Callable[[int], Floats] | None:
    """Return the same on a set of pairs as a function of the kind; None where all pairs could meet.

    The set is read once for as many kinds as a table holds.
    """
    from connectome_graph._kernels.met_blocks import by_partner_kind

    pairs = blocks.domain.pairs
    if pairs is None:
        return None
    n, k = len(blocks.kind), blocks.n_types
    weight = np.ones(n) if blocks.weight is None else blocks.weight.astype(float)
    step = max(1, _TABLE // max(n, 1))
    held: dict[int, Floats] = {}

    def of(kind: int) -> Floats:
        if kind not in held:
            held.clear()
            last = min(k, kind + step)
            inside = (blocks.kind >= kind) & (blocks.kind < last)
            shifted = np.where(inside, blocks.kind - kind, -1).astype(np.int32)
            table = np.zeros((last - kind, n))
            by_partner_kind(pairs.pre, pairs.post, shifted, weight, end, table)
            held.update(zip(range(kind, last), table, strict=True))
        return held[kind]

    return of


def _exposure(blocks: Blocks, end: int, kind: int) -> Floats:
    """Return the weight of the pairs that each neuron could have had with a type of partners."""
    domain, weight = blocks.domain, blocks.weight
    partners = (domain.targets if end == 0 else domain.sources) & (blocks.kind == kind)
    if end == 0:
        itself = partners if not domain.diagonal else np.zeros_like(partners)
        out = partners.sum() - itself.astype(float)
        weighted: Floats = out if weight is None else out * weight
        return weighted
    worth = partners.astype(float) if weight is None else np.where(partners, weight, 0.0)
    itself_worth = 0.0 if domain.diagonal else worth
    exposure: Floats = worth.sum() - itself_worth + np.zeros(len(worth))
    return exposure


@dataclass(frozen=True)
class _Moments:
    #: Sums of the second and fourth powers of the neurons' deviations, each ``(k, k)``.
    sums: tuple[Floats, Floats]
    #: Deviation of every neuron in the block of its own type with itself.
    own: Floats


def _moments(blocks: Blocks, whole: _Whole, end: int) -> _Moments:
    """Return the moments of the deviations of sources (`end` 0) or targets (1)."""
    mask = blocks.domain.sources if end == 0 else blocks.domain.targets
    at = np.flatnonzero(mask & (blocks.kind >= 0))
    kind, k = blocks.kind[at], blocks.n_types
    own = np.zeros(len(blocks.kind))
    square, fourth = np.zeros((k, k)), np.zeros((k, k))
    for other, y, x in partner_sums(blocks, whole.y, whole.x, end):
        block = (slice(None), other) if end == 0 else (other, slice(None))
        deviation = ratio(y[at] - whole.estimate[block][kind] * x[at], whole.total[block][kind])
        deviation = np.nan_to_num(deviation)
        square[block] = np.bincount(kind, weights=deviation**2, minlength=k)
        fourth[block] = np.bincount(kind, weights=deviation**4, minlength=k)
        mine = kind == other
        own[at[mine]] = deviation[mine]
    return _Moments((square, fourth), own)


def _within(blocks: Blocks, whole: _Whole, rows: Floats, columns: Floats) -> Spread:
    """Return the variance of the blocks of a type with itself.

    There a neuron may be source and target, and the two directions of a pair share both of
    their neurons: they count as one.
    """
    domain, kind, k = blocks.domain, blocks.kind, blocks.n_types
    sources = domain.sources & (kind >= 0)
    rest = domain.targets & ~domain.sources & (kind >= 0)
    deviation = rows + columns

    def of(mask: npt.NDArray[np.bool_], power: int) -> Floats:
        at = np.flatnonzero(mask)
        return np.bincount(kind[at], weights=deviation[at] ** power, minlength=k)

    single, onto_rest, both = _pair_noise(blocks, whole)
    noise = single + both
    # A neuron has no pair with itself, so its deviation holds less of what it is like.
    most = np.maximum(blocks.members(domain.sources), blocks.members(domain.targets))
    less = np.where(blocks.members(domain.core) > 0, np.nan_to_num(ratio(most - 1, most - 2)), 1)
    less = np.where(most > 2, less, 1)
    own, others = 2 * noise - onto_rest, onto_rest
    ends = [
        Ends.of(blocks.members(sources), less**2 * of(sources, 2), less**4 * of(sources, 4),
                less * own),
        Ends.of(blocks.members(rest), of(rest, 2), of(rest, 4), others),
    ]  # fmt: skip
    return combined(ends, np.maximum(noise, 0))


def _pair_noise(blocks: Blocks, whole: _Whole) -> tuple[Floats, Floats, Floats]:
    """Return sums over the pairs within each type: e squared, onto targets only, and e e'."""
    domain, kind, k = blocks.domain, blocks.kind, blocks.n_types
    same = np.arange(k)
    estimate, total = whole.estimate[same, same], whole.total[same, same]
    within = (kind[blocks.pre] == kind[blocks.post]) & (kind[blocks.pre] >= 0)
    pre, post = blocks.pre[within], blocks.post[within]
    of, r = kind[pre], estimate[kind[pre]]
    weight = np.ones(len(kind)) if blocks.weight is None else blocks.weight
    own, other = weight[pre], weight[post]
    y = whole.y[within]
    answer = _answers(pre, post, len(kind))
    rest = domain.targets & ~domain.sources
    if whole.x is None:
        # Each pair deviates by y - r: what edges add to the same sum over unconnected pairs.
        alone = own**2 * (y**2 - 2 * r * y)
        product = own * other * (np.where(answer >= 0, y * y[answer], 0) - 2 * r * y)
        lone_base, mutual_base = (estimate**2 * base for base in _unconnected(blocks, weight))
    else:
        e = own * (y - r * whole.x[within])
        alone = e**2
        product = np.where(answer >= 0, e * e[answer], 0)
        lone_base = mutual_base = np.zeros(k)

    def added(values: Floats, base: Floats) -> Floats:
        sums = base + np.bincount(of, weights=values, minlength=k)
        squared: Floats = np.nan_to_num(ratio(sums, total**2))
        return squared

    onto_rest = added(np.where(rest[post], alone, 0), lone_base)
    both = added(np.where(domain.contains(post, pre), product, 0), mutual_base)
    return np.nan_to_num(whole.noise[same, same]), onto_rest, both


def _unconnected(blocks: Blocks, weight: Floats) -> tuple[Floats, Floats]:
    """Return sums over the pairs within each type: onto targets only, and seen both ways."""
    domain, kind, k = blocks.domain, blocks.kind, blocks.n_types
    rest = domain.targets & ~domain.sources
    if domain.pairs is None:
        core = domain.sources & domain.targets
        squares = _by_kind(kind, domain.sources, weight**2, k)
        lone = squares * _by_kind(kind, rest, np.ones(len(kind)), k)
        return lone, _by_kind(kind, core, weight, k) ** 2 - _by_kind(kind, core, weight**2, k)
    from connectome_graph._kernels.met_blocks import within_kinds

    met, sums = domain.pairs, np.zeros((2, k))
    whole = weight.astype(float), rest
    within_kinds(met.pre, met.post, met.mirror, kind.astype(np.int32), *whole, sums)
    return sums[0], sums[1]


def _by_kind(kind: Ints, mask: npt.NDArray[np.bool_], values: Floats, k: int) -> Floats:
    """Return the sum of a number per neuron over the neurons of each type within a mask."""
    at = np.flatnonzero(mask & (kind >= 0))
    return np.bincount(kind[at], weights=values[at], minlength=k)


def _answers(pre: Ints, post: Ints, n: int) -> Ints:
    """Return the place of every edge's opposite, -1 where it has none; edges are sorted."""
    key = pre.astype(np.int64) * n + post
    wanted = post.astype(np.int64) * n + pre
    place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    found: Ints = np.where(key[place] == wanted, place, -1) if len(key) else place
    return found
