"""Where on the neuron synapses lie: their number per micrometre of cable at every distance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Bins, Side, bin_edges
from connectome_graph.errors import UnknownName, choice, did_you_mean
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.skeletons import _rows as rows
from connectome_graph.skeletons._attach import known_cells
from connectome_graph.skeletons._forest import Forest, lay_out
from connectome_graph.skeletons._skeleton import COMPARTMENTS

__all__ = ["distance_profile"]


def distance_profile(
    g: ConnectomeGraph,
    cells: Iterable[Any],
    *,
    side: Side = "post",
    by_partner: str | None = None,
    by_synapse: str | None = None,
    bins: Bins | None = None,
) -> pd.DataFrame:
    """Return synapses per um of available cable against path distance to the root.

    The *available cable* of a bin is the length of skeleton, over all cells, whose path
    distance lies in it; a skeleton edge that crosses a bin's border is split there. The null is
    *uniform over cable*: every cell keeps its number of synapses (of each group), and each falls
    on its cell's cable with equal chance per um.

    Parameters
    ----------
    g
        A graph to which the cells were attached on `side`.
    cells
        The same cells; cells that are no neuron of the graph are left out.
    side
        ``"post"``: the synapses that the cells receive; ``"pre"``: those that they make.
    by_partner
        Neuron column of the partner, such as ``"cell_type"`` of the source: a profile each.
    by_synapse
        Synapse column, such as ``"target"`` or ``"compartment"``: a profile each. By compartment
        the available cable is that of the compartment alone.
    bins
        Width of the bins in um, by default 10, or their ascending edges. A bin holds its lower
        edge.

    Returns
    -------
    pandas.DataFrame
        A row per group and bin: the group columns, ``low_um``, ``high_um``, ``cable_um``,
        ``n_synapses``, ``per_um`` (missing without cable), ``expected`` (n_synapses under the
        null), ``ratio`` (observed over expected, missing where that is 0), and ``null_low``,
        ``null_high``: the central 95 % of n_synapses under the null. Synapses without a distance
        are left out; ``.attrs`` tells how many (``n_without_distance``), and how many lie
        outside the bins (``n_outside_bins``).

    Raises
    ------
    UnknownName
        When no skeletons were attached on that side, or a column does not exist.
    InvalidArgument
        When the bins do not rise.

    Notes
    -----
    Inputs lie on dendrites: mask the cells (:func:`connectome_graph.skeletons.mask`) and filter
    the synapses to one compartment to have its cable alone as available; masked cells keep their
    distances.

    The null range is that of a binomial with the null's mean. The number under the null is a sum
    of binomials with different chances, which spreads less (Hoeffding 1956), so the range is
    conservative.

    References
    ----------
    Hoeffding (1956). On the distribution of the number of successes in independent trials. Ann
    Math Statist 27:713-721.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from connectome_graph import skeletons
    >>> sites = pd.DataFrame({"synapse_id": [11, 12], "vertex": [1, 2]})
    >>> cell = skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 3, 0], [4, 3, 0]], [[1, 0], [2, 1]], root=0, root_id=2, inputs=sites
    ... )
    >>> table = pd.DataFrame({"pre": [1, 1], "post": [2, 2], "synapse_id": [11, 12]})
    >>> g = skeletons.attach(cg.from_tables(table, unknown="add"), [cell])
    >>> distance_profile(g, [cell], bins=5)[["low_um", "cable_um", "n_synapses", "per_um"]]
       low_um  cable_um  n_synapses  per_um
    0     0.0       5.0           1     0.2
    1     5.0       2.0           1     0.5
    """
    choice(side, ("pre", "post"), name="side")
    distance = rows.distances(g, side)
    forest = lay_out(known_cells(g, cells)[0])
    edges = bin_edges(rows.WIDTH_UM if bins is None else bins, forest.distance)
    cell_of = rows.cells_of_rows(g, forest.cells, side)
    groups = _groups(g, side, by_partner=by_partner, by_synapse=by_synapse)
    placed = (cell_of >= 0) & ~np.isnan(distance)
    bin_of = np.searchsorted(edges, distance, side="right") - 1
    inside = placed & (bin_of >= 0) & (bin_of < len(edges) - 1)
    table = groups.assign(cell=cell_of, bin=bin_of, n=rows.counts(g)).loc[inside]
    own_cable = by_synapse == rows.on_side("compartment", side)
    profile = _profile(table, list(groups.columns), _cable(forest, edges), own_cable=own_cable)
    profile.insert(len(groups.columns), "low_um", edges[profile["bin"]])
    profile.insert(len(groups.columns) + 1, "high_um", edges[profile["bin"] + 1])
    profile = profile.drop(columns="bin")
    weight = rows.counts(g)
    profile.attrs["n_without_distance"] = int(weight[(cell_of >= 0) & np.isnan(distance)].sum())
    profile.attrs["n_outside_bins"] = int(weight[placed & ~inside].sum())
    return profile


def _groups(
    g: ConnectomeGraph, side: Side, *, by_partner: str | None, by_synapse: str | None
) -> pd.DataFrame:
    """Return the group columns of every synapse row; rows without a label are "unknown"."""
    n_rows = len(g.synapse_codes(side))
    columns = {}
    if by_partner is not None:
        partner = g.synapse_codes("pre" if side == "post" else "post")
        types = g.labels(by_partner, missing="own")
        columns[types.title] = pd.Series(types.named(types.codes[partner]))
    if by_synapse is not None:
        if by_synapse not in g.synapse_columns:
            raise UnknownName(
                f"the synapses have no column {by_synapse!r}."
                f"{did_you_mean(by_synapse, g.synapse_columns)}"
            )
        columns[by_synapse] = pd.Series(g.synapse_column(by_synapse))
    return pd.DataFrame(
        {
            name: values.astype(object).where(values.notna(), "unknown")
            for name, values in columns.items()
        },
        index=pd.RangeIndex(n_rows),
    )


def _cable(forest: Forest, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return cable in um, cells x compartment codes x bins. A piece of cable is its child's."""
    from connectome_graph._kernels import trees

    n_codes = 6
    codes = np.clip(forest.compartment.astype(np.int64), 0, n_codes - 1)
    cell = np.repeat(np.arange(len(forest.cells)), np.diff(forest.start))
    start = forest.distance - forest.length
    cable = trees.binned_cable(
        start, forest.length, cell * n_codes + codes, edges, len(forest.cells) * n_codes
    )
    return np.asarray(cable).reshape(len(forest.cells), n_codes, len(edges) - 1)


