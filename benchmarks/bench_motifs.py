"""Triad census and a labelled motif: ours beside every peer that counts them."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import OURS, Case

TITLE = "Motifs"
ABOUT = (
    "The 16-class census of directed triads on a column (1,355 neurons, 78,900 edges) and on whole "
    "brains (139,000 neurons; 2.7 and 15 million edges), through the public functions, which also "
    "take the domain into account; threads as each library chooses. networkx and netsci are run "
    "on the column alone: networkx would need hours, netsci a dense matrix. GraphBLAS has no "
    "census; it counts the seven closed classes by masked products of dyad matrices, written for "
    "this benchmark, the open ones following from degrees. igraph is ended after its limit on 15 M "
    "edges. The labelled count is the feed-forward loop 23P -> BC -> 4P, 23P -> 4P: parsing the "
    "motif is inside the clock for ours and for DotMotif, whose faster executor is used."
)
MOTIF = 'A -> B\nB -> C\nA -> C\nA.cell_type = "23P"\nB.cell_type = "BC"\nC.cell_type = "4P"'
CENSUS = {"S": "census, 79 k edges", "L": "census, 2.7 M edges", "XL": "census, 15 M edges"}
PARTICIPATION = "roles per neuron, 2.7 M edges"
LABELLED = "labelled census, 79 k edges"
COUNT = "labelled feed-forward loops, 79 k edges"


def as_ours(size: str) -> Any:
    import pandas as pd

    import connectome_graph as cg
    from benchmarks import tables

    drawn = tables.edges(size)
    edges = pd.DataFrame({"pre": drawn.ids[drawn.pre], "post": drawn.ids[drawn.post], "count": 1})
    neurons = pd.DataFrame({"root_id": drawn.ids, "cell_type": drawn.cell_types})
    return cg.from_edges(edges, neurons)


def ours_census(g: Any) -> Any:
    from connectome_graph import motifs

    return motifs.triad_census(g)


def ours_roles(g: Any) -> Any:
    from connectome_graph import motifs

    return motifs.neuron_triads(g, split="role")


def ours_labelled(g: Any) -> Any:
    from connectome_graph import motifs

    return motifs.labelled_census(g, by="cell_type")


def ours_count(g: Any) -> int:
    from connectome_graph import motifs

    return motifs.count(g, MOTIF)


def as_igraph(size: str) -> Any:
    import igraph
    import numpy as np

    from benchmarks import tables

    drawn = tables.edges(size)
    pairs = np.stack([drawn.pre, drawn.post], axis=1)
    graph = igraph.Graph(n=drawn.n, edges=pairs, directed=True)
    graph.vs["cell_type"] = drawn.cell_types.tolist()
    return graph


def igraph_census(graph: Any) -> Any:
    return graph.triad_census()


def igraph_count(graph: Any) -> int:
    import igraph

    wanted = ["23P", "BC", "4P"]
    pattern = igraph.Graph(n=3, edges=[(0, 1), (1, 2), (0, 2)], directed=True)
    number = {name: place for place, name in enumerate(dict.fromkeys(graph.vs["cell_type"]))}
    found: int = graph.count_subisomorphisms_vf2(
        pattern,
        color1=[number[name] for name in graph.vs["cell_type"]],
        color2=[number[name] for name in wanted],
    )
    return found


def as_networkx(size: str) -> Any:
    import networkx as nx

    from benchmarks import tables

    drawn = tables.edges(size)
    graph = nx.DiGraph()
    for node, name in enumerate(drawn.cell_types.tolist()):
        graph.add_node(node, cell_type=name)
    graph.add_edges_from(zip(drawn.pre.tolist(), drawn.post.tolist(), strict=True))
    return graph


def networkx_census(graph: Any) -> Any:
    import networkx as nx

    return list(nx.triadic_census(graph).values())


def dotmotif_count(graph: Any) -> int:
    import dotmotif

    return len(dotmotif.GrandIsoExecutor(graph=graph).find(dotmotif.Motif(MOTIF)))


def as_matrix(size: str) -> Any:
    import numpy as np

    from benchmarks import tables

    drawn = tables.edges(size)
    matrix = np.zeros((drawn.n, drawn.n), np.int64)
    matrix[drawn.pre, drawn.post] = 1
    return matrix


def netsci_census(matrix: Any) -> Any:
    from netsci.metrics.motifs import motifs

    # in netsci's own order of 16 classes
    return motifs(matrix, algorithm="louzoun")


def as_graphblas(size: str) -> Any:
    import graphblas as gb

    from benchmarks import tables

    drawn = tables.edges(size)
    return gb.Matrix.from_coo(
        drawn.pre, drawn.post, 1, nrows=drawn.n, ncols=drawn.n, dtype=gb.dtypes.INT64
    )


def graphblas_census(matrix: Any) -> list[int]:
    import numpy as np
    from graphblas import binary, monoid, semiring

    n = matrix.nrows
    both = matrix.ewise_mult(matrix.T, binary.pair).new()
    out = matrix.dup(mask=~both.S)
    into = out.T.new()

    def closed(mask: Any, left: Any, right: Any) -> int:
        product = semiring.plus_pair(left @ right).new(mask=mask.S)
        return int(product.reduce_scalar(monoid.plus).get(0))

    classes = {
        "030T": closed(out, out, out),
        "030C": closed(into, out, out) // 3,
        "120D": closed(both, into, out) // 2,
        "120U": closed(both, out, into) // 2,
        "120C": closed(both, out, out),
        "210": closed(out, both, both),
        "300": closed(both, both, both) // 6,
    }
    o, i, r = (
        kind.reduce_rowwise(monoid.plus).new().to_dense(fill_value=0) for kind in (out, into, both)
    )
    c = classes
    c["021D"] = int((o * (o - 1) // 2).sum()) - c["030T"] - c["120D"]
    c["021U"] = int((i * (i - 1) // 2).sum()) - c["030T"] - c["120U"]
    c["021C"] = int((o * i).sum()) - c["030T"] - 3 * c["030C"] - c["120C"]
    c["111D"] = int((r * i).sum()) - 2 * c["120D"] - c["120C"] - c["210"]
    c["111U"] = int((r * o).sum()) - 2 * c["120U"] - c["120C"] - c["210"]
    c["201"] = int((r * (r - 1) // 2).sum()) - c["210"] - 3 * c["300"]
    asymmetric, mutual = int(np.sum(o)), int(np.sum(r)) // 2
    names = [
        "003",
        "012",
        "102",
        "021D",
        "021U",
        "021C",
        "111D",
        "111U",
        "030T",
        "030C",
        "201",
        "120D",
        "120U",
        "120C",
        "210",
        "300",
    ]
    pairs = {name: (int(name[1]), int(name[0])) for name in names}
    c["012"] = asymmetric * (n - 2) - sum(pairs[name][0] * many for name, many in c.items())
    connected = {name: many for name, many in c.items() if name != "012"}
    c["102"] = mutual * (n - 2) - sum(pairs[name][1] * many for name, many in connected.items())
    c["003"] = n * (n - 1) * (n - 2) // 6 - sum(c.values())
    return [c[name] for name in names]


def as_numbers(census: Any) -> list[int]:
    return [int(number) for number in census]


def size_of(table: Any) -> list[int]:
    return list(table.shape)


def cases() -> list[Case]:
    found = []
    for size, work in CENSUS.items():
        given = {"size": size}
        found.append(
            Case(work, OURS, run=ours_census, prepare=as_ours, params=given, answer=as_numbers)
        )
        found.append(
            Case(
                work,
                "GraphBLAS",
                run=graphblas_census,
                prepare=as_graphblas,
                params=given,
                answer=as_numbers,
                needs=("graphblas",),
                repeats={"S": 5, "L": 2}.get(size, 1),
                warmups=int(size != "XL"),
            )
        )
        found.append(
            Case(
                work,
                "igraph",
                run=igraph_census,
                prepare=as_igraph,
                params=given,
                answer=as_numbers,
                needs=("igraph",),
                repeats=1,
                warmups=0,
                limit=100,
            )
        )
    column = {"size": "S"}
    found += [
        Case(
            CENSUS["S"],
            "netsci",
            run=netsci_census,
            prepare=as_matrix,
            params=column,
            needs=("netsci",),
            repeats=3,
        ),
        Case(
            CENSUS["S"],
            "networkx",
            run=networkx_census,
            prepare=as_networkx,
            params=column,
            answer=as_numbers,
            needs=("networkx",),
            repeats=1,
            warmups=0,
            limit=400,
        ),
        Case(
            PARTICIPATION,
            OURS,
            run=ours_roles,
            prepare=as_ours,
            params={"size": "L"},
            answer=size_of,
        ),
        Case(
            LABELLED,
            OURS,
            run=ours_labelled,
            prepare=as_ours,
            params=column,
            answer=size_of,
            repeats=20,
        ),
        Case(COUNT, OURS, run=ours_count, prepare=as_ours, params=column, answer=int, repeats=50),
        Case(
            COUNT,
            "igraph (vf2)",
            run=igraph_count,
            prepare=as_igraph,
            params=column,
            answer=int,
            needs=("igraph",),
        ),
        Case(
            COUNT,
            "DotMotif (GrandIso)",
            run=dotmotif_count,
            prepare=as_networkx,
            params=column,
            answer=int,
            needs=("dotmotif",),
            repeats=9,
        ),
    ]
    return found
