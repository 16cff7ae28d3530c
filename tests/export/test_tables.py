"""Table files go back through the front door and give the same tables."""

from __future__ import annotations

import csv
import gzip

import pandas as pd
import pytest
import written_tables as written
from hard_graphs import BASE, every_kind
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.export import write_edges, write_neurons, write_synapses
from connectome_graph.graph.equality import same_values

ENDINGS = ("csv", "csv.gz", "tsv", "tsv.gz", "parquet", "feather")


@pytest.mark.parametrize("ending", ENDINGS)
def test_synapses_and_neurons_go_back_through_from_tables(tmp_path, ending):
    g = every_kind()
    synapses = write_synapses(g, tmp_path / f"synapses.{ending}")
    neurons = write_neurons(g, tmp_path / f"neurons.{ending}")
    back = cg.from_tables(synapses, neurons)
    assert back.ids.tolist() == g.ids.tolist()
    for name in ("pre", "post", *g.synapse_columns):
        assert same_values(g.synapse_column(name), back.synapse_column(name)), name
    for name in (
        "cell_type",
        "note",
        "nucleus_id",
        "id",
        "is_source",
        "proofread",
        "depth",
        "layer",
    ):
        assert same_values(g.neurons[name], back.neurons[name]), name


@settings(max_examples=60)
@given(written.tables(), st.sampled_from(ENDINGS))
def test_every_table_goes_out_and_comes_back(tmp_path_factory, pair, ending):
    synapses, neurons = (written.frame(each) for each in pair)
    try:
        g = cg.from_tables(synapses, neurons, unknown="drop")
    except InvalidTable:
        return
    folder = tmp_path_factory.mktemp("out")
    paths = (
        write_synapses(g, folder / f"s.{ending}"),
        write_neurons(g, folder / f"n.{ending}"),
    )
    for engine in ("memory", "duckdb"):
        assert cg.from_tables(*paths, engine=engine).equals(g)


@pytest.mark.parametrize("ending", ENDINGS)
def test_edges_go_back_through_from_edges(tmp_path, ending):
    g = every_kind()
    path = write_edges(g, tmp_path / f"edges.{ending}", weight=["output_fraction", "count"])
    back = cg.from_edges(path, unknown="add")
    assert back.edges[["pre", "post", "count"]].equals(g.edges[["pre", "post", "count"]])
    assert same_values(
        back.synapse_column("output_fraction"), cg.weights.compute(g, "output_fraction")
    )


def test_ids_are_written_digit_for_digit(tmp_path):
    frame = pd.DataFrame({"root_id": [BASE, BASE + 1], "nucleus": pd.array([BASE, None], "Int64")})
    path = write_neurons(cg.from_adjacency([[0, 1], [0, 0]], frame), tmp_path / "n.csv")
    assert path.read_text() == f"root_id,nucleus\n{BASE},{BASE}\n{BASE + 1},\n"


def test_python_reads_the_text_back(tmp_path):
    g = every_kind()
    path = write_neurons(g, tmp_path / "n.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["note"] for row in rows] == [
        "" if pd.isna(note) else note for note in g.neurons["note"]
    ]


def test_an_unknown_ending_is_named_with_the_known_ones(tmp_path):
    with pytest.raises(InvalidArgument, match=r"'edges\.xlsx' has no ending .* \.csv"):
        write_edges(every_kind(), tmp_path / "edges.xlsx")
