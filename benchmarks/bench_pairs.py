"""Domains of pairs: statistics on 10 M pairs that met, nulls inside a set, and proximities."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.harness import OURS, Case

TITLE = "Sets of pairs that could have met"
ABOUT = (
    "10 M ordered pairs of 50,000 neurons that met, of which a tenth are connected, with an "
    "exposure each: scipy multiplies the sparse matrices, pandas groups the table of pairs. The "
    "samples are of the generated column with 300,000 proximate pairs (78,928 edges), dyads "
    "counted in each. The arbors are 1,000 random walks of 2,000 vertices in a cube of 500 um."
)
DENSITY, DYADS, TYPES = "density, 10 M pairs", "dyads, 10 M pairs", "type matrix, 10 M pairs"
TWO_WAY = "density, 10 M pairs, two-way interval"
TWO_WAY_TYPES = "type matrix, 10 M pairs, two-way intervals"
CENSUS = "triad census, 10 M pairs"
WHOLE = "triad census of the same edges, all pairs"
BILLION = "pair model on 10^9 pairs, 1 M unconnected sampled"
SAMPLES, ARBORS = "20 null samples inside 300,000 pairs", "proximities of 1,000 arbors"
N, PAIRS, KINDS = 50_000, 10_000_000, 20


def _tables() -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(0)
    key = np.unique(rng.integers(0, N * N, int(PAIRS * 1.01)))[:PAIRS]
    pre, post = np.divmod(key[key // N != key % N], N)
    edge = rng.random(len(pre)) < 0.1
    return pre, post, edge, rng.integers(0, KINDS, N)


def as_ours() -> Any:
    import pandas as pd
    import scipy.sparse as sp

    import connectome_graph as cg

    pre, post, edge, kind = _tables()
    cells = pd.DataFrame({"root_id": np.arange(N) + 1, "kind": kind})
    synapses = pd.DataFrame({"pre": pre[edge] + 1, "post": post[edge] + 1})
    met = sp.coo_array((np.ones(len(pre)), (pre, post)), shape=(N, N))
    g = cg.from_tables(synapses, cells).within(met, exposure="area")
    # What a set derives once for all statistics.
    _ = g.domain.n_mutual_pairs
    return g


def as_scipy() -> Any:
    import scipy.sparse as sp

    pre, post, edge, _ = _tables()
    both = (np.ones(len(pre), np.int32), (pre, post))
    edges = (np.ones(int(edge.sum()), np.int32), (pre[edge], post[edge]))
    return tuple(sp.coo_array(part, shape=(N, N)).tocsr() for part in (both, edges))


def as_pandas() -> Any:
    import pandas as pd

    pre, post, edge, kind = _tables()
    return pd.DataFrame({"pre_kind": kind[pre], "post_kind": kind[post], "edge": edge})


def density_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.stats.density(g, interval="wilson")["density"]


def density_scipy(given: Any) -> Any:
    return given[1].multiply(given[0]).nnz / given[0].nnz


def dyads_ours(g: Any) -> Any:
    import connectome_graph as cg

    found = cg.stats.dyads(g)
    return [int(found["mutual"]), int(found["n_pairs"])]


def dyads_scipy(given: Any) -> Any:
    return [each.multiply(each.T.tocsr()).nnz // 2 for each in given[::-1]]


def types_ours(g: Any) -> Any:
    import connectome_graph as cg

    table = cg.stats.type_matrix(g, by="kind", interval="wilson")
    return table["probability"].round(9).tolist()


def types_pandas(table: Any) -> Any:
    return table.groupby(["pre_kind", "post_kind"])["edge"].mean().round(9).tolist()


def two_way_density(g: Any) -> Any:
    import connectome_graph as cg

    return cg.stats.density(g)["density"]


def two_way_types(g: Any) -> Any:
    import connectome_graph as cg

    return cg.stats.type_matrix(g, by="kind")["probability"].round(9).tolist()


def as_all_pairs() -> Any:
    import pandas as pd

    import connectome_graph as cg

    pre, post, edge, kind = _tables()
    cells = pd.DataFrame({"root_id": np.arange(N) + 1, "kind": kind})
    synapses = pd.DataFrame({"pre": pre[edge] + 1, "post": post[edge] + 1})
    return cg.from_tables(synapses, cells)


def as_billion() -> Any:
    import pandas as pd

    import connectome_graph as cg

    rng, n, m = np.random.default_rng(0), 31_700, 2_000_000
    cells = pd.DataFrame({"root_id": np.arange(n) + 1, "cell_type": rng.integers(0, 40, n)})
    cells["cell_type"] = cells["cell_type"].astype(str)
    for axis in ("x_um", "y_um", "z_um"):
        cells[axis] = rng.uniform(0, 1000, n)
    pre, post = rng.integers(1, n + 1, (2, m))
    return cg.from_tables(pd.DataFrame({"pre": pre, "post": post}), cells)


def billion_fitted(g: Any) -> Any:
    import connectome_graph as cg

    formula = "connected ~ distance_um + same(cell_type)"
    return len(cg.stats.pair_model(g, formula, n_nonedges=1_000_000, seed=0))


def census_ours(g: Any) -> Any:
    import connectome_graph as cg

    return cg.motifs.triad_census(g).tolist()


def as_column() -> Any:
    import connectome_graph as cg

    g = cg.datasets.synthetic_column(seed=0)
    return g.within(cg.datasets.synthetic_proximities(g), exposure="co_travel_um")


def sampled(g: Any, *, null: str) -> Any:
    import connectome_graph as cg

    model = getattr(cg.nulls, null)()
    found = cg.compare(g, cg.stats.dyads, null=model, n=20, seed=1, progress=False)
    return len(found.samples)


def as_arbors() -> Any:
    from connectome_graph import skeletons

    rng = np.random.default_rng(0)
    cells = []
    for root_id in range(1, 1001):
        n = 2000
        parent = np.maximum(np.arange(n) - rng.integers(1, 12, n), 0)
        points = np.empty((n, 3))
        points[0] = rng.uniform(0, 500, 3)
        steps = rng.normal(0, 2.0, (n, 3))
        for v in range(1, n):
            points[v] = points[parent[v]] + steps[v]
        compartment = np.where(np.arange(n) < n // 2, 3, 2)
        compartment[0] = 1
        edges = np.column_stack([np.arange(1, n), parent[1:]])
        cells.append(
            skeletons.from_arrays(
                points, edges, root=0, root_id=root_id, compartment=compartment.tolist()
            )
        )
    return cells


def proximities_ours(cells: Any) -> Any:
    from connectome_graph import skeletons

    return len(skeletons.proximities(cells, progress=False))


def exposure_shuffle(g: Any) -> Any:
    return sampled(g, null="ExposureShuffle")


def configuration(g: Any) -> Any:
    return sampled(g, null="Configuration")


def same(result: Any) -> Any:
    return result


def near(result: Any) -> Any:
    return round(float(result), 9)


def cases() -> list[Case]:
    few: dict[str, Any] = {"repeats": 3}
    once: dict[str, Any] = {"repeats": 1, "warmups": 1}
    return [
        Case(DENSITY, OURS, density_ours, as_ours, answer=near, **few),
        Case(DENSITY, "scipy", density_scipy, as_scipy, answer=near, **few),
        Case(DYADS, OURS, dyads_ours, as_ours, answer=same, **few),
        Case(DYADS, "scipy", dyads_scipy, as_scipy, answer=same, **few),
        Case(TYPES, OURS, types_ours, as_ours, answer=same, **few),
        Case(TYPES, "pandas groupby", types_pandas, as_pandas, answer=same, **few),
        Case(TWO_WAY, OURS, two_way_density, as_ours, answer=near, **few),
        Case(TWO_WAY_TYPES, OURS, two_way_types, as_ours, answer=same, **few),
        Case(CENSUS, OURS, census_ours, as_ours, **few),
        Case(WHOLE, OURS, census_ours, as_all_pairs, **few),
        Case(BILLION, OURS, billion_fitted, as_billion, **once),
        Case(SAMPLES, "ours, ExposureShuffle", exposure_shuffle, as_column, **once),
        Case(SAMPLES, "ours, Configuration", configuration, as_column, **once),
        Case(ARBORS, OURS, proximities_ours, as_arbors, **once),
    ]
