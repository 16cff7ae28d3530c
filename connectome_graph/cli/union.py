"""``connectome-graph union``: two graphs as layers of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import Overwrite, check_output, load, save, tell
from connectome_graph.cli._results import AsCsv, AsJson

__all__ = ["union"]


def union(  # noqa: PLR0917 - typer reads the options from the signature
    first: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    second: Annotated[Path, typer.Argument(help="Another, such as the electrical synapses.")],
    layer: Annotated[
        tuple[str, str], typer.Option(help="Names of the two layers: chemical electrical.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The graph to write: .connectome or .graphml.")
    ],
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write the synapses of two graphs as one graph, each in a layer of its own."""
    from connectome_graph.build.union import union as united

    check_output(output, inputs=(str(first), str(second)))
    g = united(load(first), load(second), layer=layer)
    tell(g, save(g, output, overwrite=overwrite), as_json=as_json, as_csv=as_csv)
