"""Balance of excitation and inhibition: on every neuron, and along its dendrites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Bins, By, bin_edges, one_of
from connectome_graph.errors import InvalidArgument, did_you_mean
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.skeletons import _rows as rows

__all__ = ["balance_profile", "neuron_balance"]

_CLASSES = ("excitatory", "inhibitory", "unknown")

#: What inputs are that verbs have left out of the graph.
LeftOutAs: TypeAlias = Literal["unknown", "nothing"]


def neuron_balance(
    g: ConnectomeGraph,
    *,
    by: By = "broad_type",
    excitatory: str | Sequence[str] = "excitatory",
    inhibitory: str | Sequence[str] = "inhibitory",
    left_out: LeftOutAs = "unknown",
) -> pd.DataFrame:
    """Return the share of inhibition among each neuron's inputs, I / (E + I), with its bounds.

    A synapse is excitatory or inhibitory by the type of its *source*; a source of any other type
    or none is *unknown*, a third class that is never spread over the other two. If all unknown
    synapses were excitatory the share would be ``low``, if all were inhibitory ``high``. Inputs
    that ``subgraph``, ``between``, ``filter_synapses`` or ``threshold`` have left out
    (``g.left_out``) are unknown too: taking part of a graph does not narrow the bounds.

    Parameters
    ----------
    g
        The graph. Sources outside the neuron table count only if they were kept when the graph
        was built (``unknown="add"``): without them the bounds are too narrow.
    by
        Neuron column that tells excitatory sources from inhibitory ones.
    excitatory, inhibitory
        Its values that mean so: one, or several.
    left_out
        What inputs are that verbs have left out: ``"unknown"``, so that the bounds are those of
        all inputs that were seen; or ``"nothing"``, for the balance of a selection by itself,
        such as the synapses on spines.

    Returns
    -------
    pandas.DataFrame
        Indexed by root id, a row per neuron: ``n_excitatory``, ``n_inhibitory``, ``n_unknown``,
        ``n_left_out`` (synapses), ``balance``, ``low``, ``high``; where synapses have a size also
        ``balance_size``, ``low_size``, ``high_size``, the same over summed size (synapses
        without one left out). Missing for neurons whose dendrite is not trusted (no target of
        the domain) and where nothing was received. Autapses are left out.

    Raises
    ------
    UnknownName
        When there is no such column.
    InvalidArgument
        When a value does not occur in it, or means both.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> types = ["excitatory", "inhibitory", None, "excitatory"]
    >>> neurons = pd.DataFrame({"root_id": [1, 2, 3, 4], "broad_type": types})
    >>> synapses = pd.DataFrame({"pre": [1, 1, 2, 3], "post": [4, 4, 4, 4]})
    >>> neuron_balance(cg.from_tables(synapses, neurons)).loc[
    ...     4, ["balance", "low", "high"]
    ... ].tolist()
    [0.3333333333333333, 0.25, 0.5]
    """
    one_of(left_out, LeftOutAs, name="left_out")
    kind = _source_class(g, by, excitatory, inhibitory)
    post = g.synapse_codes("post")
    valid = (post != g.synapse_codes("pre")) & g.domain.targets[post]
    gone = g.left_out
    gone.loc[~g.domain.targets] = 0
    lost = gone if left_out == "unknown" else None
    frame = _shares(g, kind, post, valid, n_groups=g.n_neurons, gone=lost)
    frame.index = pd.Index(g.ids, name="root_id")
    trusted = pd.Series(g.domain.targets, index=frame.index)
    frame.insert(3, "n_left_out", gone["n_inputs"].to_numpy())
    for name in ("n_excitatory", "n_inhibitory", "n_unknown", "n_left_out"):
        frame[name] = frame[name].astype("Int64").where(trusted)
    return frame


def balance_profile(
    g: ConnectomeGraph,
    *,
    by: By = "broad_type",
    excitatory: str | Sequence[str] = "excitatory",
    inhibitory: str | Sequence[str] = "inhibitory",
    compartment: str | Sequence[str] | None = None,
    bins: Bins | None = None,
) -> pd.DataFrame:
    """Return the share of inhibition along the neurons, against path distance to the root.

    Parameters
    ----------
    g
        A graph with ``distance_to_root_um`` on its synapses, see
        :func:`connectome_graph.skeletons.attach`. For one neuron or type, select its synapses
        first: ``g.between(post="cell_type == '23P'")``.
    by, excitatory, inhibitory
        As for :func:`neuron_balance`.
    compartment
        Compartments whose synapses count, such as ``("dendrite", "apical")``; None for all.
    bins
        Width of the bins in um, by default 10, or their ascending edges.

    Returns
    -------
    pandas.DataFrame
        A row per bin: ``low_um``, ``high_um`` and the columns of :func:`neuron_balance`, over all
        synapses onto neurons whose dendrite is trusted. ``.attrs["n_without_distance"]`` tells
        how many of those have no distance, and ``.attrs["n_left_out"]`` how many inputs verbs
        have left out of the graph: they are in no bin, so the bounds do not know them.

    Raises
    ------
    UnknownName
        When no skeletons were attached, or there is no such column.
    InvalidArgument
        When a value does not occur, or the bins do not rise.
    """
    kind = _source_class(g, by, excitatory, inhibitory)
    distance = rows.distances(g, "post")
    post = g.synapse_codes("post")
    valid = (post != g.synapse_codes("pre")) & g.domain.targets[post]
    if compartment is not None:
        names = [compartment] if isinstance(compartment, str) else list(compartment)
        valid &= pd.Series(g.synapse_column("compartment")).isin(names).to_numpy()
    edges = bin_edges(rows.WIDTH_UM if bins is None else bins, distance[valid])
    bin_of = np.searchsorted(edges, distance, side="right") - 1
    inside = valid & ~np.isnan(distance) & (bin_of >= 0) & (bin_of < len(edges) - 1)
    frame = _shares(g, kind, bin_of, inside, n_groups=len(edges) - 1)
    frame.insert(0, "low_um", edges[:-1])
    frame.insert(1, "high_um", edges[1:])
    frame.attrs["n_without_distance"] = int(rows.counts(g)[valid & np.isnan(distance)].sum())
    frame.attrs["n_left_out"] = int(g.left_out["n_inputs"][g.domain.targets].sum())
    return frame


def _source_class(
    g: ConnectomeGraph, by: By, excitatory: str | Sequence[str], inhibitory: str | Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return 0, 1 or 2 (excitatory, inhibitory, unknown) for the source of every synapse row."""
    types = g.labels(by)
    present = set(types.names)
    # One more entry, for the neurons without a type.
    kind = np.full(len(types) + 1, 2, dtype=np.int64)
    seen: set[str] = set()
    for number, values in enumerate((excitatory, inhibitory)):
        chosen = [values] if isinstance(values, str) else list(values)
        absent = [value for value in chosen if value not in present]
        if absent:
            raise InvalidArgument(
                f"no neuron has {by} == {absent[0]!r}.{did_you_mean(absent[0], present)} Say which "
                f"values of {by!r} mean {_CLASSES[number]}: {_CLASSES[number]}=..."
            )
        if seen & set(chosen):
            raise InvalidArgument(f"{sorted(seen & set(chosen))} is given as both classes")
        seen |= set(chosen)
        kind[:-1][types.names.isin(chosen)] = number
    return kind[types.codes][g.synapse_codes("pre")]


