"""``connectome-graph demo``: the main job on a generated column, with nothing to download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import AsJson, save, tell

__all__ = ["demo"]

NOTE = (
    "This column is generated, not data: its counts follow the public marginals of a mouse V1 "
    "column."
)


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", "-o", help="Where the two files are written.")
    ] = Path("demo"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same column.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Build a generated V1 column from its synapses; write it as GraphML and as a bundle."""
    from connectome_graph import datasets

    folder.mkdir(parents=True, exist_ok=True)
    g = datasets.synthetic_column(seed=seed)
    files = [
        path
        for name in ("column.graphml", "column.connectome")
        for path in save(g, folder.resolve() / name)
    ]
    tell(g, files, as_json=as_json, note=NOTE)
