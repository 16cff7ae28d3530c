"""Hypothesis strategies: small graphs with 18-digit ids, loops, parallel synapses and domains."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import connectome_graph as cg

#: Ids that differ only in digits a float loses.
BASE_ID = 864691135000000001

TYPES = ("23P", "BC", "MC")


def root_ids(n: int) -> list[int]:
    """Return `n` ids, neighbours of which are one float."""
    return [BASE_ID + i for i in range(n)]


@st.composite
def tables(draw, *, max_neurons: int = 7, max_synapses: int = 30, text_ids: bool = False):
    """Return (synapses, neurons): DataFrames with loops, parallel synapses and idle neurons."""
    n = draw(st.integers(1, max_neurons))
    ids = [f"N{i}" for i in range(n)] if text_ids else root_ids(n)
    ends = draw(
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=max_synapses)
    )
    sizes = draw(st.lists(st.integers(-5, 50), min_size=len(ends), max_size=len(ends)))
    kind = object if text_ids else np.int64
    synapses = pd.DataFrame(
        {
            "pre": pd.Series([ids[i] for i, _ in ends], dtype=kind),
            "post": pd.Series([ids[j] for _, j in ends], dtype=kind),
            "size": pd.Series(sizes, dtype=np.int64),
        }
    )
    types = draw(st.lists(st.sampled_from(TYPES), min_size=n, max_size=n))
    neurons = pd.DataFrame(
        {
            "root_id": pd.Series(ids, dtype=kind),
            "cell_type": types,
            "is_source": draw(st.lists(st.booleans(), min_size=n, max_size=n)),
            "is_target": draw(st.lists(st.booleans(), min_size=n, max_size=n)),
        }
    )
    return synapses, neurons


@st.composite
def contacts(draw, g: cg.ConnectomeGraph):
    """Return a table of pairs of neurons that met, most of the pairs or few, with an area."""
    n = g.n_neurons
    among = [(i, j) for i in range(n) for j in range(n)]
    met = [pair for pair in among if draw(st.integers(0, 3))]
    area = draw(st.lists(st.integers(0, 9), min_size=len(met), max_size=len(met)))
    ends = {end: g.ids[[pair[k] for pair in met]] for k, end in enumerate(("pre", "post"))}
    return pd.DataFrame({**ends, "area": np.array(area, float)})


@st.composite
def within(draw, g: cg.ConnectomeGraph):
    """Return the graph on some of its pairs, with or without exposure."""
    return g.within(draw(contacts(g)), exposure="area" if draw(st.booleans()) else None)


@st.composite
def graphs(
    draw,
    *,
    max_neurons: int = 7,
    max_synapses: int = 30,
    domain: bool = True,
    text_ids: bool = False,
    pair_sets: bool = False,
):
    """Return a small graph; with ``domain=True`` often on a rectangular part of its pairs.

    With ``pair_sets=True`` often on a sparse set of pairs, too.
    """
    synapses, neurons = draw(
        tables(max_neurons=max_neurons, max_synapses=max_synapses, text_ids=text_ids)
    )
    g = cg.from_tables(synapses, neurons)
    if domain and draw(st.booleans()):
        g = g.observed(lambda table: (table["is_source"], table["is_target"]))
    if pair_sets and draw(st.booleans()):
        g = draw(within(g))
    return g


@st.composite
def dense_graphs(draw, *, max_neurons: int = 7, domain: bool = True, pair_sets: bool = False):
    """Return a graph in which about half of the pairs are connected, once each or more."""
    n = draw(st.integers(1, max_neurons))
    cells = draw(st.lists(st.integers(0, 2), min_size=n * n, max_size=n * n))
    counts = np.array(cells, np.int64).reshape(n, n)
    neurons = pd.DataFrame(
        {
            "root_id": root_ids(n),
            "cell_type": draw(st.lists(st.sampled_from(TYPES), min_size=n, max_size=n)),
            "is_source": draw(st.lists(st.booleans(), min_size=n, max_size=n)),
            "is_target": draw(st.lists(st.booleans(), min_size=n, max_size=n)),
        }
    )
    g = cg.from_adjacency(counts, neurons)
    if domain and draw(st.booleans()):
        g = g.observed(lambda table: (table["is_source"], table["is_target"]))
    if pair_sets and draw(st.booleans()):
        g = draw(within(g))
    return g
