"""Connection probability against the distance between somata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Bins, Level, bin_edges, one_of
from connectome_graph.errors import InvalidArgument, UnknownName, choice
from connectome_graph.stats._dyads import dyad_edges, reciprocated
from connectome_graph.stats._intervals import ratio, wilson
from connectome_graph.stats._sampling import denominators

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.pairs import PairSet

__all__ = ["connection_by_distance"]

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: What a distance between two somata is.
Metric = Literal["euclidean", "lateral", "depth"]
#: Edges of the bins where none are given, in um.
DISTANCES_UM = tuple(range(0, 301, 25))
AXES = ("x_um", "y_um", "z_um")

# Columns of the search grid a side of the largest distance.
_COLUMNS_A_REACH = 4
_MOST_COLUMNS = 1000


def connection_by_distance(
    g: ConnectomeGraph,
    *,
    bins: Bins | None = None,
    metric: Metric = "euclidean",
    depth: str = "y_um",
    level: Level = 0.95,
) -> pd.DataFrame:
    """Return the connection probability in bins of distance, one-way and mutual.

    Every pair of the domain whose distance lies within the bins is counted, exactly, whether
    connected or not. The cost grows with the number of pairs nearer than the last bin edge.

    Parameters
    ----------
    g
        The graph; its neurons have positions ``x_um y_um z_um``. Neurons without one are left
        out and counted in ``attrs["n_neurons_without_position"]``.
    bins
        Ascending edges of the bins in um, or their width from 0 to the farthest two neurons; a
        bin holds its lower edge and not its upper one. By default 0, 25, ... 300.
    metric
        ``"euclidean"``; ``"lateral"``, across the two axes other than `depth`; or ``"depth"``,
        the absolute difference along it.
    depth
        The column of cortical depth.
    level
        Confidence level of Wilson's intervals, which take pairs as independent.

    Returns
    -------
    pandas.DataFrame
        A row per bin. Over ordered pairs of the domain: ``low_um high_um n_pairs n_edges
        probability wilson_low wilson_high``. Over the unordered pairs of which both directions
        were observable: ``n_dyads n_asymmetric n_mutual asymmetric_probability
        mutual_probability expected_mutual``, the last being the square of the connection
        probability there.

    Raises
    ------
    UnknownName
        When the neurons have no positions.
    InvalidArgument
        For an unknown metric, bins that do not ascend, or a graph of types.

    References
    ----------
    Perin, Berger & Markram 2011, PNAS 108:5419.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "x_um": [0, 10, 60], "y_um": 0.0, "z_um": 0.0})
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]], cells)
    >>> table = cg.stats.connection_by_distance(g, bins=[0, 25, 50, 75])
    >>> table[["low_um", "n_pairs", "n_edges", "n_mutual"]]
       low_um  n_pairs  n_edges  n_mutual
    0     0.0        2        2         1
    1    25.0        0        0         0
    2    50.0        4        1         0
    """
    one_of(metric, Metric, name="metric")
    g.domain.require_simple("connection probability against distance")
    from connectome_graph._kernels.pair_distances import count_edges

    xyz = _coordinates(g, metric, depth)
    edges_um = _distances(bins, xyz)
    edges2 = edges_um**2
    placed = ~np.isnan(xyz).any(axis=0)
    points = np.ascontiguousarray(xyz.T)
    if g.domain.pairs is None:
        ordered, dyads = _pairs(xyz, g.domain.sources & placed, g.domain.targets & placed, edges2)
    else:
        ordered, dyads = _pairs_of_set(g.domain.pairs, points, edges2)
    n_edges, twice = count_edges(*g.edge_codes, points, reciprocated(g), edges2)
    pre, post, keep = dyad_edges(g)
    n_core = (
        n_edges
        if isinstance(keep, slice)
        else count_edges(pre, post, points, np.zeros(len(pre), bool), edges2)[0]
    )
    p_core = ratio(n_core, 2 * dyads)
    low, high = wilson(n_edges, ordered, level=level)
    table = pd.DataFrame(
        {
            "low_um": edges_um[:-1],
            "high_um": edges_um[1:],
            "n_pairs": ordered,
            "n_edges": n_edges,
            "probability": ratio(n_edges, ordered),
            "wilson_low": low,
            "wilson_high": high,
            "n_dyads": dyads,
            "n_asymmetric": n_core - twice,
            "n_mutual": twice // 2,
            "asymmetric_probability": ratio(n_core - twice, dyads),
            "mutual_probability": ratio(twice // 2, dyads),
            "expected_mutual": p_core**2,
        }
    )
    lost = int(((g.domain.sources | g.domain.targets) & ~placed).sum())
    table.attrs.update(denominators(g), metric=metric, n_neurons_without_position=lost)
    return table


def _distances(bins: Bins | None, xyz: Floats) -> Floats:
    """Return bin edges in um; bins of one width reach across the whole volume."""
    placed = xyz[:, ~np.isnan(xyz).any(axis=0)]
    across = float(np.linalg.norm(np.ptp(placed, axis=1))) if placed.size else 0.0
    edges = bin_edges(DISTANCES_UM if bins is None else bins, [across])
    if edges[0] < 0 or not np.isfinite(edges).all():
        raise InvalidArgument(
            f"bins needs finite distances from 0 up; found {edges[0]:g} to {edges[-1]:g} um"
        )
    return edges


def _coordinates(g: ConnectomeGraph, metric: str, depth: str) -> Floats:
    """Return x, y, z of every neuron, with zeros along the axes that the metric ignores."""
    choice(depth, AXES, name="depth")
    frame = g.neurons
    missing = [axis for axis in AXES if axis not in frame]
    if missing:
        raise UnknownName(
            f"distances need neuron positions x_um, y_um, z_um; the neurons have no "
            f"{', '.join(missing)}; give positions when building the graph, or g.annotate(...)"
        )
    # The kernel walks along y, so the depth goes there.
    lateral = [axis for axis in AXES if axis != depth]
    order = [lateral[0], depth, lateral[1]]
    xyz = np.stack([frame[axis].to_numpy(dtype=float, na_value=np.nan) for axis in order])
    ignored = {"euclidean": [], "lateral": [1], "depth": [0, 2]}[metric]
    for axis in ignored:
        xyz[axis] = np.where(np.isnan(xyz[axis]), np.nan, 0.0)
    return xyz


def _pairs(xyz: Floats, sources: Mask, targets: Mask, edges2: Floats) -> tuple[Counts, Counts]:
    """Return ordered pairs of sources and targets, and unordered pairs of both, by bin."""
    core = sources & targets
    if not np.nan_to_num(xyz[[0, 2]]).any():
        return _pairs_on_line(xyz[1], sources, targets, edges2)
    within = _Grid.over(xyz[:, core], edges2).count(None)
    ordered = 2 * within
    for some, others in ((sources & ~targets, targets), (core, targets & ~sources)):
        if some.any() and others.any():
            ordered += _Grid.over(xyz[:, others], edges2).count(xyz[:, some])
    return ordered, within


def _pairs_of_set(pairs: PairSet, points: Floats, edges2: Floats) -> tuple[Counts, Counts]:
    """Return ordered pairs of a set, and unordered pairs that are in it both ways, by bin."""
    from connectome_graph._kernels.pair_distances import count_edges

    ordered, twice = count_edges(pairs.pre, pairs.post, points, pairs.mirror >= 0, edges2)
    return ordered, twice // 2


def _pairs_on_line(
    y: Floats, sources: Mask, targets: Mask, edges2: Floats
) -> tuple[Counts, Counts]:
    from connectome_graph._kernels.pair_distances import count_on_line

    core = sources & targets
    ends = [np.sort(y[mask]) for mask in (sources, targets, core)]
    ordered = count_on_line(ends[0], ends[1], edges2)
    both = count_on_line(ends[2], ends[2], edges2)
    # Each core neuron met itself at distance 0.
    if edges2[0] == 0:
        ordered[0] -= core.sum()
        both[0] -= core.sum()
    return ordered, both // 2


@dataclass(frozen=True)
class _Grid:
    """Points sorted into columns, ready to be asked for partners."""

    points: Floats
    columns: Counts
    pointers: Counts
    shape: Floats
    edges2: Floats

    @classmethod
    def over(cls, xyz: Floats, edges2: Floats) -> _Grid:
        reach = float(np.sqrt(edges2[-1]))
        corner = xyz.min(axis=1) if xyz.size else np.zeros(3)
        size = (xyz.max(axis=1) if xyz.size else np.zeros(3)) - corner
        side = max(reach / _COLUMNS_A_REACH, float(max(size[0], size[2])) / _MOST_COLUMNS)
        shape = np.array([corner[0], corner[2], side, size[0] // side + 1, size[2] // side + 1])
        columns = _column_of(xyz, shape)
        number = columns[:, 0] * int(shape[4]) + columns[:, 1]
        order = np.lexsort((xyz[1], number))
        totals = np.bincount(number, minlength=int(shape[3] * shape[4]))
        pointers = np.concatenate([[0], np.cumsum(totals)])
        points = np.ascontiguousarray(xyz[:, order])
        return cls(points, np.ascontiguousarray(columns[order]), pointers, shape, edges2)

    def count(self, others: Floats | None) -> Counts:
        """Count pairs with `others`, or unordered pairs among the points themselves."""
        from connectome_graph._kernels import threads
        from connectome_graph._kernels.pair_distances import count_in_space

        a = self.points if others is None else np.ascontiguousarray(others)
        columns = self.columns if others is None else _column_of(a, self.shape)
        n_workers = threads.n_threads() if a.shape[1] * self.points.shape[1] > 10**6 else 1

        def count(worker: int) -> Any:
            return count_in_space(
                a, self.points, columns, self.pointers, self.shape, self.edges2,
                others is None, worker, n_workers,
            )  # fmt: skip

        parts: list[Any] = threads.each(count, n_workers)
        total: Counts = np.stack(parts).sum(axis=0)
        return total


def _column_of(xyz: Floats, shape: Floats) -> Counts:
    x = np.floor((xyz[0] - shape[0]) / shape[2])
    z = np.floor((xyz[2] - shape[1]) / shape[2])
    return np.ascontiguousarray(np.column_stack([x, z]).astype(np.int64))
