"""The adult hermaphrodite worm: pairs with the size of their chemical and electrical contacts.

The weights are sizes: the number of serial sections in which the pair's contacts are seen,
summed over contacts. How many contacts a pair has is not in the file, so ``size`` holds the
weight and every pair counts as one row.

Muscles, glia and other end organs are among the ids. ``cell_class`` tells them apart by the
field's naming convention, in which only neurons and some glia are written in capitals.

References
----------
Cook, Jarrell, Brittin et al. (2019). Whole-animal connectomes of both Caenorhabditis elegans
sexes. Nature 571, 63-71.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.sources.files import read_table
from connectome_graph.sources.published.tables import PublishedTables

__all__ = ["cell_class", "read"]

_WEIGHT = {"chemical": "chemical_weight", "electrical": "electrical_weight", "all": "weight"}
_GLIA = re.compile(r"CEPsh|GLR")
_MUSCLE = re.compile(r"[dv]BWM|pm\d|[uv]m\d|mu_")


def cell_class(name: str) -> str:
    """Return ``"neuron"``, ``"glia"``, ``"muscle"`` or ``"other"`` for a cell of the worm.

    Examples
    --------
    >>> [cell_class(name) for name in ("AVAL", "GLRDL", "dBWML1", "hyp")]
    ['neuron', 'glia', 'muscle', 'other']
    """
    if _GLIA.match(name):
        return "glia"
    if _MUSCLE.match(name):
        return "muscle"
    return "neuron" if name == name.upper() else "other"


def read(paths: dict[str, Path], variant: str) -> PublishedTables:
    """Return the pairs and the cells; ``"chemical"``, ``"electrical"`` or ``"all"``."""
    edges = read_table(paths["edgelist.csv.gz"])
    nodes = read_table(paths["nodes.csv.gz"])
    weight = pc.fill_null(pc.cast(edges.column(_WEIGHT[variant]), pa.int64()), 0)
    pairs = pa.table(
        {"pre": edges.column("source"), "post": edges.column("target"), "size": weight}
    )
    names = nodes.column("node_id").to_pylist()
    neurons = pa.table(
        {
            "root_id": nodes.column("node_id"),
            "cell_class": pa.array([cell_class(name) for name in names]),
            "pair": nodes.column("pair"),
            "side": nodes.column("side"),
        }
    )
    return PublishedTables(
        pairs.filter(pc.greater(weight, 0)),
        neurons,
        note="Sizes are numbers of serial sections; numbers of contacts are not published.",
    )
