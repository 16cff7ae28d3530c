"""Comparison: an observation, the samples it is held against, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.comparison._significance import CHUNK, false_discovery, max_t_of, two_sided
from connectome_graph.errors import UnknownName
from connectome_graph.model.provenance import Provenance

__all__ = ["Comparison", "PartialResult"]


class PartialResult(UserWarning):
    """A comparison was interrupted; it holds the samples that were done."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """An observed statistic beside the same statistic of random graphs.

    Attributes
    ----------
    observed
        The statistic of the observed graph, a number per component (for two graphs: first less
        second).
    samples
        The same of every random graph: a row per sample, labelled by its number, a column a
        component.
    n_requested
        How many samples were asked for.
    level
        Coverage of the interval in `table`.
    streams
        The seed sequence of which sample ``i`` used the child ``i``.
    provenance
        What was compared with what.
    parts
        For two graphs, the statistic of each; otherwise None.
    mixed
        Whether the samples are random graphs of the null model, and not still near the observed
        one; None where the null is a function, of which nothing is known.
    """

    observed: pd.Series
    samples: pd.DataFrame
    n_requested: int
    level: float = 0.95
    streams: np.random.SeedSequence = field(default_factory=np.random.SeedSequence)
    provenance: Provenance = field(default_factory=Provenance)
    parts: pd.DataFrame | None = None
    mixed: bool | None = True

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @property
    def complete(self) -> bool:
        """Whether every requested sample was drawn; not so after Ctrl-C."""
        return self.n == self.n_requested

    @property
    def p_floor(self) -> float:
        """The smallest two-sided p that the samples at hand can give, ``2 / (1 + n)``.

        After Ctrl-C, or from a checkpoint, these are the samples that were drawn.
        """
        return min(1.0, 2 / (1 + self.n))

    def stream(self, sample: int) -> np.random.SeedSequence:
        """Return the seed of one sample: ``null.sample(g, comparison.stream(3))`` redraws it."""
        return child(self.streams, sample)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per component: the observation, the samples, and how unusual it is.

        ``observed``, then ``mean``, ``sd``, ``low`` and ``high`` (percentiles that hold `level`
        of the samples), ``ratio`` (observed / mean), ``z`` (a distance in sd; not a Gaussian
        quantile, rare classes are skewed), ``p`` (two-sided), ``p_floor`` (the smallest p that
        so many samples can give), ``p_max_t`` (p adjusted for all components by step-down max-T),
        ``q`` (Benjamini-Hochberg), ``n`` (samples with a value) and ``mixed`` (whether the
        samples are random graphs of the null model; missing where the null is a function).
        """
        observed = self.observed.to_numpy(np.float64)
        parts = [
            (*two_sided(observed[at], samples), *_spread(samples, self.level))
            for at, samples in _chunks(self.samples)
        ]
        p, n, mean, sd, low, high = (np.concatenate(each) for each in zip(*parts, strict=True))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(mean == 0, np.nan, observed / mean)
            z = np.where(sd == 0, np.nan, (observed - mean) / sd)
        columns = {
            "observed": self.observed.to_numpy(), "mean": mean, "sd": sd, "low": low,
            "high": high, "ratio": ratio, "z": z, "p": p,
            "p_floor": np.where(n == 0, np.nan, np.minimum(1, 2 / (1 + n))),
            "p_max_t": max_t_of(observed, self._columns), "q": false_discovery(p), "n": n,
        }  # fmt: skip
        table = pd.DataFrame(columns, index=self.observed.index)
        table["mixed"] = pd.array([self.mixed] * len(table), dtype="boolean")
        if self.parts is None:
            return table
        # A difference has no ratio to a mean near 0.
        both = self.parts.reindex(table.index)
        return pd.concat([both, table.drop(columns="ratio")], axis=1)

    def _columns(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the samples of some components as floats."""
        return self.samples.iloc[:, places].to_numpy(np.float64)

    def take(self, components: Any) -> Comparison:
        """Return the comparison of some components, adjusted for these alone.

        Choose them before looking at the result.

        Parameters
        ----------
        components
            Labels of components.

        Raises
        ------
        UnknownName
            When one of them is not there.
        """
        labels = list(components)
        absent = [label for label in labels if label not in self.observed.index]
        if absent:
            raise UnknownName(f"the comparison has no component {absent[0]!r}")
        return replace(self, observed=self.observed.loc[labels], samples=self.samples[labels])

    def __repr__(self) -> str:
        return f"<Comparison: {self._sentence}>\n{self.table}"

    def _repr_html_(self) -> str:
        import html

        table = self.table._repr_html_()  # type: ignore[operator]
        return f"<p>{html.escape(self._sentence)}</p>{table}"

    @property
    def _sentence(self) -> str:
        several = f"{len(self.observed):,} component{'s' if len(self.observed) != 1 else ''}"
        if self.complete:
            return f"{several}, {self.n:,} samples, smallest p {self.p_floor:.2g}"
        return (
            f"{several}, INTERRUPTED after {self.n:,} of {self.n_requested:,} samples, smallest p "
            f"{self.p_floor:.2g}"
        )


def child(streams: np.random.SeedSequence, sample: int) -> np.random.SeedSequence:
    """Return the seed of one sample: the same whichever samples were drawn before it."""
    return np.random.SeedSequence(streams.entropy, spawn_key=(*streams.spawn_key, sample))


def _chunks(samples: pd.DataFrame) -> Iterator[tuple[slice, npt.NDArray[np.float64]]]:
    """Yield the columns of a table as floats, some at a time: a copy of all may be large."""
    for start in range(0, max(1, samples.shape[1]), CHUNK):
        at = slice(start, start + CHUNK)
        yield at, samples.iloc[:, at].to_numpy(np.float64)


def _spread(samples: np.ndarray, level: float) -> tuple[np.ndarray, ...]:
    """Return mean, sd and the percentile interval of every column, over what is not missing."""
    shares = (1 - level) / 2, (1 + level) / 2
    if not len(samples):
        nothing = np.full(samples.shape[1], np.nan)
        return nothing, nothing, nothing, nothing
    if not np.isnan(samples).any():
        low, high = np.quantile(samples, shares, axis=0)
        sd = samples.std(axis=0, ddof=1) if len(samples) > 1 else np.full(len(low), np.nan)
        return samples.mean(axis=0), sd, low, high
    frame = pd.DataFrame(samples)
    ends = [frame.quantile(share).to_numpy() for share in shares]
    return frame.mean().to_numpy(), frame.std().to_numpy(), ends[0], ends[1]
