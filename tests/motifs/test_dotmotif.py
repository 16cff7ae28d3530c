"""DotMotif itself as the oracle, where its in-memory executors implement its language."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg

dotmotif = pytest.importorskip("dotmotif", reason="needs dotmotif (pip install '.[test]')")

MOTIFS = [
    "A -> B\nB -> C\nA -> C",
    "A -> B\nB -> C\nC -> A",
    "A -> B\nB -> A",
    "A -> B\nB !> A\nB -> C",
    "A -> B\nA -> C\nB !> C\nC !> B",
    "A -> B\nB -> C\nC -> D\nD -> A",
    "A -> B\nB -> C\nC -> D\nD -> A\nA !> C\nC !> A\nB !> D\nD !> B",
    "A -> B\nA -> C\nA -> D\nB -> C",
    "A -> B [weight >= 2]\nB -> C [weight < 3]",
    'A -> B\nB -> C\nA.cell_type = "BC"\nC.cell_type != "MC"',
    'A -> B\nA.cell_type contains "C"\nB.cell_type in "BC 23P"',
    'A -> B\nA.cell_type !contains "C"\nB.cell_type !in "BC 23P"',
    "A -> B\nB -> C\nA.depth > C.depth\nA.cell_type != B.cell_type",
    "A -> B\nB -> C\nA['depth'] <= B['depth']",
    "A -> B as ab\nB -> C as bc\nab.weight > bc.weight",
    "edge(x, y) {\n x -> y\n y !> x\n}\nedge(A, B)\nedge(B, C)",
    "dual(x, y) {\n x -> y\n y -> x\n}\nwheel(a, b, c) {\n dual(a, b)\n b -> c\n}\nwheel(A, B, C)",
    "A -> B\nB -> C\nB -> D\nA !> D\nA.depth >= 10",
]  # fmt: skip


@pytest.fixture(scope="module")
def pair():
    """Return the same 14 neurons as our graph and as DotMotif's."""
    rng = np.random.default_rng(7)
    n = 14
    neurons = pd.DataFrame(
        {
            "root_id": np.arange(1, n + 1),
            "cell_type": rng.choice(["23P", "BC", "MC"], n),
            "depth": rng.integers(0, 20, n),
        }
    )
    counts = rng.integers(1, 5, (n, n)) * (rng.random((n, n)) < 0.35)
    g = cg.from_adjacency(counts, neurons)
    host = nx.DiGraph()
    for row in neurons.to_dict("records"):
        host.add_node(row["root_id"], cell_type=row["cell_type"], depth=row["depth"])
    for row in g.edges.to_dict("records"):
        host.add_edge(row["pre"], row["post"], weight=row["count"])
    return g, host


@pytest.mark.parametrize("text", MOTIFS)
def test_count_and_find_agree_with_dotmotif(pair, text):
    g, host = pair
    found = dotmotif.NetworkXExecutor(graph=host).find(dotmotif.Motif(text))
    assert cg.motifs.count(g, text) == len(found) > 0
    ours = cg.motifs.find(g, text)
    expected = {tuple(m[node] for node in ours.columns) for m in found}
    assert set(ours.itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize(
    "text", ["A -> B\nA -> C", "A -> B\nB -> A", "A -> C\nB -> C\nA -> B\nB -> A"]
)
def test_excluding_automorphisms_agrees_with_dotmotif(pair, text):
    g, host = pair
    motif = dotmotif.Motif(text, exclude_automorphisms=True)
    expected = len(dotmotif.NetworkXExecutor(graph=host).find(motif))
    assert cg.motifs.count(g, text, exclude_automorphisms=True) == expected > 0


def test_a_cycle_excludes_its_rotations_and_loses_none(pair):
    # DotMotif orders the neurons of a cycle, which drops every cycle that runs the other way.
    g, host = pair
    text = "A -> B\nB -> C\nC -> A"
    motif = dotmotif.Motif(text, exclude_automorphisms=True)
    kept = len(dotmotif.NetworkXExecutor(graph=host).find(motif))
    cycles = sum(1 for cycle in nx.simple_cycles(host, length_bound=3) if len(cycle) == 3)
    assert cg.motifs.count(g, text, exclude_automorphisms=True) == cycles > kept
