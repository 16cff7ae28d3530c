"""``connectome-graph build``: tables of synapses and neurons become a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectome_graph.cli._graphs import AsJson, Weights, check_output, save, tell

__all__ = ["build"]


def build(
    synapses: Annotated[
        str,
        typer.Argument(help="csv, csv.gz, tsv, feather or parquet; a folder or glob of them."),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The graph to write: .connectome or .graphml."),
    ],
    neurons: Annotated[str | None, typer.Option(help="The neuron table.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="Your name of a synapse column: pre=from. Repeatable."),
    ] = None,
    neuron_columns: Annotated[
        list[str] | None,
        typer.Option("--neuron-map", help="Your name of a neuron column: root_id=cell."),
    ] = None,
    resolution: Annotated[
        str | None,
        typer.Option(help="Nanometres a voxel, such as 4,4,40; 1,1,1 for nanometres."),
    ] = None,
    unknown: Annotated[
        str, typer.Option(help="Synapses with a partner outside: raise, drop or add.")
    ] = "raise",
    autapses: Annotated[
        str, typer.Option(help="Synapses of a neuron onto itself: keep, drop or raise.")
    ] = "keep",
    invalid_neurons: Annotated[
        str, typer.Option(help="Neurons with a missing, zero or repeated id: raise or drop.")
    ] = "raise",
    edges: Annotated[
        bool, typer.Option("--edges", help="Rows are connections with a count of synapses.")
    ] = False,
    weight: Weights = None,
    as_json: AsJson = False,
) -> None:
    """Build a graph from a synapse table and a neuron table, and write it."""
    import connectome_graph as cg

    check_output(output)
    g = (cg.from_edges if edges else cg.from_tables)(
        synapses,
        neurons,
        columns=_mapped(columns, "--map"),
        neuron_columns=_mapped(neuron_columns, "--neuron-map"),
        resolution_nm=_resolution(resolution),
        unknown=unknown,
        autapses=autapses,
        invalid_neurons=invalid_neurons,
    )
    tell(g, save(g, output, weight=weight), as_json=as_json)


def _mapped(pairs: list[str] | None, option: str) -> dict[str, str | None] | None:
    """Return ``["pre=from", "position="]`` as a column map; an empty name leaves it out."""
    from connectome_graph.errors import InvalidArgument

    found: dict[str, str | None] = {}
    for pair in pairs or ():
        name, sign, own = pair.partition("=")
        if not (name and sign):
            raise InvalidArgument(
                f"{option} {pair!r} needs the form name=your_column, such as {option} pre=from"
            )
        found[name] = own or None
    return found or None


def _resolution(text: str | None) -> tuple[float, float, float] | None:
    from connectome_graph.errors import InvalidArgument

    if text is None:
        return None
    try:
        x, y, z = map(float, text.split(","))
    except ValueError:
        raise InvalidArgument(
            f"--resolution {text!r} needs three numbers, such as 4,4,40"
        ) from None
    return x, y, z
