"""Pairs joined by several synapses, and how alike the sizes of one pair are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Seed, generator, one_of, recorded_seed, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.stats._synapse_size import synapse_rows

__all__ = ["multisynapse_similarity"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
_STATISTICS = ("correlation", "sd_log", "cv")
#: Whose likeness the null keeps.
Strata: TypeAlias = Literal["auto", "axon", "dendrite", "both"]
# An end is kept by "auto" where this share of the connections, or more, share their neuron there.
_SHARED = 0.5
# Rounds of taking out means; a few are enough unless axons and dendrites hardly cross.
_STEPS = 50
# No residual is scaled as if less than this share of its variance were left.
_LEAST = 0.1


def multisynapse_similarity(
    g: ConnectomeGraph,
    *,
    by: By | None = None,
    by_synapse: str | None = None,
    strata: Strata | None = "auto",
    n: int = 1000,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return how alike the sizes of synapses of one pair are, against a stratified permutation.

    Pairs with two or more synapses of known, positive size count. Three statistics:

    ``correlation``
        Pearson correlation of log size over all ordered pairs of different synapses of the same
        connection; 0 when a pair's synapses are as different as any two.
    ``sd_log``
        Root mean square, over connections, of the standard deviation of log size within one.
    ``cv``
        Mean, over connections, of the coefficient of variation of size within one.

    The null permutes sizes among synapses of the same stratum: of connections with the same
    number of synapses, the same types (`by`) and the same value of `by_synapse`. Synapses of one
    axon, or onto one dendrite, are alike whether or not they belong to one connection, so that
    has to be kept too: `strata` says how.

    Parameters
    ----------
    g
        The graph, a row per synapse.
    by
        Neuron column whose pairs of types are kept apart, or None.
    by_synapse
        Synapse column whose values are kept apart, such as ``"target"``, or None.
    strata
        Whose likeness is kept besides. ``"axon"``, ``"dendrite"``: sizes are permuted among
        synapses of the same presynaptic, postsynaptic neuron. ``"both"``: what each axon and
        each dendrite add to log size is taken out, by least squares, and the three statistics
        of what is left are tested; it is permuted, also over connections of other numbers of
        synapses, and fitted again (Freedman & Lane 1983).
        ``"auto"``: both, but an end where most connections share their neuron with no other is
        not kept, since there the likeness of a neuron is that of its connection;
        ``attrs["strata"]`` says what was kept.
        ``None``: neither is kept: p then also answers to axons and dendrites that differ, and
        says nothing of connections alone (where axons differ it is small in nine cases of ten).
    n
        Number of permutations. The smallest possible p is ``2 / (n + 1)``.
    seed
        Integer or generator.

    Returns
    -------
    pandas.DataFrame
        Indexed by statistic: ``observed``, of the sizes as they are; ``tested``, the same but
        with ``"both"``, where it is that of what axons and dendrites leave; ``null_mean``,
        ``null_low``, ``null_high`` (central 95 %) and ``p`` (two-sided) of what was tested;
        ``n_pairs``, ``n_synapses``. The null and p are missing where no permutation changes the
        statistic.

    Raises
    ------
    UnknownName
        When the graph has no sizes, or a column does not exist.
    InvalidArgument
        When rows stand for several synapses, or no pair has two of known size.

    References
    ----------
    Bartol et al. (2015). Nanoconnectomic upper bound on the variability of synaptic plasticity.
    eLife 4:e10778. Dorkenwald et al. (2022). Binary and analog variation of synapses between
    cortical pyramidal neurons. eLife 11:e76120. Freedman & Lane (1983). A nonstochastic
    interpretation of reported significance levels. J Bus Econ Stat 1:292.

    Examples
    --------
    >>> import numpy as np, pandas as pd, connectome_graph as cg
    >>> pair = np.repeat(np.arange(1, 31), 2)
    >>> size = np.exp(pair / 5 + np.tile([0.0, 0.1], 30))
    >>> g = cg.from_tables(pd.DataFrame({"pre": pair, "post": 99, "size": size}), unknown="add")
    >>> bool(multisynapse_similarity(g, n=99).loc["correlation", "observed"] > 0.99)
    True
    """
    if strata is not None:
        one_of(strata, Strata, name="strata")
    n, rng = whole(n, name="n"), generator(seed)
    drawn_from = recorded_seed(rng)
    frame = synapse_rows(g, by=by, by_synapse=by_synapse)
    frame = frame.loc[frame["size"] > 0]
    many = frame.groupby("edge")["size"].transform("size")
    frame = frame.assign(multiplicity=many).loc[many >= 2]
    if frame.empty:
        raise InvalidArgument(
            "no pair of neurons has two synapses of known, positive size; nothing to compare"
        )
    names = [name for name in frame.columns if name not in ("edge", "size")]
    axon, dendrite = (codes[frame["edge"]] for codes in g.edge_codes)
    if strata == "auto":
        strata = _separable({"axon": axon, "dendrite": dendrite}, frame["edge"].to_numpy())
    if strata in ("axon", "dendrite"):
        frame = frame.assign(neuron=axon if strata == "axon" else dendrite)
        names.append("neuron")
    stratum = np.asarray(frame.groupby(names).ngroup(), dtype=np.int64)
    edge = np.asarray(pd.factorize(frame["edge"])[0], dtype=np.int64)
    size = frame["size"].to_numpy(dtype=np.float64)

    tested, drawn, left, among = size, size, _as_they_are, stratum
    if strata == "both":
        ends = [np.asarray(pd.factorize(codes)[0], np.int64) for codes in (axon, dendrite)]
        tested, drawn = _residuals(size, [stratum, *ends])
        left = partial(_without, parts=[stratum, *ends], sd=float(np.log(tested).std()))
        # A fit leaves less of connections of many synapses: what is left is put on one scale,
        # and permuted over all of them.
        kinds = [name for name in names if name != "multiplicity"]
        among = np.asarray(frame.groupby(kinds).ngroup(), np.int64) if kinds else 0 * stratum
    null = np.array([
        _statistics(left(shuffled), edge) for shuffled in _permuted(drawn, among, n, rng)
    ])  # fmt: skip
    values = _statistics(size, edge), _statistics(tested, edge)
    table = _table(*values, null, n_pairs=int(edge.max()) + 1, n_synapses=len(size))
    table.attrs.update(seed=drawn_from, strata=strata)
    return table


