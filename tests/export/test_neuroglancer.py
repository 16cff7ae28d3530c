"""Neuroglancer states: every id a string, positions in voxels, with and without nglui."""

from __future__ import annotations

import json
import urllib.parse

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, MissingDependency
from connectome_graph.export._neuroglancer import neuroglancer_url, to_neuroglancer

BIG = 864691135000000001
SOURCE = "precomputed://somewhere"


@pytest.fixture
def g():
    synapses = pd.DataFrame(
        {
            "pre": [BIG, BIG, BIG + 2],
            "post": [BIG + 2, BIG + 4, BIG + 4],
            "synapse_id": [BIG + 100, BIG + 101, BIG + 102],
            "size": [5, 50, 500],
            "x_um": [4.0, 8.0, 1.0],
            "y_um": [4.0, 4.0, 2.0],
            "z_um": [40.0, 80.0, 3.0],
        }
    )
    neurons = pd.DataFrame(
        {"root_id": [BIG, BIG + 2, BIG + 4, BIG + 6], "cell_type": ["A", "B", "A", None]}
    )
    return cg.from_tables(synapses, neurons)


def numbers_in(value):
    """Yield every number of a JSON value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def layer(state, name):
    return next(one for one in state["layers"] if one["name"] == name)


@pytest.fixture(params=["json", "nglui"])
def using(request):
    if request.param == "nglui":
        pytest.importorskip(
            "nglui",
            reason="nglui is not installed: it asks for caveclient, which asks for pandas 2",
        )
    return request.param


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_states_hold_the_neurons_and_synapses_with_text_ids(g, using):
    state = to_neuroglancer(
        g,
        segmentation=SOURCE,
        neurons=[BIG, BIG + 2],
        synapses="size > 5",
        image="precomputed://image",
        color_by="cell_type",
        using=using,
    )
    text = json.dumps(state)
    assert max(numbers_in(json.loads(text))) < 2**53
    assert layer(state, "neurons")["segments"] == [str(BIG), str(BIG + 2)]
    colors = layer(state, "neurons")["segmentColors"]
    assert set(colors) == {str(BIG), str(BIG + 2)}
    assert len(set(colors.values())) == 2
    points = layer(state, "synapses")["annotations"]
    assert [point["id"] for point in points] == [str(BIG + 101), str(BIG + 102)]
    assert points[0]["segments"] == [[str(BIG), str(BIG + 4)]]
    np.testing.assert_allclose(points[0]["point"], [2000, 1000, 2000])
    assert layer(state, "synapses")["linkedSegmentationLayer"] == {"segments": "neurons"}
    np.testing.assert_allclose(state["dimensions"]["z"][0], 4e-8)
    np.testing.assert_allclose(state["position"], [1125, 750, 1037.5])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_state_may_be_without_synapses(g, using):
    state = to_neuroglancer(g, segmentation=SOURCE, using=using)
    assert len(layer(state, "neurons")["segments"]) == 4
    assert all(one["name"] != "synapses" for one in state["layers"])


def test_an_untyped_neuron_has_no_colour(g):
    colors = layer(to_neuroglancer(g, segmentation=SOURCE, color_by="cell_type"), "neurons")
    assert set(colors["segmentColors"]) == {str(BIG), str(BIG + 2), str(BIG + 4)}


def test_the_address_holds_the_state(g):
    state = to_neuroglancer(g, segmentation=SOURCE, synapses="size > 5")
    address = neuroglancer_url(state, viewer="https://viewer.example/")
    assert address.startswith("https://viewer.example/#!")
    assert json.loads(urllib.parse.unquote(address.split("#!")[1])) == state


def test_text_ids_of_digits_are_segments_and_names_are_refused():
    digits = cg.from_tables(pd.DataFrame({"pre": [str(BIG)], "post": ["7"]}), unknown="add")
    state = to_neuroglancer(digits, segmentation=SOURCE)
    assert set(layer(state, "neurons")["segments"]) == {str(BIG), "7"}
    names = cg.from_tables(pd.DataFrame({"pre": ["AVAL"], "post": ["AVAR"]}), unknown="add")
    with pytest.raises(InvalidArgument, match="is no number"):
        to_neuroglancer(names, segmentation=SOURCE)


def test_mistakes_are_named(g):
    with pytest.raises(InvalidArgument, match="more than a viewer holds"):
        to_neuroglancer(g, segmentation=SOURCE, synapses="size > 0", most_synapses=2)
    bare = cg.from_tables(pd.DataFrame({"pre": [1], "post": [2]}), unknown="add")
    with pytest.raises(InvalidArgument, match="no x_um"):
        to_neuroglancer(bare, segmentation=SOURCE, synapses="pre == 1")
    with pytest.raises(InvalidArgument, match="three positive"):
        to_neuroglancer(g, segmentation=SOURCE, resolution_nm=(4, 4, 0))
    with pytest.raises(InvalidArgument, match="using"):
        to_neuroglancer(g, segmentation=SOURCE, using="other")


def test_absent_nglui_is_a_sentence(g, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "nglui.statebuilder", None)
    monkeypatch.setitem(sys.modules, "nglui", None)
    with pytest.raises(MissingDependency, match=r"connectome-graph\[viewer\]"):
        to_neuroglancer(g, segmentation=SOURCE, using="nglui")
