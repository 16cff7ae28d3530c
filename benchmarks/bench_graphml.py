"""GraphML: a graph of 2.09 M synapses written to a file, and read back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import OURS, Case

TITLE = "GraphML of 2.09 M synapses"
ABOUT = (
    "All outputs of 2,275 neurons, 2,088,830 synapses on 1,257,392 connections, as an aggregated "
    "directed graph with 63,718 nodes and their types: each library writes its own graph object "
    "to a file with count, total size and log of total size on every edge. Building the objects "
    "is outside the clock. Ours waits for the disk (fsync) before the file takes its name; the "
    "others do not. igraph writes every number as a double, so ids are text for it too. The "
    "reading rows give each reader the file that our writer made."
)
WORK, READING = "write 1.26 M edges", "read 1.26 M edges"
WEIGHT = "log_sum"


def _graph() -> Any:
    import pandas as pd

    import connectome_graph as cg
    from benchmarks import tables

    edge_list = tables.edges("M")
    neurons = pd.DataFrame({"root_id": edge_list.ids, "cell_type": edge_list.cell_types})
    return cg.from_tables(tables.synapses("M"), neurons)


def _place() -> Path:
    return Path(tempfile.mkdtemp()) / "graph.graphml"


def as_ours() -> tuple[Any, Path]:
    return _graph(), _place()


def ours(given: tuple[Any, Path]) -> Path:
    from connectome_graph.export import write_graphml

    return write_graphml(given[0], given[1], weight=WEIGHT)


def as_networkx() -> tuple[Any, Path]:
    from connectome_graph.export import to_networkx

    graph = to_networkx(_graph(), weight=WEIGHT)
    return graph, _place()


def networkx_lxml(given: tuple[Any, Path]) -> Path:
    import networkx as nx

    nx.write_graphml_lxml(given[0], given[1])
    return given[1]


def networkx_xml(given: tuple[Any, Path]) -> Path:
    import networkx as nx

    nx.write_graphml_xml(given[0], given[1])
    return given[1]


def as_igraph() -> tuple[Any, Path]:
    from connectome_graph.export import to_igraph

    return to_igraph(_graph(), weight=WEIGHT), _place()


def with_igraph(given: tuple[Any, Path]) -> Path:
    given[0].write_graphml(str(given[1]))
    return given[1]


def size_of_file(path: Path) -> list[int]:
    """Return the number of nodes and edges in a file."""
    nodes = edges = 0
    with path.open("rb") as file:
        for line in file:
            nodes += line.count(b"<node ")
            edges += line.count(b"<edge ")
    path.unlink()
    return [nodes, edges]


def as_file() -> Path:
    return ours(as_ours())


def read_ours(path: Path) -> Any:
    from connectome_graph import read_graphml

    return read_graphml(path)


def read_networkx(path: Path) -> Any:
    import networkx as nx

    return nx.read_graphml(path)


def read_igraph(path: Path) -> Any:
    import igraph

    return igraph.Graph.Read_GraphML(str(path))


def size_of_graph(graph: Any) -> list[int]:
    """Return the number of nodes and edges in a graph of any of the libraries."""
    if hasattr(graph, "vcount"):
        return [graph.vcount(), graph.ecount()]
    if hasattr(graph, "n_neurons"):
        return [graph.n_neurons, graph.n_edges]
    return [graph.number_of_nodes(), graph.number_of_edges()]


def cases() -> list[Case]:
    def writing(name: str, run: Callable[..., Any], prepare: Callable[..., Any], **kw: Any) -> Case:
        return Case(WORK, name, run, prepare, answer=size_of_file, **kw)

    def reading(name: str, run: Callable[..., Any], **kw: Any) -> Case:
        return Case(READING, name, run, as_file, answer=size_of_graph, **kw)

    once: dict[str, Any] = {"repeats": 1, "warmups": 0}
    return [
        writing(OURS, ours, as_ours),
        writing("networkx, lxml", networkx_lxml, as_networkx, needs=("networkx", "lxml"), **once),
        writing("networkx, xml", networkx_xml, as_networkx, needs=("networkx",), **once),
        writing("igraph", with_igraph, as_igraph, needs=("igraph",), repeats=3),
        reading(OURS, read_ours, repeats=3),
        reading("networkx", read_networkx, needs=("networkx",), **once),
        reading("igraph", read_igraph, needs=("igraph",), repeats=3),
    ]