def _profile(
    table: pd.DataFrame, names: list[str], cable: npt.NDArray[np.float64], *, own_cable: bool
) -> pd.DataFrame:
    """Return the profile of every group, stacked."""
    parts = []
    grouped = table.groupby(names, sort=True) if names else [((), table)]
    for label, group in grouped:
        labels: tuple[Any, ...] = tuple(label)
        available = cable.sum(axis=1)
        if own_cable:
            code = {name: number for number, name in COMPARTMENTS.items()}.get(str(labels[-1]), 0)
            available = cable[:, code]
        part = _one_profile(group, available)
        for place, (name, value) in enumerate(zip(names, labels, strict=True)):
            part.insert(place, name, [value] * len(part))
        parts.append(part)
    if parts:
        return pd.concat(parts, ignore_index=True)
    empty = _one_profile(table.iloc[:0], cable.sum(axis=1)).iloc[:0]
    for place, name in enumerate(names):
        empty.insert(place, name, np.empty(0, dtype=object))
    return empty


def _one_profile(group: pd.DataFrame, cable: npt.NDArray[np.float64]) -> pd.DataFrame:
    from scipy.stats import binom

    n_cells, n_bins = cable.shape
    observed = np.bincount(group["bin"], weights=group["n"], minlength=n_bins).astype(np.int64)
    of_cell = np.bincount(group["cell"], weights=group["n"], minlength=n_cells)
    total = cable.sum(axis=1)
    chance = np.divide(cable, total[:, None], out=np.zeros_like(cable), where=total[:, None] > 0)
    expected = of_cell @ chance
    n = int(of_cell.sum())
    mean = np.clip(expected / n if n else np.zeros(n_bins), 0, 1)
    length = cable.sum(axis=0)
    return pd.DataFrame(
        {
            "bin": np.arange(n_bins),
            "cable_um": length,
            "n_synapses": observed,
            "per_um": _over(observed, length),
            "expected": expected,
            "ratio": _over(observed, expected),
            "null_low": binom.ppf(0.025, n, mean).astype(np.int64),
            "null_high": binom.ppf(0.975, n, mean).astype(np.int64),
        }
    )


def _over(top: npt.NDArray[Any], bottom: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    ratio = np.full(len(bottom), np.nan)
    np.divide(top, bottom, out=ratio, where=bottom > 0)
    return ratio
