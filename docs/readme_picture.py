"""Draw the pictures of README.md and the front page: ``python docs/readme_picture.py``."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

import connectome_graph as cg


def main() -> None:
    worm = cg.datasets.load("celegans-cook2019").subgraph("cell_class == 'neuron'")
    groups = cg.stats.communities(worm, seed=0).labels.rename("community").astype("string")
    # as wide as a package page, so that its text is not shrunk there
    figure, axes = plt.subplots(
        1, 2, figsize=(9.6, 4.6), width_ratios=[1, 1.35], layout="constrained"
    )
    cg.plot.matrix(worm.annotate(groups.to_frame()), "binary", sort_by="community", ax=axes[0])
    found = cg.motifs.significance(worm, n=999, seed=0)
    cg.plot.triad_census(found.table, ax=axes[1])
    path = Path(__file__).parent / "_static" / "worm.png"
    figure.savefig(path, dpi=150, pil_kwargs={"optimize": True})
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
