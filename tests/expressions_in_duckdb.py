"""An expression as DuckDB answers it, row by row."""

from __future__ import annotations

import duckdb

from connectome_graph.model.expressions.kinds import checked, kind_of_type
from connectome_graph.model.expressions.parsing import parse
from connectome_graph.sources.engine._sql import condition


def in_duckdb(table, text):
    node = checked(parse(text), {each.name: kind_of_type(each.type) for each in table.schema})
    values = []
    sql = condition(node, values)
    with duckdb.connect() as con:
        con.register("rows_of_table", table)
        found = con.execute(f"SELECT {sql} FROM rows_of_table", values).fetchall()
    return [None if value is None else bool(value) for (value,) in found]
