"""Regression on the pairs of the domain: what makes two neurons connect, and how strongly."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import (
    By,
    Level,
    Progress,
    Seed,
    check_progress,
    generator,
    level_between,
    recorded_seed,
    whole,
)
from connectome_graph.border.progress import bar
from connectome_graph.errors import InvalidArgument, InvalidTable, choice, require
from connectome_graph.stats._pair_chunks import PairChunk, pair_chunks, sampled_non_edges
from connectome_graph.stats._pair_terms import PairFormula, pair_formula

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["pair_model"]

Family = Literal["logistic", "poisson", "negative_binomial"]
Floats = npt.NDArray[np.float64]

_RESPONSES = {"logistic": ("connected",), "poisson": ("count",), "negative_binomial": ("count",)}
#: Pairs that are fitted without asking; a larger domain is subsampled by name.
MOST_PAIRS = 20_000_000


def pair_model(
    g: ConnectomeGraph,
    formula: str,
    *,
    family: Family = "logistic",
    n_nonedges: int | None = None,
    shuffle: str | None = None,
    within: By | None = None,
    n: int = 0,
    level: Level = 0.95,
    seed: Seed = 0,
    progress: Progress = None,
) -> pd.DataFrame:
    r"""Return the coefficients of a regression on the ordered pairs of the domain.

    ``"connected ~ distance_um + same(cell_type) + log(exposure)"`` is a logistic regression of
    whether a pair is connected; ``"count ~ ..."`` a Poisson or negative binomial regression of
    its number of synapses, 0 where there is none. Pairs share neurons, so the standard errors are
    clustered two ways, by presynaptic and by postsynaptic neuron.

    ==========================  =================================================================
    in a formula                is, for a pair i -> j
    ==========================  =================================================================
    distance_um, lateral_um     distance between the somata; across the depth axis y
    exposure                    exposure of the pair, on a domain made by ``g.within``
    same(column)                1 where both neurons have the same value, else 0
    difference(column)          absolute difference of a numeric column
    signed_difference(column)   value of j minus value of i
    product(column)             product of both
    pre(column), post(column)   value of i, of j; text becomes one indicator per value
    log(.), log1p(.), sqrt(.)   of a number above
    ``+ : * ** - 1``            the usual grammar: terms, interactions, no intercept
    ==========================  =================================================================

    Parameters
    ----------
    g
        The graph; its domain says which pairs are cases and which are controls.
    formula
        The model; it is parsed, never evaluated.
    family
        ``"logistic"``, ``"poisson"`` or ``"negative_binomial"``.
    n_nonedges
        Fit on all connected pairs and so many of the unconnected, drawn at random. A logistic
        model is then corrected by the exact offset (the log of the sampling fraction; Prentice &
        Pyke 1979); a count model weights each of them by one over it. A domain of more than 20
        million pairs needs it.
    shuffle
        Neuron column for a permutation p: the column is permuted among the neurons, the model
        fitted again, `n` times. Needs `n`.
    within
        Neuron column, or columns: permute only between neurons that agree in them.
    n
        Number of permutations.
    level
        Confidence level of the intervals.
    seed
        Seed of the sample of unconnected pairs and of the permutations.
    progress
        Whether to show a bar for the permutations.

    Returns
    -------
    pandas.DataFrame
        A row per coefficient, indexed by ``term``: ``estimate`` (log odds, or log of the expected
        count), ``se`` (two-way clustered; where that variance comes out negative, the larger of
        the one-way ones), ``z``, ``p``, ``low``, ``high``, by Student's t with one degree less
        than there are sources or targets, whichever are fewer (``df`` in ``attrs``); with
        `shuffle`, ``p_shuffle`` for the coefficients that hold the column: (1 + b) / (1 + n), where
        b counts the permutations with an absolute z at least as large. In
        ``attrs``: ``n_pairs``, ``n_edges``, ``n_missing`` (pairs left out for a missing value),
        ``n_nonedges``, ``sampling_fraction``, ``family``, ``formula``, ``log_likelihood``,
        ``seed``, and for the negative binomial ``alpha``.

    Raises
    ------
    InvalidArgument
        When the formula holds what may not stand in it, the domain is too large without
        `n_nonedges`, or the model cannot be fitted (a term that separates the connected from the
        unconnected, or terms that repeat each other).
    MissingDependency
        When formulaic or statsmodels is not installed: ``pip install 'connectome-graph[models]'``.

    References
    ----------
    Cameron, Gelbach & Miller (2011), J. Bus. Econ. Stat. 29:238 (two-way clustering).
    Prentice & Pyke (1979), Biometrika 66:403 (case-control sampling).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0, scale=0.1)
    >>> found = cg.stats.pair_model(g, "connected ~ distance_um")
    >>> found.index.tolist(), bool(found.loc["distance_um", "estimate"] < 0)
    (['Intercept', 'distance_um'], True)
    """
    choice(family, tuple(_RESPONSES), name="family")
    level_between(level)
    check_progress(progress)
    whole(n, name="n", least=0)
    known = pair_formula(formula)
    if known.response not in _RESPONSES[family]:
        raise InvalidArgument(
            f"family={family!r} needs {' or '.join(_RESPONSES[family])!r} on the left of '~'; "
            f"found {known.response!r}"
        )
    if (shuffle is None) != (n == 0):
        raise InvalidArgument("a permutation p needs both shuffle=<neuron column> and n=")
    if shuffle is not None and shuffle not in known.columns():
        raise InvalidArgument(
            f"shuffle={shuffle!r} is no column of the formula {formula!r}; it holds "
            f"{', '.join(known.columns()) or 'none'}"
        )
    rng = generator(seed)
    recorded = recorded_seed(rng)
    pairs, fraction = _pairs(g, n_nonedges, rng)
    fit = _Fit(g, known, pairs, family, fraction)
    table = fit.table(level)
    if shuffle is not None:
        table["p_shuffle"] = _shuffled(fit, shuffle, within=within, n=n, rng=rng, progress=progress)
    table.attrs |= {
        "n_pairs": g.domain.n_pairs,
        "n_edges": g.n_edges,
        "n_nonedges": int((pairs.edge < 0).sum()),
        "sampling_fraction": fraction,
        "family": family,
        "formula": formula,
        "seed": recorded,
    }
    return table


def _pairs(
    g: ConnectomeGraph, n_nonedges: int | None, rng: np.random.Generator
) -> tuple[PairChunk, float]:
    """Return the pairs to fit, and which share of the unconnected they hold."""
    left = g.domain.n_pairs - g.n_edges
    if n_nonedges is None:
        if g.domain.n_pairs > MOST_PAIRS:
            raise InvalidArgument(
                f"the domain has {g.domain.n_pairs:,} pairs, more than {MOST_PAIRS:,}: pass "
                "n_nonedges= to fit on all connected pairs and so many of the others, which is "
                "corrected for exactly"
            )
        parts = list(pair_chunks(g))
        if not parts:
            raise InvalidArgument("the domain has no pairs, so there is nothing to fit")
        return PairChunk(*(np.concatenate(each) for each in zip(*parts, strict=True))), 1.0
    whole(n_nonedges, name="n_nonedges")
    sample = sampled_non_edges(g, n_nonedges, rng)
    pre, post = (codes.astype(np.int64) for codes in g.edge_codes)
    edges = PairChunk(pre, post, np.arange(g.n_edges))
    return PairChunk(*(np.concatenate(each) for each in zip(edges, sample, strict=True))), (
        n_nonedges / left
    )


class _Estimate(NamedTuple):
    """Coefficients, their errors, and the log likelihood."""

    params: pd.Series
    se: pd.Series
    log_likelihood: float


class _Fit:
    """A model on some pairs, fitted once or with a column of the neurons replaced."""

    def __init__(
        self,
        g: ConnectomeGraph,
        formula: PairFormula,
        pairs: PairChunk,
        family: Family,
        fraction: float,
    ) -> None:
        self.g, self.formula, self.family, self.fraction = g, formula, family, fraction
        self.pairs = pairs
        counts = np.zeros(len(pairs.pre))
        connected = pairs.edge >= 0
        counts[connected] = g.edge_counts[pairs.edge[connected]]
        self.response = connected.astype(float) if family == "logistic" else counts
        self.result, self.n_missing = self.fitted(None)

    def fitted(self, neurons: pd.DataFrame | None) -> tuple[_Estimate, int]:
        """Return what statsmodels fitted, and how many pairs had a missing value."""
        values = self.formula.values(self.g, self.pairs, neurons)
        known = values.notna().all(axis=1).to_numpy()
        design = self.formula.design(values.loc[known].reset_index(drop=True))
        if not len(design) or np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
            raise InvalidArgument(
                f"the terms of {self.formula.text!r} repeat each other, or do not vary over the "
                f"{len(design):,} pairs where all are known: leave one out"
            )
        groups = np.column_stack([self.pairs.pre[known], self.pairs.post[known]])
        return self._statsmodels(self.response[known], design, groups), int((~known).sum())

    def _statsmodels(self, y: Floats, design: pd.DataFrame, groups: npt.NDArray[Any]) -> _Estimate:
        with warnings.catch_warnings():
            # What goes wrong is read off the result below and told in one sentence.
            warnings.simplefilter("ignore")
            try:
                result = self._clustered(y, design, groups)
                se = result.bse
                if np.isfinite(result.params).all() and not np.isfinite(se).all():
                    # Two-way, a variance may come out negative: then the larger of one way.
                    ways = [self._clustered(y, design, groups[:, k]).bse for k in (0, 1)]
                    se = se.where(np.isfinite(se), np.maximum(*ways))
            except (np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
                raise InvalidTable(f"{self.formula.text!r} could not be fitted: {error}") from None
        if not np.isfinite(np.asarray(se)).all() or np.abs(result.params).max() > 1e3:
            raise InvalidArgument(
                f"{self.formula.text!r} has no finite estimate: a term separates the connected "
                "pairs from the others, or is constant among them"
            )
        return _Estimate(result.params, se, float(result.llf))

    def _clustered(self, y: Floats, design: pd.DataFrame, groups: npt.NDArray[Any]) -> Any:
        """Return what statsmodels fits, with errors clustered by one or two columns of groups."""
        sm = require("statsmodels.api", extra="models", purpose="pair models")
        options: dict[str, Any] = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
        sampled = self.fraction < 1
        kept = {}
        if self.family == "logistic":
            if sampled:
                kept["offset"] = np.full(len(y), -np.log(self.fraction))
            return sm.GLM(y, design, family=sm.families.Binomial(), **kept).fit(**options)
        if self.family == "poisson":
            if sampled:
                kept["var_weights"] = np.where(y > 0, 1.0, 1 / self.fraction)
            return sm.GLM(y, design, family=sm.families.Poisson(), **kept).fit(**options)
        return self._negative_binomial(sm, y, design, options, sampled=sampled)

    def _negative_binomial(
        self, sm: Any, y: Floats, design: pd.DataFrame, options: dict[str, Any], *, sampled: bool
    ) -> Any:
        if sampled:
            raise InvalidArgument(
                "a negative binomial model takes all pairs; leave n_nonedges out, restrict the "
                "domain, or use family='poisson', whose clustered errors allow for overdispersion"
            )
        return sm.NegativeBinomial(y, design).fit(disp=0, maxiter=200, **options)

    def z(self, result: _Estimate) -> pd.Series:
        """Return the z of each coefficient of the formula."""
        found: pd.Series = (result.params / result.se).drop("alpha", errors="ignore")
        return found

    def table(self, level: float) -> pd.DataFrame:
        """Return the coefficients with their clustered errors."""
        from scipy import stats as distributions

        names = [name for name in self.result.params.index if name != "alpha"]
        estimate, se = self.result.params[names], self.result.se[names]
        # One less than the fewer clusters, as is usual for clustered errors: few are less certain.
        ends = (self.pairs.pre, self.pairs.post)
        df = max(min(len(np.unique(codes)) for codes in ends) - 1, 1)
        reach = float(distributions.t.ppf((1 + level) / 2, df)) * se
        table = pd.DataFrame(
            {
                "estimate": estimate,
                "se": se,
                "z": estimate / se,
                "p": 2 * distributions.t.sf(np.abs(estimate / se), df),
                "low": estimate - reach,
                "high": estimate + reach,
            }
        ).rename_axis("term")
        table.attrs["df"] = df
        table.attrs["n_missing"] = self.n_missing
        table.attrs["log_likelihood"] = self.result.log_likelihood
        if "alpha" in self.result.params:
            table.attrs["alpha"] = float(self.result.params["alpha"])
        return table


def _shuffled(
    fit: _Fit,
    column: str,
    *,
    within: By | None,
    n: int,
    rng: np.random.Generator,
    progress: Progress,
) -> pd.Series:
    """Return the permutation p of each coefficient that holds the column, missing for others."""
    g = fit.g
    groups = np.zeros(g.n_neurons, np.int64)
    if within is not None:
        groups = g.labels(within, missing="own").codes
    observed = fit.z(fit.result).abs()
    reached = pd.Series(0, index=observed.index)
    neurons = g.neurons
    values = neurons[column].array
    # Sorted by stratum: a permutation of each run is a permutation within the strata.
    order = np.argsort(groups, kind="stable")
    for stream in bar(rng.spawn(n), progress=progress, desc="permutations", unit="fit"):
        random = stream.random(g.n_neurons)
        taken = np.empty(g.n_neurons, np.int64)
        taken[order] = np.lexsort([random, groups])
        neurons[column] = values.take(taken)
        found = fit.z(fit.fitted(neurons)[0]).abs()
        reached += (found >= observed - 1e-9).reindex(observed.index, fill_value=False).astype(int)
    p = (1.0 + reached) / (1.0 + n)
    concerned = np.array([f"({column})" in str(name) for name in p.index])
    return p.where(concerned)
