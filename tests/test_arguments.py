"""One parameter name, one annotation, one default, over the whole public interface."""

from __future__ import annotations

import inspect
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_packaging import FUNCTIONS, PUBLIC

import connectome_graph as cg
from connectome_graph.border.arguments import generator, recorded_seed, seed_sequence
from connectome_graph.errors import InvalidArgument
from connectome_graph.nulls import NullModel

# Names of which one place means something else by them, and what it means there.
OTHER_MEANINGS = {
    "a": "a graph for compare_graphs, a partition for agreement",
    "b": "as a",
    "cell": "from_ossify takes a cell of ossify's; export takes a skeleton or its graph",
    "columns": "a map of names at a door, new columns for rewired and annotate_synapses",
    "compartment": "codes for from_arrays, ossify's column for from_ossify, names elsewhere",
    "edges": "a table for from_edges, pairs of vertices for skeletons",
    "folder": "an opened folder will do wherever nothing is written",
    "g": "sweep also takes several graphs by name",
    "graph": "igraph's for from_igraph, networkx's for from_networkx",
    "ids": "root ids, or for read_graphml the key that holds them",
    "inputs": "a table of sites, or for from_ossify the name of ossify's annotation",
    "layer": "of a union two names, of a release one of its layers",
    "layout": "of a bundle a file or a folder, of a network of types where they stand",
    "keep": "rows for from_tables, vertices for mask",
    "min_synapses": "sweep takes several of each choice",
    "name": "of a datastack: the stack itself will do",
    "neurons": "a table at a door, a selection for CAVE and neuroglancer, choices for sweep",
    "null": "diagnose takes a null with a chain",
    "outputs": "as inputs",
    "policy": "the name of a domain's policy, and what makes one; choices for sweep",
    "post": "a selection for between, codes for rewired and Domain",
    "pre": "as post",
    "radius": "an array for from_arrays, the name of ossify's annotation for from_ossify",
    "resolution_nm": "of a neuroglancer state: a resolution is needed",
    "seeds": "influence also takes several sets by name",
    "scale": "of a generated column a factor, of an axis linear or log",
    "selection": "of synapses: there are no ids to select by",
    "shuffle": "pair_model shuffles a column of its formula, connection_by neurons or pairs",
    "side": "attach also takes both",
    "soma": "by compartment where there are compartments",
    "sources": "a mask for Domain, a selection elsewhere; of path lengths also a number to draw",
    "synapses": "a table at a door, a file for the engine, a choice for CAVE, a selection else",
    "targets": "as sources",
    "table": "a table to join for annotate, columns of a bundle for Domain",
    "values": "of a matrix: what its numbers are",
    "box_um": "within needs one box of a domain, a door takes several",
    "cells": "attach takes cells of ossify's too",
    "datastack": "connect takes the name, latest_ids an open session too",
    "filters": "a server filters by equal values, a scan by expressions",
    "fit": "a table of fits for a figure, a kind of curve for a null",
    "kind": "codes for a domain, kinds of a CAVE table, of simplices, of partners, of releases",
    "pairs": "a table for within, a set for Domain, pairs of types for a figure",
    "session": "load_cave needs an open one",
    "strata": "columns of a card, named choices of sizes",
    "unknown": "within adds no neurons",
    "version": "of one datastack a number",
}
# Names whose default is not the same everywhere, and why.
OTHER_DEFAULTS = {
    "by": "E/I balance reads broad types, a card and a page cell types, unless told otherwise",
    "compartment": "of from_ossify: ossify's own name",
    "degree": "out-degrees are known on any domain, so they are what is fitted",
    "engine": "from_tables chooses by size; an edge folder is made to stay out of memory",
    "inputs": "of from_ossify: ossify's own name",
    "keep": "vertices: all that are in the compartment",
    "layout": "see above",
    "limit": "all maps of a motif are counted first; a pair may have millions of shortest paths",
    "metric": "see above",
    "min_synapses": "edge_agreement compares several; a threshold has no default",
    "of": "a label is carried over by all that is known of a neuron",
    "log": "None leaves it to the numbers where there is a rule for that",
    "n": "a sample that costs a path length or a curve costs more: 20 of small_world and check, "
    "100 of rich_club; a report draws as many as the size of the graph allows",
    "outputs": "of from_ossify: ossify's own name",
    "policy": "of Domain.restrict: that of the domain",
    "radius": "of from_ossify: ossify's own name",
    "resolution_nm": "see above",
    "scale": "see above",
    "shuffle": "see above",
    "soma": "see above",
    "synapses": "see above",
    "units": "a format has its unit: ossify nanometres, arrays um, SWC must say",
    "unknown": "CAVE's tables hold partners that are no neurons: they are left out",
    "weight": "None leaves the multigraph as it is; a picture of a matrix is binary",
    "fit": "see above",
    "kind": "see above",
    "n_bins": "a histogram is finer than a curve that is fitted",
    "neurons": "see above",
    "pairs": "see above",
    "post": "arbors meet with their dendrites",
    "pre": "arbors meet with their axons",
    "strata": "see above",
    "within_um": "a proximity has a reach, an attached synapse need not",
    "tolerance": "of a joint fit, which has more to meet, and of a plain one",
}


