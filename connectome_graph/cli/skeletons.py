"""``connectome-graph skeletons``: attach skeletons to a graph, and draw them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._commands import add, selected
from connectome_graph.cli._graphs import Overwrite, check_output, load, save, tell
from connectome_graph.cli._results import AsCsv, AsJson, facts_as

__all__ = ["app", "fill", "statistics"]

app = typer.Typer(no_args_is_help=True, help="Attach skeletons to a graph, and draw them.")

#: What the first parameter of a statistic of skeletons is.
_FIRST = ("ConnectomeGraph", "Iterable[Skeleton]")


def statistics() -> list[str]:
    """Return the functions of a graph with skeletons attached, or of cells."""
    known = [public.described("skeletons", name) for name in public.names("skeletons")]
    return [
        each.name
        for each in known
        if each.name != "attach" and each.parameters[0].annotation in _FIRST
    ]


def fill(arguments: Sequence[str]) -> None:
    """Add the command of every statistic of skeletons, or of the one that is asked for."""
    for name in selected(arguments, "skeletons", statistics):
        add(app, "skeletons", name)


Cells = Annotated[
    list[Path],
    typer.Argument(help="Skeleton files (.osy, .swc, .json), or folders of them."),
]
Units = Annotated[str | None, typer.Option(help="Unit of SWC files: um or nm.")]
MissingSoma = Annotated[
    str, typer.Option(help="Cells without a soma: raise, root (measure from it), or missing.")
]
Disconnected = Annotated[
    str, typer.Option(help="Skeletons in pieces: raise, drop (keep the root's), or missing.")
]
DuplicateEdges = Annotated[str, typer.Option(help="Edges that are there twice: raise or drop.")]
Errors = Annotated[
    str, typer.Option(help="Cells that cannot be loaded: raise, or collect (go on, and tell).")
]


@app.command()
def attach(  # noqa: PLR0917 - typer reads the options from the signature
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    cells: Cells,
    output: Annotated[Path, typer.Option("--output", "-o", help="The graph to write.")],
    side: Annotated[str, typer.Option(help="post, pre, or both.")] = "post",
    within_um: Annotated[
        float | None,
        typer.Option("--within-um", help="How far a synapse may lie from its nearest vertex, um."),
    ] = None,
    units: Units = None,
    missing_soma: MissingSoma = "raise",
    disconnected: Disconnected = "raise",
    duplicate_edges: DuplicateEdges = "raise",
    errors: Errors = "raise",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write the graph with distance to root and compartment on its synapses."""
    from connectome_graph import skeletons

    check_output(output)
    g = load(graph)
    loaded = _loaded(cells, units, missing_soma, disconnected, duplicate_edges, errors)
    which: Any = side
    g = skeletons.attach(g, loaded, side=which, within_um=within_um)
    files = save(g, output, overwrite=overwrite)
    _tell_failures(loaded)
    if not (as_json or as_csv):
        print(g.provenance.steps[-1].sentence)
    tell(g, files, as_json=as_json, as_csv=as_csv)


@app.command()
def plot(  # noqa: PLR0917 - typer reads the options from the signature
    cell: Annotated[Path, typer.Argument(help="A skeleton file (.osy, .swc, .json).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture: .png, .svg, .pdf.")],
    projection: Annotated[
        list[str] | None, typer.Option(help="Axes shown, such as xy (again for more panels).")
    ] = None,
    color: Annotated[
        str, typer.Option(help="compartment, distance_to_root_um, or a colour.")
    ] = "compartment",
    synapses: Annotated[
        str | None, typer.Option(help="Also draw the cell's own sites: pre (outputs) or post.")
    ] = None,
    compartment: Annotated[
        list[str] | None, typer.Option(help="Only this compartment (again for more).")
    ] = None,
    units: Units = None,
    missing_soma: MissingSoma = "raise",
    disconnected: Disconnected = "raise",
    duplicate_edges: DuplicateEdges = "raise",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Draw one skeleton, scale in um, y downwards."""
    from matplotlib.figure import Figure

    from connectome_graph import plot as draw
    from connectome_graph import skeletons
    from connectome_graph.cli._pictures import check_picture, save_figure

    check_picture(output, overwrite=overwrite)
    skeleton = _loaded([cell], units, missing_soma, disconnected, duplicate_edges, "raise")[0]
    if compartment:
        skeleton = skeletons.mask(skeleton, compartment=compartment)
    views: list[Any] = projection or ["xy", "zy"]
    figure = Figure(figsize=(6.0 * len(views), 6.0), layout="constrained")
    for ax, view in zip(figure.subplots(1, len(views), squeeze=False)[0], views, strict=True):
        draw.morphology(skeleton, ax=ax, projection=view, color=color)
        if synapses is not None:
            side: Any = synapses
            draw.synapse_sites(skeleton, side=side, ax=ax, projection=view)
    save_figure(figure, output, overwrite=overwrite, dpi=150)
    said = {"path": str(output), "root_id": str(skeleton.root_id)}
    if not facts_as(said, as_json=as_json, as_csv=as_csv):
        print(f"wrote {output}")


def _loaded(  # noqa: PLR0917
    paths: list[Path],
    units: str | None,
    missing_soma: str,
    disconnected: str,
    duplicate_edges: str,
    errors: str,
) -> Any:
    """Return the cells in files and folders."""
    from connectome_graph import skeletons

    choices: dict[str, Any] = {
        "units": units,
        "missing_soma": missing_soma,
        "disconnected": disconnected,
        "duplicate_edges": duplicate_edges,
        "errors": errors,
    }
    return skeletons.load(paths, progress=None if len(paths) > 10 else False, **choices)


def _tell_failures(loaded: Any) -> None:
    for row in loaded.failures.to_dict("records"):
        print(f"not loaded: {row['source']}: {row['message']}", file=sys.stderr)
