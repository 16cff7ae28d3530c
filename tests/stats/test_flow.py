"""The flow from seeds, layer by layer: held against networkx' distances and a loop over edges."""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
from hypothesis import given

import connectome_graph as cg
from strategies import graphs


@given(graphs())
def test_flow_counts_the_edges_between_groups_of_layers(g: cg.ConnectomeGraph) -> None:
    kinds = {root: "ab"[place % 2] for place, root in enumerate(g.ids.tolist())}
    table = g.neurons[[]].assign(kind=[kinds[root] for root in g.ids.tolist()])
    g = g.annotate(table, overwrite=True)
    seed = g.ids.tolist()[0]
    net = nx.DiGraph()
    net.add_nodes_from(g.ids.tolist())
    net.add_weighted_edges_from(g.edges[["pre", "post", "count"]].itertuples(index=False))
    layer = nx.single_source_shortest_path_length(net, seed, cutoff=3)
    wanted: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    for pre, post, count in net.edges(data="weight"):
        if pre in layer and post in layer:
            block = wanted[layer[pre], kinds[pre], layer[post], kinds[post]]
            block[0] += count
            block[1] += 1
    found = cg.stats.flow(g, [seed], "kind", max_layer=3)
    ends = ["pre_layer", "pre_type", "post_layer", "post_type"]
    said = {
        tuple(row[:4]): list(row[4:])
        for row in found[[*ends, "n_synapses", "n_edges"]].itertuples(index=False)
    }
    assert said == dict(wanted)
    assert found.attrs["n_neurons_left_out"] == g.n_neurons - len(layer)
