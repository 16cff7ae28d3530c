"""Odd values in any column of any table of a release: a graph or a sentence, never a traceback."""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import ConnectomeError
from docs import made_other_releases as other
from docs import made_releases as made

ODD = {
    "fractions": lambda n: np.linspace(0.5, 3, n),
    "nothing": lambda n: pd.Series([None] * n, dtype=object),
    "text": lambda n: ["x"] * n,
    "negative": lambda n: [-1] * n,
    "zero": lambda n: [0] * n,
    "booleans": lambda n: [True] * n,
    "lists": lambda n: pd.Series([[1, 2]] * n),
    "dates": lambda n: pd.to_datetime(["2020-01-01"] * n),
    "categories": lambda n: pd.Categorical(["q"] * n),
    "beyond int64": lambda n: np.full(n, 2**64 - 1, np.uint64),
    "several kinds": lambda n: pd.Series([(1, "a", None)[i % 3] for i in range(n)], dtype=object),
    "complex": lambda n: [1j] * n,
    "bytes": lambda n: [b"x"] * n,
}


def tables(folder):
    found = {}
    for file in sorted(folder.iterdir()):
        if file.suffix == ".feather":
            found[file.name] = pd.read_feather(file)
        elif file.suffix == ".parquet":
            found[file.name] = pd.read_parquet(file)
        elif file.name.endswith((".csv", ".csv.gz", ".tsv")):
            tabs = file.suffix == ".tsv" or "white" in file.name
            found[file.name] = pd.read_csv(file, sep="\t" if tabs else ",")
    return found


MAKERS = {
    "codex": made.codex,
    "princeton": made.codex_princeton,
    "zenodo": made.zenodo,
    "shiu": made.shiu,
    "manc": made.manc,
    "male cns": made.male_cns,
    "partners": lambda folder: made.male_cns(folder, partners=True),
    "banc": made.banc_synapses,
    "white": other.white,
    "worm edges": other.worm_edges,
    "list": other.edge_list,
}


@pytest.mark.parametrize("name", [*MAKERS, "fetched"])
def test_any_value_in_any_column_gives_a_graph_or_a_sentence(tmp_path, name):
    if name == "fetched":
        neurons, counts = made.fetched_neurons()
        given = {"neurons": neurons, "counts": counts, "rows": made.fetched_synapses()}
    else:
        given = tables(MAKERS[name](tmp_path))
    columns = [(file, column) for file, table in given.items() for column in table.columns]
    kinds = list(ODD)
    for number, (file, column) in enumerate(columns):
        for kind in (kinds[number % len(kinds)], kinds[(5 * number + 2) % len(kinds)]):
            table = given[file].copy()
            table[column] = pd.Series(ODD[kind](len(table)), index=table.index)
            with contextlib.suppress(ConnectomeError):
                cg.from_release({**given, file: table})


@pytest.mark.parametrize("name", MAKERS)
def test_tables_without_rows_or_columns_give_a_graph_or_a_sentence(tmp_path, name):
    given = tables(MAKERS[name](tmp_path))
    for file, table in given.items():
        twice = pd.concat([table, table.iloc[:, :1]], axis=1)
        for odd in (table.iloc[:0], table.iloc[:, :-1], twice):
            with contextlib.suppress(ConnectomeError):
                cg.from_release({**given, file: odd})
