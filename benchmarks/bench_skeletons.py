"""Skeletons: distance to root of every synapse of 1,000 neurons."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.harness import OURS, Case

TITLE = "Distance to root on 1,000 neurons"
ABOUT = (
    "1,000 generated neurons of 2,000 vertices and 1,000 input synapses each, in memory: path "
    "distance from every synapse to the root of its cell. Ours measures all cells in one pass, "
    "and finds compartment, branch order and Strahler number of every vertex besides. The second "
    "row adds what makes columns of a graph of 1,000,000 synapses of them: the join by synapse id. "
    "ossify is called once per synapse set, in the way that survives an unattached synapse (map "
    "to the skeleton with missing=-1, then distance to root), and gives an array per cell."
)
WORK = "distances of 1,000,000 synapses"
N_CELLS, N_VERTICES, N_SYNAPSES = 1000, 2000, 1000
FIRST = 864691135000000001


def tree(number: int) -> dict[str, Any]:
    """Return points (nm), edges, compartments and synapse vertices of one grown neuron."""
    rng = np.random.default_rng(number)
    parent = np.full(N_VERTICES, -1)
    branches = rng.random(N_VERTICES) < 0.02
    branches[:8] = True
    draw = rng.random(N_VERTICES)
    tips = [0]
    for vertex in range(1, N_VERTICES):
        # A neurite grows on from its tip, and now and then sends out a branch behind it.
        if branches[vertex]:
            parent[vertex] = int(draw[vertex] * vertex)
            tips.append(vertex)
        else:
            place = int(draw[vertex] * len(tips))
            parent[vertex] = tips[place]
            tips[place] = vertex
    points = np.zeros((N_VERTICES, 3))
    step = rng.normal(size=(N_VERTICES, 3)) * 1000
    for vertex in range(1, N_VERTICES):
        points[vertex] = points[parent[vertex]] + step[vertex]
    child = np.arange(1, N_VERTICES)
    compartment = np.where(np.arange(N_VERTICES) == 0, 1, rng.integers(2, 4, N_VERTICES))
    return {
        "root_id": FIRST + number,
        "points": points,
        "edges": np.column_stack([child, parent[child]]),
        "compartment": compartment,
        "synapse_id": 1 + number * N_SYNAPSES + np.arange(N_SYNAPSES),
        "vertex": rng.integers(0, N_VERTICES, N_SYNAPSES),
    }


def as_ours() -> Any:
    import pandas as pd

    import connectome_graph as cg
    from connectome_graph import skeletons

    rng = np.random.default_rng(0)
    cells, tables = [], []
    for number in range(N_CELLS):
        one = tree(number)
        sites = pd.DataFrame({"synapse_id": one["synapse_id"], "vertex": one["vertex"]})
        cell = skeletons.from_arrays(
            one["points"], one["edges"], root=0, root_id=one["root_id"], units="nm",
            compartment=one["compartment"], inputs=sites,
        )  # fmt: skip
        cells.append(cell)
        pre = FIRST + rng.integers(0, N_CELLS, N_SYNAPSES)
        table = {"pre": pre, "post": one["root_id"], "synapse_id": one["synapse_id"]}
        tables.append(pd.DataFrame(table))
    return cg.from_tables(pd.concat(tables), unknown="add"), cells


def ours(given: Any) -> Any:
    from connectome_graph import skeletons

    g, cells = given
    return skeletons.attach(g, cells)


def ours_alone(given: Any) -> Any:
    from connectome_graph.skeletons._forest import lay_out

    _, cells = given
    forest = lay_out(cells)
    vertex = [cell.sites["post"]["vertex"].to_numpy() for cell in cells]
    places = zip(vertex, forest.start, strict=False)
    return forest.distance[np.concatenate([at + first for at, first in places])]


def as_ossify() -> Any:
    import ossify
    import pandas as pd

    cells = []
    for number in range(N_CELLS):
        one = tree(number)
        cell = ossify.Cell(name=one["root_id"], meta={})
        cell.add_skeleton(
            vertices=one["points"], edges=one["edges"], root=0,
            features={"compartment": one["compartment"]},
        )  # fmt: skip
        table = pd.DataFrame(one["points"][one["vertex"]], columns=["x", "y", "z"])
        table["synapse_id"], table["on"] = one["synapse_id"], one["vertex"]
        cell.add_point_annotations(
            "post_syn", vertices=table, spatial_columns=["x", "y", "z"],
            vertex_index="synapse_id", linkage=ossify.Link(mapping="on", target="skeleton"),
        )  # fmt: skip
        cells.append(cell)
    return cells


def theirs(cells: Any) -> Any:
    distances = []
    for cell in cells:
        vertex = cell.annotations.post_syn.map_index_to_layer("skeleton", missing=-1)
        distances.append(cell.skeleton.distance_to_root(vertex[vertex >= 0]))
    return np.concatenate(distances)


def total_um(result: Any) -> float:
    """Return the sum of all distances in um, to five digits: ossify's edges are float32."""
    return float(f"{result.sum():.5g}")


def total_attached(g: Any) -> float:
    return total_um(g.synapse_column("distance_to_root_um"))


def total_nm(result: Any) -> float:
    return total_um(result / 1000)


def cases() -> list[Case]:
    return [
        Case(WORK, OURS, run=ours_alone, prepare=as_ours, answer=total_um),
        Case(WORK, f"{OURS}, joined to a graph", run=ours, prepare=as_ours, answer=total_attached),
        Case(WORK, "ossify", run=theirs, prepare=as_ossify, answer=total_nm, needs=("ossify",),
             repeats=3, limit=500),
    ]  # fmt: skip
