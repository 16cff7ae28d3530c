"""``connectome-graph build``: tables of synapses and neurons become a graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from connectome_graph.cli._graphs import Overwrite, Weights, check_output, save, tell
from connectome_graph.cli._results import AsCsv, AsJson

__all__ = ["build"]


def build(
    synapses: Annotated[
        str | None,
        typer.Argument(help="csv, csv.gz, tsv, feather or parquet; a folder or glob of them."),
    ] = None,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The graph to write: .connectome or .graphml."),
    ],
    neurons: Annotated[str | None, typer.Option(help="The neuron table.")] = None,
    release: Annotated[
        str | None,
        typer.Option(help="Files of a public release instead: a folder, an archive or a file."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Kind of the release, where it is not recognised.")
    ] = None,
    connections: Annotated[
        str | None, typer.Option(help="Part of the name of the release's file to read.")
    ] = None,
    cell_table: Annotated[
        str | None, typer.Option(help="Part of the name of the release's neuron table to read.")
    ] = None,
    layer: Annotated[
        str, typer.Option(help="Of a worm: chemical, electrical or all.")
    ] = "chemical",
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
    neuron_resolution: Annotated[
        str | None, typer.Option(help="The same for the neuron table, where it is another.")
    ] = None,
    unknown: Annotated[
        str | None,
        typer.Option(
            help="Synapses with a partner outside: raise (the default), drop (that of a release) "
            "or add."
        ),
    ] = None,
    autapses: Annotated[
        str, typer.Option(help="Synapses of a neuron onto itself: keep, drop or raise.")
    ] = "keep",
    invalid_neurons: Annotated[
        str, typer.Option(help="Neurons with a missing or repeated id: raise, drop or first.")
    ] = "raise",
    zero: Annotated[
        str, typer.Option(help="What the id 0 is: raise asks, missing or neuron.")
    ] = "raise",
    text: Annotated[
        list[str] | None,
        typer.Option(
            "--text", help="How synapse text is written: delimiter=;, encoding=utf-16, decimal=,"
        ),
    ] = None,
    neuron_text: Annotated[
        list[str] | None,
        typer.Option("--neuron-text", help="How the neuron table's text is written."),
    ] = None,
    edges: Annotated[
        bool, typer.Option("--edges", help="Rows are connections with a count of synapses.")
    ] = False,
    keep: Annotated[
        str, typer.Option(help="synapses, or edges: one row per pair, for tables beyond memory.")
    ] = "synapses",
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            help="Rows to read, such as \"size >= 100 and tag == 'spine'\". Repeatable.",
        ),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="memory or duckdb; by default chosen by size.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="What the engine may take, such as 6GB.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")
    ] = None,
    weight: Weights = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Build a graph from a synapse table and a neuron table, or a release, and write it."""
    import connectome_graph as cg

    check_output(output, inputs=(synapses, neurons, release))
    scan = _scan(keep=keep, filters=filters, engine=engine, memory=memory, dask=dask, edges=edges)
    told: dict[str, Any] = {
        "unknown": unknown,
        "autapses": autapses,
        "resolution_nm": _resolution(resolution),
    }
    maps: dict[str, Any] = {
        "columns": _mapped(columns, "--map"),
        "neuron_columns": _mapped(neuron_columns, "--neuron-map"),
    }
    of_release: dict[str, Any] = {
        "kind": kind,
        "connections": connections,
        "cell_table": cell_table,
        "layer": layer,
    }
    _check_source(synapses, release, maps, neurons=neurons, edges=edges, of_release=of_release)
    choices: dict[str, Any] = {
        "invalid_neurons": invalid_neurons,
        "zero": zero,
        "csv": _written(text, "--text"),
        "neuron_csv": _written(neuron_text, "--neuron-text"),
        "neuron_resolution_nm": _resolution(neuron_resolution, "--neuron-resolution"),
    }
    with _cluster(dask) as cluster:
        if release is not None:
            g = cg.from_release(release, **of_release, **told, **scan, **cluster)
        else:
            g = (cg.from_edges if edges else cg.from_tables)(
                synapses,
                neurons,
                **maps,
                **{**told, **choices, "unknown": unknown or "raise"},
                **{**scan, **cluster},
            )
    tell(g, save(g, output, weight=weight, overwrite=overwrite), as_json=as_json, as_csv=as_csv)


