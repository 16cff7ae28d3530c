"""Statistics of edges that stay outside memory: computed in the engine, only results come back.

They are named like those of ``stats`` and give the same columns, so that code written for the one
works on the other.

With ``engine="duckdb"`` they are SQL over the folder, with a Dask client one task per part. The
numbers are those of ``stats`` on the collected graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from connectome_graph.border.arguments import By, Level
from connectome_graph.errors import InvalidArgument
from connectome_graph.model.domain import Domain
from connectome_graph.model.labels import labelled
from connectome_graph.sources.engine import EdgeFolder, observed_edges
from connectome_graph.sources.engine import _dask as dask
from connectome_graph.sources.engine import _duck as duck
from connectome_graph.stats._bootstrap import Blocks
from connectome_graph.stats._degree import degree_columns
from connectome_graph.stats._density import density_series
from connectome_graph.stats._dyad_variance import Dyads
from connectome_graph.stats._dyads import dyad_series
from connectome_graph.stats._intervals import ratio, wilson
from connectome_graph.stats._sampling import facts_of
from connectome_graph.stats._types import quantities, type_table, unequal_tracing

__all__ = ["degrees", "density", "dyads", "type_matrix"]


@contextmanager
def _sql(edges: EdgeFolder, domain: Domain, types: Any = None) -> Iterator[Any]:
    """Give a connection with the view ``e``: the edges on the domain, with their types."""
    with duck.connection() as con:
        n = len(edges.neurons)
        kinds = np.zeros(n, np.int32) if types is None else types
        con.register(
            "n",
            pa.table(
                {
                    "code": np.arange(n, dtype=np.int32),
                    "is_source": domain.sources,
                    "is_target": domain.targets,
                    "kind": kinds,
                }
            ),
        )
        files = ", ".join("'" + str(part).replace("'", "''") + "'" for part in edges.parts)
        duck.run(
            con,
            "CREATE VIEW e AS SELECT s.pre_code AS pre, s.post_code AS post, s.count, "
            "p.kind AS pre_kind, q.kind AS post_kind, "
            f"{'s.size, ' if edges.with_size else ''}"
            "p.is_target AND q.is_source AS on_core "
            f"FROM read_parquet([{files}]) s JOIN n p ON s.pre_code = p.code "
            "JOIN n q ON s.post_code = q.code "
            "WHERE p.is_source AND q.is_target AND s.pre_code <> s.post_code",
        )
        yield con


def degrees(
    folder: EdgeFolder | str | Path, *, policy: Any = "all", engine: Any = "duckdb"
) -> pd.DataFrame:
    """Return in- and out-degree, synapses, exposure and rates of every neuron.

    Parameters
    ----------
    folder
        What ``edges_to_parquet`` wrote.
    policy
        Proofreading policy, as in ``g.observed``.
    engine
        ``"duckdb"`` or a ``dask.distributed`` client.

    Returns
    -------
    pandas.DataFrame
        The table of :func:`connectome_graph.stats.degrees`.
    """
    edges, domain = observed_edges(folder, policy)
    if dask.is_client(engine):
        sums = _over_parts(engine, edges, domain, _part_degrees)
    else:
        sums = np.zeros((4, len(edges.neurons)), np.int64)
        with _sql(edges, domain) as con:
            for row, end in enumerate(("pre", "post")):
                query = f"SELECT {end}, count(*), sum(count)::BIGINT FROM e GROUP BY ALL"
                found = con.sql(query).fetchnumpy().values()
                code, number, synapses = (np.asarray(each) for each in found)
                sums[row, code], sums[2 + row, code] = number, synapses
    frame = pd.DataFrame(degree_columns(domain, sums), index=edges.neurons.index)
    frame.attrs.update(facts_of(domain, _n_outside(edges, int(sums[0].sum()))))
    return frame


def density(
    folder: EdgeFolder | str | Path,
    *,
    policy: Any = "all",
    engine: Any = "duckdb",
    level: Level = 0.95,
) -> pd.Series:
    """Return edges on the domain over pairs in it, with Wilson's interval.

    Parameters
    ----------
    folder, policy, engine
        As in :func:`degrees`.
    level
        Confidence level.

    Returns
    -------
    pandas.Series
        That of :func:`connectome_graph.stats.density` with ``interval="wilson"``.
    """
    edges, domain = observed_edges(folder, policy)
    if dask.is_client(engine):
        n_edges = int(_over_parts(engine, edges, domain, _part_edges)[0])
    else:
        with _sql(edges, domain) as con:
            n_edges = int(con.sql("SELECT count(*) FROM e").fetchall()[0][0])
    low, high = (float(end) for end in wilson(n_edges, domain.n_pairs, level=level))
    bounds = {"low": low, "high": high, "wilson_low": low, "wilson_high": high}
    facts = facts_of(domain, _n_outside(edges, n_edges))
    share = ratio(n_edges, domain.n_pairs)
    return density_series(share, n_edges, domain.n_pairs, bounds=bounds, facts=facts)


def dyads(
    folder: EdgeFolder | str | Path,
    *,
    policy: Any = "all",
    engine: Any = "duckdb",
    level: Level = 0.95,
) -> pd.Series:
    """Return mutual, asymmetric and null dyads where both directions were observable, and r.

    Parameters
    ----------
    folder, policy, engine
        As in :func:`degrees`.
    level
        Confidence level.

    Returns
    -------
    pandas.Series
        That of :func:`connectome_graph.stats.dyads`.
    """
    edges, domain = observed_edges(folder, policy)
    if dask.is_client(engine):
        counts = _dask_mutual(engine, edges, domain)
    else:
        counts = _sql_mutual(edges, domain)
    part = Dyads.of_counts(*counts, domain=domain)
    n_edges, n_mutual, n_pairs = part.totals()
    on_core = int(n_edges)
    series = dyad_series(
        n_pairs=n_pairs,
        n_edges=n_edges,
        n_mutual=n_mutual,
        n_core=domain.n_core,
        n_core_edges=on_core,
        n_outside=_n_outside(edges, on_core),
        intervals=part.intervals(level=level),
    )
    series.attrs["policy"] = domain.policy
    return series


def type_matrix(
    folder: EdgeFolder | str | Path,
    by: By,
    *,
    policy: Any = "all",
    engine: Any = "duckdb",
    level: Level = 0.95,
) -> pd.DataFrame:
    """Return connection probability, strength and shares for each ordered pair of types.

    Parameters
    ----------
    folder, policy, engine, level
        As in :func:`density`.
    by
        Neuron column of types, or columns; neurons without one are left out.

    Returns
    -------
    pandas.DataFrame
        That of :func:`connectome_graph.stats.type_matrix` with ``interval="wilson"``.
    """
    edges, domain = observed_edges(folder, policy)
    found = labelled(edges.neurons, by)
    if not len(found):
        raise InvalidArgument(f"no neuron has a value in {by!r}, so there are no types")
    untyped = bool(found.n_unlabelled)
    n = len(found) + untyped
    kinds = np.where(found.codes < 0, len(found), found.codes).astype(np.int32)
    if dask.is_client(engine):
        sums = _over_parts(engine, edges, domain, _part_types, kinds, n)
    else:
        sums = _sql_types(edges, domain, kinds, n)
    none = np.empty(0, np.int32)
    blocks = Blocks(domain, kinds, n, none, none, np.empty((0, 0)))
    estimates = quantities(sums, blocks.pairs)
    table = type_table(found.names, blocks, sums, estimates, spread={}, level=level)
    n_edges = int(sums[..., 0].sum())
    facts = facts_of(domain, _n_outside(edges, n_edges))
    table.attrs.update(
        facts,
        complete=True,
        n_edges_without_type=n_edges - int(table["n_edges"].sum()),
        n_inputs_left_out=0,  # edges on disk are all that was read
    )
    table.attrs["unequal_tracing"] = unequal_tracing(blocks, found.names)
    return table


def _sql_mutual(edges: EdgeFolder, domain: Domain) -> npt.NDArray[np.int64]:
    """Return per neuron its edges on the core, in and out, and its mutual pairs."""
    total = np.zeros((2, domain.n_neurons), np.int64)
    with _sql(edges, domain) as con:
        for row, query in (
            (0, "SELECT pre, count(*) FROM e WHERE on_core GROUP BY pre"),
            (0, "SELECT post, count(*) FROM e WHERE on_core GROUP BY post"),
            (1, ("SELECT a.pre, count(*) FROM e a JOIN e b ON a.pre = b.post AND a.post = b.pre "
                "WHERE a.on_core GROUP BY a.pre")),
        ):  # fmt: skip
            at, number = con.sql(query).fetchnumpy().values()
            total[row, at] += number
    return total


def _sql_types(
    edges: EdgeFolder, domain: Domain, kinds: npt.NDArray[np.int32], n: int
) -> npt.NDArray[np.float64]:
    """Return edges, synapses and, where known, size and synapses of known size of every block."""
    size = ", sum(size)::DOUBLE, sum(CASE WHEN size IS NULL THEN 0 ELSE count END)::BIGINT"
    query = (
        "SELECT pre_kind, post_kind, count(*), sum(count)::BIGINT"
        f"{size if edges.with_size else ''} FROM e GROUP BY ALL"
    )
    sums = np.zeros((n, n, 4 if edges.with_size else 2))
    with _sql(edges, domain, kinds) as con:
        pre, post, *values = (np.ma.filled(v, 0) for v in con.sql(query).fetchnumpy().values())
        sums[pre, post] = np.stack(values, axis=-1)
    return sums


def _n_outside(edges: EdgeFolder, n_edges: int) -> int:
    """Return how many connected pairs, autapses apart, are not among `n_edges`."""
    files = ", ".join("'" + str(part).replace("'", "''") + "'" for part in edges.parts)
    with duck.connection() as con:
        query = f"SELECT count(*) FROM read_parquet([{files}]) WHERE pre_code <> post_code"
        return int(con.sql(query).fetchall()[0][0]) - n_edges


# -- one task per part, on a Dask cluster -------------------------------------------------------


def _read(part: Path, domain: Domain) -> tuple[Any, Any, Any]:
    table = pyarrow.parquet.read_table(part, columns=["pre_code", "post_code", "count"])
    pre, post, count = (np.asarray(column) for column in table.columns)
    inside = domain.contains(pre, post)
    return pre[inside], post[inside], count[inside]


def _part_degrees(part: Path, domain: Domain) -> npt.NDArray[np.int64]:
    pre, post, count = _read(part, domain)
    n = domain.n_neurons
    rows = [np.bincount(end, minlength=n) for end in (pre, post)]
    rows += [np.bincount(end, weights=count, minlength=n).astype(np.int64) for end in (pre, post)]
    return np.stack(rows)


def _part_edges(part: Path, domain: Domain) -> npt.NDArray[np.int64]:
    return np.array([len(_read(part, domain)[0])])


def _part_types(
    part: Path, domain: Domain, kinds: npt.NDArray[np.int32], n: int
) -> npt.NDArray[np.float64]:
    table = pyarrow.parquet.read_table(part)
    pre, post, count = (np.asarray(table[name]) for name in ("pre_code", "post_code", "count"))
    inside = domain.contains(pre, post)
    ends = kinds[pre[inside]], kinds[post[inside]]
    values = [np.ones(inside.sum()), count[inside].astype(float)]
    if "size" in table.column_names:
        size = table["size"].to_numpy(zero_copy_only=False).astype(float)[inside]
        known = ~np.isnan(size)
        values += [np.where(known, size, 0), np.where(known, values[1], 0)]
    out = np.zeros((n, n, len(values)))
    np.add.at(out, ends, np.stack(values, axis=-1))
    return out


def _over_parts(
    client: Any, edges: EdgeFolder, domain: Domain, task: Any, *more: Any
) -> npt.NDArray[Any]:
    """Return the sum of ``task(part, domain, *more)`` over all parts, added pair by pair."""
    shared = dask.shared_value(client, domain)
    waiting = [client.submit(task, part, shared, *more, pure=False) for part in edges.parts]
    while len(waiting) > 1:
        waiting = [
            client.submit(np.add, *waiting[i : i + 2], pure=False)
            if i + 1 < len(waiting)
            else waiting[i]
            for i in range(0, len(waiting), 2)
        ]
    return np.asarray(dask.gathered(waiting[0]))


def _keys(
    part: Path, domain: Domain, ranges: list[tuple[int, int]]
) -> tuple[npt.NDArray[np.uint64], ...]:
    """Return the keys of a part's edges on the core, and the reversed ones by range of pre."""
    pre, post, _ = _read(part, domain)
    both = domain.core[pre] & domain.core[post]
    a, b = pre[both].astype(np.uint64), post[both].astype(np.uint64)
    reverse = np.sort((b << np.uint64(32)) | a)
    cuts = np.array([start for start, _ in ranges] + [ranges[-1][1]], np.uint64) << np.uint64(32)
    at = np.searchsorted(reverse, cuts)
    pieces = [reverse[at[i] : at[i + 1]] for i in range(len(ranges))]
    return ((a << np.uint64(32)) | b, *pieces)