def _shares(
    g: ConnectomeGraph,
    kind: npt.NDArray[np.int64],
    group: npt.NDArray[np.integer[Any]],
    valid: npt.NDArray[np.bool_],
    *,
    n_groups: int,
    gone: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return numbers and shares of the three classes in every group of synapse rows.

    What is `gone` from a group (``n_inputs`` and ``input_size``) is unknown to its bounds.
    """
    lost = pd.DataFrame(0, range(n_groups), ["n_inputs", "input_size"]) if gone is None else gone
    cell = 3 * group[valid].astype(np.int64) + kind[valid]
    number = np.bincount(cell, weights=rows.counts(g)[valid], minlength=3 * n_groups)
    number = number.reshape(n_groups, 3)
    columns: dict[str, Any] = {
        f"n_{name}": number[:, place].astype(np.int64) for place, name in enumerate(_CLASSES)
    }
    columns |= _share_columns(number, "", lost["n_inputs"].to_numpy())
    if "size" in g.synapse_columns:
        size = np.asarray(g.synapse_column("size"), dtype=np.float64)[valid]
        weight = np.bincount(cell, weights=np.nan_to_num(size), minlength=3 * n_groups)
        columns |= _share_columns(
            weight.reshape(n_groups, 3), "_size", lost["input_size"].to_numpy()
        )
    return pd.DataFrame(columns)


def _share_columns(amount: npt.NDArray[Any], suffix: str, lost: npt.NDArray[Any]) -> dict[str, Any]:
    excitation, inhibition, unknown = amount.T
    unknown = unknown + lost
    whole = excitation + inhibition + unknown

    def share(top: npt.NDArray[np.float64], bottom: npt.NDArray[np.float64]) -> Any:
        return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)

    return {
        f"balance{suffix}": share(inhibition, excitation + inhibition),
        f"low{suffix}": share(inhibition, whole),
        f"high{suffix}": share(inhibition + unknown, whole),
    }
