"""The larval mushroom body: a matrix of synapse counts without header, and a label per row.

The source has no ids: a neuron's ``root_id`` is its row in the matrix, counted from 1.

References
----------
Eichler, Li, Litwin-Kumar et al. (2017). The complete connectome of a learning and memory
centre in an insect brain. Nature 548, 175-182.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidTable
from connectome_graph.sources.published.tables import PublishedTables

__all__ = ["read"]

_CLASS = {
    "K": "Kenyon cell",
    "P": "projection neuron",
    "O": "output neuron",
    "I": "input neuron",
}


def read(paths: dict[str, Path], variant: str) -> PublishedTables:
    """Return the pairs and the labels of one side, ``"left"`` or ``"right"``."""
    rows = [line.split() for line in paths[f"{variant}_adjacency.csv"].read_text().splitlines()]
    counts = np.array([row for row in rows if row], dtype=np.int64)
    labels = paths[f"{variant}_cell_labels.csv"].read_text().split()
    if counts.shape != (len(labels), len(labels)):
        raise InvalidTable(
            f"the {variant} matrix has shape {counts.shape} and there are {len(labels)} labels; "
            "each neuron needs a row, a column and a label"
        )
    pre, post = np.nonzero(counts)
    synapses = pd.DataFrame({"pre": pre + 1, "post": post + 1, "count": counts[pre, post]})
    neurons = pd.DataFrame(
        {
            "root_id": np.arange(1, len(labels) + 1),
            "cell_type": labels,
            "cell_class": [_CLASS.get(label, label) for label in labels],
            "side": variant,
        }
    )
    return PublishedTables(synapses, neurons, note="A root id is a row of the published matrix.")
