"""``connectome-graph report``: one self-contained page about a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import load
from connectome_graph.cli._public import completing
from connectome_graph.cli._results import AsCsv, AsJson, Overwrite, facts_as

__all__ = ["report"]


def report(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The page to write, such as report.html.")
    ],
    policy: Annotated[
        str | None,
        typer.Option(
            help="Proofreading policy: strict, permissive or all; else that of the file.",
            autocompletion=completing("strict", "permissive", "all"),
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Neuron column of types; by default cell_type or the like.")
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "-n",
            "--n",
            min=0,
            help="Random graphs for the triads; by default 100, or none for large graphs.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 0,
    title: Annotated[str | None, typer.Option(help="Heading; by default the file's name.")] = None,
    explore: Annotated[
        Path | None,
        typer.Option(
            help="Write the page to look around in as well, such as explore.html; types "
            "and neurons of the report then link to it."
        ),
    ] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write a page with the graph's provenance, observability, statistics and adjacency."""
    from connectome_graph import report as pages
    from connectome_graph.errors import UnreadableFile

    if not output.resolve().parent.is_dir():
        raise UnreadableFile(
            f"{output} cannot be written: the folder {output.parent} does not exist; make it first"
        )
    g = load(graph)
    if policy is not None:
        g = g.observed(policy)
    path = pages.write(
        g,
        output,
        by=by,
        n=n,
        seed=seed,
        title=title or graph.stem,
        explore=explore,
        progress=None,
        overwrite=overwrite,
    )
    megabytes = path.stat().st_size / 1e6
    said = {"path": str(path), "megabytes": round(megabytes, 2)}
    said |= {"explore": str(explore.resolve())} if explore is not None else {}
    if not facts_as(said, as_json=as_json, as_csv=as_csv):
        print(f"written to {path} ({megabytes:.1f} MB)")
        if explore is not None:
            print(f"written to {explore.resolve()}")
