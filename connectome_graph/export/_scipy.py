"""To a scipy sparse matrix with the root ids of its rows and columns."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse

from connectome_graph.border.arguments import Weight
from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["LabelledMatrix", "to_scipy"]


class LabelledMatrix(NamedTuple):
    """A sparse matrix and what its rows and columns are.

    Attributes
    ----------
    matrix
        ``csr_array``, shape ``(n_sources, n_targets)``; rows are presynaptic.
    pre_ids, post_ids
        Root ids of the rows and of the columns.
    """

    matrix: scipy.sparse.csr_array
    pre_ids: npt.NDArray[Any]
    post_ids: npt.NDArray[Any]


def to_scipy(g: ConnectomeGraph, *, weight: Weight = "count") -> LabelledMatrix:
    """Return the weights as a sparse matrix, sources x targets, with the ids beside it.

    Every edge on the domain is stored, also where its weight is 0: take the structure from
    ``matrix.indices``, never from a comparison with 0.

    Parameters
    ----------
    g
        The graph.
    weight
        As in :func:`connectome_graph.weights.compute`.

    Returns
    -------
    LabelledMatrix
        ``matrix, pre_ids, post_ids``; goes back through ``from_adjacency(pandas.DataFrame)``.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> matrix, pre_ids, post_ids = to_scipy(cg.from_adjacency([[0, 3], [1, 0]]))
    >>> matrix.toarray().tolist(), pre_ids.tolist()
    ([[0, 3], [1, 0]], [1, 2])
    """
    return LabelledMatrix(
        g.adjacency(weight),
        np.array(g.ids[g.domain.sources]),
        np.array(g.ids[g.domain.targets]),
    )
