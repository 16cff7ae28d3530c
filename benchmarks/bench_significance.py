"""Motif significance, the whole of it: ours beside graph-tool, which Debian packages."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import OURS, Case

TITLE = "Motif significance"
ABOUT = (
    "2,772 neurons and 262,544 edges, and 300 neurons and 6,000 edges: every connected class of "
    "three neurons counted, and held against 10 random graphs with the same in- and out-degrees. "
    "Both libraries start from a graph of their own. graph-tool's motif_significance "
    "(configuration model, p = 1) lists the triads one by one, and is ended after its limit on the "
    "larger graph. It is run by the system's own Python, since it comes as a Debian package "
    "(python3-graph-tool) and not from a package index; where it is missing its rows are left out "
    "and the page says so. The answers compared are the observed counts of the connected classes "
    "that occur, whatever order a library lists them in."
)
WORKS = {
    "significance against 10 random graphs, 6 k edges": "D0",
    "significance against 10 random graphs, 263 k edges": "D",
}
SHUFFLES = 10
#: Where Debian's package puts its library.
SYSTEM_PYTHON = "/usr/bin/python3"


def as_ours(size: str) -> Any:
    from benchmarks import bench_motifs

    return bench_motifs.as_ours(size)


def ours(g: Any) -> list[int]:
    from connectome_graph import motifs, nulls

    found = motifs.significance(g, null=nulls.Configuration(), n=SHUFFLES, seed=1)
    return sorted(int(number) for number in found.table["observed"] if number)


def as_graph_tool(size: str, folder: str) -> Any:
    import os

    import graph_tool
    import numpy as np

    from benchmarks import tables

    os.environ["CONNECTOME_GRAPH_BENCH_CACHE"] = folder
    drawn = tables.edges(size)
    graph = graph_tool.Graph(directed=True)
    graph.add_vertex(drawn.n)
    graph.add_edge_list(np.stack([drawn.pre, drawn.post], axis=1))
    return graph


def with_graph_tool(graph: Any) -> list[int]:
    from graph_tool.clustering import motif_significance

    _, _, counts, *_ = motif_significance(
        graph, 3, n_shuffles=SHUFFLES, shuffle_model="configuration", full_output=True
    )
    return sorted(int(number) for number in counts if number)


def numbers(found: list[int]) -> list[int]:
    return found


def cases() -> list[Case]:
    from benchmarks import tables

    folder = str(tables.cache_folder())
    found = []
    for work, size in WORKS.items():
        found += [
            Case(work, OURS, ours, as_ours, {"size": size}, numbers, repeats=3),
            Case(
                work, "graph-tool", with_graph_tool, as_graph_tool,
                {"size": size, "folder": folder}, numbers, repeats=1, warmups=0,
                needs=("graph_tool",), limit=100.0, python=SYSTEM_PYTHON,
            ),
        ]  # fmt: skip
    return found
