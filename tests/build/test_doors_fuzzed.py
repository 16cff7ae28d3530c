"""Every door answers with a graph or one of our errors, whatever it is given."""

from __future__ import annotations

import datetime as dt
import decimal

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import ConnectomeError

#: Values of kinds that no table of synapses needs, and some that one does.
ODD = (
    None, float("nan"), pd.NA, pd.NaT, float("inf"), True, 0, 1, 2, -1, 2**63 - 1, 2**63, 2**70,
    -(2**63), 1.0, 1.5, 1e308, 1j, "", "1", "007", "x", "nan", b"x", (1, 2), [1, 2, 3], [1, [2]],
    {"a": 1}, decimal.Decimal("1.5"), decimal.Decimal(3), dt.date(2024, 1, 1),
    pd.Timestamp("2024-01-01"), pd.Timedelta(1), pd.Interval(0, 1), np.float16(1.5), np.uint64(5),
    object(), "[1 2 3]", np.array([1, 2, 3]), "\ud800", "a\0b",
)  # fmt: skip
NAMES = (
    "pre", "post", "size", "count", "weight", "syn_count", "id", "tag", "ctr_pt_position",
    "position", "position_x", "x_um", "root_id", "status_axon", "cell_type", 5, None, "", "pre_x",
)  # fmt: skip
DTYPES = ("object", "Int64", "UInt64", "float64", "float16", "string", "category", "boolean")

values = st.one_of(st.sampled_from(ODD), st.integers(1, 3))


@st.composite
def frames(draw, *needed):
    n = draw(st.integers(0, 3))
    names = [*needed, *draw(st.lists(st.sampled_from(NAMES), max_size=3))]
    columns = []
    for name in names:
        plain = name in needed and draw(st.booleans())
        each = st.integers(1, 3) if plain else values
        column = pd.Series(draw(st.lists(each, min_size=n, max_size=n)), dtype=object)
        dtype = draw(st.sampled_from(DTYPES))
        try:
            column = column.astype(dtype)
        except Exception:  # noqa: BLE001 - pandas says in many ways that a kind does not fit
            column = column.astype(object)
        columns.append(column)
    frame = pd.concat(columns, axis=1)
    frame.columns = pd.Index(names, dtype=object)
    if draw(st.booleans()):
        frame.attrs["dataframe_resolution"] = draw(
            st.sampled_from([[1, 1, 1], "4, 4, 40", "mixed_resolutions", 4, None, "x"])
        )
    kind = draw(st.sampled_from(["pandas", "arrow", "polars"]))
    try:
        if kind == "arrow":
            return pa.Table.from_pandas(frame, preserve_index=False)
        if kind == "polars":
            return pl.from_pandas(frame)
    except Exception:  # noqa: BLE001 - as above, of other libraries
        return frame
    return frame


OPTIONS = {
    "columns": [None, {}, {"pre": "root_id"}, {"pre": 0, "post": 1}, {"count": None}, {"x": 9}, 5],
    "neuron_columns": [None, {"root_id": 0}, {"root_id": "cell_type"}, []],
    "resolution_nm": [None, (4, 4, 40), 4, "x", (1, 1), (0, 1, 1), [1, 1, np.nan]],
    "neuron_resolution_nm": [None, (4, 4, 40), 4],
    "unknown": ["raise", "drop", "add", "x", None],
    "autapses": ["keep", "drop", "raise", 1],
    "invalid_neurons": ["raise", "drop", "first", ["drop"]],
    "zero": ["raise", "missing", "neuron", 0],
    "filters": [None, "size > 1", "pre == 1", [("size", ">", 1)], 5, "size >", [("a",)]],
    "box_um": [None, ((0, 1),) * 3, 5, ((1, 0),) * 3],
    "keep": ["synapses", "edges", None],
    "engine": [None, "memory", "duckdb", 5],
    "memory_limit": [None, "1GB", "x", 5],
    "csv": [None, {}, 5],
    "progress": [None, False, "x"],
}


@st.composite
def options(draw):
    chosen = draw(st.lists(st.sampled_from(sorted(OPTIONS)), max_size=3, unique=True))
    return {name: draw(st.sampled_from(OPTIONS[name])) for name in chosen}


def answers(door, *given, **options):
    """Call a door, which has to give a graph or an error of ours, and return whether it did."""
    try:
        found = door(*given, **options)
    except ConnectomeError:
        return
    assert isinstance(found, cg.ConnectomeGraph)
    assert found.n_neurons >= 0
    assert len(found.synapses) >= 0
    assert found.edges["count"].ge(1).all()


@pytest.mark.filterwarnings("ignore")  # of the libraries that are given odd values to hold
@settings(max_examples=150)
@given(frames("pre", "post"), st.one_of(st.none(), frames("root_id")), options())
def test_from_tables(synapses, neurons, chosen):
    answers(cg.from_tables, synapses, neurons, **chosen)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60)
