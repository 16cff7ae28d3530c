"""Degree-preserving random graphs, and ensembles of them with a census: ours beside the peers."""

from __future__ import annotations

from typing import Any

from benchmarks.bench_motifs import as_igraph, as_ours
from benchmarks.harness import OURS, Case

TITLE = "Null models"
ABOUT = (
    "Random graphs with every in- and out-degree of a column (1,355 neurons, 78,900 edges) and of "
    "a whole brain (139,000 neurons, 2.7 million edges), from a graph in the library's own form to "
    "a graph in the same form: ours by as many passes of trades as a pilot on the graph found "
    "enough, the others by 10 attempted switches per edge. The pilot, once per graph and null, has "
    "rows of its own. networkit holds on a rejected switch; igraph counts attempts likewise; "
    "networkx counts successful swaps and is asked for 10 an edge. connectome-analysis erases "
    "repeats and autapses instead of switching and so loses edges. bctpy changes in-degrees. Ours "
    "alone keeps mutual degrees in the rows of that name. One sample of 15 million edges is drawn "
    "by one core and by all, with the same numbers. The ensembles are random graphs with a triad "
    "census of each, of 16 classes or of every class of ten cell types, through the public compare "
    "on all processors: 1,000 of the column, the pilot included (igraph does 10), and 20 of the "
    "whole brain, after the pilot. First calls are programs on a small graph, from the import on, "
    "in an installation where no kernel is compiled yet."
)
SWITCH = {"S": "every in- and out-degree, 79 k edges", "L": "every in- and out-degree, 2.7 M edges"}
MUTUAL = {
    "S": "mutual degrees kept, 79 k edges",
    "L": "mutual degrees kept, 2.7 M edges",
}
TEN = "10 nulls with census, 79 k edges"
PILOT = "pilot, 2.7 M edges"
HUGE = "every in- and out-degree, 15 M edges"
HUGE_MUTUAL = "mutual degrees kept, 15 M edges"
FLY = "20 reciprocal nulls with census, 2.7 M edges"
FIRST = "first call in a life, "
FIRST_CALLS = {
    "motifs.significance": "cg.motifs.significance(g, n=99)",
    "Configuration sample": "cg.nulls.Configuration().sample(g, 1)",
    "motifs.triad_census": "cg.motifs.triad_census(g)",
}
THOUSAND = "1,000 nulls with census, 79 k edges"
THOUSAND_MUTUAL = "1,000 reciprocal nulls with census, 79 k edges"
THOUSAND_LABELLED = "1,000 nulls with census of 10 types, 79 k edges"
THOUSAND_MUTUAL_LABELLED = "1,000 reciprocal nulls with census of 10 types, 79 k edges"


def piloted(size: str, null: str = "Configuration") -> Any:
    """Return our graph and the null, whose pilot has been run on it."""
    from connectome_graph import nulls

    g, model = as_ours(size), getattr(nulls, null)()
    model.mixing(g)
    return g, model


def not_piloted(size: str, null: str) -> Any:
    """Return our graph and the null, every kernel compiled, no pilot run."""
    from connectome_graph import nulls

    model = getattr(nulls, null)()
    model.mixing(as_ours(size))
    return as_ours(size), model


def ours_switched(given: Any) -> Any:
    g, null = given
    return null.sample(g, 1)


def ours_on_one_core(given: Any) -> Any:
    import numpy as np

    g, null = given
    return null.prepare(g)(np.random.default_rng(1))


def ours_pilot(given: Any) -> Any:
    g, null = given
    return null.mixing(g)


def ours_fly(given: Any) -> Any:
    g, null = given
    return ensemble(g, null, n=20)


def ours_ten(g: Any) -> Any:
    from connectome_graph import compare, motifs, nulls

    return compare(g, motifs.triad_census, null=nulls.Configuration(), n=10, seed=1)


def ready(size: str) -> Any:
    """Return our graph with every kernel of the long ensembles compiled."""
    from connectome_graph import nulls

    g = as_ours(size)
    for null in (nulls.Configuration(), nulls.ReciprocalConfiguration()):
        ensemble(g, null, n=2)
        ensemble(g, null, n=2, labelled=True)
    return g


def ensemble(g: Any, null: Any, *, n: int = 1000, labelled: bool = False) -> Any:
    from functools import partial

    from connectome_graph import compare, motifs

    labels = partial(motifs.labelled_census, by="cell_type")
    statistic = labels if labelled else motifs.triad_census
    return compare(g, statistic, null=null, n=n, seed=1)


def ours_thousand(g: Any) -> Any:
    from connectome_graph import nulls

    return ensemble(g, nulls.Configuration())


def ours_thousand_mutual(g: Any) -> Any:
    from connectome_graph import nulls

    return ensemble(g, nulls.ReciprocalConfiguration())


def ours_thousand_labelled(g: Any) -> Any:
    from connectome_graph import nulls

    return ensemble(g, nulls.Configuration(), labelled=True)


def ours_thousand_mutual_labelled(g: Any) -> Any:
    from connectome_graph import nulls

    return ensemble(g, nulls.ReciprocalConfiguration(), labelled=True)


