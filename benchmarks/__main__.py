"""Run benchmarks: all of them, or those named.

Usage: ``python -m benchmarks [--page | --check] [NAME ...]``; ``--page`` measures nothing and only
rewrites ``docs/benchmarks.md`` and its picture, ``--check`` runs what is short and names the ratios
that fell by more than a third below the stored ones.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks import check, harness, page


def available() -> list[str]:
    """Topics: the ``bench_<topic>.py`` files beside this one."""
    folder = Path(__file__).resolve().parent
    return sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))


def main() -> int:
    """Run what the command line names and rewrite the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Run benchmarks.")
    parser.add_argument("names", nargs="*", help=f"topics: {', '.join(available()) or 'none yet'}")
    parser.add_argument("--page", action="store_true", help="only rewrite docs/benchmarks.md")
    parser.add_argument("--check", action="store_true", help="a short run beside the stored one")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(available()))
    if unknown:
        topics = ", ".join(available())
        print(
            f"error: no benchmark called {', '.join(unknown)}; there are {topics}", file=sys.stderr
        )
        return 2
    if arguments.check:
        return check.run(arguments.names or available())
    if not arguments.page:
        for name in arguments.names or available():
            bench = importlib.import_module(f"benchmarks.bench_{name}")
            harness.run(name, title=bench.TITLE, about=bench.ABOUT, cases=bench.cases())
    print(f"Wrote {page.write().relative_to(harness.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
