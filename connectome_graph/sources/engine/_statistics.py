"""Statistics of edges that stay outside memory: computed in the engine, only results come back.

==================  =======================================================================
function            what comes back
==================  =======================================================================
``degrees``         one row a neuron
``density``         a Series, with its numerator and denominator
``type_matrix``     one row a pair of types
``reciprocity``     a Series: dyads of each kind, and r
==================  =======================================================================

With ``engine="duckdb"`` they are SQL over the folder, with a Dask client one task a part. The
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

from connectome_graph.model.domain import Domain
from connectome_graph.model.labels import labelled
from connectome_graph.model.policies import observable
from connectome_graph.sources.engine import _dask as dask
from connectome_graph.sources.engine import _duck as duck
from connectome_graph.sources.engine._store import EdgeFolder, open_edges

__all__ = ["degrees", "density", "reciprocity", "type_matrix"]


def _opened(folder: EdgeFolder | str | Path, policy: Any) -> tuple[EdgeFolder, Domain]:
    edges = folder if isinstance(folder, EdgeFolder) else open_edges(folder)
    sources, targets, name, _ = observable(edges.neurons, policy)
    return edges, Domain(sources, targets, name)


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
            "p.is_target AND q.is_source AS on_core "
            f"FROM read_parquet([{files}]) s JOIN n p ON s.pre_code = p.code "
            "JOIN n q ON s.post_code = q.code "
            "WHERE p.is_source AND q.is_target AND s.pre_code <> s.post_code",
        )
        yield con


def degrees(
    folder: EdgeFolder | str | Path, *, policy: Any = "all", engine: Any = "duckdb"
) -> pd.DataFrame:
    """Return in- and out-degree and synapses of every neuron, missing where not observable.

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
        Indexed by root id: ``in_degree out_degree in_synapses out_synapses`` (Int64).
    """
    edges, domain = _opened(folder, policy)
    if dask.is_client(engine):
        sums = _over_parts(engine, edges, domain, _part_degrees)
    else:
        sums = np.zeros((4, len(edges.neurons)), np.int64)
        with _sql(edges, domain) as con:
            for row, end in enumerate(("post", "pre")):
                query = f"SELECT {end}, count(*), sum(count)::BIGINT FROM e GROUP BY ALL"
                found = con.sql(query).fetchnumpy().values()
                code, number, synapses = (np.asarray(each) for each in found)
                sums[row, code], sums[2 + row, code] = number, synapses
    known = {"in": domain.targets, "out": domain.sources}
    names = ("in_degree", "out_degree", "in_synapses", "out_synapses")
    columns = {
        name: pd.arrays.IntegerArray(values, ~known[name.partition("_")[0]])
        for name, values in zip(names, sums, strict=True)
    }
    return pd.DataFrame(columns, index=edges.neurons.index)


def density(
    folder: EdgeFolder | str | Path, *, policy: Any = "all", engine: Any = "duckdb"
) -> pd.Series:
    """Return edges on the domain over pairs in it, with both numbers.

    Parameters
    ----------
    folder, policy, engine
        As in :func:`degrees`.
    """
    edges, domain = _opened(folder, policy)
    if dask.is_client(engine):
        n_edges = int(_over_parts(engine, edges, domain, _part_edges)[0])
    else:
        with _sql(edges, domain) as con:
            n_edges = int(con.sql("SELECT count(*) FROM e").fetchall()[0][0])
    share = n_edges / domain.n_pairs if domain.n_pairs else np.nan
    return pd.Series({"density": share, "n_edges": n_edges, "n_pairs": domain.n_pairs})


def reciprocity(
    folder: EdgeFolder | str | Path, *, policy: Any = "all", engine: Any = "duckdb"
) -> pd.Series:
    """Return mutual, asymmetric and null dyads where both directions were observable, and r.

    Parameters
    ----------
    folder, policy, engine
        As in :func:`degrees`.
    """
    edges, domain = _opened(folder, policy)
    if dask.is_client(engine):
        on_core, mutual_edges = _dask_mutual(engine, edges, domain)
    else:
        with _sql(edges, domain) as con:
            on_core = int(con.sql("SELECT count(*) FROM e WHERE on_core").fetchall()[0][0])
            mutual_edges = int(
                con.sql(
                    "SELECT count(*) FROM e a JOIN e b ON a.pre = b.post AND a.post = b.pre "
                    "WHERE a.on_core"
                ).fetchall()[0][0]
            )
    mutual = mutual_edges // 2
    asymmetric = on_core - mutual_edges
    return pd.Series(
        {
            "null": domain.n_mutual_pairs - mutual - asymmetric,
            "asymmetric": asymmetric,
            "mutual": mutual,
            "reciprocity": mutual_edges / on_core if on_core else np.nan,
            "n_pairs": domain.n_mutual_pairs,
        }
    )


def type_matrix(
    folder: EdgeFolder | str | Path, *, by: str, policy: Any = "all", engine: Any = "duckdb"
) -> pd.DataFrame:
    """Return edges, synapses, observable pairs and connection probability of every type pair.

    Parameters
    ----------
    folder, policy, engine
        As in :func:`degrees`.
    by
        Neuron column of types; neurons without one are left out.
    """
    edges, domain = _opened(folder, policy)
    types = labelled(edges.neurons, by)
    codes, names = types.codes, types.names
    kinds = codes.astype(np.int32)
    n = len(names)
    if dask.is_client(engine):
        sums = _over_parts(engine, edges, domain, _part_types, kinds, n)
    else:
        sums = np.zeros((2, n, n), np.int64)
        with _sql(edges, domain, kinds) as con:
            query = (
                "SELECT pre_kind, post_kind, count(*), sum(count)::BIGINT FROM e "
                "WHERE pre_kind >= 0 AND post_kind >= 0 GROUP BY ALL"
            )
            pre, post, number, synapses = (
                np.asarray(v) for v in con.sql(query).fetchnumpy().values()
            )
            sums[0, pre, post], sums[1, pre, post] = number, synapses
    typed = codes >= 0
    rows, columns, loops = (
        np.bincount(codes[typed & mask], minlength=n)
        for mask in (domain.sources, domain.targets, domain.core)
    )
    pairs = np.outer(rows, columns) - np.diag(loops)
    with np.errstate(invalid="ignore", divide="ignore"):
        probability = np.where(pairs > 0, sums[0] / pairs, np.nan)
    pre, post = np.divmod(np.arange(n * n), n)
    return pd.DataFrame(
        {
            "pre_type": np.asarray(names, object)[pre],
            "post_type": np.asarray(names, object)[post],
            "probability": probability.ravel(),
            "n_edges": sums[0].ravel(),
            "n_pairs": pairs.ravel(),
            "n_synapses": sums[1].ravel(),
        }
    )


# -- one task a part, on a Dask cluster -------------------------------------------------------


def _read(part: Path, domain: Domain) -> tuple[Any, Any, Any]:
    table = pyarrow.parquet.read_table(part, columns=["pre_code", "post_code", "count"])
    pre, post, count = (np.asarray(column) for column in table.columns)
    inside = domain.contains(pre, post)
    return pre[inside], post[inside], count[inside]


def _part_degrees(part: Path, domain: Domain) -> npt.NDArray[np.int64]:
    pre, post, count = _read(part, domain)
    n = domain.n_neurons
    rows = [np.bincount(end, minlength=n) for end in (post, pre)]
    rows += [np.bincount(end, weights=count, minlength=n).astype(np.int64) for end in (post, pre)]
    return np.stack(rows)


def _part_edges(part: Path, domain: Domain) -> npt.NDArray[np.int64]:
    return np.array([len(_read(part, domain)[0])])


def _part_types(
    part: Path, domain: Domain, kinds: npt.NDArray[np.int32], n: int
) -> npt.NDArray[np.int64]:
    pre, post, count = _read(part, domain)
    a, b = kinds[pre], kinds[post]
    typed = (a >= 0) & (b >= 0)
    out = np.zeros((2, n, n), np.int64)
    np.add.at(out[0], (a[typed], b[typed]), 1)
    np.add.at(out[1], (a[typed], b[typed]), count[typed])
    return out


def _over_parts(
    client: Any, edges: EdgeFolder, domain: Domain, task: Any, *more: Any
) -> npt.NDArray[np.int64]:
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


def _common(keys: npt.NDArray[np.uint64], *reverse: npt.NDArray[np.uint64]) -> int:
    return int(np.isin(np.concatenate(reverse), keys).sum())


def _dask_mutual(client: Any, edges: EdgeFolder, domain: Domain) -> tuple[int, int]:
    """Count edges on the core and those with a partner: reversed edges travel by range."""
    # The ranges that the parts were written by: every reversed edge has one part it can meet.
    spans = dask.ranges_of(domain.n_neurons, len(edges.parts))
    delayed = dask.delayed_function()
    split = delayed(_keys, nout=len(spans) + 1, pure=False)
    shared = dask.shared_value(client, domain)
    pieces = [split(part, shared, spans) for part in edges.parts]
    sizes = [delayed(len)(piece[0]) for piece in pieces]
    found = [
        delayed(_common)(pieces[i][0], *(piece[1 + i] for piece in pieces))
        for i in range(len(spans))
    ]
    futures = client.compute([*sizes, *found])
    values = [int(dask.gathered(future)) for future in futures]
    return sum(values[: len(sizes)]), sum(values[len(sizes) :])
