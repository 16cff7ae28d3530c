"""Fields of our own GraphML lines: what one regular expression a line would find."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph._kernels.text_fields import element_fields, gathered
from connectome_graph.sources.graphml.lines import _begin_with, _lines, _OtherwiseError, _Shape

ENDS, KEYS = ("source", "target"), ("d0", "d17")


def by_regular_expression(text, ends, keys):
    """Return the fields of every line, None where absent; None where a line is not like that."""
    attributes = " ".join(f'{end}="([^"<]*)"' for end in ends)
    data = "".join(f'(?:<data key="{key}">([^<]*)</data>)?' for key in keys)
    pattern = re.compile(f"<edge {attributes}>{data}</edge>\n")
    found = [pattern.fullmatch(line) for line in text.splitlines(keepends=True)]
    return None if None in found else [match.groups() for match in found]


def by_kernel(text, ends, keys):
    data = np.frombuffer(text.encode(), np.uint8)
    try:
        columns = _Shape.of("edge", ends, keys).columns(data, _lines(data))
    except _OtherwiseError:
        return None
    return list(zip(*(column.to_pylist() for column in columns.values()), strict=True))


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters='"<&\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029'), max_size=6)  # fmt: skip  # noqa: E501


@st.composite
def lines(draw):
    ends = "".join(f' {end}="{draw(PLAIN)}"' for end in ENDS)
    data = "".join(f'<data key="{key}">{draw(PLAIN)}</data>' for key in KEYS if draw(st.booleans()))
    return f"<edge{ends}>{data}</edge>\n"


@given(st.lists(lines(), min_size=1, max_size=6))
def test_fields_are_those_of_a_regular_expression(drawn):
    text = "".join(drawn)
    expected = by_regular_expression(text, ENDS, KEYS)
    assert expected is not None
    assert by_kernel(text, ENDS, KEYS) == expected


@given(st.lists(lines(), min_size=1, max_size=3), st.data())
def test_a_line_that_is_otherwise_is_told(drawn, data):
    """One character more, less or other: the verdict of the expression, and its fields."""
    text = "".join(drawn)
    at = data.draw(st.integers(0, len(text) - 2))
    more = data.draw(st.sampled_from(["", "<", '"', ">", "x", " ", "/"]))
    skip = data.draw(st.integers(0, 1))
    changed = text[:at] + more + text[at + skip :]
    if "\n" in text[at : at + skip]:
        return
    assert by_kernel(changed, ENDS, KEYS) == by_regular_expression(changed, ENDS, KEYS)


def test_references_are_told_by_field_and_absent_fields_stay_absent():
    text = b'<edge source="a&amp;" target="b"></edge>\n<edge source="c" target="d"><data key="d0">\xc3\xa9</data></edge>\n'  # noqa: E501
    data = np.frombuffer(text, np.uint8)
    pieces = [b'<edge source="', b'" target="', b'">', b'<data key="d0">', b"</data>", b"</edge>\n"]
    bounds = np.cumsum([0, *map(len, pieces)])
    joined = np.frombuffer(b"".join(pieces), np.uint8)
    places, references, fits = element_fields(data, _lines(data), joined, bounds, 2, 1)
    assert fits
    assert references.tolist() == [True, False, False]
    assert places[2, 0].tolist() == [-1, -1]
    offsets, found = gathered(data, places[2])
    assert (offsets.tolist(), found.tobytes().decode()) == ([0, 0, 2], "é")


@given(st.lists(st.sampled_from(["<edge a\n", "<edg\n", "\n", "<edge \n", "x<edge \n"])))
def test_lines_are_sorted_by_how_they_begin(drawn):
    text = np.frombuffer("".join(drawn).encode(), np.uint8)
    found = _begin_with(text, _lines(text), b"<edge ") if drawn else np.empty(0, bool)
    assert found.tolist() == [line.startswith("<edge ") for line in drawn]
