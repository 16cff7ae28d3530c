"""Readers of the registered datasets, one file for each shape of source: files to plain tables."""

from __future__ import annotations

from connectome_graph.sources.published import (
    larval_brain,
    larval_skeletons,
    layer23,
    minnie65_cell,
    minnie65_tutorial,
    mushroom_body,
    worm,
)
from connectome_graph.sources.published.tables import PublishedTables, Reader

__all__ = ["READERS", "PublishedTables", "Reader"]

#: Dataset name -> its reader.
READERS: dict[str, Reader] = {
    "microns-l23-v185": layer23.read,
    "larva-mushroom-body": mushroom_body.read,
    "larva-brain-winding2023": larval_brain.read,
    "celegans-cook2019": worm.read,
    "minnie65-cell": minnie65_cell.read,
    "larva-l1v-skeletons": larval_skeletons.read,
    "microns-v1718": minnie65_tutorial.read,
}
