"""An attribute as outside formats know it: booleans, integers, floats or text, under a name."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["EXACT", "FORMAT_VERSION", "METADATA", "Attribute", "as_exact_text"]

#: Name of the graph attribute that holds the metadata.
METADATA = "connectome_graph"

#: The newest version of the metadata that this library reads. A graph is written as the oldest
#: version that can hold it: 1, 2 with a set of pairs, 3 where inputs were left out.
FORMAT_VERSION = 3

#: The largest integer that every program reads exactly, also those that turn it into a double.
EXACT = 2**53


@dataclass(frozen=True)
class Attribute:
    """One attribute of nodes or edges.

    Attributes
    ----------
    name
        Its name outside.
    column
        Arrow array of booleans, integers, floats or text; null where missing.
    """

    name: str
    column: pa.Array


def as_exact_text(attribute: Attribute) -> Attribute:
    """Return an attribute whose integers are text when a program might round them.

    igraph and JavaScript hold every number as a double, which is exact up to 2**53.
    """
    values = attribute.column
    if not pa.types.is_integer(values.type) or not len(values):
        return attribute
    ends = pc.min_max(values).as_py()
    if ends["min"] is None or max(-ends["min"], ends["max"]) <= EXACT:
        return attribute
    return Attribute(attribute.name, pc.cast(values, pa.string()))
