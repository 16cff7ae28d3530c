"""Draw the picture of README.md: ``python docs/readme_picture.py``; needs no data."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

import connectome_graph as cg


def main() -> None:
    g = cg.datasets.synthetic_column(seed=0)
    figure = plt.figure(figsize=(10, 9), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1.35, 1])
    axes = above.subplots(1, 2, width_ratios=[0.22, 1])
    cg.plot.positions(g, by="cell_type", ax=axes[0])
    legend = axes[0].get_legend()
    if legend is not None:
        legend.remove()
    cg.plot.matrix(g, sort_by="cell_type", ax=axes[1])
    found = cg.motifs.significance(g, n=100, seed=0)
    cg.plot.triad_census(found.table, ax=below.subplots())
    path = Path(__file__).parent / "_static" / "column.png"
    figure.savefig(path, dpi=72, pil_kwargs={"optimize": True})
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
