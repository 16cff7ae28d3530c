"""Groups of neurons with similar profiles, and labels carried over from similar neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import whole
from connectome_graph.errors import InvalidArgument, choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SimilarityClusters", "cluster_similarity", "similarity_matrix"]

# Neurons of which all pairs still fit in memory at once: 1.6 GB.
_MOST = 20_000

Linkage = Literal["average", "complete", "single", "ward", "weighted"]


@dataclass(frozen=True)
class SimilarityClusters:
    """A tree of neurons by similarity, and the groups it was cut into.

    Attributes
    ----------
    labels
        Cluster of every neuron, int64 from 1, numbered along the tree; indexed by ``root_id``.
    linkage
        SciPy's linkage matrix, for :func:`scipy.cluster.hierarchy.dendrogram`; row and column
        ``i`` of it is the ``i``-th neuron of `labels`.
    order
        Root ids along the leaves of the tree.
    cophenetic_correlation
        How well the tree keeps the distances (1 is perfect).
    """

    labels: pd.Series
    linkage: npt.NDArray[np.float64]
    order: npt.NDArray[Any]
    cophenetic_correlation: float

    def dendrogram(self, *, ax: Axes | None = None) -> dict[str, Any]:
        """Draw the tree through SciPy and return what SciPy says of it.

        Parameters
        ----------
        ax
            Axes to draw on; None draws nothing.

        Returns
        -------
        dict
            ``ivl`` are the root ids as text, ``leaves`` their places in `labels`.
        """
        from scipy.cluster.hierarchy import dendrogram

        names = [str(root) for root in self.labels.index]
        found: dict[str, Any] = dendrogram(self.linkage, labels=names, ax=ax, no_plot=ax is None)
        return found


def similarity_matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Return a long similarity table as a symmetric matrix, 1 on the diagonal and 0 where unlisted.

    Where two neurons list each other the values agree; where only one lists the other (a list
    of the `top` most similar ends somewhere) its value stands.

    Parameters
    ----------
    table
        What :func:`similarity` returned.

    Raises
    ------
    InvalidArgument
        When the table is another one, or has more than 20,000 neurons.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 0, 2], [0, 0, 2], [0, 0, 0]])
    >>> cg.stats.similarity_matrix(cg.stats.similarity(g, of="outputs", top=None)).loc[1, 2].item()
    1.0
    """
    if list(getattr(getattr(table, "index", None), "names", [])) != ["root_id", "match"]:
        raise InvalidArgument(
            "a similarity table has the index (root_id, match), as stats.similarity returns it"
        )
    ids = pd.unique(np.concatenate([table.index.get_level_values(k) for k in (0, 1)]))
    if len(ids) > _MOST:
        raise InvalidArgument(
            f"all pairs of {len(ids):,} neurons do not fit in memory (limit {_MOST:,}); take "
            "fewer with stats.similarity(..., neurons=, candidates=), or types with by="
        )
    index = pd.Index(ids, name="root_id")
    i, k = (index.get_indexer(table.index.get_level_values(level)) for level in (0, 1))
    dense = np.zeros((len(ids), len(ids)))
    dense[i, k] = table["similarity"]
    dense = np.maximum(dense, dense.T)
    np.fill_diagonal(dense, 1.0)
    return pd.DataFrame(dense, index=index, columns=index.rename("match"))


def cluster_similarity(
    table: pd.DataFrame,
    *,
    n_clusters: int | None = None,
    min_similarity: float | None = None,
    linkage: Linkage = "average",
) -> SimilarityClusters:
    """Group neurons by the similarity of their profiles: hierarchical clustering through SciPy.

    The distance of two neurons is 1 - similarity, 1 where they are not listed: give a table of
    all pairs (``top=None``), or know that pairs beyond the `top` count as unlike.

    Parameters
    ----------
    table
        What :func:`similarity` returned.
    n_clusters
        Cut the tree into so many groups.
    min_similarity
        Cut the tree where groups would join at a lower similarity. Give one of the two.
    linkage
        ``"average"``, ``"complete"``, ``"single"``, ``"weighted"`` or ``"ward"``.

    Returns
    -------
    SimilarityClusters
        ``labels linkage order cophenetic_correlation``, and ``dendrogram``.

    Raises
    ------
    InvalidArgument
        When neither or both cuts are given, one is out of range, or there are fewer than two or
        more than 20,000 neurons.

    References
    ----------
    Muellner 2011, arXiv:1109.2378 (the algorithms of SciPy's linkage).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 0, 0, 2, 1], [0, 0, 0, 2, 1], [0, 0, 0, 0, 1], [0] * 5, [0] * 5])
    >>> alike = cg.stats.similarity(g, of="outputs", top=None)
    >>> cg.stats.cluster_similarity(alike, n_clusters=2).labels.to_dict()
    {1: 2, 2: 2, 3: 1}
    """
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    choice(linkage, ("average", "complete", "single", "ward", "weighted"), name="linkage")
    if (n_clusters is None) == (min_similarity is None):
        raise InvalidArgument("give n_clusters or min_similarity, one of the two")
    matrix = similarity_matrix(table)
    if len(matrix) < 2:
        raise InvalidArgument(
            f"clustering needs at least two neurons with similar ones; found {len(matrix)}"
        )
    # Rounding may leave a similarity a hair above 1.
    distances = squareform(np.clip(1 - matrix.to_numpy(), 0, 1), checks=False)
    tree = hierarchy.linkage(distances, method=linkage, optimal_ordering=len(matrix) <= 2000)
    if n_clusters is not None:
        whole(n_clusters, name="n_clusters", most=len(matrix))
        found = hierarchy.fcluster(tree, int(n_clusters), criterion="maxclust")
    else:
        if not 0 <= float(min_similarity or 0) <= 1:
            raise InvalidArgument(
                f"min_similarity needs a number from 0 to 1; found {min_similarity!r}"
            )
        height = 1 - float(min_similarity or 0)
        found = hierarchy.fcluster(tree, height, criterion="distance")
    leaves = hierarchy.leaves_list(tree)
    first = dict.fromkeys(found[leaves].tolist())
    number = {cluster: place for place, cluster in enumerate(first, start=1)}
    labels = pd.Series(
        [number[cluster] for cluster in found.tolist()], matrix.index, np.int64, "cluster"
    )
    fit = 1.0
    if len(matrix) > 2 and np.ptp(distances) > 0:
        fit = float(hierarchy.cophenet(tree, distances)[0])
    return SimilarityClusters(labels, tree, matrix.index.to_numpy()[leaves], fit)
