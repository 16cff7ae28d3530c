"""``connectome-graph describe``: the numbers of a paper's table 1."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import load
from connectome_graph.cli._public import completing
from connectome_graph.cli._results import AsCsv, AsJson, Output, show

__all__ = ["describe"]


def describe(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    policy: Annotated[
        str | None,
        typer.Option(
            help="Proofreading policy: strict, permissive or all; else that of the file.",
            autocompletion=completing("strict", "permissive", "all"),
        ),
    ] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print the table as LaTeX.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = None,
) -> None:
    """Tell the dozen numbers of a paper's table 1, each with what it is out of."""
    from connectome_graph import describe as described

    g = load(graph)
    if policy is not None:
        g = g.observed(policy)
    found = described(g)
    if latex:
        print(found.to_latex(), end="")
    elif as_json or as_csv or output is not None:
        show(found, g=g, as_json=as_json, as_csv=as_csv, output=output)
    else:
        print(found)
