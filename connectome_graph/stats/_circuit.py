"""What every circuit statistic starts from: weighted edges by neuron, and chosen neurons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph import weights as edge_weights
from connectome_graph.stats._labels import type_codes
from connectome_graph.stats._sampling import denominators

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.selection import Selection

__all__ = [
    "Rows",
    "as_text",
    "bounded",
    "chosen",
    "known_weights",
    "mean_by_type",
    "rows_of",
    "type_title",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """The edges of the domain without self-pairs, grouped by presynaptic neuron.

    Attributes
    ----------
    ptr
        int64, shape ``(n + 1,)``: neuron ``i`` sends the edges ``ptr[i]:ptr[i + 1]``.
    pre, post
        int32: the ends of every edge.
    value
        float64: its weight.
    kept
        int64: its place in ``g.edges``.
    """

    ptr: npt.NDArray[np.int64]
    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    value: Floats
    kept: npt.NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of neurons."""
        return len(self.ptr) - 1

    @cached_property
    def matrix(self) -> Any:
        """The weights as a sparse matrix, all neurons by all neurons, pre down and post across."""
        from scipy.sparse import csr_array

        return csr_array((self.value, self.post, self.ptr), shape=(self.n, self.n))

    @cached_property
    def incoming(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Floats]:
        """Pointers, sources and weights of what every neuron hears from."""
        turned = self.matrix.T.tocsr()
        turned.sort_indices()
        return turned.indptr.astype(np.int64), turned.indices.astype(np.int32), turned.data


def rows_of(g: ConnectomeGraph, values: npt.ArrayLike | None = None) -> Rows:
    """Return the edges of a graph by presynaptic neuron, with one number an edge (or ones).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> rows_of(cg.from_adjacency([[0, 1, 1], [0, 0, 0], [0, 2, 0]])).ptr.tolist()
    [0, 2, 2, 3]
    """
    from connectome_graph._kernels.adjacency import row_pointers

    pre, post = g.edge_codes
    value = np.ones(len(pre)) if values is None else np.asarray(values, float)
    kept = np.arange(len(pre))
    if g.domain.diagonal:
        kept = np.flatnonzero(pre != post)
        pre, post, value = pre[kept], post[kept], value[kept]
    return Rows(row_pointers(pre, g.n_neurons), pre, post, value, kept)


def known_weights(
    g: ConnectomeGraph, weight: Any, *, total: Any = None, what: str, negative: bool = False
) -> Floats:
    """Return one weight an edge, refusing missing ones, and negative ones unless allowed.

    Raises
    ------
    InvalidArgument
        When a weight is missing or infinite, or negative where it must not be.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> known_weights(cg.from_adjacency([[0, 2], [1, 0]]), "count", what="a path").tolist()
    [2.0, 1.0]
    """
    options = {} if total is None else {"total": total}
    values = np.asarray(edge_weights.values(g, weight, **options), float)
    fits = np.isfinite(values) if negative else np.isfinite(values) & (values >= 0)
    if not fits.all():
        kind = "known" if negative else "known and not negative"
        raise InvalidArgument(
            f"{what} needs weights that are {kind}; weight={weight!r} has {int((~fits).sum()):,} "
            f"of {len(values):,} that are not"
        )
    return values


def chosen(g: ConnectomeGraph, selection: Selection | None, *, name: str) -> Ints:
    """Return the positions of chosen neurons (all for None), refusing an empty choice.

    Raises
    ------
    InvalidArgument
        When nothing is chosen.
    UnknownName
        When an id is not in the graph.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> chosen(cg.from_adjacency([[0, 1], [0, 0]]), [2], name="seeds").tolist()
    [1]
    """
    if selection is None:
        return np.arange(g.n_neurons)
    if isinstance(selection, int | np.integer) and not isinstance(selection, bool):
        selection = [int(selection)]
    found = g.positions(selection)
    if not len(found):
        raise InvalidArgument(f"{name}={selection!r} chooses no neuron of {g.n_neurons:,}")
    return np.asarray(found, np.int64)


def mean_by_type(
    g: ConnectomeGraph, by: By, table: pd.DataFrame, value: str = "layer"
) -> pd.DataFrame:
    """Return the mean, lowest and highest value of each type, and how many neurons have one.

    Parameters
    ----------
    g
        The graph.
    by
        Neuron column of the types.
    table
        One row a neuron, in table order.
    value
        The column averaged.

    Returns
    -------
    pandas.DataFrame
        Indexed by type: the mean under the name of the column, ``lowest highest reached
        n_neurons``.
    """
    codes, names = type_codes(g, by)
    numbers = table[value].to_numpy(float, na_value=np.nan)
    known = (codes >= 0) & ~np.isnan(numbers)
    members = np.bincount(codes[codes >= 0], minlength=len(names))
    grouped = pd.Series(numbers[known]).groupby(codes[known]).agg(["mean", "min", "max", "size"])
    grouped = grouped.reindex(np.arange(len(names)))
    share = grouped["size"].fillna(0).to_numpy() / members
    if "reached" in table:
        share = np.bincount(
            codes[codes >= 0], table["reached"].to_numpy(float)[codes >= 0], len(names)
        ) / members  # fmt: skip
    return pd.DataFrame(
        {
            value: grouped["mean"].to_numpy(),
            "lowest": grouped["min"].to_numpy(),
            "highest": grouped["max"].to_numpy(),
            "reached": share,
            "n_neurons": members,
        },
        index=pd.Index(names, name=type_title(by)),
    )


def type_title(by: By) -> str:
    """Return what an index of types is called.

    Examples
    --------
    >>> type_title("cell_type"), type_title(["cell_type", "side"])
    ('cell_type', 'cell_type | side')
    """
    return by if isinstance(by, str) else " | ".join(by)


def bounded(g: ConnectomeGraph, table: Any, **facts: Any) -> Any:
    """Write into a table's ``attrs`` the domain, and whether unseen edges could shorten paths."""
    table.attrs.update(denominators(g), lower_bound=not g.domain.is_full, **facts)
    return table


def as_text(selection: Any) -> str:
    """Return a selection as it can stand in a record: an expression, or a number of neurons.

    Examples
    --------
    >>> as_text("cell_type == 'PN'"), as_text([1, 2])
    ("cell_type == 'PN'", '2 neurons')
    """
    if isinstance(selection, str):
        return selection
    try:
        return f"{len(selection):,} neurons"
    except TypeError:
        return "1 neuron"
