"""R's igraph opens what is written, with every digit of every id."""

from __future__ import annotations

import json
import shutil
import subprocess

import duckdb
import numpy as np
import polars as pl
import pytest

import connectome_graph as cg

GRAPHML = """
suppressMessages(library(igraph))
file <- commandArgs(TRUE)[1]
g <- if (endsWith(file, "graphml")) read_graph(file, "graphml") else {
  edges <- read.csv(file, colClasses = c(pre = "character", post = "character"))
  neurons <- read.csv(sub("edges", "neurons", file), colClasses = c(root_id = "character"))
  graph_from_data_frame(edges, vertices = neurons)
}
name <- if (endsWith(file, "graphml")) V(g)$root_id else V(g)$name
ends <- ends(g, E(g), names = FALSE)
count <- if (endsWith(file, "graphml")) E(g)$weight else E(g)$count
cat(is_directed(g), vcount(g), ecount(g), "\\n")
cat(name, "\\n")
cat(V(g)$cell_type, "\\n")
cat(ends[, 1] - 1, "\\n")
cat(ends[, 2] - 1, "\\n")
cat(count, "\\n")
cat(triad_census(simplify(g)), "\\n")
"""


@pytest.fixture(scope="module")
def column():
    return cg.datasets.synthetic_column(scale=0.02)


@pytest.fixture(scope="module")
def in_r(tmp_path_factory):
    """Return a function that lets R's igraph read a file and tell what it found."""
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("needs R: apt-get install r-cran-igraph")
    script = tmp_path_factory.mktemp("r") / "read.R"
    script.write_text(GRAPHML)
    if subprocess.run(
        [program, "-e", "library(igraph)"], capture_output=True, check=False
    ).returncode:
        pytest.skip("needs R's igraph: apt-get install r-cran-igraph")

    def read(path):
        shown = subprocess.run(
            [program, str(script), str(path)], capture_output=True, text=True, check=True
        )
        return [line.split() for line in shown.stdout.splitlines()]

    return read


@pytest.mark.parametrize("ending", ["graphml", "csv"])
def test_r_finds_every_neuron_and_connection(tmp_path, column, in_r, ending):
    g = column
    path = tmp_path / f"edges.{ending}"
    if ending == "graphml":
        cg.export.write_graphml(g, path, weight="count")
    else:
        cg.export.write_edges(g, path)
        cg.export.write_neurons(g, tmp_path / "neurons.csv")
    told, names, types, pre, post, counts, census = in_r(path)
    assert told == ["TRUE", str(g.n_neurons), str(g.n_edges)]
    assert names == [str(each) for each in g.ids]
    assert types == g.neurons["cell_type"].tolist()
    ours = np.column_stack([*g.edge_codes, g.edge_counts])
    theirs = np.array([pre, post, counts], dtype=float).T.astype(int)
    assert sorted(theirs.tolist()) == sorted(ours.tolist())
    # igraph's order of the classes is that of Davis and Leinhardt, as ours is
    assert [int(each) for each in census] == cg.motifs.triad_census(g).tolist()


def test_parquet_is_read_by_others_with_every_digit(tmp_path, column):
    g = column
    path = cg.export.write_edges(g, tmp_path / "edges.parquet", weight="sum")
    ours = g.edges
    columns = duckdb.sql(f"select pre, post, count from '{path}'").fetchnumpy()
    polars = pl.read_parquet(path)
    for name in ("pre", "post", "count"):
        assert columns[name].dtype == np.int64
        assert columns[name].tolist() == ours[name].tolist() == polars[name].to_list()


def test_ids_in_graphml_are_text(tmp_path, column):
    text = cg.export.write_graphml(column, tmp_path / "g.graphml", weight="count").read_text()
    assert 'attr.name="root_id" attr.type="string"' in text
    assert json.dumps(str(column.ids[0])).strip('"') in text
