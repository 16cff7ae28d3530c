"""Several neurons as one: who goes with whom, and what the one inherits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.model.labels import Labels

__all__ = ["Merged", "merged_neurons"]

#: Columns of which the joined neuron has the least: it is as well known as its worst member.
_LEAST = (
    "axon_trust", "dendrite_trust", "status_axon", "status_dendrite", "axon_recall",
    "dendrite_recall",
)  # fmt: skip


class Merged(NamedTuple):
    """The neurons of a merged graph."""

    #: int32: for every neuron the place of the one it became part of.
    codes: npt.NDArray[np.int32]
    #: The neuron table, in the order of the first members.
    neurons: pd.DataFrame
    #: Columns in which members disagreed somewhere, and for how many of the joined neurons.
    disagreements: dict[str, int]


def merged_neurons(neurons: pd.DataFrame, labels: Labels) -> Merged:
    """Return the neuron table with the neurons of one label as one.

    Neurons without a label stay alone. The id is that of the first member; a column keeps the
    value that all members with one share, and is missing where they disagree; what is known of
    axon and dendrite is what is known of the worst member. ``n_members`` counts them.

    Examples
    --------
    >>> from connectome_graph.model.labels import labelled
    >>> cells = pd.DataFrame({"pair": ["a", None, "a"], "side": ["L", "L", "R"], "kind": ["K"] * 3})
    >>> merged_neurons(cells, labelled(cells, "pair")).neurons.fillna("-")
      pair side kind  n_members
    0    a    -    K          2
    1    -    L    K          1
    """
    alone = labels.codes < 0
    key = np.where(alone, len(labels) + np.arange(len(neurons)), labels.codes)
    codes = np.asarray(pd.factorize(key)[0], np.int32)
    size = int(codes.max()) + 1 if len(codes) else 0
    first = np.full(size, len(codes), np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    data: dict[str, Any] = {}
    disagreements: dict[str, int] = {}
    for name in neurons.columns:
        column = neurons[name].reset_index(drop=True)
        groups = column.groupby(codes, sort=True, observed=True)
        if name in _LEAST:
            data[name] = groups.min()
            continue
        shared = groups.first()
        n_values = groups.nunique().to_numpy()
        differ = n_values > 1
        if differ.any():
            disagreements[str(name)] = int(differ.sum())
            shared = _with_gaps(shared, differ)
        data[name] = shared
    table = pd.DataFrame(data).set_axis(neurons.index[first])
    members = np.bincount(codes, minlength=size)
    if "n_members" in neurons.columns:
        own = neurons["n_members"].to_numpy(float, na_value=1.0)
        members = np.bincount(codes, own, size).astype(np.int64)
    table["n_members"] = members
    table.index.name = neurons.index.name
    return Merged(codes, table, disagreements)


def _with_gaps(column: pd.Series, missing: npt.NDArray[np.bool_]) -> pd.Series:
    """Return a column with some values missing; whole numbers and booleans stay what they are."""
    kinds = {"i": "Int64", "u": "UInt64", "b": "boolean"}
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in kinds:
        nullable: Any = kinds[column.dtype.kind]
        column = column.astype(nullable)
    return column.mask(missing)
