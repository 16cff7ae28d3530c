"""``connectome-graph explore``: one self-contained page to look around in a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import load
from connectome_graph.cli._public import completing
from connectome_graph.cli._results import AsCsv, AsJson, Overwrite, facts_as

__all__ = ["explore"]


def explore(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The page to write, such as explore.html.")
    ],
    policy: Annotated[
        str | None,
        typer.Option(
            help="Proofreading policy: strict, permissive or all; else that of the file.",
            autocompletion=completing("strict", "permissive", "all"),
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="Neuron column of types.")] = "cell_type",
    title: Annotated[str | None, typer.Option(help="Heading; by default the file's name.")] = None,
    segmentation: Annotated[
        str | None, typer.Option(help="Source of the segmentation, for links into neuroglancer.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write a page with the types as network and matrix, and every neuron with its id."""
    from connectome_graph import explore as write

    g = load(graph)
    if policy is not None:
        g = g.observed(policy)
    title = title or graph.stem
    path = write(g, output, by=by, title=title, segmentation=segmentation, overwrite=overwrite)
    megabytes = path.stat().st_size / 1e6
    said = {"path": str(path), "megabytes": round(megabytes, 2)}
    if not facts_as(said, as_json=as_json, as_csv=as_csv):
        print(f"written to {path} ({megabytes:.1f} MB); open it in a browser")
