"""``connectome-graph stats``: the first numbers of a graph, and every statistic by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._commands import add, selected
from connectome_graph.cli._graphs import load
from connectome_graph.cli._public import completing
from connectome_graph.cli._results import AsCsv, AsJson, facts_as, plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["app", "fill"]

app = typer.Typer(
    no_args_is_help=True,
    help="Statistics on the pairs that could be seen: 'stats GRAPH' for the first numbers, or "
    "one by name.",
)
#: What 'stats GRAPH' runs.
DEFAULT = "summary"


def fill(arguments: Sequence[str]) -> None:
    """Add the command of every statistic, or of the one that is asked for."""
    for name in selected(arguments, "stats", lambda: public.names("stats")):
        add(app, "stats", name)


@app.command()
def summary(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    policy: Annotated[
        str | None,
        typer.Option(
            help="Proofreading policy: strict, permissive or all; else that of the file.",
            autocompletion=completing("strict", "permissive", "all"),
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Neuron column of types, for the type matrix; again for more."),
    ] = None,
    min_synapses: Annotated[
        int, typer.Option(min=1, help="Leave out connections of fewer synapses.")
    ] = 1,
    interval: Annotated[
        str,
        typer.Option(help="two-way or bootstrap (over neurons), or wilson (pairs independent)."),
    ] = "two-way",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Tell density, reciprocity, clustering and components, and with --by the type matrix."""
    g = load(graph)
    if min_synapses > 1:
        g = g.threshold(min_synapses=min_synapses)
    if policy is not None:
        g = g.observed(policy)
    from connectome_graph import stats as compute
    from connectome_graph.border.arguments import Interval, one_of
    from connectome_graph.cli._results import _domain, _text

    how = one_of(interval, Interval, name="interval")
    parts: dict[str, Any] = {"density": compute.density(g, interval=how, seed=seed)}
    if not g.domain.diagonal:
        parts["dyads"] = compute.dyads(g)
        parts["clustering"] = compute.clustering(g)
        parts["components"] = compute.components(g)
    if as_csv:
        flat = {f"{n}.{key}": value for n, part in parts.items() for key, value in part.items()}
        facts_as(flat, as_json=False, as_csv=True)
        return
    if by:
        parts["type_matrix"] = compute.type_matrix(g, by, interval=how, seed=seed)
    if as_json:
        said = {"domain": g.domain.describe(), "provenance": str(g.provenance)}
        facts_as(said | {n: plain(part) for n, part in parts.items()}, as_json=True, as_csv=False)
        return
    print(_domain(g))
    for name, part in parts.items():
        print(f"\n{name}")
        print(_text(part, len(part)) if name != "type_matrix" else _types(part))


def _types(table: pd.DataFrame) -> str:
    from connectome_graph.stats import to_matrix

    return "\n".join(
        f"  {title} (rows presynaptic)\n"
        + to_matrix(table, column).to_string(float_format="{:.4f}".format, na_rep="missing")
        for title, column in (
            ("probability", "probability"),
            ("low", "low"),
            ("high", "high"),
            ("synapses per connection", "synapses_per_connection"),
        )
    )
