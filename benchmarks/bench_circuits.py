"""Circuits: influence, similarity, paths and cliques of a whole fly brain's size."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.harness import OURS, Case

TITLE = "Circuits of 139,000 neurons and 15 M edges"
ABOUT = (
    "Influence is lambda_max, one seed set of 100 neurons and the steady state; scipy's row is "
    "the same equations by hand: ARPACK for the eigenvalue, GMRES for the state. Similarity "
    "lists the 50 most similar profiles of every neuron; scipy's row multiplies normalised "
    "profiles, 512 neurons at a time, and knows no domain (nor do all profiles fit a dense "
    "product), for the 5,000 neurons that both rows of that work look up. Paths start from five "
    "neurons of 2.7 M edges. The cliques are those of a random graph of 6,719 neurons and "
    "836,167 edges with a share of 0.3 of mutual pairs in blocks: all dimensions, beside "
    "networkx's cliques of the graph without directions in the work called undirected."
)
INFLUENCE = "influence of one seed set, 15 M edges"
BOTH = "similarity of both, all neurons, 15 M edges"
OUTPUTS = "similarity of outputs, all neurons, 15 M edges"
BY_TYPE = "similarity of both by type, all neurons, 15 M edges"
SOME = "similarity of outputs, 5,000 neurons, 15 M edges"
PATHS = "paths from five neurons, 2.7 M edges"
DIRECTED = "directed simplices, 836,167 edges"
RECIPROCAL = "cliques of mutual edges, 836,167 edges"
MAXIMAL = "maximal directed simplices, 836,167 edges"
SEEDS, GAIN, TOP, LOOKED_UP = 100, 0.99, 50, 5_000


def _counts(n: int) -> Any:
    return np.random.default_rng(7).geometric(0.28, n)


def as_ours() -> Any:
    import pandas as pd

    import connectome_graph as cg
    from benchmarks import tables

    found = tables.edges("XL")
    neurons = pd.DataFrame({"root_id": found.ids, "cell_type": found.cell_types})
    edges = pd.DataFrame({"pre": found.ids[found.pre], "post": found.ids[found.post]})
    edges["count"] = _counts(len(edges))
    return cg.from_edges(edges, neurons)


def as_scipy() -> Any:
    import scipy.sparse as sp

    from benchmarks import tables

    found = tables.edges("XL")
    counts = _counts(len(found.pre)).astype(float)
    return sp.csr_array((counts, (found.pre, found.post)), shape=(found.n, found.n))


def influence_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.stats.influence(g, g.ids[:SEEDS].tolist(), gain=GAIN)["influence"].to_numpy()


def influence_scipy(matrix: Any) -> Any:
    from scipy.sparse.linalg import LinearOperator, eigs, gmres

    n = matrix.shape[0]
    largest = eigs(matrix, k=1, which="LR", return_eigenvectors=False, v0=np.ones(n)).real.max()
    into = matrix.T.tocsr()
    drive = np.zeros(n)
    drive[:SEEDS] = 1.0
    system = LinearOperator((n, n), lambda x: x - GAIN / largest * (into @ x), dtype=float)
    return gmres(system, drive, rtol=1e-10, restart=60)[0]


def summed(activity: Any) -> Any:
    return [round(float(activity.sum()), 4), int(np.argmax(activity[SEEDS:]))]


def similarity_ours(g: Any, *, of: str, by: str | None = None, some: bool = False) -> Any:
    import connectome_graph as cg

    neurons = g.ids[:LOOKED_UP].tolist() if some else None
    return cg.stats.similarity(g, of=of, by=by, top=TOP, neurons=neurons)


def outputs_ours(g: Any) -> Any:
    return similarity_ours(g, of="outputs")


def both_ours(g: Any) -> Any:
    return similarity_ours(g, of="both")


def by_type_ours(g: Any) -> Any:
    return similarity_ours(g, of="both", by="cell_type")


def some_ours(g: Any) -> Any:
    return similarity_ours(g, of="outputs", some=True)["similarity"].to_numpy()


def some_scipy(matrix: Any) -> Any:
    import scipy.sparse as sp

    length = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    unit = sp.diags_array(1 / np.maximum(length, 1e-300)) @ matrix
    turned = unit.T.tocsr()
    found = []
    for first in range(0, LOOKED_UP, 512):
        rows = slice(first, min(first + 512, LOOKED_UP))
        product = (unit[rows] @ turned).toarray()
        product[np.arange(len(product)), np.arange(first, first + len(product))] = 0
        best = np.argpartition(product, -TOP, axis=1)[:, -TOP:]
        found.append(np.sort(np.take_along_axis(product, best, axis=1), axis=1)[:, ::-1].ravel())
    return np.concatenate(found)


def as_sources() -> Any:
    from benchmarks.bench_stats import as_ours as graph

    return graph()


def as_igraph() -> Any:
    from benchmarks.bench_stats import as_igraph as graph

    return graph()


def as_matrix() -> Any:
    import scipy.sparse as sp

    from benchmarks import tables

    found = tables.edges("L")
    ones = np.ones(len(found.pre), np.float32)
    return sp.csr_array((ones, (found.pre, found.post)), shape=(found.n, found.n))


FROM = list(range(5))


def paths_ours(g: Any) -> Any:
    import connectome_graph as cg

    return float(cg.stats.paths(g, sources=g.ids[FROM].tolist())["mean_distance"])


def paths_igraph(graph: Any) -> Any:
    return _mean(np.asarray(graph.distances(source=FROM, mode="out"), float))


def paths_scipy(matrix: Any) -> Any:
    from scipy.sparse.csgraph import shortest_path

    return _mean(shortest_path(matrix, unweighted=True, indices=FROM))


def _mean(distances: Any) -> float:
    return float(distances[np.isfinite(distances) & (distances > 0)].mean())


def _clique_edges() -> tuple[Any, Any, int]:
    """Return 836,167 edges of 6,719 neurons, denser inside 40 blocks, three tenths mutual."""
    rng = np.random.default_rng(3)
    n, wanted = 6_719, 836_167
    block = rng.integers(0, 40, n)
    keys = np.empty(0, np.int64)
    members = [np.flatnonzero(block == kind) for kind in range(40)]
    while len(keys) < wanted:
        inside = rng.random(200_000) < 0.5
        pre = rng.integers(0, n, 200_000)
        post = rng.integers(0, n, 200_000)
        near = [rng.choice(members[kind]) for kind in block[pre[inside]]]
        post[inside] = near
        back = rng.random(200_000) < 0.18
        pre, post = np.append(pre, post[back]), np.append(post, pre[back])
        keys = np.unique(np.append(keys, (pre * n + post)[pre != post]))
    keys = np.sort(rng.choice(keys, wanted, replace=False))
    return (*np.divmod(keys, n), n)


def as_cliques() -> Any:
    import pandas as pd

    import connectome_graph as cg

    pre, post, n = _clique_edges()
    edges = pd.DataFrame({"pre": pre + 1, "post": post + 1, "count": 1})
    return cg.from_edges(edges, pd.DataFrame({"root_id": np.arange(1, n + 1)}))


def as_mutual() -> Any:
    import networkx as nx

    pre, post, n = _clique_edges()
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    keys = set((pre * n + post).tolist())
    graph.add_edges_from(
        (a, b) for a, b in zip(pre.tolist(), post.tolist(), strict=True)
        if a < b and b * n + a in keys
    )  # fmt: skip
    return graph


def directed_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.motifs.simplices(g)["count"]


def maximal_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.motifs.simplices(g, maximal=True)["count"]


def reciprocal_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.motifs.simplices(g, kind="reciprocal")["count"].tolist()


def reciprocal_networkx(graph: Any) -> Any:
    import networkx as nx

    counts: dict[int, int] = {}
    for clique in nx.enumerate_all_cliques(graph):
        counts[len(clique)] = counts.get(len(clique), 0) + 1
    return [counts[size] for size in sorted(counts)]


def rounded(result: Any) -> Any:
    return round(float(np.sum(result)), 6)


def same(result: Any) -> Any:
    return result


def cases() -> list[Case]:
    once: dict[str, Any] = {"repeats": 1, "warmups": 1}
    cold: dict[str, Any] = {"repeats": 1, "warmups": 0}
    return [
        Case(INFLUENCE, OURS, influence_ours, as_ours, answer=summed, repeats=3),
        Case(INFLUENCE, "scipy", influence_scipy, as_scipy, answer=summed, **cold),
        Case(OUTPUTS, OURS, outputs_ours, as_ours, **cold),
        Case(BOTH, OURS, both_ours, as_ours, **cold),
        Case(BY_TYPE, OURS, by_type_ours, as_ours, limit=400.0, **cold),
        Case(SOME, OURS, some_ours, as_ours, answer=rounded, **once),
        Case(SOME, "scipy", some_scipy, as_scipy, answer=rounded, **cold),
        Case(PATHS, OURS, paths_ours, as_sources, answer=rounded, repeats=3),
        Case(PATHS, "igraph", paths_igraph, as_igraph, answer=rounded, repeats=3),
        Case(PATHS, "scipy", paths_scipy, as_matrix, answer=rounded, repeats=3),
        Case(DIRECTED, OURS, directed_ours, as_cliques, repeats=3),
        Case(MAXIMAL, OURS, maximal_ours, as_cliques, **once),
        Case(RECIPROCAL, OURS, reciprocal_ours, as_cliques, answer=same, repeats=3),
        Case(RECIPROCAL, "networkx", reciprocal_networkx, as_mutual, answer=same, **cold),
    ]
