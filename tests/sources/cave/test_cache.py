"""The folder of fetched tables: whole files or none, exact ids, damage noticed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from connectome_graph.errors import UnreadableFile
from connectome_graph.sources.cave._cache import CacheFolder, digest

BIG = 864_691_135_000_000_001


def test_frames_come_back_as_they_were(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "id": [BIG, BIG + 2],
            "gap": pd.array([BIG, None], dtype="Int64"),
            "flag": pd.array([True, None], dtype="boolean"),
            "x": [0.25, float("nan")],
        }
    )
    cache = CacheFolder(tmp_path).of_server("https://a.org", "stack").below("v1", "table")
    cache.write_frame("part", frame)
    pd.testing.assert_frame_equal(cache.read_frame("part"), frame)
    assert [file.name for file in cache.path.iterdir()] == ["part.parquet"]


def test_absent_and_damaged_files_count_as_absent(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    assert cache.read_frame("part") is None
    assert cache.read_json("note") is None
    cache.write_frame("part", pd.DataFrame({"id": range(1000)}))
    cache.write_json("note", {"a": 1})
    for name in ("part.parquet", "note.json"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    assert cache.read_frame("part") is None
    assert cache.read_json("note") is None


def test_servers_datastacks_and_versions_do_not_share_a_folder(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    folders = {
        cache.of_server(server, stack).below(version).path
        for server in ("https://a.org", "http://127.0.0.1:8001", "http://127.0.0.1:8002")
        for stack in ("minnie", "v1dd")
        for version in ("v1", "v2")
    }
    assert len(folders) == 12


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    inside = CacheFolder(tmp_path).below("../../etc", "a/b").path
    assert inside.parent.parent == tmp_path


def test_a_full_or_forbidden_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnreadableFile, match="cache_dir"):
        CacheFolder(tmp_path / "file").write_json("note", {})


def test_digests_see_every_id() -> None:
    ids = list(range(BIG, BIG + 2_000))
    assert digest(ids) != digest([*ids[:1_000], BIG - 1, *ids[1_001:]])
