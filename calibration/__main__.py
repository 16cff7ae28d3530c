"""Run the simulations and write the table.

Usage: ``python -m calibration [--page] [--workers N] [NAME ...]``; names choose the functions, or
the rows whose data they name; ``--page`` simulates nothing and only rewrites
``docs/calibration.md`` from the stored result; ``--part .2`` draws the first fifth of the
simulations; ``--more`` those that come after the stored ones; ``--seconds 240`` stops then.
"""

from __future__ import annotations

import argparse
import sys

from calibration import page, run


def main() -> int:
    """Run what the command line names and rewrite the page."""
    parser = argparse.ArgumentParser(prog="python -m calibration", description="Calibrate.")
    parser.add_argument("names", nargs="*", help="functions, such as stats.density")
    parser.add_argument("--page", action="store_true", help="only rewrite docs/calibration.md")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--part", type=float, default=1.0, help="share of the simulations")
    parser.add_argument("--more", action="store_true", help="go on after the stored simulations")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after these")
    arguments = parser.parse_args()
    if not arguments.page:
        run.everything(
            arguments.names, workers=arguments.workers, part=arguments.part,
            more=arguments.more, seconds=arguments.seconds,
        )  # fmt: skip
    rows = run.stored()
    path = page.write(rows)
    off = [row for row in rows if not row["held"]]
    print(f"Wrote {path}: {len(rows)} rows, {len(off)} outside what is accepted")
    for row in off:
        print(f"  {row['function']} {row['what']} ({row['about']}): {row['share']:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