def _check_source(
    synapses: str | None,
    release: str | None,
    maps: dict[str, Any],
    *,
    neurons: str | None,
    edges: bool,
    of_release: dict[str, Any],
) -> None:
    """Refuse options that do not go together: a table of synapses, or a release."""
    from connectome_graph.errors import InvalidArgument

    if (synapses is None) == (release is None):
        raise InvalidArgument("give a table of synapses, or --release with the files of a release")
    if release is not None and (edges or neurons is not None or any(maps.values())):
        raise InvalidArgument(
            "--release recognises its tables: --neurons, --map, --neuron-map and --edges go with a "
            "table of synapses"
        )
    asked = {name: value for name, value in of_release.items() if value is not None}
    if release is None and asked != {"layer": "chemical"}:
        raise InvalidArgument("--kind, --connections, --cell-table and --layer go with --release")


@contextmanager
def _cluster(address: str | None) -> Iterator[dict[str, Any]]:
    """Give the `engine` option of a Dask cluster, and leave the cluster at the end."""
    from connectome_graph.errors import InvalidArgument, require

    if address is None:
        yield {}
        return
    distributed = require("distributed", extra="cluster", purpose="--dask")
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise InvalidArgument(f"no Dask scheduler answers at {address!r} ({error})") from error
    with client:
        yield {"engine": client}


def _scan(*, edges: bool, dask: str | None, **given: Any) -> dict[str, Any]:
    """Return the options of `from_tables` that say how the table is scanned."""
    from connectome_graph.errors import InvalidArgument

    scan = {
        "keep": given["keep"],
        "filters": given["filters"] or None,
        "engine": given["engine"],
        "memory_limit": given["memory"],
    }
    asked = dask is not None or scan["keep"] != "synapses" or any(list(scan.values())[1:])
    if edges and asked:
        raise InvalidArgument(
            "--edges rows are counted already; --keep, --filter, --engine, --memory and --dask go "
            "with a table of synapses"
        )
    if dask is not None and given["engine"] is not None:
        raise InvalidArgument("give --engine or --dask, not both")
    return {} if edges else scan


def _written(pairs: list[str] | None, option: str) -> dict[str, Any] | None:
    """Return ``["encoding=utf-16", "header=false"]`` as options of a text file."""
    from connectome_graph.errors import InvalidArgument

    found: dict[str, Any] = {}
    for pair in pairs or ():
        name, sign, value = pair.partition("=")
        if not (name and sign and value):
            raise InvalidArgument(f"{option} {pair!r} needs the form name=value, such as decimal=,")
        flags = {"true": True, "false": False}
        found[name] = flags.get(value.lower(), value) if name == "header" else value
    return found or None


def _mapped(pairs: list[str] | None, option: str) -> dict[str, str | int | None] | None:
    """Return ``["pre=from", "position="]`` as a column map; an empty name leaves it out.

    Digits are positions, ``pre=0``: those of a file without a header.
    """
    from connectome_graph.errors import InvalidArgument

    found: dict[str, str | int | None] = {}
    for pair in pairs or ():
        name, sign, own = pair.partition("=")
        if not (name and sign):
            raise InvalidArgument(
                f"{option} {pair!r} needs the form name=your_column, such as {option} pre=from"
            )
        found[name] = int(own) if own.isdecimal() else own or None
    return found or None


def _resolution(
    text: str | None, option: str = "--resolution"
) -> tuple[float, float, float] | None:
    from connectome_graph.errors import InvalidArgument

    if text is None:
        return None
    try:
        x, y, z = map(float, text.split(","))
    except ValueError:
        raise InvalidArgument(f"{option} {text!r} needs three numbers, such as 4,4,40") from None
    return x, y, z
