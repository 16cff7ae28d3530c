"""Colours: stable, and apart for every eye."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from connectome_graph.plot import _style as style

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
