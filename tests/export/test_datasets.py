"""Every real dataset comes back from every format that keeps everything."""

from __future__ import annotations

import pytest
from hard_graphs import difference

import connectome_graph as cg

NAMES = (
    "microns-l23-v185",
    "larva-mushroom-body",
    "larva-brain-winding2023",
    "celegans-cook2019",
    "larva-l1v-skeletons",
)


@pytest.mark.data
@pytest.mark.parametrize("name", NAMES)
def test_a_real_graph_comes_back(data, tmp_path, name):
    g = cg.datasets.load(name)
    assert difference(g, cg.read(cg.write(g, tmp_path / "g.connectome"))) == []
    path = cg.export.write_graphml(g, tmp_path / "g.graphml")
    assert difference(g, cg.read_graphml(path)) == []
    if g.n_synapses < 10_000:
        assert difference(g, cg.from_networkx(cg.export.to_networkx(g))) == []
        assert difference(g, cg.from_igraph(cg.export.to_igraph(g))) == []
