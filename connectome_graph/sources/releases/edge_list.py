"""Plain edge lists whose layout says what ``weight`` is."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.sources.releases.choosing import Found, chosen_connections
from connectome_graph.sources.releases.release import Choices, Release

__all__ = ["read"]

_NAMES = {
    "From Node ID": "pre", "To Node Id": "post", "To Node ID": "post", "roi": "neuropil",
    "source": "pre", "target": "post",
}  # fmt: skip


def read(found: Found, choices: Choices) -> Release:
    """Return ``pre, post, weight[, roi]``, a headerless list, or that of the FlyWire challenges."""
    release = Release(
        kind="edge-list", title="an edge list", synapses=pa.table({}), neurons=None,
        facts={"licence": "see the source", "citation": "see the source"},
    )  # fmt: skip
    given, _ = chosen_connections(found, choices, release)
    table = given.read()
    table = table.rename_columns([_NAMES.get(name, name) for name in table.column_names])
    own = "Weight" if "Weight" in table.column_names else "weight"
    weight = table.column(own)
    counts = pa.types.is_integer(weight.type) and not weight.null_count
    counts = counts and (not len(weight) or pc.min(weight).as_py() >= 1)
    name = "count" if counts else "size"
    release.note(
        f"{own} was read as the {'number of synapses' if counts else 'size'} of a row"
        + ("." if counts else ": not all of its values are whole numbers of at least 1.")
    )
    release.synapses = table.rename_columns(
        [name if column == own else column for column in table.column_names]
    )
    return release
