"""The larval brain: pairs with synapse counts, in all and by the compartments they join.

References
----------
Winding, Pedigo, Barnes et al. (2023). The connectome of an insect brain. Science 379, eadd9330.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.sources.files import read_table
from connectome_graph.sources.published.tables import PublishedTables

__all__ = ["read"]

#: Variant -> the source's column. The first letter is the presynaptic compartment.
_KINDS = {
    "axon-axon": "aa_weight",
    "axon-dendrite": "ad_weight",
    "dendrite-axon": "da_weight",
    "dendrite-dendrite": "dd_weight",
}

#: The published super-class is the cell type; every other column keeps its name.
_NODES = {"node_id": "root_id", "super_class": "cell_type"}


def read(paths: dict[str, Path], variant: str) -> PublishedTables:
    """Return the pairs and the neurons; one kind of synapse, or ``"all"`` with a column a kind."""
    edges = read_table(paths["edgelist.csv.gz"])
    nodes = read_table(paths["nodes.csv.gz"])
    columns = {"pre": edges.column("source"), "post": edges.column("target")}
    # An empty cell means no synapse of that kind: the four kinds add up to the total.
    kinds = {
        kind: pc.fill_null(pc.cast(edges.column(name), pa.int64()), 0)
        for kind, name in _KINDS.items()
    }
    if variant == "all":
        own = {f"count_{kind.replace('-', '_')}": values for kind, values in kinds.items()}
        synapses = pa.table({**columns, "count": edges.column("weight"), **own})
    else:
        chosen = pa.table({**columns, "count": kinds[variant]})
        synapses = chosen.filter(pc.greater(chosen.column("count"), 0))
    neurons = nodes.rename_columns([_NODES.get(name, name) for name in nodes.column_names])
    return PublishedTables(synapses, neurons)
