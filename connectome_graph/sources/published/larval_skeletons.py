"""Eighteen larval neurons whose connectors join outputs of one to inputs of another.

References
----------
Gerhard, Andrade, Fetter, Cardona, Schneider-Mizell (2017). Conserved neural circuit structure
across Drosophila larval development revealed by comparative connectomics. eLife 6:e29089.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from connectome_graph.sources.larval_json import LarvalNeuron, join_connectors, read_neuron
from connectome_graph.sources.published.tables import PublishedTables

__all__ = ["read"]

_SIDE = {"l": "left", "r": "right"}


def read(paths: dict[str, Path], variant: str) -> PublishedTables:  # noqa: ARG001
    """Return the synapses that the neurons share, and the neurons.

    ``x_um y_um z_um`` of a neuron is its soma; it is missing where the reconstruction has none.
    """
    neurons = [read_neuron(path) for name, path in sorted(paths.items()) if name.endswith(".json")]
    table = pd.DataFrame([_neuron(neuron) for neuron in neurons]).astype({"root_id": "int64"})
    return PublishedTables(
        join_connectors(neurons),
        table,
        note="A connector has one presynaptic site and may have several postsynaptic ones.",
    )


def _neuron(neuron: LarvalNeuron) -> dict[str, object]:
    """Return a row of the neuron table; names read as in ``"A02n a1l"``: type, segment, side."""
    cell_type, _, place = neuron.name.partition(" ")
    nodes = neuron.nodes
    soma = nodes.loc[nodes["node_id"] == neuron.soma, ["x_um", "y_um", "z_um"]].to_numpy(float)
    x, y, z = soma[0] if len(soma) else np.full(3, np.nan)
    return {
        "root_id": neuron.root_id,
        "name": neuron.name,
        "cell_type": cell_type,
        "segment": place[:-1],
        "side": _SIDE.get(place[-1:], ""),
        "has_soma": bool(len(soma)),
        "n_inputs": len(neuron.inputs),
        "n_outputs": len(neuron.outputs),
        "x_um": x,
        "y_um": y,
        "z_um": z,
    }
