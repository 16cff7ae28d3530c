"""``connectome-graph datasets``: the registered real connectomes, listed and fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import Overwrite, Weights, check_output, save, tell
from connectome_graph.cli._results import AsCsv, AsJson, csv_of, facts_as, plain

__all__ = ["app"]

app = typer.Typer(
    name="datasets",
    help="Real connectomes with registered addresses and hashes.",
    no_args_is_help=True,
)


@app.command("list")
def list_datasets(as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List the datasets, whether their files are here, and their variants."""
    from connectome_graph import datasets

    table = datasets.available()
    if as_json:
        print(json.dumps(plain(table), indent=1))
        return
    if as_csv:
        print(csv_of(table), end="")
        return
    for name, row in table.iterrows():
        here = "on this machine" if row["on_this_machine"] else "not fetched yet"
        size = "" if row["megabytes"] != row["megabytes"] else f", {row['megabytes']} MB"
        print(f"{name}  ({here}{size})")
        print(f"    {row['title']}")
        print(f"    variants: {row['variants']}")
        print(f"    licence: {row['licence']}")


@app.command()
def fetch(
    names: Annotated[list[str], typer.Argument(help="Names, as 'datasets list' shows them.")],
    variant: Annotated[
        str | None, typer.Option(help="Only the files that this variant needs.")
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Download datasets that are not here yet, check every file, and print their folders."""
    from connectome_graph import datasets

    folders = {name: str(datasets.fetch(name, variant=variant)) for name in names}
    if not facts_as(folders, as_json=as_json, as_csv=as_csv):
        for name, folder in folders.items():
            print(f"{name}: {folder}")


@app.command()
def verify(
    source: Annotated[str, typer.Argument(help="A folder, an archive or a file of a release.")],
    kind: Annotated[
        str | None, typer.Option(help="Kind of the release, where it is not recognised.")
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Hold the files of a public release against the numbers that are published of them."""
    from connectome_graph import datasets

    table = datasets.verify(source, kind)
    if as_json:
        print(json.dumps(plain(table), indent=1))
    elif as_csv:
        print(csv_of(table), end="")
    else:
        print(table.to_string(index=False) if len(table) else "no published numbers are known")


@app.command()
def load(
    name: Annotated[str, typer.Argument(help="A name, as 'datasets list' shows it.")],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The graph to write: .connectome or .graphml."),
    ],
    variant: Annotated[
        str | None, typer.Option(help="Which part or kind; by default the first listed.")
    ] = None,
    weight: Weights = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Load a dataset as a graph, fetched if it is not here, and write the graph."""
    from connectome_graph import datasets

    check_output(output)
    g = datasets.load(name, variant=variant)
    tell(g, save(g, output, weight=weight, overwrite=overwrite), as_json=as_json, as_csv=as_csv)
