"""``connectome-graph merge``: homologous neurons as one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import Overwrite, check_output, load, save, tell
from connectome_graph.cli._results import AsCsv, AsJson

__all__ = ["merge"]


def merge(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    by: Annotated[
        list[str], typer.Option(help="Neuron column of which equal values join; again for more.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The graph to write: .connectome or .graphml.")
    ],
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write a graph in which the neurons of one pair are one neuron."""
    check_output(output, inputs=(str(graph),))
    g = load(graph).merge(by[0] if len(by) == 1 else by)
    tell(g, save(g, output, overwrite=overwrite), as_json=as_json, as_csv=as_csv)
