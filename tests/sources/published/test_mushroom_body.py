"""A matrix and its labels have to agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectome_graph.errors import InvalidTable
from connectome_graph.sources.published import mushroom_body


def test_a_matrix_with_too_few_labels_is_refused(tmp_path: Path) -> None:
    paths = {name: tmp_path / name for name in ("left_adjacency.csv", "left_cell_labels.csv")}
    paths["left_adjacency.csv"].write_text("0 1\n2 0\n")
    paths["left_cell_labels.csv"].write_text("K\nK\nP\n")
    with pytest.raises(InvalidTable, match="3 labels"):
        mushroom_body.read(paths, "left")
