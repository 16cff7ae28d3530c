"""Valid calls of every public function, into which odd values are put."""

from __future__ import annotations

import inspect
import json
import tempfile
import types
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from odd_values import Fresh
from sources import test_osy as osy

import connectome_graph as cg
from connectome_graph.sources.larval_json import read_neuron
from docs import made_releases as made

#: A neuron of the larva: a soma, a dendrite, and one input.
LARVA = {
    "name": "A02n a1l", "id": 7, "nodes": [[1, 0, 0, 0, 0], [2, 1000, 0, 0, 1]],
    "topology": [[2, 1]], "syns_in": [[9, 1000, 50, 0, 2]], "syns_out": [], "soma": 1,
    "twig_base": [],
}  # fmt: skip


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
    (folder / "larva.json").write_text(json.dumps({"neuron": LARVA}))
    osy.written(folder, osy.parts())
    made.codex(folder)
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
def of_methods() -> dict[str, dict[str, Any]]:
    """Return arguments that methods accept."""
    w = world()
    g, ids = w["g"], w["g"].ids
    pair = {"pre": np.array([0, 1]), "post": np.array([1, 2])}
    kinds = {"kind": np.zeros(len(ids), np.int64), "n_kinds": 1}
    masks = {f"is_{end}": np.ones(3, bool) for end in ("source", "target")}
    return {
        "ConnectomeGraph.annotate": {"table": pd.DataFrame({"root_id": ids, "y": 1})},
        "ConnectomeGraph.annotate_synapses": {"columns": {"y": np.ones(g.n_synapses)}},
        "ConnectomeGraph.codes_of": {"ids": ids[:2]},
        "ConnectomeGraph.collapse": {"column": "cell_type"},
        "ConnectomeGraph.equals": {"other": g},
        "ConnectomeGraph.filter_synapses": {"selection": "size > 5"},
        "ConnectomeGraph.neuron_column": {"name": "cell_type"},
        "ConnectomeGraph.synapse_column": {"name": "size"},
        "ConnectomeGraph.observed": {"policy": "permissive"},
        "ConnectomeGraph.positions": {"selection": "cell_type == 'A'"},
        "ConnectomeGraph.subgraph": {"selection": "cell_type == 'A'"},
        "ConnectomeGraph.from_parts": {
            "neurons": g.neurons,
            "index": g._index,
            "domain": g.domain,
            "provenance": g.provenance,
        },
        "ConnectomeGraph.rewired": {
            "pre": g.synapse_codes("pre"),
            "post": g.synapse_codes("post"),
            "verb": "moved",
            "sentence": "Moved.",
        },
        "ConnectomeGraph.signed": {"signs": {"A": 1, "B": -1, "C": 1}, "column": "cell_type"},
        "ConnectomeGraph.synapse_codes": {"end": "pre"},
        "ConnectomeGraph.synapses_between": {"pre": ids[0], "post": ids[1]},
        "ConnectomeGraph.threshold": {"min_synapses": 2},
        "ConnectomeGraph.with_recall": {"axon": 0.5},
        "ConnectomeGraph.within": {"pairs": g.edges[["pre", "post"]]},
        "Domain.contains": pair,
        "Domain.exposure_of": pair,
        "Domain.from_columns": {"table": masks, "policy": "all"},
        "Domain.full": {"n_neurons": 3},
        "Domain.pair_counts": {"end": "pre"},
        "Domain.pairs_between": kinds,
        "Domain.require_rectangle": {"what": "a test"},
        "Domain.require_simple": {"what": "a test"},
        "Domain.take": {"positions": np.array([0, 1])},
        "Domain.within": {"pairs": _met(g).domain.pairs},
        "Provenance.fact": {"name": "n_neurons"},
        "Provenance.from_dict": {"data": g.provenance.to_dict()},
        "Provenance.then": {"verb": "moved", "sentence": "Moved."},
        "Provenance.saying": {"sentence": "Said."},
    }


def _ossify_cell() -> Any:
    """Return a cell of ossify, where it is installed; else what it would be without a skeleton."""
    try:
        import ossify
    except ImportError:
        return types.SimpleNamespace(name=7, skeleton=None)
    cell = ossify.Cell(name=7, meta={})
    cell.add_skeleton(
        vertices=np.array([[0, 0, 0], [0, 10, 0], [10, 10, 0]], float),
        edges=np.array([[1, 0], [2, 1]]), vertex_index=np.array([5, 6, 7]), root=5,
        features={"compartment": np.array([1, 3, 3]), "radius": np.ones(3)},
    )  # fmt: skip
    return cell


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
        "plot.connection_by": {"table": cg.stats.connection_by(w["g"], "y_um")},
        "plot.nulls": {"comparisons": {"x": cg.compare(w["g"], cg.stats.dyads, null=null, n=2)}},
        "datasets.verify": {"source": place / "codex"},
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
        "export.write_cytoscape": {"path": place / "out.cyjs"},
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
        "from_networkx": {"graph": cg.export.to_networkx(w["g"])},
        "from_igraph": {"graph": cg.export.to_igraph(w["g"])},
        "from_release": {"source": place / "codex"},
        "datasets.load": {"name": "celegans-cook2019"},
        "datasets.fetch": {"name": "celegans-cook2019"},
        "engine.edges_to_parquet": {
            "synapses": place / "synapses.parquet",
            "folder": Fresh(lambda: Path(tempfile.mkdtemp(dir=place)) / "edges"),
        },
        "skeletons.from_larval": {"neuron": read_neuron(place / "larva.json")},
        "skeletons.load_larval": {"path": place / "larva.json"},
        "skeletons.load_osy": {"path": place / "cell.osy"},
        "skeletons.from_ossify": {"cell": _ossify_cell()},
        "skeletons.shared_volumes": {"volumes": ((-5, 50), (-5, 50), (-5, 50)),
                                     "pre": "any", "post": "any"},
    }  # fmt: skip


#: Public functions that need a server: they are fuzzed beside one, in tests/sources/cave.
ELSEWHERE = ("cave.", "from_cave", "skeletons.load_cave")


@cache
def objects() -> dict[str, Any]:
    """Return objects of the public classes that have methods, by the class's name."""
    w = world()
    return {
        "ConnectomeGraph": w["g"],
        "Skeleton": w["cell"],
        "Domain": w["g"].domain,
        "Provenance": w["g"].provenance,
    }


@cache
def null_arguments() -> dict[str, dict[str, Any]]:
    """Return what the null models need that have no default for it."""
    return {
        "LabelShuffle": {"by": "cell_type"},
        "Spatial": {"bins": 30.0},
        "TypedConfiguration": {"by": "cell_type"},
        "TypedReciprocalConfiguration": {"by": "cell_type"},
    }


def null_graph(name: str) -> Any:
    """Return a graph that a null model can be drawn for."""
    return _met(world()["g"]) if name.startswith("Exposure") else world()["g"]


def valid(path: str, function: Any) -> dict[str, Any] | None:
    """Return arguments that a public function accepts, or None where none are known."""
    short = path.removeprefix("connectome_graph.")
    if short.startswith(ELSEWHERE):
        return None
    own = {**special(), **of_methods()}.get(short, {})
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
