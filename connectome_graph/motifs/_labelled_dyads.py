"""Pairs of typed neurons: null, asymmetric and mutual dyads for every two types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.motifs._kinds import typed_core
from connectome_graph.motifs._oriented import orient

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["labelled_dyads"]


def labelled_dyads(g: ConnectomeGraph, by: By) -> pd.DataFrame:
    """Count the null, asymmetric and mutual pairs of neurons for every two types.

    Only pairs of which both directions are in the domain are counted.

    Parameters
    ----------
    g
        The graph.
    by
        The neuron column with the types.

    Returns
    -------
    pandas.DataFrame
        A row for each unordered pair of types with at least one pair of neurons: ``a b``
        (types, a not after b), ``n_pairs null a_to_b b_to_a mutual`` (int64); the last four add
        up to ``n_pairs``. Within one type all asymmetric pairs are in ``a_to_b``.
        ``attrs["n_untyped"]`` is the number of neurons left out because they have no type.

    Raises
    ------
    UnknownName
        When there is no such neuron column.
    InvalidArgument
        When no observed neuron has a type, or for a graph of types.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["23P", "23P", "BC"]})
    >>> edges = pd.DataFrame({"pre": [1, 2, 3], "post": [2, 3, 2]})
    >>> cg.motifs.labelled_dyads(cg.from_tables(edges, cells), by="cell_type")
         a    b  n_pairs  null  a_to_b  b_to_a  mutual
    0  23P  23P        1     0       1       0       0
    1  23P   BC        2     1       0       0       1
    """
    typed = typed_core(g, by)
    n_kinds = len(typed.names)
    oriented = orient(typed.part)
    kind = np.empty(typed.part.n, np.int64)
    kind[oriented.rank] = typed.kind
    row = np.repeat(np.arange(typed.part.n), oriented.stop - oriented.start)
    held = np.arange(len(row)) - np.repeat(
        np.cumsum(oriented.stop - oriented.start) - oriented.stop, oriented.stop - oriented.start
    )
    packed = oriented.packed[held]
    own, other, code = kind[row], kind[packed >> 2], (packed & 3).astype(np.int64)
    code = np.where((own > other) & (code < 3), 3 - code, code)
    code = np.where((own == other) & (code == 2), 1, code)
    low, high = np.minimum(own, other), np.maximum(own, other)
    counts = np.bincount((low * n_kinds + high) * 4 + code, minlength=4 * n_kinds**2)
    counts = counts.reshape(n_kinds, n_kinds, 4)
    sizes = typed.sizes
    a, b = np.triu_indices(n_kinds)
    pairs = np.where(a == b, sizes[a] * (sizes[a] - 1) // 2, sizes[a] * sizes[b])
    if typed.part.met is not None:
        # Then the rows hold every pair that could have met, connected or not.
        pairs = counts[a, b].sum(axis=1)
    a, b, pairs = a[pairs > 0], b[pairs > 0], pairs[pairs > 0]
    found = counts[a, b]
    table = pd.DataFrame({"a": typed.names.take(a).array, "b": typed.names.take(b).array})
    table["n_pairs"] = pairs
    table["null"] = pairs - found[:, 1:].sum(axis=1)
    for place, name in enumerate(("a_to_b", "b_to_a", "mutual"), start=1):
        table[name] = found[:, place]
    table.attrs = {"by": by, "n_untyped": typed.n_untyped}
    return table
