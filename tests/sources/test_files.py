"""Files to tables: what Arrow would lose or let through is caught here."""

from __future__ import annotations

import pandas as pd
import pytest

from connectome_graph.errors import UnreadableFile
from connectome_graph.sources.files import find_files, read_table


def test_whole_numbers_beyond_int64_keep_their_digits(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(f"pre,big,real\n1,{2**63 + 1},0.5\n2,,1e300\n")
    table = read_table(path)
    assert table.column("big").to_pylist() == [2**63 + 1, None]
    assert table.column("real").to_pylist() == [0.5, 1e300]


def test_the_index_of_a_filtered_frame_is_no_column(tmp_path):
    frame = pd.DataFrame({"pre": [1, 2, 3], "post": [2, 3, 1]})
    frame[frame["pre"] > 1].to_parquet(tmp_path / "table.parquet")
    assert read_table(tmp_path / "table.parquet").column_names == ["pre", "post"]


def test_a_glob_may_have_wildcards_in_its_folders(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        pd.DataFrame({"pre": [1]}).to_csv(tmp_path / name / "part.csv", index=False)
    found = find_files(tmp_path / "*" / "part.csv")
    assert [file.parent.name for file in found] == ["a", "b"]
    assert read_table(str(tmp_path / "*" / "part.csv")).num_rows == 2


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(UnreadableFile, match="its folder does not exist"):
        find_files(tmp_path / "absent" / "x.csv")
    with pytest.raises(UnreadableFile, match="holds no table file"):
        find_files(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UnreadableFile, match="an ending that is not known"):
        find_files(tmp_path / "notes.txt")
