"""The type of a neuron, by a dictionary."""

from __future__ import annotations

import pandas as pd


def labels(neurons, by, *, missing):
    """Return the name of every neuron's type, None where it has none, and the types in order."""
    rows = []
    for _, row in neurons[by].iterrows():
        gaps = [bool(pd.isna(value)) for value in row]
        if any(gaps) and missing == "drop":
            rows.append(None)
        else:
            rows.append(
                tuple((gap, "" if gap else value) for gap, value in zip(gaps, row, strict=True))
            )
    ranks = {
        name: {value: place for place, value in enumerate(order(neurons[name]))} for name in by
    }
    kinds = sorted(
        {row for row in rows if row is not None},
        key=lambda row: [
            (gap, 0 if gap else ranks[name][value])
            for name, (gap, value) in zip(by, row, strict=True)
        ],
    )
    called = {
        row: " | ".join("unknown" if gap else str(value) for gap, value in row)
        if len(by) > 1
        else ("unknown" if row[0][0] else row[0][1])
        for row in kinds
    }
    return [None if row is None else called[row] for row in rows], [called[row] for row in kinds]


def order(column):
    """Return the values of a column in the order of its categories, else sorted."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.categories)
    return sorted(set(column.dropna()))
