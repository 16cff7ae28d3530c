"""SWC as programs write it: marks, commas, decimals, missing radii, a soma that is its own root."""

from __future__ import annotations

import numpy as np
import pytest

from connectome_graph import skeletons
from connectome_graph.errors import UnreadableFile

PLAIN = "1 1 0 0 0 5 -1\n2 3 0 3 0 1 1\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace(" ", ",").encode(),
        PLAIN.replace(" ", ", ").encode(),
        PLAIN.replace(" ", "\t").replace("\n", "\r\n").encode(),
        "# Ren\u00e9\n".encode("latin-1") + PLAIN.encode(),
        b"1.0 1.0 0 0 0 5 -1.0\n2.0 3.0 0 3 0 1 1.0\n",
        b"1 1 0 0 0 5 -2\n2 3 0 3 0 1 1\n",
    ],
)
def test_what_programs_write_is_one_skeleton(tmp_path, content):
    (tmp_path / "n.swc").write_bytes(content)
    cell = skeletons.load_swc(tmp_path / "n.swc", units="um")
    assert (cell.vertices.tolist(), cell.parent.tolist()) == ([[0, 0, 0], [0, 3, 0]], [-1, 0])
    assert (cell.radius.tolist(), cell.compartment.tolist()) == ([5, 1], [1, 3])


@pytest.mark.parametrize("radius", ["", "NA ", "nan "])
def test_a_missing_radius_is_missing(tmp_path, radius):
    (tmp_path / "n.swc").write_text(f"1 1 0 0 0 {radius}-1\n2 3 0 3 0 {radius}1\n")
    assert np.isnan(skeletons.load_swc(tmp_path / "n.swc", units="um").radius).all()


def test_trees_that_begin_at_the_soma_belong_to_it(tmp_path):
    (tmp_path / "n.swc").write_text(
        "0 1 5.8 2.1 10.1 1 -1\n1 3 5.8 2.1 10.1 1 -1\n2 3 5.8 4.1 10.1 1 1\n"
        "3 3 5.8 6.1 10.1 1 2\n4 2 5.8 2.1 10.1 1 -1\n"
    )
    cell = skeletons.load_swc(tmp_path / "n.swc", units="um")
    assert cell.n_vertices == 5
    assert cell.edge_length_um.sum() == pytest.approx(4)
    assert cell.measured_from == "soma"


def test_codes_beyond_the_format_are_undefined(tmp_path):
    (tmp_path / "n.swc").write_text("1 1 0 0 0 5 -1\n2 300 0 3 0 1 1\n3 12 0 4 0 1 2\n")
    cell = skeletons.load_swc(tmp_path / "n.swc", units="um")
    assert cell.compartment.tolist() == [1, 0, 12]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1 1 0,5 0,5 0,5 5,0 -1\n", "decimal commas"),
        ("1.5 1 0 0 0 5 -1\n", "is no whole number"),
        ("1 1 0 0\n", "4 of 7 values"),
    ],
)
def test_what_is_no_swc_is_told(tmp_path, content, message):
    (tmp_path / "n.swc").write_text(content)
    with pytest.raises(UnreadableFile, match=message):
        skeletons.load_swc(tmp_path / "n.swc", units="um")
