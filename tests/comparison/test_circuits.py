"""Every circuit statistic against a null: each takes part in compare as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import stats
from connectome_graph.comparison._components import components
from connectome_graph.errors import InvalidArgument

SEEDS = "cell_type == 'MC'"
STATISTICS: dict[str, Callable[[cg.ConnectomeGraph], Any]] = {
    "layers": lambda g: stats.layers(g, SEEDS),
    "traversal": lambda g: stats.layers(g, SEEDS, method="traversal", n=20, by="cell_type"),
    "cascade": lambda g: stats.cascade(g, SEEDS, n=20, max_steps=3),
    "shortest_paths": lambda g: stats.shortest_paths(g, SEEDS, "cell_type == 'BC'", by="cell_type"),
    "effective": lambda g: stats.effective_connectivity(g, SEEDS, hops=2, by="cell_type"),
    "path_lengths": stats.path_lengths,
    "influence": lambda g: stats.influence(g, SEEDS, by="cell_type"),
    "similarity": lambda g: stats.similarity(g, top=3),
    "clusters": lambda g: stats.cluster_similarity(stats.similarity(g, top=None), n_clusters=3),
    "partner_fractions": lambda g: stats.partner_fractions(g, "cell_type"),
    "transfer_labels": lambda g: stats.transfer_labels(g, "cell_type"),
    "forward_weight": stats.forward_weight,
    "forward_order": stats.forward_order,
    "trophic_hierarchy": stats.trophic_hierarchy,
    "flow": lambda g: stats.flow(g, SEEDS, by="cell_type"),
    "simplices": lambda g: cg.motifs.simplices(g, max_dimension=3),
    "participation": lambda g: cg.motifs.simplex_participation(g, max_dimension=3),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_a_circuit_statistic_is_a_statistic_of_compare(
    name: str, random_graph: cg.ConnectomeGraph
) -> None:
    statistic, null = STATISTICS[name], cg.nulls.Configuration()
    found = cg.compare(random_graph, statistic, null=null, n=2, seed=0, progress=False)
    observed = components(statistic(random_graph), name)
    pd.testing.assert_series_equal(
        found.table["observed"].loc[observed.index].astype(float),
        observed.astype(float),
        check_names=False,
    )
    assert len(found.samples) == 2


def test_agreement_with_another_graph_is_one_too(random_graph: cg.ConnectomeGraph) -> None:
    def agreement(g: cg.ConnectomeGraph) -> pd.DataFrame:
        return stats.edge_agreement(g, random_graph, min_synapses=[1, 2])

    null = cg.nulls.Configuration()
    found = cg.compare(random_graph, agreement, null=null, n=3, seed=0, progress=False)
    assert found.table.loc[(1, "jaccard"), "observed"] == 1
    assert (found.samples[(1, "jaccard")] < 1).all()


def test_of_a_result_in_parts_the_numbers_count() -> None:
    @dataclass
    class Result:
        share: float
        sure: bool
        position: pd.Series
        per_kind: pd.Series

    of_neurons = pd.Series([1, 2], pd.Index([7, 8], name="root_id"))
    result = Result(0.5, sure=True, position=of_neurons, per_kind=pd.Series({"a": 1.0}))
    found = components(result, "x")
    assert found.to_dict() == {("share", ""): 0.5, ("per_kind", "a"): 1.0}

    @dataclass
    class Tables:
        position: pd.Series

    with pytest.raises(InvalidArgument, match="return one of position"):
        components(Tables(of_neurons), "x")