def _of_neurons(
    keys: npt.NDArray[np.uint64], n: int, *reverse: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """Return per neuron its edges among `keys`, and those of them that are answered: 2 x n."""
    shift, low = np.uint64(32), np.uint64(2**32 - 1)
    ends = [(keys >> shift).astype(np.int64), (keys & low).astype(np.int64)]
    answered = np.isin(keys, np.concatenate(reverse))
    edges = np.bincount(ends[0], minlength=n) + np.bincount(ends[1], minlength=n)
    return np.stack([edges, np.bincount(ends[0][answered], minlength=n)])


def _dask_mutual(client: Any, edges: EdgeFolder, domain: Domain) -> npt.NDArray[np.int64]:
    """Return per neuron its edges on the core and its mutual pairs: reversed edges travel."""
    # The ranges that the parts were written by: every reversed edge has one part it can meet.
    spans = dask.ranges_of(domain.n_neurons, len(edges.parts))
    delayed = dask.delayed_function()
    split = delayed(_keys, nout=len(spans) + 1, pure=False)
    shared = dask.shared_value(client, domain)
    pieces = [split(part, shared, spans) for part in edges.parts]
    found = [
        delayed(_of_neurons)(pieces[i][0], domain.n_neurons, *(piece[1 + i] for piece in pieces))
        for i in range(len(spans))
    ]
    total = np.zeros((2, domain.n_neurons), np.int64)
    for future in client.compute(found):
        total += dask.gathered(future)
    return total
