"""Statistics: degrees, dyads, type matrix, clustering and the distance curve of 2.7 M edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.harness import OURS, Case

TITLE = "Statistics of 139,000 neurons and 2.7 M edges"
ABOUT = (
    "Neurons with a type and a position drawn uniformly in 1,000 x 800 x 1,000 um, as an "
    "aggregated directed graph. Building each library's graph is outside the clock. The peers "
    "count on all pairs, as ours does here; only ours can restrict the pairs to those that were "
    "observable. Ours gives more than the peers in some rows: degrees with synapses, exposure and "
    "rates; all three clusterings where igraph gives the local average and networkx the "
    "transitivity; mutual pairs per distance bin. The type matrix with bootstraps is that of 1,355 "
    "neurons and 78,900 edges, with intervals of every quantity from 1,000 samples. Paths start "
    "from 64 given neurons and go to every other; small world holds them and the transitivity "
    "against 20 random graphs, each of which igraph draws and measures likewise. Reciprocity, "
    "figure and report take 8,000 types with a heavy tail of sizes; the report is one HTML file."
)
DEGREES, DYADS, TYPES = "in- and out-degrees", "reciprocity", "type matrix"
CLUSTERING, DISTANCE = "clustering", "distance curve to 300 um"
BOOTSTRAP = "type matrix of a column, 1,000 bootstraps"
PATHS, SMALL_WORLD = "paths from 64 neurons", "small world, 20 random graphs"
RECIPROCITY = "labelled reciprocity, 8,000 types"
FIGURE, REPORT = "figure of a type matrix, 8,000 types", "report"
N_SOURCES = 64
BINS = np.arange(0.0, 301.0, 25.0)


def _places(n: int) -> Any:
    return np.random.default_rng(5).uniform(0, (1000, 800, 1000), (n, 3))


def as_ours(size: str = "L") -> Any:
    import pandas as pd

    import connectome_graph as cg
    from benchmarks import tables

    found = tables.edges(size)
    places = _places(found.n)
    neurons = pd.DataFrame({"root_id": found.ids, "cell_type": found.cell_types})
    for axis, values in zip(("x_um", "y_um", "z_um"), places.T, strict=True):
        neurons[axis] = values
    edges = pd.DataFrame({"pre": found.ids[found.pre], "post": found.ids[found.post], "count": 1})
    return cg.from_edges(edges, neurons)


def as_networkx() -> Any:
    import networkx as nx

    from benchmarks import tables

    found = tables.edges("L")
    graph = nx.DiGraph()
    graph.add_nodes_from(range(found.n))
    graph.add_edges_from(zip(found.pre.tolist(), found.post.tolist(), strict=True))
    return graph


def as_igraph() -> Any:
    import igraph

    from benchmarks import tables

    found = tables.edges("L")
    return igraph.Graph(n=found.n, edges=np.column_stack([found.pre, found.post]), directed=True)


def as_undirected_igraph() -> Any:
    return as_igraph().as_undirected()


def as_frames() -> Any:
    import pandas as pd

    from benchmarks import tables

    found = tables.edges("L")
    types = pd.Series(found.cell_types, index=found.ids, dtype="category")
    return pd.DataFrame({"pre": found.ids[found.pre], "post": found.ids[found.post]}), types


def as_places() -> Any:
    from benchmarks import tables

    return _places(tables.edges("L").n)


def degrees_ours(g: Any) -> Any:
    import connectome_graph as cg

    table = cg.stats.degrees(g)
    return [int(table["in_degree"].max()), int(table["out_degree"].max())]


def degrees_networkx(graph: Any) -> Any:
    into, out = dict(graph.in_degree()), dict(graph.out_degree())
    return [max(into.values()), max(out.values())]


def degrees_igraph(graph: Any) -> Any:
    return [max(graph.indegree()), max(graph.outdegree())]


def dyads_ours(g: Any) -> Any:
    import connectome_graph as cg

    return round(float(cg.stats.dyads(g)["reciprocity"]), 9)


def dyads_networkx(graph: Any) -> Any:
    import networkx as nx

    return round(nx.overall_reciprocity(graph), 9)


def dyads_igraph(graph: Any) -> Any:
    mutual, asymmetric, _ = graph.dyad_census()
    return round(2 * mutual / (2 * mutual + asymmetric), 9)


def types_ours(g: Any) -> Any:
    import connectome_graph as cg

    table = cg.stats.type_matrix(g, by="cell_type", interval="wilson")
    return sorted(table["n_edges"].tolist())


def types_pandas(given: Any) -> Any:
    edges, types = given
    pre, post = types.reindex(edges["pre"]), types.reindex(edges["post"])
    counts = edges.groupby([pre.to_numpy(), post.to_numpy()], observed=True).size()
    return sorted(counts.tolist())


def as_column() -> Any:
    return as_ours("S")


def bootstrap_ours(g: Any) -> Any:
    import connectome_graph as cg

    return len(cg.stats.type_matrix(g, by="cell_type", n=1000))


def clustering_ours(g: Any) -> Any:
    import connectome_graph as cg

    return round(float(cg.stats.clustering(g)["local_average"]), 9)


def clustering_igraph(graph: Any) -> Any:
    return round(graph.transitivity_avglocal_undirected(mode="nan"), 9)


def clustering_networkx(graph: Any) -> Any:
    import networkx as nx

    return nx.transitivity(graph.to_undirected(as_view=False))


def distance_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.stats.connection_by_distance(g, bins=BINS)["n_pairs"].tolist()


def distance_scipy(places: Any) -> Any:
    from scipy.spatial import cKDTree

    tree = cKDTree(places)
    inside = tree.count_neighbors(tree, np.nextafter(BINS[1:], 0))
    return np.diff(np.append(len(places), inside)).tolist()


def _sources(n: int) -> Any:
    return np.random.default_rng(6).choice(n, N_SOURCES, replace=False)


def paths_ours(g: Any) -> Any:
    import connectome_graph as cg

    starts = g.ids[_sources(g.n_neurons)]
    return round(float(cg.stats.paths(g, sources=starts)["mean_distance"]), 9)


def paths_igraph(graph: Any) -> Any:
    return round(_mean_distance(graph), 9)


def _mean_distance(graph: Any) -> float:
    starts = _sources(graph.vcount()).tolist()
    lengths = np.array(graph.distances(source=starts, mode="out"))
    return float(lengths[np.isfinite(lengths) & (lengths > 0)].mean())


def small_world_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.stats.small_world(g, sources=g.ids[_sources(g.n_neurons)], seed=1)


def small_world_igraph(graph: Any) -> Any:
    import igraph

    n, m = graph.vcount(), graph.ecount()
    drawn = [igraph.Graph.Erdos_Renyi(n=n, m=m, directed=True) for _ in range(20)]
    found = [
        (each.as_undirected().transitivity_undirected(), _mean_distance(each))
        for each in (graph, *drawn)
    ]
    clustering, length = np.array(found).T
    return clustering[0] / clustering[1:].mean() / (length[0] / length[1:].mean())


def as_ours_finely_typed() -> Any:
    import pandas as pd

    g = as_ours()
    kinds = np.random.default_rng(0).zipf(1.3, g.n_neurons) % 8000
    types = pd.DataFrame({"root_id": g.ids, "fine": np.char.add("T", kinds.astype(str))})
    return g.annotate(types)


def reciprocity_ours(g: Any) -> Any:
    import connectome_graph as cg

    return len(cg.stats.labelled_reciprocity(g, by="fine"))


def figure_ours(g: Any) -> Any:
    import matplotlib as mpl

    import connectome_graph as cg

    mpl.use("Agg")
    axes = cg.plot.type_matrix(cg.stats.type_matrix(g, by="fine"))
    axes.figure.canvas.draw()
    mpl.pyplot.close(axes.figure)


def report_ours(g: Any) -> Any:
    import tempfile
    from pathlib import Path

    import connectome_graph as cg

    with tempfile.TemporaryDirectory() as folder:
        return cg.report.write(g, Path(folder) / "report.html", by="fine").stat().st_size


def same(result: Any) -> Any:
    return result


def cases() -> list[Case]:
    def case(work: str, name: str, run: Any, prepare: Any, **kw: Any) -> Case:
        return Case(work, name, run, prepare, answer=kw.pop("answer", same), **kw)

    once: dict[str, Any] = {"repeats": 1, "warmups": 0, "limit": 400.0}
    nx, ig = {"needs": ("networkx",)}, {"needs": ("igraph",)}
    return [
        case(DEGREES, OURS, degrees_ours, as_ours),
        case(DEGREES, "igraph", degrees_igraph, as_igraph, **ig),
        case(DEGREES, "networkx", degrees_networkx, as_networkx, repeats=3, **nx),
        case(DYADS, OURS, dyads_ours, as_ours),
        case(DYADS, "igraph", dyads_igraph, as_igraph, **ig),
        case(DYADS, "networkx", dyads_networkx, as_networkx, **nx, **once),
        case(TYPES, OURS, types_ours, as_ours),
        case(TYPES, "pandas groupby", types_pandas, as_frames),
        case(BOOTSTRAP, OURS, bootstrap_ours, as_column),
        case(CLUSTERING, OURS, clustering_ours, as_ours),
        case(CLUSTERING, "igraph, local average", clustering_igraph, as_undirected_igraph, **ig),
        case(
            CLUSTERING, "networkx, transitivity", clustering_networkx, as_networkx,
            **nx, **(once | {"answer": None}),
        ),
        case(DISTANCE, OURS, distance_ours, as_ours, repeats=3),
        case(DISTANCE, "scipy KD-tree, pairs only", distance_scipy, as_places, **once),
        case(PATHS, OURS, paths_ours, as_ours, repeats=3),
        case(PATHS, "igraph", paths_igraph, as_igraph, **ig, **once),
        case(SMALL_WORLD, OURS, small_world_ours, as_ours, repeats=1, answer=None),
        case(SMALL_WORLD, "igraph", small_world_igraph, as_igraph, **ig, **once | {"answer": None}),
        case(RECIPROCITY, OURS, reciprocity_ours, as_ours_finely_typed, repeats=1),
        case(FIGURE, OURS, figure_ours, as_ours_finely_typed, repeats=1, answer=None),
        case(REPORT, OURS, report_ours, as_ours_finely_typed, repeats=1),
    ]  # fmt: skip
