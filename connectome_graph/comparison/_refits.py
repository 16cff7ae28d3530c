"""Ensembles of soft nulls: each sample is held against graphs of its own fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectome_graph.comparison._components import components
from connectome_graph.comparison._draws import Draw
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import Statistic, sampler
from connectome_graph.nulls._soft import SoftNull

__all__ = ["RefitEnsemble", "recentred", "tripled"]

_DRAWN, _EXCESS, _NOISE = _PARTS = "drawn", "excess", "noise"


@dataclass(frozen=True)
class RefitEnsemble:
    """The components of random graphs, and what is left of them beside graphs of their own fit."""

    g: ConnectomeGraph
    statistic: Statistic
    null: SoftNull
    name: str

    def prepare(self) -> Draw:
        """Return the function that draws one sample's components, and their excess."""
        draw = sampler(self.g, self.null)

        def one(rng: np.random.Generator) -> pd.Series:
            sample = draw(rng)
            found = components(self.statistic(sample), self.name)
            again = sampler(sample, self.null)
            fitted = [
                components(self.statistic(again(rng)), self.name) for _ in range(self.null.refits)
            ]
            table = pd.concat(fitted, axis=1).fillna(0).astype(np.float64)
            noise = table.var(axis=1, ddof=1) / len(fitted)
            return _joined(found, found.sub(table.mean(axis=1), fill_value=0), noise)

        return one


def _under(key: str, values: pd.Series) -> pd.Series:
    labels = [(key, label) for label in values.index]
    return pd.Series(values.to_numpy(np.float64), index=pd.Index(labels, tupleize_cols=False))


def tripled(observed: pd.Series) -> pd.Series:
    """Return the observed components under all names, as samples have them."""
    return _joined(observed, observed, observed)


def _joined(*parts: pd.Series) -> pd.Series:
    named = [_under(name, part) for name, part in zip(_PARTS, parts, strict=True)]
    joined: pd.Series = pd.concat(named)
    return joined


def recentred(rows: Mapping[int, pd.Series], observed: pd.Series) -> dict[int, pd.Series]:
    """Return the components of every sample as they would be had its fit been the observed one.

    The mean over the samples, which are graphs of the observed graph's fit, plus how far each
    sample lies from the mean of graphs of its own fit. That mean is of a few graphs only and has an
    error of its own, by which the samples would spread more than they should: the spread is
    reduced by it.

    Parameters
    ----------
    rows
        What :class:`RefitEnsemble` drew.
    observed
        Components of the observed graph.
    """
    numbers = sorted(rows)
    index = pd.Index(
        list(dict.fromkeys(label[1] for number in numbers for label in rows[number].index)),
        tupleize_cols=isinstance(observed.index, pd.MultiIndex),
    )
    tables = {}
    for name in _PARTS:
        labels = pd.Index([(name, label) for label in index], tupleize_cols=False)
        values = [rows[number].reindex(labels, fill_value=0).to_numpy() for number in numbers]
        tables[name] = np.vstack(values) if values else np.empty((0, len(index)))
    excess = tables[_EXCESS]
    middle = excess.mean(axis=0)
    spread = excess.var(axis=0, ddof=1) if len(excess) > 1 else np.zeros(len(index))
    share = np.divide(tables[_NOISE].mean(axis=0), spread, np.zeros(len(index)), where=spread > 0)
    narrower = np.sqrt(np.clip(1 - share, 0.1, 1))
    values = tables[_DRAWN].mean(axis=0) + middle + (excess - middle) * narrower
    return {number: pd.Series(row, index) for number, row in zip(numbers, values, strict=True)}
