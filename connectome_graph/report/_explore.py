"""A page to look around in: types as a network and a matrix, and every neuron with its id."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connectome_graph import stats
from connectome_graph.border.arguments import By
from connectome_graph.border.replaced import check_place, replacing_own
from connectome_graph.plot._style import type_colors
from connectome_graph.report._picture import packed
from connectome_graph.report._rendered import OWN_PAGE, rendered
from connectome_graph.report._type_blocks import largest_types

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["explore"]

#: Types that have a node of their own; the smaller ones are taken together.
MOST_TYPES = 200
#: Types that are drawn when the page opens; the others are a click away.
FIRST_TYPES = 30


def explore(
    g: ConnectomeGraph,
    path: str | Path,
    *,
    by: By = "cell_type",
    title: str | None = None,
    segmentation: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a page to look around in as one HTML file that needs no network; return its path.

    The types of neurons are drawn as a network (area of a node: cells; width of an arrow: the
    weight chosen on the page) and as a matrix, linked: choosing a type shows its partners and its
    neurons with their exact ids. On the page types and weights are filtered, neurons selected,
    their ids copied or opened in neuroglancer, and what is shown saved as CSV and SVG. All of it
    works by keyboard; the page is dark where the reader's system is.

    Parameters
    ----------
    g
        The graph.
    path
        The file to write.
    by
        Neuron column of types. Beyond 200 types the smallest are taken together, and the page
        says so; a neuron without a type is listed and has no node.
    title
        Heading of the page.
    segmentation
        Source of the segmentation for links into neuroglancer, such as ``"precomputed://..."``;
        without it the page asks.
    overwrite
        Whether another file at `path` may be replaced; a page of this library is in any case.

    Returns
    -------
    pathlib.Path
        The absolute path of the page.

    Raises
    ------
    UnknownName
        When `by` is no neuron column.
    UnreadableFile
        When the file cannot be written, or another one is there.

    Examples
    --------
    >>> import tempfile, pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2], "cell_type": ["BC", "MC"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = cg.explore(cg.from_adjacency([[0, 1], [0, 0]], cells), f"{folder}/page.html")
    ...     path.name
    'page.html'
    """
    check_place(path, OWN_PAGE, "page", overwrite=overwrite)
    part, column, n_merged = largest_types(g, by, MOST_TYPES)
    data = _blocks(part, column) | _neurons(part, column)
    data["segmentation"] = segmentation
    content = {
        "title": title or "A connectome to look around in",
        "by": g.labels(by).title,
        "n_merged": n_merged,
        "n_neurons": g.n_neurons,
        "n_edges": g.n_edges,
        "n_synapses": g.n_synapses,
        "domain": g.domain.describe(),
        "provenance": g.provenance,
    }
    with replacing_own(path, own=OWN_PAGE, what="page", overwrite=overwrite) as temporary:
        temporary.write_text(rendered("explore", content, data=data), encoding="utf-8")
    return Path(path).resolve()


def _blocks(g: ConnectomeGraph, by: By) -> dict[str, Any]:
    """Return the types, where they stand, and the blocks between them that hold an edge."""
    types = g.labels(by, missing="drop")
    names = types.names.tolist()
    place = {name: at for at, name in enumerate(names)}
    table = stats.type_matrix(g, by=by, interval="wilson")
    held = table.loc[table["n_pairs"] > 0]
    ends = [held[end].map(place).to_numpy(np.int64) for end in ("pre_type", "post_type")]
    numbers = {name: held[name].to_numpy(np.int64) for name in ("n_edges", "n_synapses", "n_pairs")}
    colors = type_colors(names)
    at = _layout(len(names), ends, numbers["n_synapses"])
    return {
        "types": [str(name) for name in names],
        "colors": [colors[name] for name in names],
        "sizes": types.sizes.tolist(),
        "x": np.round(at[:, 0], 3).tolist(),
        "y": np.round(at[:, 1], 3).tolist(),
        "first": FIRST_TYPES,
        "pre": packed(ends[0]),
        "post": packed(ends[1]),
        **{name: packed(values) for name, values in numbers.items()},
    }


def _layout(
    n: int, ends: list[npt.NDArray[np.int64]], synapses: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return a place in the unit square for every type; strongly connected ones lie close."""
    import igraph

    if n < 2:
        return np.full((n, 2), 0.5)
    kept = (synapses > 0) & (ends[0] != ends[1])
    edges = np.column_stack(ends)[kept]
    net = igraph.Graph(n=n, edges=edges.tolist(), directed=True)
    angle = 2 * np.pi * np.arange(n) / n
    # From a circle, without temperature drawn at random: the same graph lies the same way.
    start = np.column_stack([np.cos(angle), np.sin(angle)])
    found = net.layout_fruchterman_reingold(
        weights=np.log1p(synapses[kept]).tolist(), seed=start.tolist(), niter=300
    )
    at = np.asarray(found.coords, float)
    low, high = at.min(axis=0), at.max(axis=0)
    return np.asarray((at - low) / np.where(high > low, high - low, 1))


def _neurons(g: ConnectomeGraph, by: By) -> dict[str, Any]:
    """Return every neuron: id, type, partners and synapses."""
    types = g.labels(by, missing="drop")
    # A neuron without a type is listed too, after the last type.
    kinds = np.where(types.codes < 0, len(types), types.codes)
    pre, post = g.edge_codes
    counts = g.edge_counts
    n = g.n_neurons
    numbers = {
        "out_degree": np.bincount(pre, minlength=n),
        "in_degree": np.bincount(post, minlength=n),
        "out_synapses": np.bincount(pre, counts, minlength=n),
        "in_synapses": np.bincount(post, counts, minlength=n),
    }
    text = g.ids.dtype.kind == "O"
    ids: Any = g.ids.tolist() if text else base64.b64encode(g.ids.astype("<i8").tobytes()).decode()
    return {
        "ids": ids,
        "kind": packed(kinds),
        **{name: packed(values) for name, values in numbers.items()},
        "source": packed(g.domain.sources),
        "target": packed(g.domain.targets),
    }
