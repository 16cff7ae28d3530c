"""Text in other dialects on the command line: the advice of an error is an option that works."""

from __future__ import annotations

import pytest

import connectome_graph as cg
from connectome_graph.cli import main


@pytest.mark.parametrize(
    ("content", "advice", "options"),
    [
        ("pre;post;size\n1;2;1,5\n", "--text decimal=,", ["--text", "decimal=,"]),
        ("1,2\n2,3\n", "--map pre=0 --map post=1", ["--map", "pre=0", "--map", "post=1"]),
        ("pre,post,weight\n1,2,5\n", "--map count=weight", ["--map", "count=weight"]),
        ("pre,post\n0,1\n", "--zero neuron", ["--zero", "neuron"]),
        ("pre|post\n1|2\n", "", ["--text", "delimiter=|"]),
        ("pre,post,t\n1,2,\u00fc\n".encode("latin-1"), "--text encoding=latin-1",
         ["--text", "encoding=latin-1"]),
    ],
)  # fmt: skip
def test_the_advice_works(tmp_path, capsys, content, advice, options):
    path, made = tmp_path / "s.csv", tmp_path / "g.connectome"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    command = ["build", str(path), "--unknown", "add", "-o", str(made)]
    assert main(command) == 2
    assert advice in capsys.readouterr().err
    assert main([*command, *options]) == 0
    assert cg.read(made).n_synapses >= 1


@pytest.mark.parametrize("option", ["decimal", "=", "nothing=1", "decimal=x"])
def test_options_that_are_none_are_one_line(tmp_path, capsys, option):
    (tmp_path / "s.csv").write_text("pre,post\n1,2\n")
    command = ["build", str(tmp_path / "s.csv"), "--unknown", "add", "--text", option]
    assert main([*command, "-o", str(tmp_path / "g.connectome")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
