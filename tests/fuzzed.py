"""Valid calls of every public function, and values of the wrong kind to put into them."""

from __future__ import annotations

import datetime as dt
import inspect
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import connectome_graph as cg

#: Values of every kind; most are wrong for most parameters.
WRONG: dict[str, Any] = {
    "None": None,
    "True": True,
    "minus one": -1,
    "zero": 0,
    "a fraction": 1.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "huge": 10**30,
    "complex": 1j,
    "empty text": "",
    "text": "nonsense",
    "odd text": "a\x00b\n'\"`;--",
    "bytes": b"x",
    "empty list": [],
    "list": [1, "a", None],
    "nested": [[1], [2, 3]],
    "tuple": ("a", 1),
    "empty dict": {},
    "dict": {"a": 1, 2: "b"},
    "set": {1, 2},
    "object": object(),
    "class": dict,
    "function": lambda *_, **__: 7,
    "array": np.array([3.5, np.nan]),
    "matrix": np.ones((2, 3)),
    "objects": np.array([None, "x", 3], object),
    "frame": pd.DataFrame({"a": [1], 2: ["x"]}),
    "no frame": pd.DataFrame(),
    "series": pd.Series([1.0, 2.0], index=["x", "y"]),
    "missing": pd.NA,
    "date": dt.date(2020, 1, 1),
    "place": Path("/nowhere/at/all"),
    "range": range(3),
}


@cache
def world() -> dict[str, Any]:
    """Return what valid calls are made of, by parameter name."""
    rng = np.random.default_rng(0)
    n = 12
    cells = pd.DataFrame(
        {
            "root_id": np.arange(100, 100 + n),
            "cell_type": (["A", "B", "C"] * n)[:n],
            "broad_type": (["excitatory", "inhibitory"] * n)[:n],
            "status_axon": [True] * n,
            **{axis: rng.uniform(0, 100, n) for axis in ("x_um", "y_um", "z_um")},
        }
    )
    rows = 120
    synapses = pd.DataFrame(
        {
            "pre": rng.choice(cells["root_id"], rows),
            "post": rng.choice(cells["root_id"], rows),
            "size": rng.integers(1, 100, rows),
            "synapse_id": np.arange(1, rows + 1),
            "compartment": "dendrite",
            "distance_to_root_um": rng.uniform(0, 50, rows),
            **{axis: rng.uniform(0, 100, rows) for axis in ("x_um", "y_um", "z_um")},
        }
    )
    g = cg.from_tables(synapses, cells, autapses="drop")
    vertices = np.array([[0, 0, 0], [0, 10, 0], [10, 10, 0], [0, 20, 0]], float)
    sites = pd.DataFrame({"synapse_id": [1, 2], "vertex": [1, 2]})
    cell = cg.skeletons.from_arrays(
        vertices, [[1, 0], [2, 1], [3, 1]], root=0, root_id=100, compartment=[1, 3, 2, 3],
        inputs=sites, outputs=sites.assign(synapse_id=[3, 4]),
    )  # fmt: skip
    other = cg.skeletons.from_arrays(
        vertices + 2, [[1, 0], [2, 1], [3, 1]], root=0, root_id=101, compartment=[1, 3, 2, 3]
    )
    folder = Path(tempfile.mkdtemp(prefix="fuzzed"))
    synapses.to_parquet(folder / "synapses.parquet")
    edges = cg.engine.edges_to_parquet(folder / "synapses.parquet", cells, folder=folder / "edges")
    cg.skeletons.write_swc(cell, folder / "100.swc")
    cg.write(g, folder / "g.connectome")
    cg.export.write_graphml(g, folder / "g.graphml")
    return {
        "g": g, "a": g, "b": g, "cells": [cell, other], "cell": cell, "first": cell,
        "second": other, "by": "cell_type", "synapses": synapses, "neurons": cells,
        "edges": g.edges, "matrix": np.array([[0, 1], [2, 0]]), "folder": edges, "place": folder,
        "motif": "A -> B; B -> A", "pattern": "A -> B", "text": "A -> B", "name": "030T",
        "null": cg.nulls.ErdosRenyi(), "statistic": cg.stats.dyads,
        "n": 2, "k": 1, "values": np.array([1, 2, 3, 4, 4, 5]), "trials": [10], "successes": [3],
        "formula": "connected ~ distance_um", "sources": "cell_type == 'A'",
    }  # fmt: skip


def _met(g: Any) -> Any:
    """Return a graph on the pairs that are connected, as if they were those that met."""
    met = g.edges[["pre", "post", "count"]].rename(columns={"count": "area"})
    return g.within(met, exposure="area")


