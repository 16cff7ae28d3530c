"""Ensembles of soft nulls: each sample is held against graphs of its own fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.comparison._components import components
from connectome_graph.comparison._ensemble import Draw, Rows
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import Statistic, sampler
from connectome_graph.nulls._soft import SoftNull

__all__ = ["RefitEnsemble", "doubled", "recentred"]

_DRAWN, _EXCESS = "drawn", "excess"


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
            mean = fitted[0].astype(np.float64)
            for other in fitted[1:]:
                mean = mean.add(other, fill_value=0)
            excess = found.sub(mean / len(fitted), fill_value=0)
            return _joined(found, excess)

        return one


def _under(key: str, values: pd.Series) -> pd.Series:
    labels = [(key, label) for label in values.index]
    return pd.Series(values.to_numpy(np.float64), index=pd.Index(labels, tupleize_cols=False))


def doubled(observed: pd.Series) -> pd.Series:
    """Return the observed components under both names, as samples have them."""
    return _joined(observed, observed)


def _joined(drawn: pd.Series, excess: pd.Series) -> pd.Series:
    both: pd.Series = pd.concat([_under(_DRAWN, drawn), _under(_EXCESS, excess)])
    return both


def recentred(rows: Rows, observed: pd.Series) -> Rows:
    """Return the components of every sample as they would be had its fit been the observed one.

    The mean over the samples, which are graphs of the observed graph's fit, plus how far each
    sample lies from graphs of its own fit.

    Parameters
    ----------
    rows
        What :class:`RefitEnsemble` drew.
    observed
        Components of the observed graph.
    """
    parts: dict[str, Rows] = {_DRAWN: {}, _EXCESS: {}}
    for number, row in rows.items():
        for key, part in parts.items():
            mine: list[Any] = [label for label in row.index if label[0] == key]
            labels = [label[1] for label in mine]
            index = pd.Index(labels, tupleize_cols=isinstance(observed.index, pd.MultiIndex))
            part[number] = pd.Series(row.loc[mine].to_numpy(), index=index)
    mean = pd.concat(list(parts[_DRAWN].values()), axis=1).fillna(0).mean(axis=1)
    return {number: mean.add(row, fill_value=0) for number, row in parts[_EXCESS].items()}
