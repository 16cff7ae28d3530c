"""The verbs that give a graph, on the command line: the same graph as from Python."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.cli import main


@pytest.fixture
def graph(tmp_path: Path) -> cg.ConnectomeGraph:
    rng = np.random.default_rng(0)
    wires = (rng.random((8, 8)) < 0.5) * rng.integers(1, 5, (8, 8))
    cells = {"root_id": np.arange(1, 9), "pair": list("aabbccdd"), "all_inputs": [20] * 8}
    g = cg.from_adjacency(wires, pd.DataFrame(cells))
    cg.write(g, tmp_path / "g.connectome")
    cg.write(g.threshold(min_synapses=3), tmp_path / "h.connectome")
    return g


def made(folder: Path, *words: str) -> cg.ConnectomeGraph:
    out = str(folder / "out.connectome")
    assert main([words[0], *(w.replace("@", f"{folder}/") for w in words[1:]), "-o", out]) == 0
    return cg.read(out)


def test_verbs_give_what_the_library_gives(graph: cg.ConnectomeGraph, tmp_path: Path) -> None:
    found = made(tmp_path, "threshold", "@g.connectome", "--min-synapses", "2")
    assert found.equals(graph.threshold(min_synapses=2))
    words = ["--weight", "input_fraction", "--at-least", "0.1", "--total", "all_inputs"]
    found = made(tmp_path, "threshold", "@g.connectome", *words)
    assert found.equals(graph.threshold(weight="input_fraction", at_least=0.1, total="all_inputs"))
    found = made(tmp_path, "merge", "@g.connectome", "--by", "pair")
    assert found.equals(graph.merge("pair"))
    assert not found.domain.diagonal
    words = ["@g.connectome", "@h.connectome", "--layer", "chemical", "electrical"]
    found = made(tmp_path, "union", *words)
    other = cg.read(tmp_path / "h.connectome")
    assert found.equals(cg.union(graph, other, layer=("chemical", "electrical")))
    electrical = found.filter_synapses("layer == 'electrical'")
    assert electrical.n_synapses == other.n_synapses


def test_verbs_say_what_is_wrong_in_one_line(
    graph: cg.ConnectomeGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = str(tmp_path / "g.connectome"), str(tmp_path / "x.connectome")
    for words, said in (
        (["threshold", source, "-o", out], "min_synapses"),
        (["threshold", source, "--min-synapses", "2", "-o", source], "written over"),
        (["merge", source, "--by", "pear", "-o", out], "pair"),
        (["union", source, source, "--layer", "a", "a", "-o", out], "different names"),
    ):
        assert main(words) == 2
        error = capsys.readouterr().err.strip()
        assert said in error
        assert "\n" not in error
    assert main(["merge", source, "--by", "pair", "-o", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_neurons"] == graph.merge("pair").n_neurons
