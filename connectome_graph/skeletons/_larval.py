"""Larval neurons (JSON) to skeletons."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from connectome_graph.errors import choice
from connectome_graph.skeletons._skeleton import Skeleton, from_arrays
from connectome_graph.skeletons._validity import Disconnected, DuplicateEdges, MissingSoma
from connectome_graph.sources.larval_json import LarvalNeuron, read_neuron

__all__ = ["from_larval", "load_larval"]

_SITE_COLUMNS = ["connector_id", "x_um", "y_um", "z_um"]


def load_larval(
    path: str | Path,
    *,
    not_dendrite: Literal["unknown", "axon"] = "unknown",
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
) -> Skeleton:
    """Return the skeleton in a larval JSON file; see :func:`from_larval`.

    Parameters
    ----------
    path
        The file.
    not_dendrite, duplicate_edges, disconnected, missing_soma
        As in :func:`from_larval`.

    Raises
    ------
    UnreadableFile
        When the file is missing, truncated, or not JSON.
    InvalidTable
        When it breaks the format, or the skeleton is not a tree with a soma and no choice
        covers the fault.
    """
    return from_larval(
        read_neuron(path),
        not_dendrite=not_dendrite,
        duplicate_edges=duplicate_edges,
        disconnected=disconnected,
        missing_soma=missing_soma,
    )


def from_larval(
    neuron: LarvalNeuron,
    *,
    not_dendrite: Literal["unknown", "axon"] = "unknown",
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
) -> Skeleton:
    """Return a larval neuron as a :class:`Skeleton`.

    Parameters
    ----------
    neuron
        What :func:`connectome_graph.sources.larval_json.read_neuron` returns.
    not_dendrite
        The format marks nodes as dendritic or not. What is not is axon, but also the fibre
        between them: ``"unknown"`` leaves its compartment missing, ``"axon"`` calls it axon.
    duplicate_edges, disconnected, missing_soma
        As for :func:`connectome_graph.skeletons.from_arrays`. Sensory axons have no soma in
        this data; they need ``missing_soma="root"`` or ``"missing"``.

    Returns
    -------
    Skeleton
        Its ``node_id`` is the CATMAID node, so synapse tables with ``pre_node`` and
        ``post_node`` attach exactly.
    """
    choice(not_dendrite, ("unknown", "axon"), name="not_dendrite")
    nodes = neuron.nodes["node_id"].to_numpy()
    index = pd.Index(nodes)
    compartment = np.where(neuron.nodes["is_dendrite"], 3, 2 if not_dendrite == "axon" else 0)
    soma = None
    if neuron.soma is not None:
        soma = int(index.get_loc(neuron.soma))
        compartment[soma] = 1
    edges = neuron.edges[["child", "parent"]].to_numpy()
    return from_arrays(
        neuron.nodes[["x_um", "y_um", "z_um"]].to_numpy(),
        index.get_indexer(edges.ravel()).reshape(-1, 2),
        root_id=neuron.root_id,
        soma=soma,
        compartment=compartment,
        node_id=nodes,
        duplicate_edges=duplicate_edges,
        disconnected=disconnected,
        missing_soma=missing_soma,
        inputs=_sites(neuron.inputs, index),
        outputs=_sites(neuron.outputs, index),
    )


def _sites(table: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    return table[_SITE_COLUMNS].assign(vertex=index.get_indexer(pd.Index(table["node_id"])))
