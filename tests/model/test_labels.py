"""The type of a neuron: codes and names as defined, made once, and one meaning of a gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.model.labels import labelled
from definitions import labels as define

KINDS = {
    "text": st.sampled_from(["BC", "23P", "MC", None]),
    "category": st.sampled_from(["z", "b", None]),
    "number": st.sampled_from([3, 20, 100, None]),
}


@st.composite
def neuron_tables(draw):
    n = draw(st.integers(0, 6))
    rows = {name: draw(st.lists(k, min_size=n, max_size=n)) for name, k in KINDS.items()}
    return pd.DataFrame(
        {
            "text": pd.Series(rows["text"], dtype=object),
            "category": pd.Categorical(rows["category"], categories=["z", "a", "b"]),
            "number": pd.array(rows["number"], "Int64"),
        }
    )


@pytest.mark.parametrize("by", [["text"], ["category"], ["number"], ["category", "text"]])
@pytest.mark.parametrize("missing", ["drop", "own"])
@given(neurons=neuron_tables())
def test_labels_are_their_definition(by, missing, neurons):
    found = labelled(neurons, by if len(by) > 1 else by[0], missing=missing)
    each, names = define.labels(neurons, by, missing=missing)
    assert found.per_neuron.tolist() == each
    assert list(found.names) == names
    assert found.sizes.tolist() == [each.count(name) for name in names]
    assert found.n_unlabelled == int(neurons[by].isna().any(axis=1).sum())


@given(neurons=neuron_tables(), rng=st.randoms(use_true_random=False))
def test_labels_of_some_neurons_are_those_of_their_rows(neurons, rng):
    rows = [place for place in range(len(neurons)) if rng.random() < 0.5]
    part = labelled(neurons, "text", missing="own").at(np.array(rows, np.int64))
    again = labelled(neurons.iloc[rows], "text", missing="own")
    assert part.per_neuron.tolist() == again.per_neuron.tolist()
    assert list(part.names) == list(again.names)
    assert part.n_unlabelled == again.n_unlabelled


def test_a_label_that_is_called_unknown_is_not_a_gap():
    cells = pd.DataFrame({"cell_type": ["unknown", None, "BC"]})
    assert list(labelled(cells, "cell_type", missing="own").names) == [
        "BC", "unknown", "unlabelled",
    ]  # fmt: skip
    taken = pd.DataFrame({"cell_type": ["unknown", "unlabelled", "no label", None]})
    with pytest.raises(InvalidArgument, match="cannot be told from them"):
        labelled(taken, "cell_type", missing="own")


def test_two_combinations_never_share_a_name():
    cells = pd.DataFrame({"a": ["x | y", "x"], "b": ["z", "y | z"]})
    with pytest.raises(InvalidArgument, match=r"both be called 'x | y | z'"):
        labelled(cells, ["a", "b"])


@pytest.mark.parametrize("by", [[], ["cell_type", "cell_type"], [3], 3])
def test_what_names_no_columns_is_refused(by):
    g = cg.from_adjacency([[0, 1], [1, 0]]).annotate(
        pd.Series(["a", "b"], [1, 2], name="x").rename_axis("root_id")
    )
    with pytest.raises(InvalidArgument, match="must be a neuron column, or a list"):
        g.labels(by)


def test_an_unknown_column_and_an_unknown_choice_are_refused():
    g = cg.datasets.synthetic_column(scale=0.01)
    with pytest.raises(UnknownName, match="Did you mean 'cell_type'"):
        g.labels("cell_typ")
    with pytest.raises(InvalidArgument, match="missing"):
        g.labels("cell_type", missing="keep")


def test_labels_are_made_once_and_shared_by_all_null_samples():
    g = cg.datasets.synthetic_column(scale=0.01)
    types = g.labels("cell_type")
    assert g.labels(["cell_type"]) is types
    assert cg.nulls.Configuration().sample(g, seed=0).labels("cell_type") is types
    assert g.threshold(min_synapses=2).labels("cell_type") is types
    assert g.labels("cell_type", missing="own") is not types
    assert not types.codes.flags.writeable


def test_a_new_neuron_table_has_its_own_labels():
    g = cg.datasets.synthetic_column(scale=0.01)
    moved = cg.nulls.LabelShuffle("cell_type").sample(g, seed=0)
    assert g.labels("cell_type").per_neuron.tolist() == g.neurons["cell_type"].tolist()
    assert moved.labels("cell_type").per_neuron.tolist() == moved.neurons["cell_type"].tolist()
