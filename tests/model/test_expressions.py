"""One language for selections and filters: what it means, and what it refuses."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from expressions_in_duckdb import in_duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName
from connectome_graph.model.expressions.kinds import checked, kind_of_type
from connectome_graph.model.expressions.parsing import parse
from connectome_graph.model.expressions.rows import frame_mask, table_mask
from connectome_graph.sources.engine._parts import parts_of, read_part
from connectome_graph.sources.engine._plan import scan_plan
from definitions import expressions as definition

A, B, C = 864691135000000001, 864691135000000003, 864691135000000005

WHOLE = (0, 1, -3, 5, 2**53 + 1, A, B)
REAL = (0.0, -0.5, 1.0, 2.5, 1e300, float("inf"), float("nan"), float(2**53))
TEXT = ("", "spine", "Shaft", "it's", 'a "b"', "x%_\\", "µΔÅ", "a.b", "\n;--", "SPINE")
COLUMNS = {
    "pre": st.sampled_from((A, B, C)),
    "count": st.sampled_from(WHOLE),
    "size": st.none() | st.sampled_from(WHOLE),
    "area": st.none() | st.sampled_from(REAL),
    "tag": st.none() | st.sampled_from(TEXT),
    "side": st.sampled_from(TEXT),
    "ok": st.none() | st.booleans(),
}
SCHEMA = pa.schema(
    {
        "pre": pa.int64(),
        "count": pa.int32(),
        "size": pa.int64(),
        "area": pa.float64(),
        "tag": pa.string(),
        "side": pa.string(),
        "ok": pa.bool_(),
    }
)
ROWS = st.lists(st.fixed_dictionaries(COLUMNS), min_size=1, max_size=6).map(
    lambda rows: [{**row, "count": row["count"] % 1000} for row in rows]
)


def numbers(depth):
    plain = st.sampled_from(("count", "size", "area")) | st.sampled_from(
        ("0", "1", "-3", "2.5", "-0.5", "7", "1e300", str(2**53 + 1), f"{2.0**53}")
    )
    if not depth:
        return plain
    below = numbers(depth - 1)
    return plain | st.one_of(
        st.builds("({} {} {})".format, below, st.sampled_from("+-*/%"), below),
        st.builds("abs({})".format, st.sampled_from(("size", "area"))),
        st.builds("(-{})".format, st.sampled_from(("size", "area"))),
    )


def texts():
    return st.sampled_from(("tag", "side", "tag.str.lower()"))


def conditions(depth):
    order = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))
    text = st.sampled_from(TEXT).map(repr)
    several = st.lists(text, max_size=3).map(", ".join)
    integer = st.sampled_from([str(each) for each in (*WHOLE, 2.5, 1e300)])
    plain = st.one_of(
        st.just("ok"),
        st.builds("ok {} {}".format, st.sampled_from(("==", "!=")), st.booleans()),
        st.builds("{} {} {}".format, numbers(1), order, st.sampled_from(("count", "size", "area"))),
        st.builds("{} {} {}".format, st.sampled_from(("size", "area")), order, integer),
        st.builds("1 < {} <= {}".format, st.sampled_from(("size", "area")), numbers(2)),
        st.builds("pre {} {}".format, order, st.sampled_from((A, B, C, C + 1))),
        st.builds("{} {} {}".format, texts(), order, text),
        st.builds("tag {} side".format, order),
        st.builds("{} {} [{}]".format, texts(), st.sampled_from(("in", "not in")), several),
        st.builds("{}.isin([{}])".format, st.sampled_from(("size", "area")), integer),
        st.builds("{}.between({}, 5)".format, st.sampled_from(("size", "area")), integer),
        st.builds(
            "{}.{}()".format,
            st.sampled_from(("tag", "size", "area", "ok", "(size / count)")),
            st.sampled_from(("isna", "notna")),
        ),
        st.builds(
            "{}.str.{}({})".format,
            texts(),
            st.sampled_from(("contains", "startswith", "endswith")),
            text,
        ),
        st.builds(
            "{}.str.contains({!r}, regex=True)".format,
            texts(),
            st.sampled_from(("^s", "a.b", "[A-Z]$", "t|x", "")),
        ),
    )
    if not depth:
        return plain
    below = conditions(depth - 1)
    return plain | st.one_of(
        st.builds("({} {} {})".format, below, st.sampled_from(("and", "or")), below),
        st.builds("(not {})".format, below),
    )


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, text=conditions(2))
def test_every_engine_means_what_the_definition_says(rows, text):
    try:
        parse(text)
        checked(parse(text), {each.name: kind_of_type(each.type) for each in SCHEMA})
    except InvalidArgument as error:
        # constants alone: nothing a row could differ in, or a result that is no number
        assert "constant" in str(error)  # noqa: PT017
        return
    expected = [definition.value_of(text, row) for row in rows]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    assert in_duckdb(table, text) == expected
    kept = [value is True for value in expected]
    node = checked(parse(text), {each.name: kind_of_type(each.type) for each in SCHEMA})
    assert table_mask(node, table).tolist() == kept
    frame = table.to_pandas(integer_object_nulls=True)
    frame["size"] = frame["size"].astype("Int64")
    assert frame_mask(parse(text), frame).tolist() == kept


# -- what the columns of a DataFrame may be ------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(["a", None, "b"], dtype=object),
        pd.Series(["a", None, "b"], dtype="string"),
        pd.Series(["a", None, "b"], dtype="category"),
        pd.Series(pd.array(["a", None, "b"], dtype=pd.ArrowDtype(pa.string()))),
    ],
    ids=["object", "string", "category", "arrow"],
)
def test_text_of_every_kind_is_text(values):
    frame = pd.DataFrame({"tag": values})
    assert frame_mask(parse("tag != 'a'"), frame).tolist() == [False, False, True]
    assert frame_mask(parse("tag != 'a' or tag.isna()"), frame).tolist() == [False, True, True]


@pytest.mark.parametrize("kind", ["Int64", "UInt64", "float32", "float16", "int8", "object"])
def test_numbers_of_every_kind_are_numbers(kind):
    frame = pd.DataFrame({"size": pd.Series([1, 2, 3], dtype=kind)})
    assert frame_mask(parse("1 < size and size % 2 == 1"), frame).tolist() == [False, False, True]


def test_unsigned_integers_beyond_int64_are_compared_exactly():
    frame = pd.DataFrame({"segment_id": np.array([2**63 + 1, 2**63 + 2, 5], np.uint64)})
    assert frame_mask(parse(f"segment_id == {2**63 + 1}"), frame).tolist() == [True, False, False]
    assert frame_mask(parse("segment_id > 5"), frame).tolist() == [True, True, False]
    assert in_duckdb(pa.table({"x": frame["segment_id"]}), f"x in [{2**63 + 2}]")[1]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x == 1", 0), ("x == 'a'", 0), ("x", 0), ("not x", 0), ("x in [1, 'a']", 0),
        ("x.str.lower() == 'a'", 0), ("x.str.contains('a')", 0), ("x + 1 > 0", 0),
        ("abs(x) > 0", 0),
        ("x.isna()", 2), ("(x + 1).isna()", 2), ("x.str.lower().isna()", 2), ("x < y", 0),
        ("x == 1 or y == 1", 1),
    ],
)  # fmt: skip
def test_a_column_of_nothing_is_of_every_kind(text, kept):
    table = pa.table({"x": pa.nulls(2), "y": [1, 2]})
    assert in_duckdb(table, text).count(True) == kept
    assert frame_mask(parse(text), pd.DataFrame({"x": [None, None], "y": [1, 2]})).sum() == kept


def test_a_column_of_several_kinds_is_refused():
    with pytest.raises(InvalidTable, match="several kinds"):
        frame_mask(parse("x == 1"), pd.DataFrame({"x": [1, "a"]}))


def test_what_is_neither_number_nor_text_can_be_asked_whether_it_is_missing():
    frame = pd.DataFrame({"where": [[1, 2], None], "when": pd.to_datetime(["2024-01-01", None])})
    for name in frame:
        assert frame_mask(parse(f"{name}.notna()"), frame).tolist() == [True, False]
        with pytest.raises(InvalidArgument, match="neither number nor text"):
            frame_mask(parse(f"{name} == 3"), frame)


def test_a_column_named_twice_is_refused_only_where_it_is_used():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "b"])
    assert frame_mask(parse("b == 3"), frame).tolist() == [True]
    with pytest.raises(InvalidTable, match="2 times"):
        frame_mask(parse("a == 3"), frame)


# -- names ---------------------------------------------------------------------------------


def test_names_that_are_no_identifiers_stand_between_backticks():
    frame = pd.DataFrame({"my col": [1, 2], "a.b": [1, 2], "`": [1, 2], "class": ["x", "y"]})
    assert frame_mask(parse("`my col` > 1 and `a.b` in [2]"), frame).tolist() == [False, True]
    # a word that Python keeps for statements needs none
    assert frame_mask(parse("class == 'y'"), frame).tolist() == [False, True]
    assert frame_mask(parse("'`' != class"), frame).tolist() == [True, True]


def test_letters_that_look_alike_find_their_column():
    frame = pd.DataFrame({"length_µm": [1, 2]})  # Python's parser makes a Greek letter of it
    assert frame_mask(parse("length_µm > 1"), frame).tolist() == [False, True]
    two = pd.DataFrame({"ﬁ": [1], "ﬁ ": [2]}).rename(columns={"ﬁ ": "fi"})
    assert frame_mask(parse("`ﬁ` == 1 and fi == 2"), two).tolist() == [True]


def test_ampersand_binds_like_and():
    frame = pd.DataFrame({"size": [1, 9], "tag": ["a", "a&b|c"]})
    assert frame_mask(parse("size > 5 & tag == 'a&b|c'"), frame).tolist() == [False, True]
    assert frame_mask(parse("size > 5\n| tag == 'a'"), frame).tolist() == [True, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [("cel_type == 'a'", "Did you mean 'cell_type'"), ("cell_type == spine", "quotes: 'spine'")],
)
def test_an_unknown_name_says_what_is_there(text, said):
    with pytest.raises(UnknownName, match=said):
        frame_mask(parse(text), pd.DataFrame({"cell_type": ["a"]}))


# -- constants -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"pre == {float(A)!r}",
        f"pre in [{A}, 5.0]",
        "pre > 1e3",
        "pre * 2 > 5",
        "pre == area",
        "ok == 'True'",
        "ok == 1",
        "ok < True",
        "size > '1'",
        "tag == 5",
        "tag > 5",
        "tag in ['a', 5]",
        "tag",
        "size",
        "size + 1",
        "tag + 'a' == 'b'",
        "ok + 1 == 2",
        "ok and size",
        "1 == 1",
        "True",
        "True and ok",
        "tag == None",
        "tag in ['a', None]",
        "size == 1e999",
        f"size == {2**64}",
        "size.str.contains('1')",
        "tag == size",
        "pre == 'abc'",
        "pre == '007'",
        "size > 1 / 0",
        "-tag == 'a'",
        "(1).isna()",
    ],
)
def test_a_constant_of_another_kind_is_refused_by_every_engine(text, tmp_path):
    table = pa.Table.from_pylist(
        [{"pre": A, "count": 1, "size": 2, "area": 1.0, "tag": "a", "side": "b", "ok": True}],
        schema=SCHEMA,
    )
    with pytest.raises(InvalidArgument):
        frame_mask(parse(text), table.to_pandas())
    with pytest.raises(InvalidArgument):
        in_duckdb(table, text)


def test_ids_are_integers_or_text():
    numbers_ = pd.DataFrame({"root_id": [A, B]})
    texts_ = pd.DataFrame({"root_id": [str(A), "007"]})
    for frame in (numbers_, texts_):
        for constant in (A, repr(str(A))):
            assert frame_mask(parse(f"root_id == {constant}"), frame).tolist() == [True, False]
            assert frame_mask(parse(f"root_id not in [{constant}]"), frame).tolist() == [
                False,
                True,
            ]


# -- where expressions are used ------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    table = pa.table(
        {
            "pre": [A, A, A, A],
            "post": [B] * 4,
            "size": [50, 150, None, 300],
            "tag": ["spine", None, "shaft", "spine"],
        }
    )
    pa.parquet.write_table(table, tmp_path / "s.parquet")
    return tmp_path / "s.parquet", pd.DataFrame({"root_id": [A, B]})


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
@pytest.mark.parametrize("keep", ["synapses", "edges"])
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ([("tag", "!=", "spine")], 1),
        ([("tag", "not in", ["spine"])], 1),
        ([("size", "!=", 150)], 2),
        ("tag != 'spine' or tag.isna()", 2),
        ("target == 'spine' and size < 100", 1),
        (["size > 10", ("tag", "in", np.array(["spine"]))], 2),
        ([("pre", "==", str(A)), ("post", "in", {B})], 4),
        ([], 4),
    ],
)
def test_filters_mean_the_same_whatever_reads(files, engine, keep, filters, kept):
    path, cells = files
    g = cg.from_tables(path, cells, engine=engine, keep=keep, filters=filters)
    assert g.n_synapses == kept


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
@pytest.mark.parametrize(
    "filters",
    [
        [("pre", "==", float(A))],
        [("pre", "in", pd.Series([A, None]).tolist())],
        [("size", ">", "1")],
        [("tag", "==", None)],
        [("tag", "in", ["spine", None])],
        [("tag", "in", "spine")],
        [("tag", "like", "spine")],
        [("tag", "==")],
        [("tag", "==", np.datetime64("2024-01-01"))],
        [5],
        5,
        b"size > 5",
        {"size": 5},
        "tag.str.slice(1) == 'a'",
    ],
)
def test_filters_that_make_no_sense_are_refused_whatever_reads(files, engine, filters):
    path, cells = files
    with pytest.raises(InvalidArgument):
        cg.from_tables(path, cells, engine=engine, filters=filters)


def test_a_filter_on_an_unknown_column_says_which(files):
    path, cells = files
    for engine in ("memory", "duckdb"):
        with pytest.raises(UnknownName, match="Did you mean 'size'"):
            cg.from_tables(path, cells, engine=engine, filters="siz > 5")


def test_selections_and_synapse_filters_speak_the_same_language(random_graph):
    g = random_graph
    large = g.filter_synapses("size > 3 and pre != post")
    table = g.synapses
    assert large.n_synapses == ((table["size"] > 3) & (table["pre"] != table["post"])).sum()
    first = g.ids[0]
    assert g.positions(f"root_id == {first}").tolist() == [0]
    assert g.positions(f"root_id == '{first}'").tolist() == [0]
    with pytest.raises(InvalidArgument, match="float"):
        g.positions(f"root_id == {float(first)!r}")
    with pytest.raises(UnknownName, match="Did you mean 'size'"):
        g.filter_synapses("siz > 3")


@settings(max_examples=25, deadline=None)
@given(rows=ROWS, text=conditions(1), suffix=st.sampled_from(("parquet", "feather")))
def test_every_reader_keeps_the_rows_of_the_definition(tmp_path_factory, rows, text, suffix):
    """From files: in memory, by DuckDB, and in the parts that Dask's workers read."""
    expected = sum(definition.value_of(text, row) is True for row in rows)
    cells = pd.DataFrame({"root_id": [A, B, C]})
    path = tmp_path_factory.getbasetemp() / f"rows.{suffix}"
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    table = table.drop_columns("count").append_column("post", table["pre"])
    text = re.sub(r"\bcount\b", "n", text)
    table = table.append_column("n", pa.array([row["count"] for row in rows], pa.int32()))
    write = pa.parquet.write_table if suffix == "parquet" else pa.feather.write_feather
    write(table, path)
    options = {"filters": text, "columns": {"count": None, "size": None}}
    try:
        found = [
            cg.from_tables(path, cells, engine=engine, **options).synapses
            for engine in ("memory", "duckdb")
        ]
    except InvalidArgument as error:
        assert "constant" in str(error)  # noqa: PT017
        return
    plan = scan_plan(path, **options)
    parts = [read_part(part, plan) for part in parts_of(plan)]
    assert [len(each) for each in found] == [expected] * 2
    assert sum(part.num_rows for part in parts) == expected
