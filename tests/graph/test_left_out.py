"""Inputs that verbs leave out are counted, kept in files, and bound the balance."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.skeletons import neuron_balance
from strategies import graphs


def inputs(g):
    """Return synapses and summed size onto every neuron, autapses left out."""
    rows = g.synapses
    rows = rows[rows["pre"] != rows["post"]].assign(n=1)
    if "count" in rows:
        rows["n"] = rows["count"]
    sums = rows.groupby("post")[["n", "size"]].sum()
    return sums.reindex(g.ids, fill_value=0)


@st.composite
def narrowed(draw, g):
    """Return a part of a graph that some verbs leave."""
    for _ in range(draw(st.integers(1, 3))):
        verb = draw(st.sampled_from(["subgraph", "between", "filter", "threshold", "weight"]))
        pick = [draw(st.booleans()) for _ in range(g.n_neurons)]
        if verb == "subgraph":
            g = g.subgraph(np.array(pick, bool))
        elif verb == "between":
            g = g.between(pre=np.array(pick, bool))
        elif verb == "filter":
            g = g.filter_synapses(f"size > {draw(st.integers(-5, 50))}")
        elif verb == "threshold":
            g = g.threshold(min_synapses=draw(st.integers(1, 3)))
        else:
            g = g.threshold(weight="input_fraction", at_least=draw(st.sampled_from([0.2, 0.6])))
    return g


@settings(max_examples=40)
@given(g=graphs(pair_sets=True), data=st.data())
def test_what_is_left_out_is_what_was_there_less_what_is(g, data):
    part = data.draw(narrowed(g))
    assert not g.left_out.to_numpy().any()
    lost = inputs(g).loc[part.ids] - inputs(part)
    assert part.left_out["n_inputs"].tolist() == lost["n"].tolist()
    np.testing.assert_allclose(part.left_out["input_size"], lost["size"], atol=1e-9)


@settings(max_examples=40)
@given(g=graphs(), data=st.data())
def test_taking_part_of_a_graph_never_narrows_the_bounds_of_the_balance(g, data):
    how = {"by": "cell_type", "excitatory": "23P", "inhibitory": "BC"}
    cells = g.neuron_column("cell_type").array
    if not {"23P", "BC"} <= set(cells):
        return
    part = data.draw(narrowed(g))
    if not {"23P", "BC"} <= set(part.neuron_column("cell_type")):
        return
    whole, now = neuron_balance(g, **how).loc[part.ids], neuron_balance(part, **how)
    seen = now["low"].notna().to_numpy()
    assert (now["low"][seen] <= whole["low"][seen] + 1e-12).all()
    assert (now["high"][seen] >= whole["high"][seen] - 1e-12).all()
    alone = neuron_balance(part, left_out="nothing", **how)
    pd.testing.assert_series_equal(alone["balance"], now["balance"])
    whole_inputs = alone[["n_excitatory", "n_inhibitory", "n_unknown"]].sum(axis=1)
    low = alone["n_inhibitory"] / whole_inputs.where(whole_inputs > 0)
    np.testing.assert_allclose(alone["low"], low.to_numpy(float, na_value=np.nan))


@pytest.fixture
def part():
    """Return a graph of which one input, of size 5, was left out."""
    synapses = pd.DataFrame({"pre": [1, 2, 3, 3], "post": [3, 3, 3, 1], "size": [5.0, 2, 9, 4]})
    return cg.from_tables(synapses, unknown="add").subgraph([2, 3])


def labelled(g, values, *, name="kind"):
    return g.annotate(pd.DataFrame({"root_id": g.ids, name: values}))


def test_files_and_other_programs_keep_it(part, tmp_path):
    kept = part.left_out
    assert kept["n_inputs"].tolist() == [0, 1]
    assert kept["input_size"].tolist() == [0, 5]
    for layout in ("file", "folder"):
        path = cg.write(part, tmp_path / f"{layout}.connectome", layout=layout)
        pd.testing.assert_frame_equal(cg.read(path).left_out, kept)
    path = cg.export.write_graphml(part, tmp_path / "part.graphml")
    pd.testing.assert_frame_equal(cg.read_graphml(path).left_out, kept)
    back = cg.from_networkx(cg.export.to_networkx(part))
    pd.testing.assert_frame_equal(back.left_out, kept)
    assert "left_out_n_inputs" not in back.neurons
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(part)).left_out, kept)


def test_counts_that_no_float_holds_stay_whole(tmp_path):
    many = 2**53 + 1
    table = pd.DataFrame({"pre": [1, 3], "post": [2, 2], "count": [many, 5]})
    part = cg.from_edges(table, pd.DataFrame({"root_id": [1, 2, 3]})).subgraph([2, 3])
    assert part.left_out["n_inputs"].tolist() == [many, 0]
    path = cg.export.write_graphml(part, tmp_path / "part.graphml")
    assert cg.read_graphml(path).left_out["n_inputs"].tolist() == [many, 0]
    bundle = cg.write(part, tmp_path / "part.connectome")
    assert cg.read(bundle).left_out["n_inputs"].tolist() == [many, 0]
    through = cg.from_networkx(cg.export.to_networkx(part))
    assert through.left_out["n_inputs"].tolist() == [many, 0]


def test_graphs_of_which_nothing_was_left_out_are_written_as_before(part, tmp_path):
    g = cg.from_tables(part.synapses, part.neurons)
    assert g == part
    folder = cg.write(g, tmp_path / "whole", layout="folder")
    assert not (folder / "left_out.parquet").exists()
    assert '"format_version": 1' in (folder / "manifest.json").read_text()


def test_sums_of_groups_and_null_samples_keep_it(part):
    sample = cg.nulls.ErdosRenyi().sample(part, 1)
    assert sample.left_out["n_inputs"].tolist() == [0, 1]
    joined = labelled(part, ["a", "a"]).merge("kind")
    assert joined.left_out["n_inputs"].tolist() == [1]
    both = cg.union(part, cg.from_adjacency([[0, 1], [0, 0]]), layer=("a", "b"))
    assert both.left_out["n_inputs"].to_dict() == {2: 0, 3: 1, 1: 0}
    types = labelled(part, ["x", None]).collapse("kind")
    assert types.left_out["n_inputs"].tolist() == [0]
    other = labelled(part, [None, "y"]).collapse("kind")
    assert other.left_out["n_inputs"].tolist() == [2]


def test_sizes_of_what_was_left_out_before_there_were_sizes_are_missing():
    g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    kinds = ["excitatory", "excitatory", "inhibitory"]
    g = labelled(g, kinds, name="broad_type").subgraph([2, 3])
    assert g.left_out.columns.tolist() == ["n_inputs"]
    sized = g.annotate_synapses({"size": np.array([4.0])})
    assert np.isnan(sized.left_out["input_size"].iloc[0])
    row = neuron_balance(sized).loc[3]
    assert (row["low"], row["high"]) == (0, 0.5)
    assert pd.isna(row["high_size"])