@given(frames("pre", "post", "count"), st.one_of(st.none(), frames("root_id")), options())
def test_from_edges(edges, neurons, chosen):
    known = ("columns", "neuron_columns", "resolution_nm", "unknown", "autapses", "zero", "csv")
    answers(cg.from_edges, edges, neurons, **{k: v for k, v in chosen.items() if k in known})


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60)
@given(
    st.lists(st.lists(values, max_size=3), max_size=3),
    st.lists(values, max_size=3),
    st.lists(values, max_size=3),
    st.sampled_from(["count", "size", None]),
)
def test_from_adjacency(matrix, rows, columns, how):
    answers(cg.from_adjacency, matrix, values=how)
    try:
        frame = pd.DataFrame(matrix, index=pd.Index(rows, dtype=object))
        frame.columns = pd.Index(columns, dtype=object)
    except (ValueError, TypeError):
        return
    answers(cg.from_adjacency, frame, values=how)


@pytest.mark.parametrize("given", [None, 5, "x", [], np.zeros(3), scipy.sparse.coo_array([1, 2])])
def test_from_adjacency_of_other_things(given):
    answers(cg.from_adjacency, given)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=100)
@given(
    st.lists(st.sampled_from([1, 2, 0, "a", "1", 1.5, None, (1,), True, 2**70, b"x"]), max_size=3),
    st.dictionaries(st.sampled_from([*NAMES, "key", "weight"]), values, max_size=3),
    st.dictionaries(st.sampled_from([*NAMES, "name", "provenance"]), values, max_size=3),
    st.sampled_from([None, {"count": "weight"}, {"count": None}, {"pre": 0}, 5]),
)
def test_graphs_of_other_programs(nodes, edge, node, columns):
    theirs = nx.MultiDiGraph()
    for each in nodes:
        if each is not None:
            theirs.add_node(each, **{str(k): v for k, v in node.items()})
    listed = list(theirs)
    for each in listed:
        theirs.add_edge(listed[0], each)
        theirs[listed[0]][each][0].update(edge)
    answers(cg.from_networkx, theirs, columns=columns)
    other = igraph.Graph(len(listed), [(0, i) for i in range(len(listed))], directed=True)
    if listed:
        for name, value in edge.items():
            other.es[str(name)] = [value] * len(listed)
        for name, value in node.items():
            other.vs[str(name)] = [value] * len(listed)
    answers(cg.from_igraph, other, columns=columns)


TEXT = st.text(st.sampled_from('pre,post12\n";\t# \r\0.é-"NA'), max_size=40)


CONTENT = st.one_of(
    TEXT.map(str.encode),
    TEXT.map(lambda text: b"pre,post\n" + text.encode()),
    st.binary(max_size=40),
)
ENDINGS = ("csv", "csv.gz", "tsv", "parquet", "feather", "graphml", "connectome")


@settings(max_examples=150)
@given(CONTENT, st.sampled_from(ENDINGS))
def test_files(tmp_path_factory, content, ending):
    path = tmp_path_factory.mktemp("file") / f"s.{ending}"
    path.write_bytes(content)
    if ending in ("graphml", "connectome"):
        answers(cg.read, path)
        return
    for engine in ("memory", "duckdb"):
        answers(cg.from_tables, path, unknown="add", engine=engine)


PIECES = (
    '<node id="a"/>', '<node id="b">', "</node>", '<edge source="a" target="b"/>', "<port/>",
    '<data key="k">1</data>', '<data key="q">x</data>', '<key id="k" for="all" attr.name="n"/>',
    '<key id="k" for="node" attr.name="n" attr.type="int"><default>x</default></key>',
    '<graph edgedefault="directed">', "</graph>", "<default>3</default>", "&amp;", "<hyperedge/>",
    '<data key="g1">{"format_version":1}</data>', "<edge/>", "<node/>",
    '<key id="g1" for="graph" attr.name="connectome_graph" attr.type="string"/>',
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_graphml(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("file") / "g.graphml"
    path.write_text(f"<graphml>{''.join(pieces)}</graphml>")
    answers(cg.read_graphml, path)
    path.write_text(f'<graphml><graph edgedefault="directed">{"".join(pieces)}</graph></graphml>')
    answers(cg.read_graphml, path)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60)
@given(frames("root_id"), st.sampled_from([None, "root_id", "cell_type", "x", 5]))
def test_annotate(table, on):
    g = cg.from_adjacency(
        [[0, 1], [1, 0]], pd.DataFrame({"root_id": [1, 2], "cell_type": ["x", None]})
    )
    answers(g.annotate, table, **({} if on is None else {"on": on}))
