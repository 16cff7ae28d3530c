"""``connectome-graph demo``: a real worm and a generated column, with something to look at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectome_graph.cli._graphs import facts, save, tell

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.cli._results import AsCsv, AsJson, Overwrite, facts_as

__all__ = ["demo"]

NOTE = (
    "This column is generated, not data: its counts follow the public marginals of a mouse V1 "
    "column."
)
#: Random graphs behind the picture and the report: enough to see, quick to draw.
SAMPLES = 99


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", "-o", help="Where the files are written.")
    ] = Path("demo"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Build the real worm and a generated V1 column; write picture, pages, GraphML and bundles."""
    from connectome_graph import datasets, report

    folder.mkdir(parents=True, exist_ok=True)
    home = folder.resolve()
    column = datasets.synthetic_column(seed=seed)
    files = [
        path
        for name in ("column.graphml", "column.connectome")
        for path in save(column, home / name, overwrite=overwrite)
    ]
    worm = datasets.load("celegans-cook2019")
    neurons = worm.subgraph("cell_class == 'neuron'")
    files += save(worm, home / "worm.connectome", overwrite=overwrite)
    files += save(neurons, home / "worm.graphml", weight=["sum"], overwrite=overwrite)
    _say("compiling the kernels of the null model, once on this machine (up to half a minute)")
    files.append(_picture(neurons, home / "worm.png", seed=seed, overwrite=overwrite))
    _say("writing the two pages")
    title = "The hermaphrodite worm (Cook 2019)"
    around = home / "worm-explore.html"
    pages = [
        report.write(worm, home / "worm-report.html", by="cell_class", n=SAMPLES, seed=seed,
                     title=title, explore=around, progress=False, overwrite=overwrite),
        around,
    ]  # fmt: skip
    said = {"files": [str(f) for f in [*files, *pages]], "note": NOTE, **facts(column)}
    if facts_as({**said, "worm": facts(worm)}, as_json=as_json, as_csv=as_csv):
        return
    tell(column, files[:2], note=NOTE)
    print()
    tell(worm, files[2:])
    for page in pages:
        print(f"written to {page}")
    print(f"\nLook at {files[-1]}, open {pages[0]} in a browser (its types and neurons lead on to")
    print(f"{around.name}), and {files[3]} in Gephi or Cytoscape. Then try:")
    for command in (
        f"connectome-graph stats {files[2]}",
        f"connectome-graph motifs {files[2]} -n 99",
        f"connectome-graph explore {files[1]} -o {home / 'column-explore.html'}",
    ):
        print(f"  {command}")


def _say(what: str) -> None:
    """Tell someone who watches what takes time; nobody who reads the output."""
    print(f"... {what}", file=sys.stderr, flush=True)


def _picture(g: ConnectomeGraph, path: Path, *, seed: int, overwrite: bool) -> Path:
    """Draw the worm's neurons by community, and its triads against the reciprocal null."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from connectome_graph import motifs, plot, stats
    from connectome_graph.cli._pictures import save_figure

    groups = stats.communities(g, seed=seed).labels.rename("community").astype("string")
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(9.6, 4.8), width_ratios=[1, 1.35], layout="constrained"
    )
    plot.matrix(g.annotate(groups.to_frame()), "binary", sort_by="community", ax=left)
    told = f"the worm: {g.n_neurons} neurons, {g.n_edges:,} connections, by community"
    left.set_title(told, fontsize="small", loc="left", pad=16)
    plot.triad_census(motifs.significance(g, n=SAMPLES, seed=seed, progress=False).table, ax=right)
    save_figure(figure, path, overwrite=overwrite, dpi=150)
    plt.close(figure)
    return path
