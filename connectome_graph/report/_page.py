"""The page: sections computed, laid out by a template that escapes all it is given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectome_graph.border.arguments import By, Progress, Seed, whole
from connectome_graph.border.replaced import check_place, replacing_own
from connectome_graph.errors import InvalidArgument
from connectome_graph.report import _sections as sections
from connectome_graph.report._cautions import cautions
from connectome_graph.report._explore import explore as write_explorer
from connectome_graph.report._picture import picture
from connectome_graph.report._rendered import OWN_PAGE, rendered
from connectome_graph.report._type_blocks import type_blocks

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["to_html", "write"]

#: Columns of types, the first of which that a graph has is taken.
USUAL_TYPES = ("cell_type", "broad_type", "type", "class")
#: Random graphs of an ordinary report; larger graphs are only compared when asked.
SAMPLES, MOST_EDGES_BY_DEFAULT = 100, 500_000


def write(
    g: ConnectomeGraph,
    path: str | Path,
    *,
    by: By | None = None,
    n: int | None = None,
    seed: Seed = 0,
    title: str | None = None,
    explore: str | Path | None = None,
    progress: Progress = None,
    overwrite: bool = False,
) -> Path:
    """Write a report about a graph as one HTML file that needs no network; return its path.

    Parameters
    ----------
    g
        The graph.
    path
        The file to write.
    by, n, seed, title, progress
        As in :func:`to_html`.
    explore
        A second file to write, the page of :func:`connectome_graph.explore`: types and neurons of
        the report open it where they stand there. The link is relative, so that the two pages can
        be moved together.
    overwrite
        Whether other files at `path` and `explore` may be replaced; pages of this library are in
        any case.

    Returns
    -------
    pathlib.Path
        The absolute path of the page.

    Raises
    ------
    UnknownName
        When `by` is no neuron column.
    InvalidArgument
        When `explore` is asked for and there are no types, or is the report's own file.
    UnreadableFile
        When a file cannot be written, or another one is there.

    Examples
    --------
    >>> import tempfile, connectome_graph as cg
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = cg.report.write(cg.from_adjacency([[0, 1], [0, 0]]), f"{folder}/page.html")
    ...     path.name
    'page.html'
    """
    for each in (path, explore):
        if each is not None:
            check_place(each, OWN_PAGE, "page", overwrite=overwrite)
    explorer = (
        None
        if explore is None
        else _explorer(g, path, explore, by=by, title=title, overwrite=overwrite)
    )
    page = _page(g, by=by, n=n, seed=seed, title=title, progress=progress, explorer=explorer)
    with replacing_own(path, own=OWN_PAGE, what="page", overwrite=overwrite) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path).resolve()


def to_html(
    g: ConnectomeGraph,
    *,
    by: By | None = None,
    n: int | None = None,
    seed: Seed = 0,
    title: str | None = None,
    progress: Progress = None,
) -> str:
    """Return a report about a graph as one self-contained HTML page.

    Provenance and citations, what is observable, cautions, sizes, weights, degrees, the type
    matrix, distance, triads against the reciprocal null, and the adjacency. Everything from the
    graph is escaped, ids are text, and the page loads nothing.

    Parameters
    ----------
    g
        The graph.
    by
        Neuron column of types, or columns; by default the first of ``cell_type broad_type type
        class`` that is there.
    n
        Random graphs for the triads, 0 for none; by default 100, and none above 500,000 edges.
    seed
        Seed of everything random.
    title
        Heading of the page.
    progress
        Whether to show a bar for the random graphs; by default on a terminal.

    Returns
    -------
    str
        The page. Intervals take neurons as what was sampled (two-way); those against distance
        take pairs as independent (Wilson).

    Raises
    ------
    UnknownName
        When `by` is no neuron column.
    InvalidArgument
        When `n` is negative.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> page = cg.report.to_html(cg.from_adjacency([[0, 1], [0, 0]]), title="<b>two</b> neurons")
    >>> "<h1>&lt;b&gt;two&lt;/b&gt; neurons</h1>" in page
    True
    """
    return _page(g, by=by, n=n, seed=seed, title=title, progress=progress, explorer=None)


def _explorer(
    g: ConnectomeGraph,
    report: str | Path,
    page: str | Path,
    *,
    by: By | None,
    title: str | None,
    overwrite: bool,
) -> str:
    """Write the page to look around in, and return its address as the report names it."""
    types = _types(g, by)
    if types is None:
        raise InvalidArgument(
            f"explore={str(page)!r} needs types, and the neurons have none of "
            f"{', '.join(USUAL_TYPES)}; name their column with by="
        )
    home, target = Path(report).resolve(), Path(page).resolve()
    if home == target:
        raise InvalidArgument(f"explore={str(page)!r} is the report itself; name another file")
    title = None if title is None else f"{title}, to look around in"
    write_explorer(g, target, by=types, title=title, overwrite=overwrite)
    return quote(Path(os.path.relpath(target, home.parent)).as_posix())


def _page(
    g: ConnectomeGraph,
    *,
    by: By | None,
    n: int | None,
    seed: Seed,
    title: str | None,
    progress: Progress,
    explorer: str | None,
) -> str:
    large = g.n_edges > MOST_EDGES_BY_DEFAULT
    if n is None:
        n = 0 if large else SAMPLES
    n = whole(n, name="n", least=0)
    by = _types(g, by)
    simple = not g.domain.diagonal
    content = {
        "title": title or "A connectome",
        "explorer": explorer,
        "counts": sections.counts(g),
        "domain": g.domain.describe() | {"n_core": g.domain.n_core},
        "simple": simple,
        "provenance": g.provenance,
        "citations": list(_citations(g)),
        "cautions": cautions(g, by=by),
        "dyads": sections.dyads(g),
        "weights": sections.weight_table(g),
        "degrees": sections.degrees(g, by=by),
        "types": None if by is None else type_blocks(g, by=by),
        "distance": sections.distance(g),
        "triads": sections.triads(g, samples=n, seed=seed, progress=progress) if simple else None,
        "columns": (list(map(str, g.neurons.columns)), list(g.synapse_columns)),
        "by": None if by is None else g.labels(by).title,
    }
    shown = picture(g, by=by)
    return rendered("page", content | {"picture": shown}, data=shown)


def _types(g: ConnectomeGraph, by: By | None) -> By | None:
    """Return the columns of types, checked, or None when there is none with a value."""
    if by is not None:
        g.labels(by)
        return by
    neurons = g.neurons
    return next((n for n in USUAL_TYPES if n in neurons and neurons[n].notna().any()), None)


def _citations(g: ConnectomeGraph) -> Iterator[str]:
    for step in g.provenance.steps:
        if "citation" in step.facts:
            yield str(step.facts["citation"])
    yield f"The connectome_graph developers (2026). {g.provenance.software}."
