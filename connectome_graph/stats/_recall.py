"""Neurons seen in part: how much each seen connection stands for, and how surely.

Axon i is traced to a share ``axon_recall`` of its outputs and dendrite j to a share
``dendrite_recall`` of its inputs; a synapse of the pair is seen with the product of both, each
independently of the others. A connection of k synapses is then seen with ``1 - (1 - r)^k``, and
one that is seen shows fewer synapses than it has.

Every seen connection gets a weight: how many connections it stands for. A statistic of the whole
is the same sum, over weights in place of ones. The weights depend on how many synapses connections
have; two models are offered:

``"negative_binomial"``
    True counts follow a zero-truncated negative binomial, fitted to the seen counts with their
    recalls (thinning keeps the family). A seen connection stands for one over its chance to be
    seen.
``"unbiased"``
    No model of counts at all: ``1 - (-(1 - r) / r)^m`` for m seen synapses has expectation one
    whatever k is, and similar weights count the pairs of at least t synapses. It is exact, and
    its variance grows without bound below r = 1/2, so that is its floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName, choice
from connectome_graph.model.completeness import default_tiers

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = [
    "FLOORS",
    "Recall",
    "SynapseModel",
    "Weights",
    "edge_recall",
    "recall_tiers",
    "weights_of",
]

Floats = npt.NDArray[np.float64]
#: Whether what was not seen is corrected for.
Recall: TypeAlias = Literal["ignore", "correct"]
#: How many synapses connections have.
SynapseModel: TypeAlias = Literal["negative_binomial", "unbiased"]

#: Recall of a pair below which a model says nothing.
FLOORS = {"negative_binomial": 0.1, "unbiased": 0.5}
COLUMNS = ("axon_recall", "dendrite_recall")


class Weights(NamedTuple):
    """How many connections each seen edge stands for.

    Attributes
    ----------
    weight
        float64, one per edge; its expectation over what was seen is the number of true
        connections (of at least the asked number of synapses).
    variance
        Unbiased share of each edge in the variance of the sum of weights.
    """

    weight: Floats
    variance: Floats


def recall_tiers() -> pd.DataFrame:
    """Return the default table of recall by proofreading tier, to look at and to change.

    **Its values are conventions of this library and no measurements**: no release publishes a
    recall per tier, so they are few, round, and widely uncertain. ``g.with_recall()`` uses them,
    its provenance says so, and ``g.with_recall(tiers=...)`` takes yours.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``tier`` (CAVE's proofreading strategies; ``complete`` and ``clean`` for trust
        2 and 1; ``whole`` and ``cropped``; ``proofread``): ``recall`` and ``sd`` (float64, 0 to
        1), ``meaning``, ``source``.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> tiers = cg.stats.recall_tiers()
    >>> float(tiers.loc["axon_fully_extended", "recall"])
    0.95
    >>> tiers.loc["axon_partially_extended", "recall"] = 0.6  # what you measured
    >>> g = cg.datasets.synthetic_column(scale=0.02).with_recall(tiers=tiers)
    """
    return default_tiers()


def edge_recall(g: ConnectomeGraph) -> tuple[Floats, Floats]:
    """Return the recall of every neuron as a source and as a target, 1 where no column says.

    Raises
    ------
    UnknownName
        When the neurons have neither column.
    InvalidTable
        When a recall is missing for a source or target, or is not between 0 and 1.
    """
    present = [name for name in COLUMNS if name in map(str, g.neurons.columns)]
    if not present:
        raise UnknownName(
            "recall='correct' needs the neuron columns axon_recall or dendrite_recall (0 to 1); "
            "make them with g.with_recall(axon=..., dendrite=...), or g.with_recall() to read them "
            "from the release's own columns"
        )
    found = []
    for name, members in zip(COLUMNS, (g.domain.sources, g.domain.targets), strict=True):
        values = np.ones(g.n_neurons)
        if name in present:
            values = g.neuron_column(name).to_numpy(float, na_value=np.nan)
            bad = members & ~((values > 0) & (values <= 1))
            if bad.any():
                at = int(np.flatnonzero(bad)[0])
                raise InvalidTable(
                    f"{name} of {int(bad.sum()):,} neurons of the domain is missing or outside "
                    f"(0, 1] (first: {g.ids[at]}, {values[at]}); give a value, or take them out "
                    "of the domain with g.between(...)"
                )
        found.append(values)
    return found[0], found[1]


@dataclass(frozen=True)
class _NegativeBinomial:
    """Zero-truncated negative binomial: shape `a`, mean of the untruncated ``a * b``."""

    a: float
    b: float

    def hidden(self, r: Floats) -> Floats:
        """Return the chance that a connection shows no synapse at recall `r`."""
        whole = (1 + self.b) ** -self.a
        return np.asarray(((1 + r * self.b) ** -self.a - whole) / (1 - whole))

    def at_least(self, t: int, seen: npt.NDArray[np.int64], r: Floats) -> Floats:
        """Return the chance of at least `t` true synapses when `seen` of them are."""
        if t <= 1:
            return np.ones(len(seen))
        from scipy.stats import nbinom

        # What is unseen, given what is seen, is negative binomial again.
        unseen = self.b * (1 - r) / (1 + self.b)
        short = t - 1 - seen
        tail = nbinom.sf(short, self.a + seen, 1 - unseen)
        whole = np.where(short < 0, 1.0, tail)
        # Without a seen synapse the pair is known to hold at least one.
        nothing = nbinom.pmf(0, self.a, 1 - unseen)
        inside = (nbinom.sf(t - 1, self.a, 1 - unseen)) / np.maximum(1 - nothing, 1e-300)
        return np.where(seen > 0, whole, inside)


def _fitted(seen: npt.NDArray[np.int64], r: Floats) -> _NegativeBinomial:
    """Return the model that makes the seen counts, with their recalls, most likely."""
    from scipy.optimize import minimize
    from scipy.special import gammaln

    # Pairs of count and recall repeat: the likelihood is summed over different ones.
    keys, many = np.unique(np.column_stack([seen, np.round(r, 6)]), axis=0, return_counts=True)
    m, recall = keys[:, 0], keys[:, 1]

    def loss(parameters: Floats) -> float:
        a, b = np.exp(parameters)
        rb = recall * b
        log = gammaln(m + a) - gammaln(a) - gammaln(m + 1) + m * np.log(rb) - (m + a) * np.log1p(rb)
        log -= np.log(-np.expm1(-a * np.log1p(rb)))
        return -float((many * log).sum())

    start = np.log([1.0, max(float((seen - 1).sum() / r.sum()), 0.01)])
    bounds = [(np.log(1e-3), np.log(1e4)), (np.log(1e-5), np.log(1e5))]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    a, b = np.exp(found.x)
    return _NegativeBinomial(float(a), float(b))


def weights_of(
    seen: npt.NDArray[np.int64], r: Floats, *, min_synapses: int = 1, model: SynapseModel
) -> Weights:
    """Return the weight of each seen connection, for pairs of at least `min_synapses` synapses.

    Parameters
    ----------
    seen
        Synapses seen of each connection, at least 1.
    r
        Recall of each: the chance that one of its synapses is seen.
    min_synapses
        True synapses that a connection needs to count.
    model
        How many synapses connections have.

    Raises
    ------
    InvalidArgument
        When a recall lies below the floor of the model.

    Examples
    --------
    >>> found = weights_of(np.array([1, 2]), np.array([0.8, 0.8]), model="unbiased")
    >>> found.weight.round(4).tolist()
    [1.25, 0.9375]
    """
    choice(model, get_args(SynapseModel), name="model")
    low = r < FLOORS[model] - 1e-12
    if low.any():
        raise InvalidArgument(
            f"{int(low.sum()):,} of {len(r):,} connections have a recall below {FLOORS[model]} "
            f"(lowest: {r.min():.3g}), where model={model!r} is not estimable; leave neurons of "
            "low recall out of the domain with g.between(...)"
            + ("" if model != "unbiased" else ", or use model='negative_binomial'")
        )
    if not len(seen):
        return Weights(np.empty(0), np.empty(0))
    if model == "unbiased":
        weight = _unbiased(seen, r, min_synapses)
        # E[w] is 0 or 1 given the true count, so w^2 - w has the variance of w as expectation.
        return Weights(weight, np.maximum(weight * (weight - 1), 0.0))
    fit = _fitted(seen, r)
    chance = 1 - fit.hidden(r)
    counted = fit.at_least(min_synapses, seen, r)
    missed = fit.at_least(min_synapses, np.zeros_like(seen), r)
    weight = counted + (1 / chance - 1) * missed
    return Weights(weight, (1 - chance) / chance**2 * missed**2 + counted * (1 - counted))


def _unbiased(seen: npt.NDArray[np.int64], r: Floats, t: int) -> Floats:
    from scipy.special import comb

    turn = -(1 - r) / r
    weight = np.ones(len(seen))
    for j in range(t):
        # The unbiased estimate of "exactly j synapses", 0 where fewer than j are seen.
        held = seen >= j
        weight[held] -= (
            comb(seen[held], j) * r[held] ** -j * turn[held] ** (seen[held] - j).astype(float)
        )
    return weight
