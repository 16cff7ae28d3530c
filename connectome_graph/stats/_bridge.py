"""igraph's own graph, for the algorithms that it already has."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["as_igraph"]


def as_igraph(n: int, pre: npt.NDArray[Any], post: npt.NDArray[Any]) -> Any:
    """Return a directed igraph Graph of `n` vertices and the given edges, in their order.

    Examples
    --------
    >>> import numpy as np
    >>> as_igraph(3, np.array([0]), np.array([2])).get_edgelist()
    [(0, 2)]
    """
    import igraph

    ends = np.column_stack([pre, post]).astype(np.int64)
    return igraph.Graph(n=n, edges=np.ascontiguousarray(ends), directed=True)
