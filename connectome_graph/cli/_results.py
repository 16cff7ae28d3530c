"""What a command found, as text for people, JSON or CSV for machines, or a file."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["AsCsv", "AsJson", "Output", "Overwrite", "Rows", "csv_of", "facts_as", "plain", "show"]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, for machines.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write to this file instead: .csv, .tsv, .json, .parquet."),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace a file that is there and was not written so before."),
]
Rows = Annotated[int, typer.Option("--rows", min=1, help="Rows of a long table to print.")]

#: Columns and indices that hold ids: text in JSON, whose readers make floats of long numbers.
_IDS = {"root_id", "pre", "post", "synapse_id"}


def show(
    result: Any,
    *,
    g: ConnectomeGraph | None = None,
    as_json: bool = False,
    as_csv: bool = False,
    output: Path | None = None,
    overwrite: bool = False,
    shown_rows: int = 30,
) -> None:
    """Print a result, or write it to a file.

    Parameters
    ----------
    result
        What a function of the library returned.
    g
        The graph that it was computed on, whose domain is told beside it.
    as_json, as_csv
        The forms for machines.
    output
        A file to write instead; its ending says the format.
    overwrite
        Whether another file there may be replaced.
    shown_rows
        Rows of a long table to print.
    """
    if output is not None:
        _write(result, output, g, overwrite=overwrite)
        print(f"written to {output}")
    elif as_json:
        print(json.dumps(_said(result, g), indent=1))
    elif as_csv:
        print(csv_of(result), end="")
    else:
        if g is not None:
            print(_domain(g))
        for name, part in parts_of(result).items():
            print(f"\n{name}" if name else "")
            print(_text(part, shown_rows))


def facts_as(facts: dict[str, Any], *, as_json: bool, as_csv: bool) -> bool:
    """Print facts for machines and return whether that was asked for."""
    if as_json:
        print(json.dumps(plain(facts), indent=1))
    elif as_csv:
        flat = {k: json.dumps(v) if isinstance(v, list | dict) else v for k, v in facts.items()}
        print(csv_of({key: plain(value) for key, value in flat.items()}), end="")
    return as_json or as_csv


def _said(result: Any, g: ConnectomeGraph | None) -> dict[str, Any]:
    said: dict[str, Any] = {"result": plain(result)}
    attributes = getattr(result, "attrs", None)
    if attributes:
        said["about"] = plain(attributes)
    if g is not None:
        said |= {"domain": plain(g.domain.describe()), "provenance": str(g.provenance)}
    return said


def _domain(g: ConnectomeGraph) -> str:
    domain = g.domain
    return (
        f"domain {domain.policy}: {domain.n_sources:,} sources x {domain.n_targets:,} targets, "
        f"{domain.n_pairs:,} observable ordered pairs; {g.n_edges:,} edges, "
        f"{g.n_edges_outside:,} connected pairs outside"
    )


def parts_of(result: Any) -> dict[str, Any]:
    """Return the named parts of a result: one without a name, or the fields of an object.

    Examples
    --------
    >>> parts_of(3)
    {'': 3}
    """
    import numpy as np
    import pandas as pd

    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        known = [(f.name, getattr(result, f.name)) for f in dataclasses.fields(result)]
        table = getattr(result, "table", None)
        shown = {} if table is None else {"table": table}
        return shown | {n: v for n, v in known if isinstance(v, _KINDS()) and n not in shown}
    if isinstance(result, tuple) and all(isinstance(each, np.ndarray) for each in result):
        return {"": pd.DataFrame({"low": np.ravel(result[0]), "high": np.ravel(result[1])})}
    if isinstance(result, tuple):
        return {"": pd.Series(list(result), index=["first", "last"][: len(result)])}
    if isinstance(result, np.ndarray | pd.Index):
        return {"": pd.Series(result, name=getattr(result, "name", None) or "value")}
    if isinstance(result, dict):
        return {"": pd.Series(result, dtype=object)}
    return {"": result}


def _KINDS() -> tuple[type, ...]:  # noqa: N802
    import pandas as pd

    return (pd.DataFrame, pd.Series, int, float, str, tuple)


def plain(value: Any) -> Any:  # noqa: PLR0911
    """Return a result as JSON types: missing is null, ids are text.

    Examples
    --------
    >>> import pandas as pd
    >>> plain(pd.DataFrame({"size": [1.5]}, index=pd.Index([2**60], name="root_id")))
    [{'root_id': '1152921504606846976', 'size': 1.5}]
    """
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        named = any(name is not None for name in value.index.names)
        frame = value.reset_index() if named else value
        columns = {str(name): _column(frame[name]) for name in frame.columns}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if isinstance(value, pd.Series):
        if value.index.name in _IDS or isinstance(value.index, pd.MultiIndex):
            return plain(value.to_frame(_named(value)))
        labels = [str(label) for label in value.index]
        return dict(zip(labels, _column(value), strict=True))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: plain(part) for name, part in parts_of(value).items()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | np.ndarray | pd.Index):
        return [plain(item) for item in (value if not isinstance(value, set) else sorted(value))]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str) else str(value)


def _column(column: pd.Series) -> list[Any]:
    values = [plain(value) for value in column.astype(object)]
    whole = column.dtype == "float64" and all(v is None or v == int(v) for v in values)
    if str(column.name) in _IDS:
        return [None if value is None else str(value) for value in values]
    return [None if v is None else int(v) for v in values] if whole else values


def csv_of(result: Any) -> str:
    """Return the main table of a result as CSV.

    Examples
    --------
    >>> print(csv_of({"n_edges": 3}), end="")
    name,value
    n_edges,3
    """
    frame = _frame(result)
    text: str = frame.to_csv(index=any(name is not None for name in frame.index.names))
    return text


def _frame(result: Any) -> pd.DataFrame:
    import pandas as pd

    tables = [p for p in parts_of(result).values() if isinstance(p, pd.DataFrame | pd.Series)]
    if not tables:
        single = {name or "value": plain(part) for name, part in parts_of(result).items()}
        return pd.DataFrame({"name": list(single), "value": list(single.values())})
    table = tables[0]
    if isinstance(table, pd.DataFrame):
        return table
    if table.index.name is None and not isinstance(table.index, pd.MultiIndex):
        values = _column(table)
        return pd.DataFrame({"name": list(table.index), "value": pd.Series(values, dtype=object)})
    return table.to_frame(_named(table))


def _named(series: pd.Series) -> Any:
    return "value" if series.name is None else series.name


def _write(result: Any, output: Path, g: ConnectomeGraph | None, *, overwrite: bool) -> None:
    from connectome_graph.border.replaced import marked, replacing_own, table_of
    from connectome_graph.errors import choice

    ending = choice(
        output.suffix.lower(), (".csv", ".tsv", ".json", ".parquet"), name="--output ending"
    )
    if ending == ".json":
        said = json.dumps(_said(result, g), indent=1)
        with replacing_own(
            output,
            own=marked(b'{\n "result":', mark='"result"'),
            what="result",
            overwrite=overwrite,
        ) as temporary:
            temporary.write_text(said, encoding="utf-8")
        return
    frame = _frame(result)
    named = any(name is not None for name in frame.index.names)
    # a result of the same function has the same columns
    columns = [str(name) for name in [*(frame.index.names if named else []), *frame.columns]]
    stored = [str(name) for name in frame.columns] if ending == ".parquet" else columns
    with replacing_own(
        output, own=table_of(stored), what="such result", overwrite=overwrite
    ) as temporary:
        if ending == ".parquet":
            frame.to_parquet(temporary)
        else:
            frame.to_csv(temporary, sep="," if ending == ".csv" else "\t", index=named)


def _text(part: Any, top: int) -> str:
    """Return a part for people: numbers short, missing said."""
    import pandas as pd

    if isinstance(part, pd.Series) and part.index.name is None and len(part) <= top:
        return "\n".join(f"  {name!s:<24} {_number(value)}" for name, value in part.items())
    if isinstance(part, pd.DataFrame | pd.Series):
        more = len(part) - top
        text: str = part.head(top).to_string(float_format="{:.4g}".format, na_rep="missing")
        if more > 0:
            text += f"\n... and {more:,} more; --rows {len(part)}, --csv or --json list them all"
        return text
    return f"  {_number(part)}"


def _number(value: Any) -> str:
    import pandas as pd

    if not isinstance(value, tuple) and pd.isna(value):
        return "missing"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
