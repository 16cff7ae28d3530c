"""``connectome-graph motifs``: triads and motifs of a graph, against random graphs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._commands import add, selected
from connectome_graph.cli._graphs import load
from connectome_graph.cli._public import completing

if TYPE_CHECKING:
    import pandas as pd

    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.nulls import NullModel
from connectome_graph.cli._results import AsCsv, AsJson, csv_of, facts_as, plain
from connectome_graph.cli._values import null_model

__all__ = ["app", "fill"]

app = typer.Typer(
    no_args_is_help=True,
    help="Motifs: 'motifs GRAPH' tests triads against random graphs, or one function by name.",
)

#: What 'motifs GRAPH' runs.
DEFAULT = "census"


def fill(arguments: Sequence[str]) -> None:
    """Add the command of every function of motifs, or of the one that is asked for."""
    for name in selected(arguments, "motifs", lambda: public.names("motifs")):
        add(app, "motifs", name)


@app.command(DEFAULT)
def census(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    null: Annotated[
        str,
        typer.Option(
            help="Random graphs that keep: reciprocal (in-, out- and mutual degrees), "
            "configuration (in- and out-degrees), typed (also edges between types; needs --by), "
            "dyads, edges (numbers of these), or a class of nulls; none only counts. More options "
            "of a null: 'motifs significance'."
        ),
    ] = "reciprocal",
    n: Annotated[int, typer.Option("-n", "--n", min=1, help="Random graphs.")] = 1000,
    by: Annotated[
        str | None, typer.Option(help="Neuron column of types: tell triads of types apart.")
    ] = None,
    motif: Annotated[
        str | None,
        typer.Option(help="Count this motif instead, such as 'A -> B; B -> C; A -> C'."),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Proofreading policy: strict, permissive or all; else that of the file.",
            autocompletion=completing("strict", "permissive", "all"),
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random graphs.")] = 0,
    top: Annotated[int, typer.Option(min=1, help="Rows to print, the most unusual first.")] = 30,
    checkpoint: Annotated[
        Path | None, typer.Option(help="File that keeps finished samples, to go on from.")
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Count triads or a motif, and test triads against random graphs."""
    g = load(graph)
    if policy is not None:
        g = g.observed(policy)
    model = _null(null, by)
    if motif is not None:
        _count(g, motif, as_json=as_json, as_csv=as_csv)
        return
    from connectome_graph import motifs as compute

    if model is None:
        table: pd.DataFrame = (
            compute.triad_census(g).to_frame("count")
            if by is None
            else compute.labelled_census(g, by=by).set_index(["triad", "a", "b", "c"])
        )
        told: dict[str, Any] = {"domain": g.domain.describe()}
        sentence = f"{len(table):,} classes on {g.domain.n_core:,} neurons observed both ways"
    else:
        found = compute.significance(g, null=model, n=n, by=by, seed=seed, checkpoint=checkpoint)
        table = found.table
        told = {"domain": g.domain.describe(), "provenance": str(found.comparison.provenance)}
        sentence = (
            f"{found.n_tests:,} classes tested against {found.comparison.n:,} random graphs; "
            f"p is not below {2 / (found.comparison.n + 1):.2g}"
        )
    if as_csv:
        print(csv_of(table), end="")
        return
    if facts_as(told | {"triads": plain(table)}, as_json=as_json, as_csv=False):
        return
    print(sentence)
    print(_first(table, top).to_string(float_format="{:.4g}".format, na_rep="-"))
    if len(table) > top:
        print(f"... and {len(table) - top:,} more; --top {len(table)} or --json lists them all")


def _null(name: str, by: str | None) -> NullModel | None:
    """Return the null model of that name, None for ``none``.

    Raises
    ------
    InvalidArgument
        When the name is not known, or the null needs more than types.
    """
    from connectome_graph.errors import InvalidArgument

    if name == "none":
        return None
    typed = name.lower() in ("typed", "typedconfiguration")
    if typed and by is None:
        raise InvalidArgument("the typed null needs types: give --by and a neuron column")
    model: NullModel = null_model(name, {"by": [by]} if typed else {})
    return model


def _count(g: ConnectomeGraph, motif: str, *, as_json: bool, as_csv: bool) -> None:
    from connectome_graph import motifs as compute

    maps = compute.count(g, motif)
    sets = compute.count(g, motif, exclude_automorphisms=True)
    observable = compute.observability(g, motif)
    said = {"motif": motif, "maps": maps, "sets": sets, "observable_maps": observable}
    if facts_as(said | {"domain": g.domain.describe()}, as_json=as_json, as_csv=as_csv):
        return
    share = f"{maps / observable:.4g} of them" if observable else "none could be seen"
    print(f"{maps:,} maps ({sets:,} distinct) of {observable:,} observable: {share}")


def _first(table: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return the rows to print: all that fit, else the most unusual or most frequent."""
    if len(table) <= top:
        return table
    key = table["z"].abs() if "z" in table else table["count"]
    return table.loc[key.sort_values(ascending=False, na_position="last").index[:top]]
