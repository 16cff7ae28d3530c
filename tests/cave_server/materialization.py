"""The materialization routes: versions, tables, views, queries, counts."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cave_server.tables import (
    arrow_stream,
    as_json,
    joined,
    legacy,
    matches,
    rescaled,
    selected,
)

if TYPE_CHECKING:
    from cave_server.server import LoopbackCave

STAMP = "%Y-%m-%dT%H:%M:%S.%f"
Answer = tuple[int, str, bytes, dict[str, str]]


def _version_metadata(cave: LoopbackCave, version: int) -> dict[str, Any]:
    expires = "2020-01-01T00:00:00.0" if version in cave.expired else "2121-01-01T00:00:00.0"
    return {
        "id": version,
        "datastack": cave.datastack,
        "version": version,
        "valid": version not in cave.expired,
        "status": "AVAILABLE",
        "time_stamp": cave.versions[version].strftime(cave.stamp),
        "expires_on": expires,
    }


def _table_metadata(cave: LoopbackCave, name: str) -> dict[str, Any]:
    table = cave.tables[name]
    return {
        "table_name": name,
        "schema": table.schema,
        "schema_type": table.schema,
        "reference_table": table.reference,
        "notice_text": table.notice,
        "created": dt.datetime(2020, 11, 2, tzinfo=dt.UTC).strftime(STAMP),
        **{f"voxel_resolution_{axis}": table.resolution[i] for i, axis in enumerate("xyz")},
    }


def _send(
    cave: LoopbackCave, frame: pd.DataFrame, query: dict[str, str], body: dict[str, Any], have: Any
) -> Answer:
    """Answer a query: count it, or cut it at the row limit and put it on the wire."""
    if query.get("count") == "True":
        counted = pd.DataFrame({"count": [len(frame)]})
        return 200, "data.arrow", arrow_stream(counted, batches=1), {}
    headers: dict[str, str] = {}
    # without ORDER BY a database promises no order, so neither does the loopback server
    frame = frame.iloc[np.random.default_rng(len(cave.log)).permutation(len(frame))]
    if cave.row_limit is not None:
        frame = frame.iloc[: cave.row_limit]
        if len(frame) == cave.row_limit and cave.limit_header:
            headers["Warning"] = f'201 - "Limited query to {cave.row_limit} rows'
    if cave.notice and "Warning" not in headers:
        headers["Warning"] = f'201 - "{cave.notice}'
    if cave.duplicate_rows and len(frame):
        frame = pd.concat([frame, frame.iloc[:1]], ignore_index=True)
    want = body.get("desired_resolution")
    frame = rescaled(selected(frame, body.get("select_columns")), have, want)
    if cave.resolution_header:
        headers["dataframe_resolution"] = ", ".join(str(float(x)) for x in want or have)
    if cave.dtypes == "legacy":
        frame = legacy(frame)
    return 200, "data.arrow", arrow_stream(frame, batches=cave.batches), headers


def _query(cave: LoopbackCave, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
    if found := re.fullmatch(r"table/([^/]+)/query", path):
        name = found[1]
        if name not in cave.tables:
            return as_json({"message": f"no table {name}"}, 404)
        table = cave.tables[name]
        return _send(cave, matches(table.frame, body, name), query, body, table.resolution)
    if found := re.fullmatch(r"views/([^/]+)/query", path):
        name = found[1]
        if name not in cave.views:
            return as_json({"message": f"no view {name}"}, 404)
        view = cave.views[name]
        return _send(cave, matches(view.frame, body, name), query, body, view.resolution)
    if path == "query":
        base = cave.tables[body["tables"][1][0]]
        return _send(cave, joined(cave.tables, body), query, body, base.resolution)
    return as_json({"message": f"no route for {path}"}, 404)


def answer(cave: LoopbackCave, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
    """Answer a request below ``/materialize/api/v3/datastack/<name>/``."""
    if path == "versions":
        listed = set(cave.versions)
        if query.get("expired") != "True":
            listed -= cave.expired
        return as_json(sorted(listed))
    found = re.fullmatch(r"version/(\d+)(?:/(.+))?", path)
    if not found or int(found[1]) not in cave.versions:
        return as_json({"message": f"no such version or route: {path}"}, 404)
    version, rest = int(found[1]), found[2]
    if rest is None:
        return as_json(_version_metadata(cave, version))
    if version in cave.expired:
        return as_json({"message": f"version {version} has expired"}, 410)
    if rest == "tables":
        return as_json(sorted(cave.tables))
    if rest == "views":
        return as_json({name: {"id": 1} for name in cave.views})
    if (metadata := re.fullmatch(r"table/([^/]+)/metadata", rest)) and metadata[1] in cave.tables:
        return as_json(_table_metadata(cave, metadata[1]))
    return _query(cave, rest, query, body)
