"""The front page keeps its word: its example runs, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import connectome_graph as cg

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]


def test_the_example_runs_as_written(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXAMPLE],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr[-3000:]
    for name in ("worm.graphml", "report.html", "explore.html"):
        assert (tmp_path / name).exists(), name
    assert "302 neurons, 3,671 edges" in shown.stdout
    assert cg.read_graphml(tmp_path / "worm.graphml").n_edges == 3671


def test_the_example_has_about_ten_lines() -> None:
    assert len([line for line in EXAMPLE.splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)#]+)\)", README))
def test_links_lead_to_files(target: str) -> None:
    assert (ROOT / target).is_file()


def test_the_commands_stand_on_the_first_screen() -> None:
    top = "\n".join(README.splitlines()[:15])
    assert "make demo" in top
    assert "make test" in top


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "_static" / "worm.png").stat().st_size < 150_000
