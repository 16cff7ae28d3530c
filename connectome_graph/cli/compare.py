"""``connectome-graph compare``: a statistic of a graph against the same of random graphs."""

from __future__ import annotations

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._commands import add

__all__ = ["commands"]


def commands(app: typer.Typer, asked: str | None) -> None:
    """Add what compares: against a null, two graphs, a sweep.

    Parameters
    ----------
    app
        Where to.
    asked
        The command that is asked for, or None.
    """
    for name in public.names("comparison"):
        command = name.replace("_", "-")
        if command == asked:
            add(app, "comparison", name)
        elif asked is None:
            app.command(command, help=public.summary("comparison", name))(_nothing)


def _nothing() -> None:
    """Stand for a command that was not asked for."""
