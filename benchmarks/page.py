"""The documentation page of the benchmarks, made from the stored runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import picture
from benchmarks.harness import HEADINGS, RESULTS, ROOT, Row, cells, machine_line

PAGE = ROOT / "docs" / "benchmarks.md"

INTRODUCTION = """\
# Benchmarks

This page is made from stored runs by `make bench-page`; every number on it was measured. Run them
yourself with `make bench`, or one topic with `make bench BENCH_ARGS="{first}"`.

Each row is one library doing one piece of work in a process of its own. *Median* and *least* are
seconds over the repeats, after a warm-up that compiles and fills caches. *Times ours* compares rows
of the same work in the same run: the ratio is what carries over to another machine, seconds do not.
*Peak* is how far memory rose above what the process held *before*, its libraries and its input
included. A note says where a peer did not finish or computed something else. `make bench-check`
runs what is short again and names every ratio that fell by more than a third.
"""
CURVES = """\
![Seconds against edges, both logarithmic, of the works of the section on time against edges]\
(_static/scaling.svg)
"""


def stored(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """Every stored run, by name."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def markdown(results: list[dict[str, Any]]) -> str:
    """Stored runs as one page: a section and a table for each."""
    first = results[0]["name"] if results else "NAME"
    parts = [INTRODUCTION.format(first=first)]
    if not results:
        parts.append("No run is stored yet.\n")
    parts.extend(section(result) for result in results)
    return "\n".join(parts)


def section(result: dict[str, Any]) -> str:
    """One stored run: what it measures, its table, what was left out, and where it ran."""
    rows = [Row(**row) for row in result["rows"]]
    lines = [_line(HEADINGS), _line(["---", "---", "--:", "--:", "--:", "--:", "--:", "---"])]
    lines.extend(_line([_escaped(cell) for cell in cells(row, rows)]) for row in rows)
    left_out = [f"- {sentence}." for sentence in result["left_out"]]
    return "\n".join(
        [
            f"## {result['title']}\n",
            f"{result['about'].strip()}\n",
            *([CURVES] if result["name"] == "scaling" else []),
            *lines,
            "",
            *(["Left out:\n", *left_out, ""] if left_out else []),
            f"*{machine_line(result['machine'])}*\n",
        ]
    )


def write(path: Path = PAGE) -> Path:
    """Write the page from what is stored, and its picture."""
    results = stored()
    drawn = {result["name"]: result for result in results}
    if (shown := drawn.get("scaling", drawn.get("motifs"))) is not None:
        picture.draw(shown)
    path.write_text(markdown(results), encoding="utf-8")
    return path


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
