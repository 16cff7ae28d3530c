"""``connectome-graph stats``."""

from __future__ import annotations

import json

import pytest

import connectome_graph as cg
from connectome_graph.cli import main


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    g = cg.datasets.synthetic_column(seed=0, scale=0.1)
    return g, str(cg.write(g, tmp_path_factory.mktemp("stats") / "column.connectome"))


def test_json_holds_the_numbers_of_the_library(bundle, capsys):
    g, path = bundle
    assert main(["stats", path, "--policy", "strict", "--by", "broad_type", "--json"]) == 0
    said = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    seen = g.observed("strict")
    assert said["domain"]["n_pairs"] == seen.domain.n_pairs
    assert said["density"]["density"] == pytest.approx(cg.stats.density(seen)["density"])
    assert said["density"]["low"] == pytest.approx(cg.stats.density(seen)["low"])
    assert said["dyads"]["mutual"] == cg.stats.dyads(seen)["mutual"]
    assert len(said["type_matrix"]) == 4


def test_text_says_the_domain_and_the_type_matrix(bundle, capsys):
    g, path = bundle
    arguments = ["stats", path, "--by", "broad_type", "--min-synapses", "2"]
    assert main([*arguments, "--interval", "wilson"]) == 0
    out = capsys.readouterr().out
    cut = g.threshold(min_synapses=2)
    assert f"{cut.n_edges:,} edges" in out
    assert "probability (rows presynaptic)" in out
    assert "inhibitory" in out


def test_a_graph_of_types_has_density_and_no_dyads(bundle, capsys, tmp_path):
    path = cg.write(bundle[0].collapse("cell_type"), tmp_path / "types.connectome")
    assert main(["stats", str(path), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"domain", "provenance", "density"}


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (["--policy", "strct"], "Did you mean 'strict'"),
        (["--by", "cel_type"], "Did you mean 'cell_type'"),
        (["--interval", "normal"], "interval"),
        (["--min-synapses", "0"], "min-synapses"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(bundle, capsys, options, match):
    assert main(["stats", bundle[1], *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert match in error
    assert error.count("\n") == 1
