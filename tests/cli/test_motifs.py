"""``connectome-graph motifs``."""

from __future__ import annotations

import json

import pytest

import connectome_graph as cg
from connectome_graph.cli import main


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    g = cg.datasets.synthetic_column(seed=0, scale=0.1)
    return g, str(cg.write(g, tmp_path_factory.mktemp("motifs") / "column.connectome"))


def said(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def test_significance_is_that_of_the_library(bundle, capsys):
    g, path = bundle
    assert main(["motifs", path, "-n", "9", "--seed", "1", "--json"]) == 0
    rows = {row["triad"]: row for row in said(capsys)["triads"]}
    table = cg.motifs.significance(g, n=9, seed=1).table
    assert {name: row["observed"] for name, row in rows.items()} == table["observed"].to_dict()
    assert rows["030T"]["z"] == pytest.approx(table.loc["030T", "z"])
    assert rows["021D"]["p"] is None


def test_types_are_told_apart_and_the_rest_announced(bundle, capsys):
    _, path = bundle
    options = ["--null", "typed", "--by", "broad_type", "-n", "5", "--top", "4"]
    assert main(["motifs", path, *options]) == 0
    out = capsys.readouterr().out
    assert "classes tested against 5 random graphs" in out
    assert "more; --top" in out


@pytest.mark.parametrize("by", [[], ["--by", "broad_type"]])
def test_counting_alone(bundle, capsys, by):
    g, path = bundle
    assert main(["motifs", path, "--null", "none", "--json", *by]) == 0
    rows = said(capsys)["triads"]
    connected = sum(row["count"] for row in rows if row["triad"] not in ("003", "012", "102"))
    assert connected == cg.motifs.triad_census(g)[3:].sum()


def test_a_motif_with_its_denominator(bundle, capsys):
    g, path = bundle
    text = "A -> B; A -> C; B -> C"
    assert main(["motifs", path, "--motif", text, "--policy", "strict", "--json"]) == 0
    seen = g.observed("strict")
    found = said(capsys)
    assert found["maps"] == cg.motifs.count(seen, text)
    assert found["observable_maps"] == cg.motifs.observability(seen, text)
    assert main(["motifs", path, "--motif", text]) == 0
    assert "observable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (["--null", "reciprocl"], "Did you mean 'reciprocal'"),
        (["--null", "typed"], "needs types"),
        (["--by", "cel_type"], "Did you mean 'cell_type'"),
        (["--motif", "A -> B\nB -"], "line 2, column 3"),
        (["-n", "0"], "--n"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(bundle, capsys, options, match):
    assert main(["motifs", bundle[1], *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert match in error
    assert "Traceback" not in error
