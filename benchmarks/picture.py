"""The picture of the benchmark page: time against edges, from a stored run.

The run on time against edges where there is one, else that of motifs, whose works have sizes too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.harness import OURS, ROOT, Row

PICTURE = ROOT / "docs" / "_static" / "scaling.svg"
_NUMBER = re.compile(r"^(?P<work>.+), (?P<number>[\d.]+) (?P<unit>k|M|G) edges$")
_UNITS = {"k": 1e3, "M": 1e6, "G": 1e9}
#: Of ours, then of the peers in the order in which they come.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666")

#: Library -> (edges, seconds), sorted by edges.
Curves = dict[str, list[tuple[float, float]]]


def curves(rows: list[Row]) -> dict[str, Curves]:
    """Return the measured points of every work and library, sorted by edges."""
    found: dict[str, Curves] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        match = _NUMBER.match(row.work)
        if match is not None and row.seconds is not None:
            edges = float(match["number"]) * _UNITS[match["unit"]]
            found[match["work"]][row.name].append((edges, row.seconds))
    return {
        work: {name: sorted(points) for name, points in named.items()}
        for work, named in found.items()
        if max(map(len, named.values())) > 1
    }


def draw(result: dict[str, Any], path: Path = PICTURE) -> Path:
    """Draw the curves of a stored run, one panel a work, both axes logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    works = curves([Row(**row) for row in result["rows"]])
    names = list(dict.fromkeys(name for named in works.values() for name in named))
    names.sort(key=lambda name: name != OURS)
    settings = {"svg.hashsalt": "scaling", "font.size": 9, "svg.fonttype": "none"}
    with mpl.rc_context(settings):
        figure, axes = plt.subplots(
            1, len(works), figsize=(3.6 * len(works), 3.4), squeeze=False, layout="constrained"
        )
        for ax, (work, named) in zip(axes[0], works.items(), strict=True):
            for name, points in named.items():
                style = {"color": _COLOURS[names.index(name) % len(_COLOURS)], "label": name}
                width = 2.2 if name == OURS else 1.2
                ax.loglog(*zip(*points, strict=True), marker="o", ms=4, lw=width, **style)
            ax.set(title=work, xlabel="edges")
            ax.grid(visible=True, which="major", lw=0.4, alpha=0.5)
            ax.spines[["top", "right"]].set_visible(False)
            ax.legend(frameon=False, fontsize=8)
        axes[0, 0].set_ylabel("seconds")
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
    return path
