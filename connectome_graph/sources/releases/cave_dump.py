"""CAVE's static dumps: csv.gz without a header, whose columns stand in ``<table>_header.csv``.

Voxels are 4 x 4 x 40 nm; root 0 is no segment; a root with several cells is left out, as in
``from_cave``. The synapse table is streamed by DuckDB: only the rows between known cells are kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.model.columns import as_numbers
from connectome_graph.sources.engine import _duck as duck
from connectome_graph.sources.engine._sql import quoted
from connectome_graph.sources.releases.choosing import Found, chosen_connections, first_of
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.neurons import NeuronTables, frame_of
from connectome_graph.sources.releases.release import Choices, Release, doubles

__all__ = ["read"]

_VOXEL = (4.0, 4.0, 40.0)
_ENDS = {"pre_pt_root_id": "pre", "post_pt_root_id": "post"}
_NAMES = {**_ENDS, "id": "synapse_id", "n_syn": "count", "sum_size": "size"}
_LEFT = ("pre_pt_supervoxel_id", "post_pt_supervoxel_id", "pt_supervoxel_id", "valid", "created")


def read(found: Found, choices: Choices) -> Release:
    """Return the synapses, or the aggregated connections, among the cells of the dump."""
    release = Release(
        kind="cave-dump", title="a static dump of a CAVE datastack", synapses=pa.table({}),
        neurons=None,
        facts={"licence": "see the datastack", "citation": "MICrONS Consortium (2025), Nature 640"},
    )  # fmt: skip
    given, layout = chosen_connections(found, choices, release)
    scale = choices.resolution_nm or _VOXEL
    release.neurons = _neurons(found, scale, choices, release)
    known = None
    if release.neurons is not None and choices.unknown in (None, "drop"):
        known = release.neurons["root_id"].to_numpy()
    table = _kept(given, known, release)
    columns: dict[str, Any] = {}
    for name in table.column_names:
        if not name.startswith("ctr_pt_position_") and name not in _LEFT:
            columns[_NAMES.get(name, name)] = table.column(name)
    if layout.role == "connections":
        release.note("A row is a pair of neurons; n_syn is its number of synapses.")
    else:
        for axis, nm in zip("xyz", scale, strict=True):
            voxels = doubles(table.column(f"ctr_pt_position_{axis}"), f"ctr_pt_position_{axis}")
            columns[f"{axis}_um"] = pc.multiply(voxels, nm / 1e3)
        release.note(
            "A row is a synapse; positions were in voxels of "
            f"{' x '.join(f'{nm:g}' for nm in scale)} nm."
        )
    release.synapses = pa.table(columns)
    return release


def _neurons(
    found: Found, scale: tuple[float, float, float], choices: Choices, release: Release
) -> pd.DataFrame | None:
    tables = NeuronTables(release)
    for role in ("cells", "nuclei", "proofreading"):
        given = first_of(found, role, release, choices)
        if given is None:
            continue
        frame = frame_of(given.read())
        roots = frame["pt_root_id"]
        nothing = (roots.isna() | (roots == 0)).to_numpy(dtype=bool, na_value=True)
        frame = frame[~nothing]
        # a row that is there twice is one cell; a root of several cells is none of them
        several = frame.drop_duplicates()["pt_root_id"]
        several = several[several.duplicated()]
        shared = frame["pt_root_id"].isin(several).to_numpy()
        if role == "proofreading":
            shared = shared & frame["pt_root_id"].duplicated().to_numpy()
        if nothing.any() or shared.any():
            release.note(
                f"{int(nothing.sum()):,} rows of {given.name} without a root and "
                f"{int(shared.sum()):,} that share one were left out.",
                **{f"n_without_root {given.name}": int(nothing.sum()),
                   f"n_sharing_a_root {given.name}": int(shared.sum())},
            )  # fmt: skip
        frame = _in_um(frame[~shared], scale if role != "proofreading" else None)
        drop = [name for name in (*_LEFT, "id") if name in frame.columns]
        tables.add(given, frame, ids="pt_root_id", drop=drop)
    return tables.frame


def _in_um(frame: pd.DataFrame, scale: tuple[float, float, float] | None) -> pd.DataFrame:
    base = next((b for b in ("pt_position", "nuc_pt_position") if f"{b}_x" in frame.columns), None)
    if base is None:
        return frame
    names = [f"{base}_{axis}" for axis in "xyz"]
    if scale is None:
        return frame.drop(columns=names)
    data = {
        f"{axis}_um": as_numbers(frame[name].array, name=name).astype(float) * nm / 1e3
        for axis, name, nm in zip("xyz", names, scale, strict=True)
    }
    return frame.drop(columns=names).assign(**data)


_SQL_KINDS = (("int", "BIGINT"), ("bool", "BOOLEAN"), ("float", "DOUBLE"), ("double", "DOUBLE"),
              ("numeric", "DOUBLE"), ("real", "DOUBLE"))  # fmt: skip


def _kept(given: Given, known: Any, release: Release) -> pa.Table:
    """Return the rows of a dump whose partners are both known, streamed by DuckDB.

    Without a list of those the rows whose ends both are in a segment.
    """
    if given.header or given.path is None:
        return given.read()
    kinds = {
        name: next((kind for key, kind in _SQL_KINDS if key in said.lower()), "VARCHAR")
        for name, said in zip(given.columns, given.kinds, strict=True)
    }
    listed = ", ".join(
        f"'{name.replace(chr(39), chr(39) * 2)}': '{k}'" for name, k in kinds.items()
    )
    wanted = ", ".join(quoted(name) for name in given.columns if name not in _LEFT)
    path = str(given.path)
    values = None if known is None else pa.array(np.asarray(known, np.int64))
    total, zero, kept = 0, 0, []
    with duck.guarded_file(given.path), duck.connection() as con:
        duck.run(con, "SET preserve_insertion_order = true")
        query = (
            f"SELECT {wanted} FROM read_csv(?, header = false, delim = ',', columns = {{{listed}}})"
        )
        for batch in con.sql(query, params=[path]).to_arrow_reader(duck.BATCH_ROWS):
            table = pa.Table.from_batches([batch])
            total += table.num_rows
            ends = [table.column(f"{end}_pt_root_id") for end in ("pre", "post")]
            nothing = pc.or_(*(pc.equal(end, 0) for end in ends))
            zero += pc.sum(nothing).as_py() or 0
            if values is None:
                kept.append(table.filter(pc.invert(nothing)))
            else:
                kept.append(table.filter(pc.and_(*(pc.is_in(e, value_set=values) for e in ends))))
    found = pa.concat_tables(kept) if kept else pa.table({name: [] for name in given.columns})
    outside = "with a partner outside the cell table " if values is not None else ""
    release.note(
        f"Of {total:,} rows of {given.name} {total - len(found):,} {outside}were dropped "
        f"({zero:,} of them end in no segment).",
        n_rows_read=total, n_dropped_unknown=total - len(found), n_without_segment=int(zero),
    )  # fmt: skip
    return found
