"""What is not of the language is refused before anything runs, and texts may hold anything."""

from __future__ import annotations

import time

import pandas as pd
import pyarrow as pa
import pytest
from expressions_in_duckdb import in_duckdb

from connectome_graph.errors import ConnectomeError
from connectome_graph.model.expressions.parsing import LONGEST, parse
from connectome_graph.model.expressions.rows import frame_mask

A = 864691135000000001

ATTACKS = [
    "cell_type.to_csv('/tmp/owned')",
    r"cell_type == '\x27' + __import__('os').system('touch owned')",
    "@pd.compat.os.system('touch owned')",
    "9**9**9 > size",
    "size > 9**9**9**9",
    "().__class__.__mro__[1].__subclasses__()",
    "cell_type.__class__ == 'a'",
    "cell_type.str.__class__",
    "cell_type.map(print)",
    "cell_type.values.tofile('/tmp/owned')",
    "__import__('os')",
    "print(size)",
    "open('/etc/passwd').read() == 'a'",
    "(size := 5) > 3",
    "lambda: 1",
    "(lambda size: size)(5)",
    "f'{size}' == 'a'",
    "[size for size in [1]]",
    "{size: 1}",
    "{x for x in [1]}",
    "(x for x in [1])",
    "size if size else size",
    "size[0] == 1",
    "size[:] == 1",
    "*size",
    "abs(*size)",
    "abs(**size)",
    "abs(size, 2) > 1",
    "size.isin(range(10**9))",
    "size.isin([*size])",
    "size << 90000 > 1",
    "size // 2 == 1",
    "size ^ 2",
    "size @ size",
    "await size",
    "(yield)",
    "b'a' == cell_type",
    "5j == size",
    "... == size",
    "size is 5",
    "'a' in cell_type",
    "cell_type == ['a']",
    "cell_type.str.contains('(a+)+$', regex='yes')",
    "cell_type.str.contains(cell_type)",
    "cell_type.str.contains('(', regex=True)",
    r"cell_type.str.contains('(a)\\1', regex=True)",
    "cell_type.str.contains('a{1000}{1000}', regex=True)",
    "cell_type.str.contains('a', na=False)",
    "cell_type.str.len() > 1",
    "cell_type.str",
    "size > 5 # or size < 5",
    "size > 5; size < 5",
    "import os",
    "size = 5",
    "",
    "   ",
    "size >",
    "'open",
    "`open",
    "size > '\ud800'",
    "size \x00 > 5",
    "size % size % size % size % size == 1",
    "-" * 10_000 + "size > 1",
    "not " * 10_000 + "ok",
    "~" * 10_000 + "ok",
    "(" * 10_000 + "ok" + ")" * 10_000,
    "size" + ".a" * 10_000,
    "size" + " + 1" * 10_000 + " > 1",
    "size" + "()" * 10_000,
    "size == " + "9" * 5_000,
    "abs(" * 150 + "size" + ")" * 150 + " > 1",
    "tag == '" + "x" * 1_000_000 + "'",
    "x" * 1_000_000,
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: repr(text[:30]))
def test_what_is_not_of_the_language_is_refused_before_anything_runs(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"cell_type": ["a" * 30 + "!"], "size": [1], "ok": [True]})
    start = time.process_time()
    with pytest.raises(ConnectomeError):
        frame_mask(parse(text), frame)
    assert time.process_time() - start < 5
    assert not list(tmp_path.iterdir())


def test_texts_may_hold_anything():
    odd = "'; DROP TABLE x; -- \" @ __class__ & | ` # \\ % _ \t\n ☃ \U0001d4b3"
    frame = pd.DataFrame({"tag": [odd, "a"]})
    for test in (f"tag == {odd!r}", f"tag in [{odd!r}]", f"tag.str.contains({odd[3:]!r})"):
        assert frame_mask(parse(test), frame).tolist() == [True, False]
        assert in_duckdb(pa.table({"tag": frame["tag"].tolist()}), test) == [True, False]


def test_patterns_are_literal_and_never_hang():
    frame = pd.DataFrame({"tag": ["a" * 5_000 + "!", "a.c", "abc"]})
    assert frame_mask(parse("tag.str.contains('a.c')"), frame).tolist() == [False, True, False]
    regex = "tag.str.contains('{}', regex=True)"
    assert frame_mask(parse(regex.format("a.c")), frame).tolist() == [False, True, True]
    hard = regex.format("(a|a)*(a|aa)+$")
    assert frame_mask(parse(hard), frame).tolist() == [False, False, False]
    assert in_duckdb(pa.table({"tag": frame["tag"].tolist()}), hard) == [False] * 3


def test_long_lists_of_ids_are_read_up_to_the_bound():
    listed = ", ".join(str(A + i) for i in range(4_000))
    assert len(listed) < LONGEST
    frame = pd.DataFrame({"root_id": [A, A + 3_999, A + 4_000]})
    text = f"root_id in [{listed}]"
    assert frame_mask(parse(text), frame).tolist() == [True, True, False]
    assert in_duckdb(pa.table({"root_id": frame["root_id"]}), text) == [True, True, False]