def parameters() -> dict[str, dict[str, set[Any]]]:
    """Return the annotations and defaults of every public parameter, and who has them."""
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"annotation": {}, "default": {}})
    nulls = {p: v for p, v in PUBLIC.items() if inspect.isclass(v) and issubclass(v, NullModel)}
    for path, value in (FUNCTIONS | nulls).items():
        for name, each in inspect.signature(value).parameters.items():
            if name in {"self", "cls"} or each.kind in {each.VAR_KEYWORD, each.VAR_POSITIONAL}:
                continue
            kind = str(each.annotation).replace(" | None", "")
            found[name]["annotation"].setdefault(kind, []).append(path)
            if each.default is not each.empty:
                found[name]["default"].setdefault(repr(each.default), []).append(path)
    return found


PARAMETERS = parameters()


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - set(OTHER_MEANINGS)))
def test_one_name_has_one_annotation(name: str) -> None:
    assert len(PARAMETERS[name]["annotation"]) == 1, PARAMETERS[name]["annotation"]


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - set(OTHER_DEFAULTS)))
def test_one_name_has_one_default(name: str) -> None:
    assert len(PARAMETERS[name]["default"]) <= 1, PARAMETERS[name]["default"]


def test_exceptions_are_still_needed() -> None:
    kinds = {name for name, found in PARAMETERS.items() if len(found["annotation"]) > 1}
    defaults = {name for name, found in PARAMETERS.items() if len(found["default"]) > 1}
    assert set(OTHER_MEANINGS) == kinds
    assert set(OTHER_DEFAULTS) == defaults


def test_shared_names_have_the_shared_annotation() -> None:
    shared = {"seed": "Seed", "progress": "Progress", "level": "Level", "by": "By"}
    shared |= {"bins": "Bins", "weight": "Weight", "source_weights": "SourceWeights", "n": "int"}
    assert {name: next(iter(PARAMETERS[name]["annotation"])) for name in shared} == shared
    assert [*PARAMETERS["seed"]["default"]] == ["0"]
    assert [*PARAMETERS["progress"]["default"]] == ["None"]
    assert [*PARAMETERS["level"]["default"]] == ["0.95"]


@pytest.mark.parametrize(
    "path", [p for p, f in FUNCTIONS.items() if "by" in inspect.signature(f).parameters]
)
def test_by_may_stand_second_where_it_is_needed(path: str) -> None:
    found = inspect.signature(FUNCTIONS[path]).parameters
    needed = [n for n, p in found.items() if p.default is p.empty and n not in ("self", "by")]
    # what is needed besides the graph, a second graph or the seeds of a flow, stands second
    if found["by"].default is inspect.Parameter.empty and len(needed) < 2:
        names = [name for name in found if name != "self"]
        place = names.index("by")
        assert found["by"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        # After the second graph, or after the seeds, where there are such.
        assert place == (0 if "self" in found else 2 if names[1] in {"b", "seeds"} else 1)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True, [1, 2], np.nan])
def test_what_is_no_seed_is_refused_alike(random_graph: cg.ConnectomeGraph, seed: Any) -> None:
    null = cg.nulls.Configuration()
    doors = [
        lambda: null.sample(random_graph, seed),
        lambda: cg.stats.density(random_graph, seed=seed),
        lambda: cg.compare(random_graph, cg.stats.dyads, null=null, n=2, seed=seed),
        lambda: cg.datasets.synthetic_column(seed=seed, scale=0.01),
        lambda: cg.nulls.diagnose(random_graph, null, chains=1, seed=seed),
    ]
    for door in doors:
        with pytest.raises(InvalidArgument, match="is not a seed; use a whole number from 0 up"):
            door()


@pytest.mark.parametrize("make", [lambda: 3, lambda: np.random.SeedSequence(3)])
def test_seeds_of_one_entropy_give_one_result(random_graph: cg.ConnectomeGraph, make: Any) -> None:
    plain = cg.stats.density(random_graph, interval="bootstrap", n=20, seed=3)
    found = cg.stats.density(random_graph, interval="bootstrap", n=20, seed=make())
    pd.testing.assert_series_equal(found, plain)
    assert found.attrs["seed"] == 3
    started = cg.stats.density(
        random_graph, interval="bootstrap", n=20, seed=np.random.default_rng(3)
    )
    pd.testing.assert_series_equal(started, plain)
    assert started.attrs["seed"] == 3


def test_fresh_randomness_is_recorded_and_draws_the_same_again(
    random_graph: cg.ConnectomeGraph,
) -> None:
    found = cg.stats.density(random_graph, interval="bootstrap", n=20, seed=None)
    again = cg.stats.density(random_graph, interval="bootstrap", n=20, seed=found.attrs["seed"])
    pd.testing.assert_series_equal(found, again)


def test_a_used_generator_is_recorded_by_its_state() -> None:
    rng = np.random.default_rng(3)
    rng.random()
    assert recorded_seed(rng)["bit_generator"] == "PCG64"
    child = np.random.SeedSequence(3).spawn(2)[1]
    assert recorded_seed(generator(child)) == {"entropy": 3, "spawn_key": [1]}
    assert seed_sequence(child) is child


@pytest.mark.parametrize("progress", ["bar", 1, 0.5])
def test_progress_is_none_true_or_false(progress: Any) -> None:
    table = pd.DataFrame({"pre": [1], "post": [2]})
    with pytest.raises(InvalidArgument, match="must be True, False, or None"):
        cg.from_tables(table, unknown="add", progress=progress)


def test_several_columns_make_a_type_together(random_graph: cg.ConnectomeGraph) -> None:
    names = ["cell_type", "broad_type"]
    known = [name for name in names if name in random_graph.neurons]
    table = cg.stats.type_matrix(random_graph, known, interval="wilson")
    assert len(table) == len(random_graph.labels(known)) ** 2
