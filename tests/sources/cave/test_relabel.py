"""Manual corrections of labels."""

from __future__ import annotations

import pandas as pd
import pytest

from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.sources.cave._relabel import relabelled

BIG = 864_691_135_000_000_001


def cells() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "root_id": [BIG, BIG + 2, BIG + 4],
            "cell_id": pd.array([11, 12, None], dtype="Int64"),
            "cell_type": ["L2a", "BC", None],
        }
    )


def test_labels_come_first_and_ids_win() -> None:
    table, counts = relabelled(cells(), {"cell_type": {BIG: "MC", "L2a": "23P", 12: "NGC"}})
    assert table["cell_type"].tolist()[:2] == ["MC", "NGC"]
    assert counts == {"cell_type": 2}
    assert table["root_id"].tolist() == cells()["root_id"].tolist()


def test_a_missing_label_can_be_given_by_id() -> None:
    table, counts = relabelled(cells(), {"cell_type": {BIG + 4: "VIP"}})
    assert table["cell_type"].tolist() == ["L2a", "BC", "VIP"]
    assert counts == {"cell_type": 1}


def test_the_argument_is_left_alone() -> None:
    before = cells()
    relabelled(before, {"cell_type": {"L2a": "23P"}})
    pd.testing.assert_frame_equal(before, cells())


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"celltype": {"L2a": "23P"}}, UnknownName, "Did you mean 'cell_type'"),
        ({"cell_type": {"L2": "23P"}}, UnknownName, "Did you mean 'L2a'"),
        ({"cell_type": {99: "23P"}}, UnknownName, "no cell has 99"),
        ({"cell_type": {1.5: "23P"}}, InvalidArgument, "labels or ids"),
    ],
)
def test_a_correction_that_corrects_nothing_is_an_error(
    changes: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        relabelled(cells(), changes)
