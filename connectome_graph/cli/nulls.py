"""``connectome-graph nulls``: random graphs of every null model, checked and diagnosed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._commands import Reading, add, argument, keyword, selected
from connectome_graph.cli._graphs import check_output, load, save, tell
from connectome_graph.cli._results import AsCsv, AsJson, Overwrite
from connectome_graph.cli._values import null_model

__all__ = ["app", "fill"]

app = typer.Typer(
    no_args_is_help=True,
    help="Null models: write a random graph of one by name, check what it keeps, diagnose it.",
)
_FILE = Annotated[Path, typer.Option("--output", "-o", help="The random graph to write.")]
_SEED = Annotated[int, typer.Option(min=0, help="The same seed gives the same graph.")]


def fill(arguments: Sequence[str]) -> None:
    """Add the command of every null model, or of the one that is asked for."""
    for name in selected(arguments, "nulls", _all):
        if name == name.lower():
            add(app, "nulls", name)
        else:
            add(app, "nulls", name, run=_sampled, extra=_sampling())


def _all() -> list[str]:
    return [*public.names("nulls"), *public.classes("nulls")]


def _sampling() -> list[Any]:
    return [
        argument("graph", "A .connectome bundle or .graphml file.", Path),
        keyword("output", _FILE, default=...),
        keyword("seed", _SEED, default=0),
        keyword("overwrite", Overwrite, default=False),
        keyword("as_json", AsJson, default=False),
        keyword("as_csv", AsCsv, default=False),
    ]


def _sampled(function: public.Function, given: Reading) -> None:
    output, graph, overwrite = (given.pop(n) for n in ("output", "graph", "overwrite"))
    seed, shown = given.pop("seed"), {n: given.pop(n) for n in ("as_json", "as_csv")}
    check_output(output)
    model = null_model(function.name, given)
    sample = model.sample(load(graph), seed=seed)
    tell(sample, save(sample, output, overwrite=overwrite), **shown)