@cache
def special() -> dict[str, dict[str, Any]]:
    """Return arguments that differ from those of the same name elsewhere."""
    w = world()
    place = w["place"]
    distance = cg.stats.connection_by_distance(w["g"], bins=25.0)
    null = cg.nulls.ErdosRenyi()
    club = cg.stats.rich_club(w["g"], null=null, n=2)
    profile = cg.skeletons.distance_profile(
        cg.skeletons.attach(w["g"], [w["cell"]]), [w["cell"]], bins=10.0
    )
    card = cg.skeletons.connectivity_card(w["g"], w["sources"], n=2)
    labels = np.array([0, 0, 1])
    return {
        "stats.agreement": {"a": labels, "b": labels},
        "stats.fit_distance": {"table": distance},
        "stats.rich_club_range": {"table": club},
        "stats.to_matrix": {"table": cg.stats.type_matrix(w["g"], "cell_type", n=2),
                            "value": "probability"},
        "stats.connection_by": {"values": "y_um"},
        "stats.pair_model": {"n": 0},
        "stats.small_world": {"n": 1},
        "plot.connection_by_distance": {"table": distance},
        "plot.connectivity_card": {"card": card},
        "plot.distance_profile": {"table": profile, "by": None},
        "plot.rich_club": {"table": club},
        "plot.triad_census": {
            "comparison": cg.motifs.significance(w["g"], null=null, n=2).comparison
        },
        "plot.type_matrix": {"table": cg.stats.type_matrix(w["g"], "cell_type", n=2)},
        "plot.type_colors": {"names": ["A", "B"]},
        "plot.synapse_sites": {"side": "post"},
        "compare_graphs": {"statistic": cg.stats.dyads},
        "skeletons.check": {"n_vertices": 2, "edges": [[1, 0]]},
        "skeletons.from_arrays": {"vertices": w["cell"].vertices, "edges": [[1, 0], [2, 1], [3, 1]],
                                  "root_id": 1, "root": 0, "soma": None, "missing_soma": "root"},
        "skeletons.path": {"start": 0, "stop": 1},
        "skeletons.subtree": {"node": 1},
        "skeletons.load": {"paths": place / "100.swc", "units": "um"},
        "skeletons.load_swc": {"path": place / "100.swc", "units": "um"},
        "skeletons.write_swc": {"path": place / "out.swc"},
        "skeletons.write_graphml": {"path": place / "cell.graphml"},
        "skeletons.attach": {"cells": [w["cell"]]},
        "skeletons.distance_profile": {
            "g": cg.skeletons.attach(w["g"], [w["cell"]]), "cells": [w["cell"]]
        },
        "skeletons.proximities": {"pre": "any", "post": "any"},
        "plot.proximity": {"pre": "any", "post": "any"},
        "export.write_edges": {"path": place / "edges.csv"},
        "export.write_synapses": {"path": place / "synapses.csv"},
        "export.write_neurons": {"path": place / "neurons.csv"},
        "export.write_graphml": {"path": place / "out.graphml"},
        "export.write_matrix_market": {"path": place / "out.mtx"},
        "export.to_neuroglancer": {"segmentation": "precomputed://x", "neurons": None,
                                   "synapses": None},
        "export.neuroglancer_url": {"state": {"layers": []}},
        "report.to_html": {"n": 0},
        "report.write": {"n": 0, "path": place / "report.html"},
        "report.explore": {"path": place / "explore.html"},
        "explore": {"path": place / "explore.html"},
        "write": {"path": place / "out.connectome"},
        "read": {"path": place / "g.connectome"},
        "read_graphml": {"path": place / "g.graphml"},
        "from_edges": {"edges": w["g"].edges[["pre", "post", "count"]], "neurons": w["neurons"]},
        "from_tables": {"neurons": w["neurons"]},
        "skeletons.mask": {"compartment": "dendrite"},
        "from_adjacency": {"neurons": None},
        "sweep": {"min_synapses": [1, 2], "synapses": None, "neurons": None},
        "datasets.synthetic_column": {"scale": 0.01},
        "nulls.diagnose": {"null": cg.nulls.Configuration(), "statistic": None, "longest": 1.0,
                           "chains": 1},
        "policies.observable": {"policy": "all", "neurons": w["g"].neurons},
        "policies.trust": {"neurons": w["g"].neurons},
        "engine.open_edges": {"folder": place / "edges"},
        "union": {"layer": ("a", "b")},
        "stats.conversion": {"g": _met(w["g"])},
        "stats.layers": {"seeds": w["sources"], "n": 2},
        "stats.cascade": {"seeds": w["sources"], "n": 2},
        "stats.influence": {"seeds": w["sources"]},
        "stats.recall_needed": {"reaches": 0.9},
        "stats.flow": {"seeds": w["sources"]},
        "plot.flow": {"table": cg.stats.flow(w["g"], w["sources"], by="cell_type")},
        "plot.similarity": {
            "table": cg.stats.similarity(w["g"]),
            "clusters": cg.stats.cluster_similarity(cg.stats.similarity(w["g"]), n_clusters=2),
        },
        "plot.type_network": {"table": cg.stats.type_matrix(w["g"], "cell_type", n=2)},
        "stats.similarity_matrix": {"table": cg.stats.similarity(w["g"])},
        "stats.cluster_similarity": {"table": cg.stats.similarity(w["g"]), "n_clusters": 2},
        "describe": {},
        "weights.compute": {"weight": "count"},
        "weights.values": {},
    }  # fmt: skip


#: Public functions that need a server, a token, or another library's objects.
ELSEWHERE = (
    "cave.", "from_cave", "from_igraph", "from_networkx", "skeletons.from_larval",
    "skeletons.from_ossify", "skeletons.load_cave", "skeletons.load_larval", "skeletons.load_osy",
    "datasets.fetch", "datasets.load", "engine.edges_to_parquet", "from_release",
    "skeletons.shared_volumes",
)  # fmt: skip


def valid(path: str, function: Any) -> dict[str, Any] | None:
    """Return arguments that a public function accepts, or None where none are known."""
    short = path.removeprefix("connectome_graph.")
    if short.startswith(ELSEWHERE):
        return None
    own = special().get(short, {})
    given: dict[str, Any] = {}
    for name, each in inspect.signature(function).parameters.items():
        if each.kind in {each.VAR_KEYWORD, each.VAR_POSITIONAL} or name == "self":
            continue
        if name in own:
            given[name] = own[name]
        elif each.default is each.empty or name == "n":
            if name not in world():
                return None
            given[name] = world()[name]
    return given
