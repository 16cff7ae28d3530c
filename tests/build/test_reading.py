"""One reading rule: whoever wrote a table, whichever engine reads it, the graph is the same."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import written_tables as written
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import ConnectomeError

distributed = pytest.importorskip("distributed", reason="comes with the cluster extra")


@pytest.fixture(scope="module")
def client():
    with distributed.Client(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as found:
        yield found


def outcome(synapses, neurons, **options):
    """Return the graph, or the class of the error."""
    try:
        return cg.from_tables(synapses, neurons, **options)
    except ConnectomeError as error:
        return type(error)


def same(a, b):
    return a is b if isinstance(a, type) or isinstance(b, type) else a.equals(b)


CHOICES = st.fixed_dictionaries(
    {
        "unknown": st.sampled_from(["drop", "raise", "add"]),
        "autapses": st.sampled_from(["keep", "drop"]),
        "keep": st.sampled_from(["synapses", "edges"]),
        "filters": st.sampled_from([None, None, "tag == '007'", "flag", "nucleus > 0 or flag"]),
    }
)


@settings(max_examples=30)
@given(pair=written.tables(), choices=CHOICES)
def test_tables_of_every_library_give_the_same_graph(pair, choices):
    synapses, neurons = pair
    expected = outcome(written.frame(synapses), written.frame(neurons), **choices)
    for variant in ("object", "arrow"):
        found = outcome(
            written.frame(synapses, variant=variant),
            written.frame(neurons, variant=variant),
            **choices,
        )
        assert same(found, expected), (variant, found, expected)
    for variant in written.VARIANTS:
        found = outcome(
            written.arrow(synapses, variant=variant),
            written.arrow(neurons, variant=variant),
            **choices,
        )
        assert same(found, expected), (variant, found, expected)
    as_polars = [pl.from_arrow(written.arrow(each)) for each in pair]
    assert same(outcome(*as_polars, **choices), expected)


@settings(max_examples=30)
@given(
    pair=written.tables(),
    choices=CHOICES,
    how=st.sampled_from(written.FORMATS),
    cuts=st.lists(st.integers(0, 8), max_size=2),
)
def test_files_of_every_format_give_every_engine_the_same_graph(  # noqa: PLR0917
    tmp_path_factory, client, pair, choices, how, cuts
):
    synapses, neurons = pair
    expected = outcome(written.frame(synapses), written.frame(neurons), **choices)
    folder = tmp_path_factory.mktemp("table")
    cells = tmp_path_factory.mktemp("cells")
    for number, part in enumerate(written.parts(synapses, cuts)):
        written.write(part, folder, how, number)
    written.write(neurons, cells, how)
    engines = ["memory", "duckdb", *([client] if choices["keep"] == "edges" else [])]
    for engine in engines:
        found = outcome(folder, cells, engine=engine, **choices)
        assert same(found, expected), (engine, found, expected)
    if choices["keep"] == "edges" and choices["unknown"] != "add":
        place = tmp_path_factory.mktemp("disk")
        for number, engine in enumerate(engines[1:]):
            found = on_disk(folder, written.frame(neurons), place / str(number), engine, choices)
            if isinstance(expected, type) and isinstance(found, pd.DataFrame):
                # files hold totals as integers, where a graph hands them out as floats
                assert found["size"].abs().max() > 2**53
            else:
                assert as_rows(found) == as_rows(expected), (engine, found, expected)


def on_disk(synapses, neurons, folder, engine, choices):
    """Return the edges that an engine wrote to disk, or the class of the error."""
    given = {name: choices[name] for name in ("unknown", "autapses", "filters")}
    try:
        edges = cg.engine.edges_to_parquet(synapses, neurons, folder=folder, engine=engine, **given)
    except ConnectomeError as error:
        return type(error)
    return pd.concat([pd.read_parquet(part) for part in edges.parts])


def as_rows(found):
    """Return the rows of edges, missing as None, or the class of the error."""
    if isinstance(found, type):
        return found
    table = found if isinstance(found, pd.DataFrame) else found.synapses
    names = [name for name in ("pre", "post", "count", "size", "size_max") if name in table]
    shown = table[names].astype(object)
    return shown.where(shown.notna(), None).values.tolist()


WEIGHTS = {"whole": [5.0, 7.0, 1.0], "with gaps": [5.0, None, 7.0], "strengths": [0.5, 2.0, 3.0],
           "infinite": [1.0, float("inf"), 2.0], "missing": [None, None, None]}  # fmt: skip


@pytest.mark.parametrize("how", ["frame", "arrow", "csv", "parquet plain", "feather plain"])
@pytest.mark.parametrize("filters", [None, "tag > 1"])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_whole_floats_may_be_counts_whoever_reads_them(tmp_path, client, how, filters, weight):
    rows = {"pre": [1, 2, 2], "post": [2, 1, 1], "weight": WEIGHTS[weight], "tag": [1, 2, 3]}
    cells = pd.DataFrame({"root_id": [1, 2]})
    kind = pa.schema([("weight", pa.float64())])
    table = pa.table({**rows, "weight": pa.array(rows["weight"], kind.field("weight").type)})
    given = {"frame": written.frame, "arrow": lambda _: table}
    sources = [given[how](rows)] if how in given else [written.write(rows, tmp_path, how)]
    engines = [{}] if how in given else [
        {"engine": "memory"}, {"engine": "duckdb"}, {"engine": "duckdb", "keep": "edges"},
        {"engine": client, "keep": "edges"},
    ]  # fmt: skip
    for engine in engines:
        options = {"filters": filters, **engine}
        if weight in ("whole", "with gaps"):
            with pytest.raises(
                cg.errors.InvalidTable, match=r"'weight' holds whole numbers: .*None"
            ):
                cg.from_tables(sources[0], cells, **options)
        else:
            g = cg.from_tables(sources[0], cells, **options)
            assert g.n_synapses == (2 if filters else 3)
        plain = cg.from_tables(sources[0], cells, columns={"count": None}, **options)
        assert plain.n_synapses == (2 if filters else 3)
