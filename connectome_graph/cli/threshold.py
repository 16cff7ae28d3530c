"""``connectome-graph threshold``: a graph without its weak connections."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import Overwrite, check_output, load, save, tell
from connectome_graph.cli._results import AsCsv, AsJson

__all__ = ["threshold"]


def threshold(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The graph to write: .connectome or .graphml.")
    ],
    min_synapses: Annotated[
        int | None, typer.Option(help="Keep connections with at least so many synapses.")
    ] = None,
    weight: Annotated[
        str | None, typer.Option(help="Keep connections by this weight, such as input_fraction.")
    ] = None,
    at_least: Annotated[float | None, typer.Option(help="Smallest weight kept.")] = None,
    total: Annotated[
        str | None, typer.Option(help="Neuron column of all inputs, which fractions divide by.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write a graph without weak connections, by synapses or by any weight."""
    check_output(output, inputs=(str(graph),))
    given = {"min_synapses": min_synapses, "weight": weight, "at_least": at_least, "total": total}
    options = {name: value for name, value in given.items() if value is not None}
    g = load(graph).threshold(**options)  # type: ignore[arg-type]
    tell(g, save(g, output, overwrite=overwrite), as_json=as_json, as_csv=as_csv)
