"""The page of the documentation that shows the stored result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calibration.registry import COLUMNS, EXEMPT
from calibration.scenarios import ALL, FEW

__all__ = ["PATH", "text", "write"]

PATH = Path(__file__).resolve().parent.parent / "docs" / "calibration.md"

HEAD = """# How often p-values and intervals err

A p-value or an interval is a promise about how often it errs. `make calibration` draws data from
the null, or with a planted truth, calls the public function, and counts: how often p is at most
.05, how often the interval holds the truth. A test calls the public functions: a column that is a p
or the end of an interval, and has neither a row nor a reason below, fails it. Every simulation has
a random stream of its own, so the table does not depend on the number of processes.

An interval should hold the truth 93 to 97 times in a hundred (90 to 98 with fewer than ten neurons
at an end); a p of at most .05 should come 2 to 8 times. `q` and Holm's `p_adjusted` promise at most
.05. Where another range is accepted, the reason stands below the tables. A share of a few hundred
simulations is known to a few in a hundred; a row is "outside" when it is further off than chance
explains (1 in 100). These are {n:,} simulations in all; "60 of 300" is a part of the full run, with
which `python -m calibration --more` goes on.

Two-way intervals take neurons as what was sampled. They are not narrow: with five sources that
differ there is not much to know. "any" counts the data sets in which any of several p is at most
.05; "said" and "a club" those in which the function says so.
"""


def text(rows: list[dict[str, Any]]) -> str:
    """Return the page."""
    parts = [HEAD.format(n=_simulations(rows))]
    for kind, title, share in (
        ("interval", "Intervals", "held"),
        ("p", "p-values", "p <= .05"),
    ):
        parts.append(
            f"\n## {title}\n\n| function | promise | data | {share} | accepted | simulations |  |"
        )
        parts.append("\n|---|---|---|---|---|---|---|\n")
        parts += [_line(row) for row in rows if row["kind"] == kind]
    parts.append("\n## Other ranges\n\n| function | data | accepted | why |\n|---|---|---|---|\n")
    parts += [
        f"| `{s.function}` | {s.about} | {_range(s.accept)} | {s.why} |\n"
        for s in ALL
        if s.why and s.accept != FEW
    ]
    parts.append("\n## Without a row\n\n| function | columns | why |\n|---|---|---|\n")
    parts += [f"| any | `{name}` | {why} |\n" for name, why in COLUMNS.items()]
    parts += [
        f"| `{function}` | `{names}` | {why} |\n"
        for function, columns in EXEMPT.items()
        for names, why in columns.items()
    ]
    return "".join(parts)


def _simulations(rows: list[dict[str, Any]]) -> int:
    scenarios = {(row["function"], row["about"]): row["n"] + row["n_missing"] for row in rows}
    return sum(scenarios.values())


def _line(row: dict[str, Any]) -> str:
    missing = f" ({row['n_missing']} without)" if row["n_missing"] else ""
    full = {(s.function, s.about): s.n for s in ALL}[row["function"], row["about"]]
    missing = f" of {full:,}{missing}" if row["n"] + row["n_missing"] < full else missing
    return (
        f"| `{row['function']}` | {row['what']} | {row['about']} | {100 * row['share']:.1f} % | "
        f"{_range(row['accept'])} | {row['n']:,}{missing} | {'' if row['held'] else 'outside'} |\n"
    )


def _range(accept: Any) -> str:
    low, high = (f"{100 * end:g}" for end in accept)
    return f"{low} to {high} %"


def write(rows: list[dict[str, Any]]) -> Path:
    """Write the page and return its path."""
    PATH.write_text(text(rows), encoding="utf-8")
    return PATH
