"""Nothing of the user's is ever lost: what every writer does with the file that is there."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.cli import main
from connectome_graph.errors import UnreadableFile

THESIS = b"years of work\n"
#: Files of others, one of each kind: a table, a picture, a graph, a page.
FOREIGN = {
    "text": THESIS,
    "table": b"pre_pt_root_id,post_pt_root_id,size\n1,2,3\n",
    "gzipped": gzip.compress(b"source,target\n1,2\n"),
    "half a gzip": gzip.compress(b"pre,post,count\n1,2,3\n")[:12],
    "graph": b'<?xml version="1.0"?><graphml><graph edgedefault="directed"/></graphml>',
    "page": b"<!doctype html><title>my notes</title>",
    "picture": b"\x89PNG\r\n\x1a\nsomething",
    "parquet, broken": b"PAR1nothing",
    "arrow, broken": b"ARROW1\x00\x00nothing",
    "matrix": b"%%MatrixMarket matrix coordinate real general\n1 1 0\n",
    "swc": b"# neuron 7\n1 1 0 0 0 1 -1\n",
    "json": b'{"result": 3}',
    "a name that is no text": b"\xff\xfe\x00",
}

G = cg.from_tables(
    pd.DataFrame({"pre": [1, 2], "post": [2, 1], "size": [3, 4]}),
    pd.DataFrame({"root_id": [1, 2], "cell_type": ["A", "B"]}),
)
CELL = cg.skeletons.from_arrays([[0, 0, 0], [0, 3, 0]], [[1, 0]], root=0, root_id=2)

WRITERS = {
    "g.connectome": lambda path, **how: cg.write(G, path, **how),
    "g.graphml": lambda path, **how: cg.export.write_graphml(G, path, **how),
    "m.mtx": lambda path, **how: cg.export.write_matrix_market(G, path, **how),
    "m.pre.txt": lambda path, **how: cg.export.write_matrix_market(
        G, path.with_name("m.mtx"), **how
    ),
    "g.cyjs": lambda path, **how: cg.export.write_cytoscape(G, path, **how),
    "cell.graphml": lambda path, **how: cg.skeletons.write_graphml(CELL, path, **how),
    "cell.swc": lambda path, **how: cg.skeletons.write_swc(CELL, path, **how),
    "report.html": lambda path, **how: cg.report.write(G, path, n=0, **how),
    "explore.html": lambda path, **how: cg.explore(G, path, **how),
    **{
        f"{name}.{ending}": lambda path, write=write, **how: write(G, path, **how)
        for name, write in (
            ("edges", cg.export.write_edges),
            ("synapses", cg.export.write_synapses),
            ("neurons", cg.export.write_neurons),
        )
        for ending in ("csv", "tsv.gz", "parquet", "feather")
    },
}

COMMANDS = {
    "out.connectome": ["export", "{g}", "-o", "{out}"],
    "out.graphml": ["export", "{g}", "-o", "{out}"],
    "out.cyjs": ["export", "{g}", "-o", "{out}"],
    "out.mtx": ["export", "{g}", "-o", "{out}"],
    "out.csv": ["export", "{g}", "-o", "{out}"],
    "density.csv": ["stats", "density", "{g}", "-o", "{out}"],
    "density.json": ["stats", "density", "{g}", "-o", "{out}"],
    "types.parquet": ["stats", "type-matrix", "{g}", "--by", "cell_type", "-o", "{out}"],
    "sample.connectome": ["nulls", "ErdosRenyi", "{g}", "-o", "{out}"],
    "page.html": ["explore", "{g}", "-o", "{out}"],
    "report.html": ["report", "{g}", "-n", "0", "-o", "{out}"],
    "matrix.png": ["plot", "matrix", "{g}", "-o", "{out}"],
    "matrix.svg": ["plot", "matrix", "{g}", "-o", "{out}"],
    "matrix.pdf": ["plot", "matrix", "{g}", "-o", "{out}"],
    "cell.png": ["skeletons", "plot", "{cell}", "-o", "{out}"],
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_writer_leaves_what_others_wrote(tmp_path, name, foreign):
    path = tmp_path / name
    path.write_bytes(FOREIGN[foreign])
    with pytest.raises(UnreadableFile, match=r"is there already.*pass overwrite=True"):
        WRITERS[name](path)
    assert path.read_bytes() == FOREIGN[foreign]
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_replaces_its_own_an_empty_one_and_what_it_is_told_to(tmp_path, name):
    path = tmp_path / name
    path.touch()
    for content, told in ((b"", {}), (None, {}), (THESIS, {"overwrite": True})):
        if content is not None:
            path.write_bytes(content)
        WRITERS[name](path, **told)
        assert path.read_bytes() not in {b"", THESIS}


@pytest.mark.parametrize("name", [n for n in WRITERS if n.partition(".")[0] not in {"g", "m"}])
def test_a_writer_leaves_what_another_writer_of_ours_wrote(tmp_path, name):
    path = tmp_path / name
    cg.write(G, path)
    before = path.read_bytes()
    with pytest.raises(UnreadableFile, match="overwrite=True"):
        WRITERS[name](path)
    assert path.read_bytes() == before


def test_a_link_is_followed_and_what_it_leads_to_is_kept(tmp_path):
    (tmp_path / "thesis.txt").write_bytes(THESIS)
    (tmp_path / "edges.csv").symlink_to(tmp_path / "thesis.txt")
    with pytest.raises(UnreadableFile, match=r"thesis\.txt is there already"):
        cg.export.write_edges(G, tmp_path / "edges.csv")
    assert (tmp_path / "thesis.txt").read_bytes() == THESIS


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_ask_before_they_replace(tmp_path, capsys, name):
    cg.write(G, tmp_path / "g.connectome")
    cg.skeletons.write_swc(CELL, tmp_path / "2.swc")
    out = tmp_path / name
    places = {"g": tmp_path / "g.connectome", "cell": tmp_path / "2.swc", "out": out}
    words = [word.format(**places) for word in COMMANDS[name]]
    words += ["--units", "um", "--missing-soma", "root"] if "skeletons" in words else []
    out.write_bytes(THESIS)
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "is there already" in told
    assert "--overwrite" in told
    assert out.read_bytes() == THESIS
    assert main([*words, "--overwrite"]) == 0, capsys.readouterr().err
    assert out.read_bytes() != THESIS
    assert main(words) == 0, capsys.readouterr().err


def test_nothing_is_written_past_the_rule():
    root = Path(cg.__file__).parent
    own = {
        "border/atomic.py",  # the rule's own ground
        "border/replaced.py",
        "storage.py",  # a bundle looks at its manifest
        "comparison/_checkpoint.py",  # read, and refused, before it is written
        "sources/cave/_cache.py",  # a folder that is the library's
        "sources/engine/_store.py",  # always a new folder
    }
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if re.search(r"\breplacing(_folder)?\(", path.read_text(encoding="utf-8"))
    }
    assert found == own
