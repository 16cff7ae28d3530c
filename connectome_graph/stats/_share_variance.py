"""The two-way variance of a share: of all that a type receives (or sends), what one type sends.

The pairs of a share lie in several blocks, one for each type of partner, and how many neurons of
each type were seen is given. So neurons deviate from the mean of their type; else as in
:mod:`connectome_graph.stats._two_way`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.model.domain import Domain
from connectome_graph.model.pairs import PairSet
from connectome_graph.stats._bootstrap import Blocks
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._spread import Ends, Spread, combined
from connectome_graph.stats._two_way import partner_sums

__all__ = ["spread_of_input_share", "spread_of_output_share"]

Floats = npt.NDArray[Any]


def spread_of_output_share(blocks: Blocks, y: Floats) -> Spread:
    """Return the variance of ``y[s, t] / sum over t of y[s, t]``, shape ``(n_types, n_types)``."""
    if blocks.weight is not None:
        y = y * blocks.weight[blocks.pre]
    domain, met = blocks.domain, blocks.domain.pairs
    if met is not None:
        met = PairSet.build(met.post, met.pre, domain.n_neurons)
    turned = replace(
        blocks,
        domain=Domain(domain.targets, domain.sources, domain.policy, domain.diagonal, met),
        pre=blocks.post,
        post=blocks.pre,
        weight=None,
    )
    found = spread_of_input_share(turned, y)
    return Spread(found.variance.T, found.df.T)


def spread_of_input_share(blocks: Blocks, y: Floats) -> Spread:
    """Return the variance of ``y[s, t] / sum over s of y[s, t]``, shape ``(n_types, n_types)``."""
    k = blocks.n_types
    if blocks.weight is not None:
        y = y * blocks.weight[blocks.pre]
    blocks = replace(blocks, values=np.stack([y, y * y]), weight=None)
    _, sums, squares = np.moveaxis(blocks.sums, -1, 0)
    total = sums.sum(axis=0)
    share = ratio(sums, total)
    rows = _of_sources(blocks, y, total)
    columns = _of_targets(blocks, y, share, total)
    noise = ratio(np.maximum(squares - np.nan_to_num(ratio(sums**2, blocks.pairs)), 0), total**2)
    noise = _over_types(share, noise, 2)
    targets = blocks.members(blocks.domain.targets)
    by_source = Ends(_over_types(share, rows[0], 2), _over_types(share, rows[1], 4), noise)
    by_target = Ends.of(np.repeat(targets[None, :], k, 0), *columns, noise)
    return combined([by_source, by_target], noise)


def _over_types(share: Floats, of_type: Floats, power: int) -> Floats:
    """Return ``(1 - share)^power x`` of the type itself plus ``share^power x`` of all others."""
    everything = np.nan_to_num(of_type).sum(axis=0)
    own = np.nan_to_num(of_type)
    mixed: Floats = (1 - share) ** power * own + share**power * (everything - own)
    return mixed


def _of_sources(blocks: Blocks, y: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Return the variance that the sources of each type add, and its doubt: each ``(k, k)``."""
    k = blocks.n_types
    at = np.flatnonzero(blocks.domain.sources & (blocks.kind >= 0))
    kind = blocks.kind[at]
    members = np.bincount(kind, minlength=k)
    square, fourth = np.zeros((k, k)), np.zeros((k, k))
    for other, sums, _ in partner_sums(blocks, y, None, 0):
        mean = ratio(np.bincount(kind, weights=sums[at], minlength=k), members)
        off = ratio(sums[at] - mean[kind], total[other])
        square[:, other] = np.bincount(kind, weights=off**2, minlength=k)
        fourth[:, other] = np.bincount(kind, weights=off**4, minlength=k)
    found = Ends.of(np.repeat(members[:, None], k, 1), square, fourth, 0)
    return found.variance, found.doubt


def _of_targets(blocks: Blocks, y: Floats, share: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Return moments of the targets: of what they get from a type less its share of all."""
    k = blocks.n_types
    at = np.flatnonzero(blocks.domain.targets & (blocks.kind >= 0))
    kind = blocks.kind[at]
    everything = np.bincount(blocks.post, weights=_typed(blocks, y), minlength=len(blocks.kind))
    square, fourth = np.zeros((k, k)), np.zeros((k, k))
    for other, sums, _ in partner_sums(blocks, y, None, 1):
        off: Any = ratio(sums[at] - share[other, kind] * everything[at], total[kind])
        off = np.nan_to_num(off)
        square[other] = np.bincount(kind, weights=off**2, minlength=k)
        fourth[other] = np.bincount(kind, weights=off**4, minlength=k)
    return square, fourth


def _typed(blocks: Blocks, y: Floats) -> Floats:
    """Return y, 0 on the edges of sources without a type."""
    return np.where(blocks.kind[blocks.pre] >= 0, y, 0.0)
