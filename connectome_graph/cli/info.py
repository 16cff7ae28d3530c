"""``connectome-graph info``: what is in a bundle or GraphML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import load, tell
from connectome_graph.cli._results import AsCsv, AsJson

__all__ = ["info"]


def info(
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Tell the sizes, domain, columns and history of a graph."""
    tell(load(graph), [], as_json=as_json, as_csv=as_csv)