def _separable(ends: Mapping[str, npt.NDArray[np.int32]], edge: Int) -> Strata | None:
    """Return the ends at which likeness of neurons can be told from that of their connections."""
    kept = []
    for name, codes in ends.items():
        connections = pd.Series(codes).groupby(edge).first()
        if connections.duplicated(keep=False).mean() >= _SHARED:
            kept.append(name)
    found: Any = "both" if len(kept) == 2 else next(iter(kept), None)
    chosen: Strata | None = found
    return chosen


def _statistics(size: Float, edge: Int) -> Float:
    """Return correlation, root mean square sd of log size, and mean cv, over connections."""
    many = np.bincount(edge)
    log = np.log(size)
    weight = (many - 1.0)[edge]
    centred = log - (weight * log).sum() / weight.sum()
    variance = (weight * centred**2).sum() / weight.sum()
    total = np.bincount(edge, centred)
    square = np.bincount(edge, centred**2)
    covariance = (total**2 - square).sum() / (many * (many - 1.0)).sum()
    within = np.maximum(square - total**2 / many, 0) / (many - 1)
    mean = np.bincount(edge, size) / many
    spread = np.bincount(edge, (size - mean[edge]) ** 2) / (many - 1)
    cv = np.sqrt(spread) / mean
    correlation = covariance / variance if variance > 0 else np.nan
    return np.array([correlation, np.sqrt(within.mean()), cv.mean()])


def _as_they_are(size: Float) -> Float:
    return size


def _residuals(size: Float, parts: Sequence[Int]) -> tuple[Float, Float]:
    """Return sizes less what the parts add, and the same as variable as they were before.

    A fit takes most from where few synapses share a part; what is permuted is scaled back.
    """
    left = _without(size, parts=parts, sd=None)
    taken = np.zeros(len(size))
    for part in parts:
        taken += (1 / np.bincount(part))[part] - 1 / len(size)
    return left, np.exp(np.log(left) / np.sqrt(np.maximum(1 - taken - 1 / len(size), _LEAST)))


def _without(size: Float, *, parts: Sequence[Int], sd: float | None) -> Float:
    """Return sizes of which the logarithm has mean 0 in every group of every partition.

    The residual of the additive model of the partitions, by taking out means in turn. With `sd`
    the logarithms are scaled to that standard deviation.
    """
    log = np.log(size)
    numbers = [np.bincount(part) for part in parts]
    for _ in range(_STEPS):
        before = log
        for part, number in zip(parts, numbers, strict=True):
            log = log - (np.bincount(part, log) / number)[part]
        if np.abs(log - before).max(initial=0) < 1e-4:
            break
    spread = float(log.std())
    return np.exp(log if sd is None or spread == 0 else log * (sd / spread))


def _permuted(size: Float, stratum: Int, n: int, rng: np.random.Generator) -> Iterator[Float]:
    """Yield `n` permutations of sizes within strata."""
    order = np.argsort(stratum, kind="stable")
    ordered, sizes = stratum[order], size[order]
    for _ in range(n):
        shuffled = np.empty(len(size))
        shuffled[order] = sizes[np.lexsort((rng.random(len(size)), ordered))]
        yield shuffled


def _table(
    observed: Float, tested: Float, null: Float, *, n_pairs: int, n_synapses: int
) -> pd.DataFrame:
    n = len(null)
    below = (1 + (null <= tested).sum(axis=0)) / (1 + n)
    above = (1 + (null >= tested).sum(axis=0)) / (1 + n)
    # Equal but for what fitting leaves: nothing was permuted, and nothing can be said.
    still = np.abs(null - tested).max(axis=0) <= 1e-3 * np.abs(tested)
    null = np.where(still, np.nan, null)
    low, high = np.quantile(null, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "observed": observed,
            "tested": tested,
            "null_mean": null.mean(axis=0),
            "null_low": low,
            "null_high": high,
            "p": np.where(still, np.nan, np.minimum(1.0, 2 * np.minimum(below, above))),
            "n_pairs": n_pairs,
            "n_synapses": n_synapses,
        },
        index=pd.Index(_STATISTICS, name="statistic"),
    )
