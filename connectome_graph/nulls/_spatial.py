"""Random graphs with as many edges at each distance as the observed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import Bins, By, bin_edges, is_number, number
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import NullModel, Sampler, edge_columns
from connectome_graph.nulls._pairs import distinct
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._typed import type_codes

__all__ = ["Spatial"]

_AXES = ("x_um", "y_um", "z_um")


@dataclass(frozen=True)
class Spatial(NullModel):
    """Edges per distance bin kept exactly, drawn at random among the pairs at that distance.

    Distances run straight between the positions ``x_um, y_um, z_um`` of the two neurons. With
    `by`, edges are kept per bin and (pre type, post type). Every choice of so many pairs in
    each class is equally likely. Synapse counts and sizes are dealt at random inside a class.

    Parameters
    ----------
    bins
        Ascending edges of the bins in um, or their width from 0 to the farthest two neurons.
        Pairs nearer than the first edge belong to the first bin, and pairs farther than the
        last to the last one.
    by
        Neuron column of types; neurons without a label form a type.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0)
    >>> cg.nulls.Spatial(bins=(0, 50, 100, 200, 400)).sample(g, seed=1).n_edges == g.n_edges
    True
    """

    bins: Bins
    by: By | None = None

    def __post_init__(self) -> None:
        if is_number(self.bins):
            object.__setattr__(self, "bins", number(self.bins, name="bins", above=0))
            return
        edges = bin_edges(self.bins, ())
        if edges[0] < 0:
            raise InvalidArgument(f"bins={self.bins!r} must be distances of at least 0 um")
        object.__setattr__(self, "bins", tuple(edges.tolist()))

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        typed = () if self.by is None else ("type_pairs",)
        return kept(exact=("edges", "distance_bins", "labels", "edge_weights", *typed))

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share.

        Raises
        ------
        InvalidTable
            When a source or target has no position.
        """
        g.domain.require_simple("Spatial")
        squares = np.square(reaching(self.bins, positions(g))[1:-1])
        classes = (_Classes if g.domain.pairs is None else _ListedClasses)(g, squares, self.by)
        columns = {name: values[classes.order] for name, values in edge_columns(g).items()}
        sentence = (
            f"{g.n_edges:,} edges were drawn at random among the pairs of their distance bin"
            f"{'' if self.by is None else ' and types'} (Spatial)."
        )

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            pre, post = classes.draw(rng)
            dealt = np.lexsort([rng.random(g.n_edges), classes.of_edge])
            return g.rewired(
                pre,
                post,
                columns={name: values[dealt] for name, values in columns.items()},
                verb="Spatial",
                sentence=sentence,
            )

        return draw


def reaching(bins: Bins, xyz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return edges of distance bins; those of one width reach across all positions."""
    placed = xyz[~np.isnan(xyz).any(axis=1)]
    across = float(np.linalg.norm(np.ptp(placed, axis=0))) if len(placed) else 0.0
    return bin_edges(bins, [across])


class _Classes:
    """Pairs of the domain by (pre type, distance bin, post type), and edges in each class."""

    def __init__(self, g: ConnectomeGraph, squares: npt.NDArray[np.float64], by: By | None) -> None:
        from connectome_graph._kernels import distance_classes

        xyz = positions(g)
        types, n_types = type_codes(g, by)
        sources, targets = (
            np.flatnonzero(mask).astype(np.int32) for mask in (g.domain.sources, g.domain.targets)
        )
        self._geometry = xyz, sources, targets, types, n_types, squares
        counts = distance_classes.count_pairs(*self._geometry)
        pre, post = g.edge_codes
        here = distance_classes.pair_bins(xyz, pre, post, squares) * n_types + types[post]
        n_classes = n_types * counts.shape[1]
        of_edge = types[pre] * counts.shape[1] + here
        self.order = np.argsort(of_edge, kind="stable")
        self.of_edge = of_edge[self.order]
        self._wanted = np.bincount(of_edge, minlength=n_classes)
        # The pairs are numbered class by class and, inside a class, source by source.
        width = counts.shape[1]
        cell_class = (types[sources][:, None] * width + np.arange(width)).ravel()
        order = np.argsort(cell_class, kind="stable")
        order = order[counts.ravel()[order] > 0]
        lengths = counts.ravel()[order]
        self._cell_start = np.cumsum(lengths) - lengths
        self._cell_row, self._cell_kind = np.divmod(order, width)
        self._sizes = np.zeros(n_classes, np.int64)
        np.add.at(self._sizes, cell_class[order], lengths)

    def draw(self, rng: np.random.Generator) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return random edges, those of the first class first."""
        from connectome_graph._kernels import distance_classes

        ranks = distinct(rng, self._sizes, self._wanted)
        cell = np.searchsorted(self._cell_start, ranks, "right") - 1
        row, kind = self._cell_row[cell], self._cell_kind[cell]
        rank = ranks - self._cell_start[cell]
        order = np.lexsort([rank, kind, row])
        sources = self._geometry[1]
        row_start = np.searchsorted(row[order], np.arange(len(sources) + 1))
        found = distance_classes.find_pairs(*self._geometry, row_start, kind[order], rank[order])
        post = np.empty_like(found)
        post[order] = found
        return sources[row], post


class _ListedClasses:
    """The same where the pairs of the domain are listed: sorted once by class."""

    def __init__(self, g: ConnectomeGraph, squares: npt.NDArray[np.float64], by: By | None) -> None:
        met = g.domain.pairs
        assert met is not None
        xyz = positions(g)
        types, n_types = type_codes(g, by)

        def classes(
            pre: npt.NDArray[np.int32], post: npt.NDArray[np.int32]
        ) -> npt.NDArray[np.int64]:
            from connectome_graph._kernels.distance_classes import pair_bins

            place = pair_bins(xyz, pre, post, squares)
            found = (types[pre] * (len(squares) + 1) + place) * n_types + types[post]
            return np.asarray(found, np.int64)

        of_edge, of_pair = classes(*g.edge_codes), classes(met.pre, met.post)
        self.order = np.argsort(of_edge, kind="stable")
        self.of_edge = of_edge[self.order]
        n_classes = n_types**2 * (len(squares) + 1)
        self._wanted = np.bincount(of_edge, minlength=n_classes)
        self._sizes = np.bincount(of_pair, minlength=n_classes)
        self._pairs, self._met = np.argsort(of_pair, kind="stable"), met

    def draw(self, rng: np.random.Generator) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return random edges, those of the first class first."""
        at = self._pairs[distinct(rng, self._sizes, self._wanted)]
        return self._met.pre[at], self._met.post[at]


def positions(g: ConnectomeGraph) -> npt.NDArray[np.float64]:
    """Return the position of every neuron in um.

    Raises
    ------
    InvalidTable
        When a neuron of the domain has none.
    """
    xyz = np.column_stack([g.neuron_column(axis).to_numpy(np.float64) for axis in _AXES])
    needed = g.domain.sources | g.domain.targets
    lost = np.flatnonzero(needed & np.isnan(xyz).any(axis=1))
    if len(lost):
        raise InvalidTable(
            f"{len(lost):,} neurons of the domain have no position (first: {g.ids[lost[0]]}); "
            "Spatial needs x_um, y_um, z_um of all; leave them out with subgraph('x_um.notna()')"
        )
    return np.ascontiguousarray(xyz)