def nothing_compiled(call: str) -> str:
    """Return a program that makes a call on a small graph."""
    return (
        "import numpy as np, connectome_graph as cg\n"
        "matrix = np.random.default_rng(0).random((60, 60)) < 0.1\n"
        f"g = cg.from_adjacency(matrix.astype(int))\n{call}\n"
    )


def ours_first(program: str) -> Any:
    import os
    import subprocess
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        kept = {**os.environ, "NUMBA_CACHE_DIR": folder}
        return subprocess.run([sys.executable, "-c", program], env=kept, check=True)


def igraph_switched(graph: Any) -> Any:
    changed = graph.copy()
    changed.rewire(n=10 * graph.ecount())
    return changed


def igraph_ten(graph: Any) -> Any:
    return [igraph_switched(graph).triad_census() for _ in range(10)]


def as_networkit(size: str) -> Any:
    import networkit

    from benchmarks import tables

    drawn = tables.edges(size)
    graph = networkit.Graph(drawn.n, directed=True)
    graph.addEdges((drawn.pre.astype("uint64"), drawn.post.astype("uint64")))
    return graph


def networkit_switched(graph: Any) -> Any:
    import networkit

    chain = networkit.randomization.EdgeSwitching(graph, 10.0)
    chain.run()
    return chain.getGraph()


def as_networkx(size: str) -> Any:
    import networkx as nx

    from benchmarks import tables

    drawn = tables.edges(size)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(drawn.n))
    graph.add_edges_from(zip(drawn.pre.tolist(), drawn.post.tolist(), strict=True))
    return graph


def networkx_switched(graph: Any) -> Any:
    import networkx as nx

    changes = 10 * graph.number_of_edges()
    return nx.directed_edge_swap(graph.copy(), nswap=changes, max_tries=10 * changes, seed=1)


def as_matrix(size: str) -> Any:
    import numpy as np

    from benchmarks import tables

    drawn = tables.edges(size)
    matrix = np.zeros((drawn.n, drawn.n))
    matrix[drawn.pre, drawn.post] = 1
    return matrix


def bctpy_switched(matrix: Any) -> Any:
    import bct

    return bct.randmio_dir(matrix, 10, seed=1)[0]


def as_sparse(size: str) -> Any:
    import scipy.sparse

    return scipy.sparse.csc_matrix(as_matrix(size))


def connalysis_erased(matrix: Any) -> Any:
    from connalysis.randomization import configuration_model

    return configuration_model(matrix, seed=(1, 2))


def cases() -> list[Case]:
    """Return every library with the work it can do."""
    found = []
    for size, work in SWITCH.items():
        params, once = {"size": size}, size == "L"
        repeats = 2 if once else 5
        found += [
            Case(work, OURS, ours_switched, piloted, params, repeats=repeats),
            Case(
                work, "igraph", igraph_switched, as_igraph, params,
                needs=("igraph",), repeats=1 if once else 5, warmups=0,
            ),
            Case(
                work, "networkit", networkit_switched, as_networkit, params,
                needs=("networkit",), repeats=1 if once else 5, warmups=0,
            ),
        ]  # fmt: skip
        mutual = {**params, "null": "ReciprocalConfiguration"}
        found.append(Case(MUTUAL[size], OURS, ours_switched, piloted, mutual, repeats=repeats))
    for null in ("Configuration", "ReciprocalConfiguration"):
        fly, huge = ({"size": size, "null": null} for size in ("L", "XL"))
        found.append(
            Case(
                f"{PILOT}, {null}", OURS, ours_pilot, not_piloted, fly,
                repeats=1, warmups=0,
            )
        )  # fmt: skip
        work = HUGE if null == "Configuration" else HUGE_MUTUAL
        found += [
            Case(work, OURS, ours_switched, piloted, huge, repeats=2),
            Case(work, f"{OURS}, one core", ours_on_one_core, piloted, huge, repeats=2),
        ]
    found.append(Case(FLY, OURS, ours_fly, piloted, mutual, repeats=1))
    found += [
        Case(FIRST + name, OURS, ours_first, nothing_compiled, {"call": call}, repeats=1, warmups=0)
        for name, call in FIRST_CALLS.items()
    ]
    column = {"size": "S"}
    slow = {"params": column, "repeats": 1, "warmups": 0, "limit": 300.0}
    work = SWITCH["S"]
    found += [
        Case(work, "networkx", networkx_switched, as_networkx, needs=("networkx",), **slow),
        Case(work, "bctpy (in-degrees change)", bctpy_switched, as_matrix, needs=("bct",), **slow),
        Case(
            work, "connectome-analysis (erases)", connalysis_erased, as_sparse, column,
            needs=("connalysis",), repeats=5,
        ),
        Case(TEN, OURS, ours_ten, as_ours, column, repeats=3),
        Case(TEN, "igraph", igraph_ten, as_igraph, needs=("igraph",), **slow),
    ]  # fmt: skip
    for work, run in (
        (THOUSAND, ours_thousand),
        (THOUSAND_MUTUAL, ours_thousand_mutual),
        (THOUSAND_LABELLED, ours_thousand_labelled),
        (THOUSAND_MUTUAL_LABELLED, ours_thousand_mutual_labelled),
    ):
        found.append(Case(work, OURS, run, ready, column, repeats=1, warmups=0))
    return found
