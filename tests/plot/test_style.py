"""Colours: stable, and apart for every eye."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

import connectome_graph as cg
from connectome_graph.plot import _style as style
from connectome_graph.plot._positions import _STATES

# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB.
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip
NEURONS = ("23P", "4P", "5P-ET", "5P-IT", "5P-NP", "6P-CT", "6P-IT", "BC", "BPC", "MC", "NGC")


def lab(color, eye):
    """Return CIE L*a*b* of a colour as an eye sees it."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(EYES[eye] @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(
    "colors", [style.PALETTE, [style.TYPE_COLORS[name] for name in NEURONS]],
    ids=["palette", "neurons"],
)  # fmt: skip
def test_colors_are_apart_for_every_eye(eye, colors):
    apart = {
        (a, b): np.linalg.norm(lab(a, eye) - lab(b, eye))
        for a, b in itertools.combinations(colors, 2)
    }
    assert min(apart.values()) > 10, min(apart, key=apart.get)


def test_excitatory_and_inhibitory_differ_in_lightness_too():
    light = [lab(style.TYPE_COLORS[name], "normal")[0] for name in ("excitatory", "inhibitory")]
    assert abs(light[0] - light[1]) > 15


@given(st.sets(st.sampled_from([*NEURONS, "excitatory", "oligo", "soma"])))
def test_a_known_type_keeps_its_color_in_any_company(names):
    alone = {name: style.type_colors([name])[name] for name in names}
    assert style.type_colors(names) == alone


@given(st.lists(st.text(max_size=5), unique=True, max_size=len(style.PALETTE)))
def test_unknown_names_get_different_colors_whatever_their_order(names):
    colors = style.type_colors(names)
    assert list(colors) == names
    assert style.type_colors(names[::-1]) == colors
    unknown = [colors[name] for name in names if name not in style.TYPE_COLORS]
    assert len(set(unknown)) == len(unknown)


def test_a_palette_goes_first_and_missing_is_grey():
    colors = style.type_colors(["BC", None, float("nan")], {"BC": "#123456"})
    assert list(colors.values()) == ["#123456", style.MISSING, style.MISSING]


def test_parts_of_a_neuron_and_states_of_proofreading_have_colors_that_no_type_of_cortex_has():
    types = {style.TYPE_COLORS[name] for name in (*NEURONS, "excitatory", "inhibitory")}
    parts = {style.TYPE_COLORS[name] for name in ("axon", "dendrite", "apical", "soma", "custom")}
    states = {color for _, color in _STATES.values()} - {style.MISSING}
    for color, other in itertools.product(parts | states, types):
        assert np.linalg.norm(lab(color, "normal") - lab(other, "normal")) > 20, (color, other)


def test_outputs_have_the_color_of_axons_and_inputs_that_of_dendrites(ax):
    cell = cg.skeletons.from_arrays(
        [[0, 0, 0], [0, 5, 0], [4, 0, 0]], [[1, 0], [2, 0]], root_id=1, root=0,
        compartment=[1, 2, 3],
        inputs=pd.DataFrame({"synapse_id": [7], "vertex": [2]}),
        outputs=pd.DataFrame({"synapse_id": [8], "vertex": [1]}),
    )  # fmt: skip
    cg.plot.morphology(cell, ax=ax)
    lines = {each.get_label(): tuple(each.get_color()[0]) for each in ax.collections[:2]}
    for side, part in (("pre", "axon"), ("post", "dendrite")):
        cg.plot.synapse_sites(cell, side=side, ax=ax)
        assert tuple(ax.collections[-1].get_facecolor()[0]) == lines[part]


def test_depth_is_where_the_dataset_says_so(ax):
    generated = cg.datasets.synthetic_column(scale=0.01)
    tables = cg.from_tables(generated.synapses, generated.neurons)
    again = cg.datasets.synthetic_column(scale=0.01).subgraph("cell_type != 'BC'")
    for g, label in ((generated, "y, depth (µm)"), (again, "y, depth (µm)"), (tables, "y (µm)")):
        ax.clear()
        assert cg.plot.positions(g, ax=ax).get_ylabel() == label
    assert cg.plot.positions(generated, ax=ax, projection="xz").get_ylabel() == "z (µm)"


@pytest.mark.parametrize(("n", "lines"), [(3, 3), (6, 3), (9, 1), (25, 0)])
def test_notes_are_those_that_can_be_read_on_a_page(n, lines):
    cells = pd.DataFrame({"root_id": np.arange(n), "cell_type": [f"t{i:02}" for i in range(n)]})
    cells["root_id"] += 1
    g = cg.from_adjacency(1 - np.eye(n, dtype=int), cells)
    axes = cg.plot.type_matrix(cg.stats.type_matrix(g, by="cell_type", interval="wilson"))
    try:
        assert axes.figure.get_size_inches()[0] <= 8
        notes = [len(text.get_text().splitlines()) for text in axes.texts]
        assert max(notes, default=0) == lines
    finally:
        plt.close(axes.figure)
