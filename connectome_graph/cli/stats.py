"""``connectome-graph stats``: the first numbers of a graph, on what could be observed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectome_graph.cli._graphs import AsJson, load

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["stats"]


def stats(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    policy: Annotated[
        str | None,
        typer.Option(help="Proofreading policy: strict, permissive or all; else that of the file."),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Neuron column of types, for the type matrix.")
    ] = None,
    min_synapses: Annotated[
        int, typer.Option(min=1, help="Leave out connections of fewer synapses.")
    ] = 1,
    interval: Annotated[
        str, typer.Option(help="bootstrap (two-way, over neurons) or wilson (pairs independent).")
    ] = "bootstrap",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Tell density, reciprocity, clustering and components, and with --by the type matrix."""
    g = load(graph)
    if min_synapses > 1:
        g = g.threshold(min_synapses=min_synapses)
    if policy is not None:
        g = g.observed(policy)
    from connectome_graph import stats as compute
    from connectome_graph.border.arguments import Interval, one_of

    how = one_of(interval, Interval, name="interval")
    simple = not g.domain.diagonal
    parts: dict[str, Any] = {"density": compute.density(g, interval=how, seed=seed)}
    if simple:
        parts["dyads"] = compute.dyads(g)
        parts["clustering"] = compute.clustering(g)
        parts["components"] = compute.components(g)
    if by is not None:
        parts["type_matrix"] = compute.type_matrix(g, by=by, interval=how, seed=seed)
    if as_json:
        said = {"domain": g.domain.describe(), "provenance": str(g.provenance)}
        print(json.dumps(said | {name: _plain(part) for name, part in parts.items()}, indent=1))
        return
    domain = g.domain
    print(
        f"domain {domain.policy}: {domain.n_sources:,} sources x {domain.n_targets:,} targets, "
        f"{domain.n_pairs:,} observable ordered pairs; {g.n_edges:,} edges, "
        f"{g.n_edges_outside:,} connected pairs outside"
    )
    for name, part in parts.items():
        print(f"\n{name}")
        print(_text(part) if name != "type_matrix" else _types(part))


def _plain(part: Any) -> Any:
    """Return a Series or table as JSON types; what is missing is null."""
    import pandas as pd

    rows = part.to_frame().T if isinstance(part, pd.Series) else part
    whole = rows.convert_dtypes() if isinstance(part, pd.Series) else rows
    records = json.loads(whole.to_json(orient="records", double_precision=15))
    return records[0] if isinstance(part, pd.Series) else records


def _text(series: pd.Series) -> str:
    return "\n".join(f"  {name:<20} {_number(value)}" for name, value in series.items())


def _number(value: float) -> str:
    if math.isnan(value):
        return "missing"
    return f"{value:,.0f}" if value == int(value) else f"{value:.4g}"


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
