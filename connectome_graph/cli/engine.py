"""``connectome-graph engine``: statistics of a folder of edges, which stay on disk."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from connectome_graph.cli._commands import add, selected

__all__ = ["app", "fill"]

app = typer.Typer(
    no_args_is_help=True, help="Statistics of edges on disk, as edges_to_parquet writes them."
)


NAMES = ("degrees", "density", "dyads", "triad_census", "type_matrix")


def fill(arguments: Sequence[str]) -> None:
    """Add the command of every statistic, or of the one that is asked for."""
    for name in selected(arguments, "engine", lambda: NAMES):
        add(app, "engine", name)
