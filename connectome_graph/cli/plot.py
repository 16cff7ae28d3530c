"""``connectome-graph plot``: every figure of the library, written to a file.

Figures of a result compute it first: ``plot rich-club GRAPH --null configuration`` takes the
options of ``stats rich-club`` and those of the figure.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._commands import Reading, add, called, keyword, read, selected, signature
from connectome_graph.cli._pictures import check_picture, save_figure
from connectome_graph.cli._results import AsCsv, AsJson, Overwrite, facts_as
from connectome_graph.cli._values import converted

__all__ = ["PRODUCERS", "app", "fill"]

app = typer.Typer(no_args_is_help=True, help="Figures, written to a file: one by name.")

#: Figure of a result -> the function that computes what it draws.
PRODUCERS = {
    "connection_by": ("stats", "connection_by"),
    "connection_by_distance": ("stats", "connection_by_distance"),
    "connectivity_card": ("skeletons", "connectivity_card"),
    "distance_profile": ("skeletons", "distance_profile"),
    "flow": ("stats", "flow"),
    "rich_club": ("stats", "rich_club"),
    "similarity": ("stats", "similarity"),
    "triad_census": ("motifs", "significance"),
    "type_matrix": ("stats", "type_matrix"),
    "type_network": ("stats", "type_matrix"),
}
_FILE = Annotated[
    Path, typer.Option("--output", "-o", help="The picture to write: .png, .svg or .pdf.")
]
_CLUSTERS = Annotated[int, typer.Option(min=2, help="Number of clusters.")]
_SEEDS = Annotated[
    str, typer.Option(help="Lay the types out by layer from these neurons: an expression.")
]
_DPI = Annotated[int, typer.Option(min=20, max=1200, help="Dots per inch of a .png.")]


def fill(arguments: Sequence[str]) -> None:
    """Add the command of every figure, or of the one that is asked for."""
    for name in selected(arguments, "plot", lambda: public.names("plot")):
        if name == "type_colors":  # names to colours: a table, not a figure
            add(app, "plot", name)
        elif name == "nulls":  # several results: the command makes them
            app.command("nulls", help=public.summary("plot", "nulls"))(_nulls)
        elif name in PRODUCERS:
            _add_produced(name)
        else:
            add(app, "plot", name, run=_drawn, extra=_writing())


def _writing() -> list[Any]:
    return [
        keyword("output", _FILE, default=...),
        keyword("dpi", _DPI, default=150),
        keyword("overwrite", Overwrite, default=False),
        keyword("as_json", AsJson, default=False),
        keyword("as_csv", AsCsv, default=False),
    ]


def _add_produced(name: str) -> None:
    """Add a figure that draws a result: with the options of both functions."""
    figure = public.described("plot", name)
    producer = public.described(*PRODUCERS[name])
    own = {made.name: made for made in signature(producer)}
    drawn = [made for made in signature(figure)[1:] if made.name not in own | {"clusters": None}]
    if name == "similarity":
        drawn.append(keyword("n_clusters", _CLUSTERS, default=8))
    if name == "type_network":
        # A table of layers is no word: the command makes it from seeds.
        drawn = [made for made in drawn if made.name != "layers"]
        drawn.append(keyword("seeds", _SEEDS, default=""))

    def callback(**given: Any) -> None:
        said = _said(given)
        seeds = given.pop("seeds", "") if name == "type_network" else ""
        graph, values = read(producer, given)
        found = getattr(importlib.import_module(f"connectome_graph.{producer.package}"),
                        producer.name)(**values)  # fmt: skip
        if name == "similarity":
            from connectome_graph.stats import cluster_similarity

            given["clusters"] = cluster_similarity(found, n_clusters=given.pop("n_clusters"))
        options = {
            each.name: converted(each, given[each.name])
            for each in figure.parameters[1:]
            if given.get(each.name) not in (None, [])
        }
        if seeds:
            from connectome_graph.stats import layers

            options["layers"] = layers(graph, seeds, by=values["by"])
            options["layout"] = "layer"
        _written(figure, {figure.parameters[0].name: getattr(found, "comparison", found)}, options,
                 said)  # fmt: skip

    called(callback, [*own.values(), *drawn, *_writing()], name)
    app.command(name.replace("_", "-"), help=figure.summary)(callback)


def _nulls(
    graph: Annotated[Path, typer.Argument(help="A .connectome bundle or .graphml file.")],
    *,
    null: Annotated[
        list[str] | None,
        typer.Option(help="A null model by name, repeatable; by default two."),
    ] = None,
    statistic: Annotated[str, typer.Option(help="The statistic, such as dyads.")] = "dyads",
    component: Annotated[str, typer.Option(help="Which number of it is drawn.")] = "r_over_p",
    n: Annotated[int, typer.Option(min=1, help="Random graphs of each null model.")] = 39,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figure.")] = 0,
    output: _FILE = ...,  # type: ignore[assignment]
    dpi: _DPI = 150,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    import connectome_graph as cg
    from connectome_graph.cli._graphs import load
    from connectome_graph.cli._values import null_model
    from connectome_graph.cli._values import statistic as by_name

    g, count = load(graph), by_name(statistic, [])
    found = {
        name: cg.compare(g, count, null=null_model(name, {}), n=n, seed=seed, progress=False)
        for name in null or ("ErdosRenyi", "Configuration")
    }
    said = {
        "output": output,
        "dpi": dpi,
        "overwrite": overwrite,
        "as_json": as_json,
        "as_csv": as_csv,
    }
    figure = public.described("plot", "nulls")
    _written(figure, {"comparisons": found}, {"component": component}, said)


def _said(given: Reading) -> Reading:
    return {name: given.pop(name) for name in ("output", "dpi", "overwrite", "as_json", "as_csv")}


def _drawn(function: public.Function, given: Reading) -> None:
    said = _said(given)
    _, values = read(function, given)
    _written(function, {}, values, said)


def _written(figure: public.Function, first: Reading, options: Reading, said: Reading) -> None:
    """Draw a figure, and write it whole or not at all."""
    output: Path = said["output"]
    check_picture(output, overwrite=said["overwrite"])
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from connectome_graph import plot

    draw: Callable[..., Any] = getattr(plot, figure.name)
    axes = draw(**first, **options)
    options = {"dpi": said["dpi"], "bbox_inches": "tight"}
    save_figure(axes.figure, output, overwrite=said["overwrite"], **options)
    plt.close("all")
    facts = {"path": str(output), "bytes": output.stat().st_size}
    if not facts_as(facts, as_json=said["as_json"], as_csv=said["as_csv"]):
        print(f"written to {output}")
