"""``connectome-graph synthesize``: the tables of a generated V1 column, as files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
from connectome_graph.cli._results import AsCsv, AsJson, Overwrite, facts_as

__all__ = ["TableFormat", "synthesize"]


class TableFormat(StrEnum):
    """Formats the two tables can be written in."""

    parquet = "parquet"
    feather = "feather"
    csv = "csv"


def synthesize(  # noqa: PLR0917 - typer reads the options from the signature
    folder: Annotated[Path, typer.Argument(help="Where neurons and synapses are written.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same tables.")] = 0,
    scale: Annotated[
        float, typer.Option(help="Multiplies the 146,711 synapses; 0.01 to 200.")
    ] = 1.0,
    table_format: Annotated[
        TableFormat, typer.Option("--format", help="How the tables are written.")
    ] = TableFormat.parquet,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write the neuron and synapse tables of a generated V1 column. They are not data."""
    from connectome_graph.sources.synthetic import synthetic_tables

    if scale > 3:
        print(f"generating {round(146_711 * scale):,} synapses ...", file=sys.stderr)
    neurons, synapses = synthetic_tables(seed=seed, scale=scale)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        name: _write(table, folder / f"{name}.{table_format}", table_format, overwrite=overwrite)
        for name, table in (("neurons", neurons.reset_index()), ("synapses", synapses))
    }
    facts = {
        "generated": True,
        "seed": seed,
        "scale": scale,
        "n_neurons": len(neurons),
        "n_synapses": len(synapses),
        **{name: str(path) for name, path in paths.items()},
    }
    if facts_as(facts, as_json=as_json, as_csv=as_csv):
        return
    print(f"{len(neurons):,} generated neurons: {paths['neurons']}")
    print(f"{len(synapses):,} generated synapses: {paths['synapses']}")


def _write(frame: pd.DataFrame, path: Path, table_format: TableFormat, *, overwrite: bool) -> Path:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.feather
    import pyarrow.parquet

    from connectome_graph.border.replaced import replacing_own, table_of

    writers: dict[TableFormat, Callable[[pa.Table, str], Any]] = {
        TableFormat.parquet: pyarrow.parquet.write_table,
        TableFormat.feather: pyarrow.feather.write_feather,
        TableFormat.csv: pyarrow.csv.write_csv,
    }
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    if table_format is TableFormat.csv:
        # The CSV writer knows no dictionaries; text says the same.
        plain = [pa.field(f.name, _plain(f.type)) for f in table.schema]
        table = table.cast(pa.schema(plain))
    own = table_of(table.column_names)
    with replacing_own(path, own=own, what="such table", overwrite=overwrite) as temporary:
        writers[table_format](table, str(temporary))
    return path


def _plain(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind
