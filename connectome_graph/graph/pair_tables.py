"""Pairs that could have met, from a table or a matrix to a set of pairs, joined by root id."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import scipy.sparse

from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName, choice, did_you_mean
from connectome_graph.model.columns import as_numbers, as_table, column_names, get_column, root_ids
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import MISSING_ID, IdTable
from connectome_graph.model.names import SYNAPSE_NAMES
from connectome_graph.model.pairs import PairSet

__all__ = ["read_pairs"]

Facts = dict[str, Any]


def read_pairs(
    pairs: Any,
    ids: IdTable,
    domain: Domain,
    *,
    exposure: str | None,
    symmetric: bool,
    unknown: str,
) -> tuple[PairSet, Facts]:
    """Return a set of pairs over the neurons of `ids`, and what to record of how it was read.

    Parameters
    ----------
    pairs
        A table with ``pre`` and ``post``, or indexed by them, or a sparse matrix: neurons x
        neurons, or the sources x targets of `domain`.
    ids
        The neurons.
    domain
        Which sources and targets a matrix of that shape speaks of.
    exposure
        Column of the exposures; for a matrix the name of what its values are.
    symmetric
        Whether a contact counts in both directions.
    unknown
        ``"raise"`` or ``"drop"``: what happens to rows of neurons that are not in `ids`.

    Raises
    ------
    InvalidTable
        When ids or exposures are not valid, or partners are unknown.
    """
    choice(unknown, ("raise", "drop"), name="unknown")
    if scipy.sparse.issparse(pairs):
        pre, post, values = _from_matrix(pairs, domain, wanted=exposure is not None)
        facts: Facts = {"n_rows": len(pre)}
    else:
        pre, post, values, facts = _from_table(pairs, ids, exposure, unknown)
    distinct = pre != post
    if not domain.diagonal and not distinct.all():
        facts["n_self_pairs"] = int((~distinct).sum())
        pre, post = pre[distinct], post[distinct]
        values = None if values is None else values[distinct]
    with np.errstate(over="ignore"):
        total = 0.0 if values is None else float(values.sum())
    if not np.isfinite(total):
        raise InvalidTable(
            f"the exposures in {exposure!r} add up to more than a float64 holds; give them in a "
            "larger unit"
        )
    found = PairSet.build(pre, post, len(ids.ids), values, name=exposure or "pairs")
    if len(found) < len(pre):
        facts["n_repeated_rows"] = len(pre) - len(found)
    if symmetric:
        found = _both_ways(found, ids)
        facts["symmetric"] = True
    return found, facts


def _from_matrix(
    matrix: Any, domain: Domain, *, wanted: bool
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.float64] | None]:
    shapes = (domain.n_neurons, domain.n_neurons), (domain.n_sources, domain.n_targets)
    if matrix.shape not in shapes:
        raise InvalidTable(
            f"a matrix of pairs needs {shapes[0][0]:,} x {shapes[0][1]:,} entries, neurons in the "
            f"order of g.neurons, or {shapes[1][0]:,} x {shapes[1][1]:,}, sources x targets; found "
            f"{matrix.shape[0]:,} x {matrix.shape[1]:,}"
        )
    entries = scipy.sparse.coo_array(matrix)
    entries.sum_duplicates()
    if entries.data.dtype.kind not in "biuf" or np.isnan(entries.data).any():
        raise InvalidTable(
            f"the entries of a matrix of pairs are numbers and none is missing; found "
            f"{'NaN' if entries.data.dtype.kind == 'f' else entries.data.dtype}"
        )
    held = entries.data != 0
    pre, post = entries.coords[0][held], entries.coords[1][held]
    if matrix.shape == shapes[1]:
        pre = np.flatnonzero(domain.sources)[pre]
        post = np.flatnonzero(domain.targets)[post]
    return pre, post, _checked(entries.data[held], "the matrix") if wanted else None


def _from_table(
    table: Any, ids: IdTable, exposure: str | None, unknown: str
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.float64] | None, Facts]:
    if isinstance(table, pd.Series):
        table = table.to_frame("exposure" if table.name is None else table.name)
    if isinstance(table, pd.DataFrame) and {"pre", "post"} <= set(table.index.names):
        table = table.reset_index()
    if not isinstance(table, pd.DataFrame | pa.Table) and not hasattr(table, "__arrow_c_stream__"):
        raise InvalidArgument(
            "pairs are a table with 'pre' and 'post', a sparse matrix or another graph; found "
            f"{type(table).__name__}"
        )
    table = as_table(table, what="table of pairs")
    known = column_names(table)
    codes = []
    for end in ("pre", "post"):
        own = next((name for name in SYNAPSE_NAMES[end] if name in known), None)
        if own is None:
            raise InvalidTable(
                f"a table of pairs needs the columns 'pre' and 'post'.{did_you_mean(end, known)} "
                f"Its columns: {', '.join(known) or 'none'}"
            )
        codes.append(_encoded(get_column(table, own), ids, end))
    values = None if exposure is None else _exposures(table, exposure, known)
    lost = (codes[0] < 0) | (codes[1] < 0)
    facts: Facts = {"n_rows": len(lost)}
    if lost.any():
        row = int(np.flatnonzero(lost)[0])
        if unknown == "raise":
            raise InvalidTable(
                f"{int(lost.sum()):,} of {len(lost):,} pairs name a neuron that is not in the "
                f"graph (first: row {row}); pass unknown='drop' to leave them out"
            )
        facts["n_unknown"] = int(lost.sum())
        codes = [end[~lost] for end in codes]
        values = None if values is None else values[~lost]
    return codes[0], codes[1], values, facts


def _exposures(table: Any, exposure: str, known: list[str]) -> npt.NDArray[np.float64]:
    if exposure not in known:
        raise UnknownName(
            f"the table of pairs has no column {exposure!r}.{did_you_mean(exposure, known)} "
            f"Columns: {', '.join(known)}"
        )
    if exposure in (*SYNAPSE_NAMES["pre"], *SYNAPSE_NAMES["post"]):
        raise InvalidArgument(
            f"exposure={exposure!r} is a column of ids; name one that says how much pairs met"
        )
    return _checked(as_numbers(get_column(table, exposure), name=exposure), repr(exposure))


def _encoded(values: Any, ids: IdTable, end: str) -> npt.NDArray[np.int32]:
    wanted = root_ids(values, name=end, missing=MISSING_ID)
    if len(wanted) and (wanted.dtype.kind == "O") != ids.is_text:
        raise InvalidTable(
            f"ids in {end!r} are {'integers' if ids.is_text else 'text'} and the graph's are "
            f"{'text' if ids.is_text else 'integers'}; convert one of them"
        )
    return ids.encode(wanted)


def _checked(values: npt.NDArray[Any], what: str) -> npt.NDArray[np.float64]:
    numbers = np.asarray(pd.array(values).to_numpy(dtype=float, na_value=np.nan), float)
    bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
    if len(bad):
        raise InvalidTable(
            f"an exposure is a finite number of at least 0; {len(bad):,} of {len(numbers):,} in "
            f"{what} are not (first: row {bad[0]}, {numbers[bad[0]]})"
        )
    return numbers


def _both_ways(found: PairSet, ids: IdTable) -> PairSet:
    """Return the set with the opposite of every pair, of equal exposure."""
    mirror, exposure = found.mirror, found.exposure
    alone = mirror < 0
    if exposure is not None:
        twice = np.flatnonzero(~alone)
        differ = ~np.isclose(exposure[twice], exposure[mirror[twice]])
        if differ.any():
            first = twice[np.flatnonzero(differ)[0]]
            a, b = ids.ids[found.pre[first]], ids.ids[found.post[first]]
            raise InvalidTable(
                f"symmetric=True takes a contact both ways, and {int(differ.sum()) // 2:,} of them "
                f"are listed in both directions with different exposures (first: {a} and {b}, "
                f"{exposure[first]} and {exposure[mirror[first]]}); leave symmetric out, or give "
                "each contact once"
            )
    pre = np.concatenate([found.pre, found.post[alone]])
    post = np.concatenate([found.post, found.pre[alone]])
    values = None if exposure is None else np.concatenate([exposure, exposure[alone]])
    return PairSet.build(pre, post, found.n_neurons, values, name=found.name)
