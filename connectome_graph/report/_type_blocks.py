"""The type matrix as the page shows it: a coloured square, and the long table beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph import stats
from connectome_graph.border.arguments import By
from connectome_graph.plot import _describe as describe
from connectome_graph.report._table import Column, from_frame

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["largest_types", "type_blocks"]

#: Types that the square shows; the smaller ones are taken together.
MOST_TYPES = 30
#: Rows of the long table.
MOST_ROWS = 400


def largest_types(
    g: ConnectomeGraph, by: By, most: int = MOST_TYPES
) -> tuple[ConnectomeGraph, By, int]:
    """Return the graph with a column of at most `most` types, its name, and how many merged.

    Parameters
    ----------
    g
        The graph.
    by
        The neuron column of types.
    most
        Types that are kept apart, the largest; all others become one.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2], "cell_type": ["BC", "MC"]})
    >>> g, column, merged = largest_types(cg.from_adjacency([[0, 1], [0, 0]], cells), "cell_type")
    >>> column, merged
    ('cell_type', 0)
    """
    types = g.labels(by)
    if len(types) <= most:
        return g, by, 0
    small = np.argsort(-types.sizes, kind="stable")[most - 1 :]
    column = f"{types.title} (largest)"
    text = types.per_neuron
    text[np.isin(types.codes, small)] = "all other types"
    merged = pd.Series(text, index=g.neurons.index, name=column)
    return g.annotate(merged.to_frame(), overwrite=True), column, len(small)


def type_blocks(g: ConnectomeGraph, *, by: By) -> dict[str, Any]:
    """Return the square of connection probabilities and the long table.

    Parameters
    ----------
    g
        The graph.
    by
        The neuron column of types.
    """
    part, column, n_merged = largest_types(g, by)
    table = stats.type_matrix(part, by=column)
    found = describe.type_blocks(table)
    types = list(dict.fromkeys(table["pre_type"]))
    rows = [
        {
            "name": str(name),
            "cells": [_block(block, found.top) for block in found.blocks if block.pre == name],
        }
        for name in types
    ]
    headings = {
        "pre_type": Column("pre type", "text"),
        "post_type": Column("post type", "text"),
        "n_sources": Column("sources", "number"),
        "n_targets": Column("targets", "number"),
        "n_pairs": Column("pairs", "number"),
        "n_edges": Column("edges", "number"),
        "probability": Column("probability", "number"),
        "low": Column("low", "number", "95 %"),
        "high": Column("high", "number", "95 %"),
        "n_synapses": Column("synapses", "number"),
        "synapses_per_connection": Column("synapses per connection", "number"),
        "mean_size": Column("mean size", "number", "of a synapse"),
        "input_fraction": Column("input fraction", "number", "of all synapses onto the post type"),
        "input_fraction_corrected": Column(
            "corrected", "number", "input fraction, each type counted by the share that was traced"
        ),
    }
    ordered = table.sort_values("n_edges", ascending=False, kind="stable")
    caption = "Pairs of types"
    if len(ordered) > MOST_ROWS:
        caption += f": the {MOST_ROWS} of {len(ordered):,} with the most edges"
    return {
        "by": g.labels(by).title,
        "types": [str(name) for name in types],
        "rows": rows,
        "n_merged": n_merged,
        "caution": table.attrs["unequal_tracing"],
        "n_without": table.attrs["n_edges_without_type"],
        "table": from_frame(ordered, headings, caption=caption, limit=MOST_ROWS),
    }


def _block(block: describe.Block, top: float) -> dict[str, Any]:
    """Return how the page shows a block: its words, and how dark it is."""
    share = block.value / top if block.observed else 0.0
    return {
        "text": describe.number(block.value) if block.observed else "",
        "observed": block.observed,
        "shade": round(share, 3),
        "dark": share > 0.55,
        "tip": block.tip,
    }
