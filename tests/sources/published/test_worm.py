"""Cell classes by the worm's naming convention."""

from __future__ import annotations

import pytest

from connectome_graph.sources.published.worm import cell_class


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AVAL", "neuron"),
        ("I1L", "neuron"),
        ("VC06", "neuron"),
        ("CEPDL", "neuron"),
        ("CEPshDL", "glia"),
        ("GLRVR", "glia"),
        ("dBWML10", "muscle"),
        ("pm5VL", "muscle"),
        ("um1AL", "muscle"),
        ("vm2PR", "muscle"),
        ("mu_anal", "muscle"),
        ("mc1DL", "other"),
        ("hyp", "other"),
        ("int", "other"),
        ("g1p", "other"),
    ],
)
def test_cell_class(name: str, expected: str) -> None:
    assert cell_class(name) == expected
