"""``connectome-graph export``: a graph in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import Overwrite, Weights, check_output, load, save, tell
from connectome_graph.cli._results import AsCsv, AsJson

__all__ = ["export"]


def export(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="The file to write; its ending says the format: .connectome, .graphml, .cyjs, "
            ".cx2, .mtx, .csv, .tsv, .parquet, .feather.",
        ),
    ],
    weight: Weights = None,
    table: Annotated[
        str, typer.Option(help="For table formats: edges, neurons or synapses.")
    ] = "edges",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write a graph as GraphML, for Cytoscape, tables, Matrix Market, or a bundle."""
    check_output(output)
    g = load(graph)
    files = save(g, output, weight=weight, table=table, overwrite=overwrite)
    tell(g, files, as_json=as_json, as_csv=as_csv)
