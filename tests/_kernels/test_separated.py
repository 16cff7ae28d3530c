"""The classes of fields: the kernel against the definition, in blocks of every length."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph._kernels import separated
from connectome_graph.model import rule
from connectome_graph.sources.looked_at import _lists
from definitions import reading

WORDS = (
    *rule.MISSING_WORDS, *rule.TRUTH_WORDS, *rule.INFINITE_WORDS, "007", "-0", "0", "-", ".", "5.",
    ".5", "1e5", "1e", "1e+5", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "-9223372036854775809", "18446744073709551615", "18446744073709551616", "123456789012345678",
    "1234567890123456789", "0.1", "00.1", "1.2.3", " 5", "5 ", " ", "x", "1x", "", "nan ",
    "é", "+1",
)  # fmt: skip
FIELD = st.one_of(st.sampled_from(WORDS), st.text(st.sampled_from("0159.eE-+ x"), max_size=22))
DECIMAL = np.uint8(ord("."))


@given(FIELD)
def test_a_field_has_the_class_of_its_definition(text):
    data = np.frombuffer(text.encode(), np.uint8)
    found = separated.field_class(data, 0, len(data), DECIMAL, _lists())
    assert found == getattr(separated, reading.field_class(text))


@given(
    st.lists(st.lists(st.tuples(FIELD, st.booleans()), min_size=3, max_size=3), max_size=5),
    st.integers(1, 60),
    st.booleans(),
)
def test_blocks_of_every_length_count_the_same(rows, block, feed):
    def written(text, quoted):
        return '"' + text.replace("x", 'x""\n,') + '"' if quoted else text

    text = "\n".join(",".join(written(*field) for field in row) for row in rows)
    text += "\n" if feed else ""
    expected = np.zeros((2, 3, separated.N_CLASSES), np.int64)
    wrong = 0
    for row in reading.fields(text, ","):
        wrong += len(row) != 3
        for column, (field, quoted) in enumerate(row[:3]):
            kind = getattr(separated, reading.field_class(field))
            expected[int(quoted), column, kind] += 1
            if kind == separated.WHOLE and field.startswith("-"):
                expected[int(quoted), column, separated.NEGATIVE] += 1
    counts, state = np.zeros_like(expected), np.zeros(4, np.int64)
    data, left = text.encode(), b""
    marks = (np.uint8(ord(",")), DECIMAL)
    for start in range(0, len(data), block):
        left += data[start : start + block]
        used = separated.judge(
            np.frombuffer(left, np.uint8), np.bool_(0), marks, _lists(), counts, state
        )
        left = left[used:]
    separated.judge(np.frombuffer(left, np.uint8), np.bool_(1), marks, _lists(), counts, state)
    assert counts.tolist() == expected.tolist()
    assert state[2] == wrong
