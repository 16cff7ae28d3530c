"""Settings of a fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectome_graph.errors import InvalidArgument
from connectome_graph.sources.cave._options import FetchOptions, default_cache


@pytest.mark.parametrize(
    "wrong",
    [
        {"workers": 0},
        {"workers": 9},
        {"attempts": 0},
        {"backoff_s": -1.0},
        {"timeout_s": 0.0},
        {"chunk_size": 0},
    ],
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(wrong))):
        FetchOptions(**wrong)


def test_the_cache_folder_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CONNECTOME_GRAPH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache() == tmp_path / "xdg" / "connectome_graph" / "cave"
    monkeypatch.setenv("CONNECTOME_GRAPH_CACHE", str(tmp_path / "own"))
    assert default_cache() == tmp_path / "own" / "cave"
    assert FetchOptions().folder == tmp_path / "own" / "cave"
    assert FetchOptions(cache_dir=tmp_path).folder == tmp_path


@pytest.mark.parametrize("name", ["timeout_s", "request_s", "fetch_s"])
@pytest.mark.parametrize("wrong", [0, -1, float("inf"), float("nan"), None, "10", True])
def test_everything_has_an_end(name: str, wrong: Any) -> None:
    with pytest.raises(InvalidArgument, match=name):
        FetchOptions(**{name: wrong})
