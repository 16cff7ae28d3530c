"""The tables of the MICrONS tutorial for materialization version 1718.

One cell table for the whole volume, and two synapse tables: among the cells of the V1 column,
and every output synapse of the proofread axons.

References
----------
MICrONS Consortium (2025). Functional connectomics spanning multiple areas of mouse visual
cortex. Nature 640, 435-447.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import as_bool, as_numbers, column_names, from_arrow, get_column
from connectome_graph.sources.files import read_table
from connectome_graph.sources.published.tables import PublishedTables

__all__ = ["position_unit_nm", "read"]

_VOXEL_NM = (4.0, 4.0, 40.0)
# The volume lies between these z: in slices of 40 nm, and in nm. The ranges do not meet.
_Z_SLICES = (10_000, 35_000)
_Z_NM = (400_000, 1_400_000)
_NM_PER_UM = 1000.0
_BROAD_TYPES = pa.array(["excitatory", "inhibitory"])
_SYNAPSES = {
    "syn_id": "synapse_id",
    "id": "synapse_id",
    "pre_pt_root_id": "pre",
    "post_pt_root_id": "post",
    "tag": "target",
}


def read(paths: dict[str, Path], variant: str) -> PublishedTables:
    """Return the ``"column"`` or the ``"outputs"`` synapse table with the cells it is about.

    Of the cells, the column keeps those marked ``is_column`` or found in the synapse table; the
    outputs keep the neurons (``broad_type`` excitatory or inhibitory) and every cell that sends.
    Cells carry ``sends``: whether the synapse table has an output of theirs.
    """
    cells = read_table(paths["v1718_cell_info.csv"])
    name = "v1_column" if variant == "column" else "proofread_output"
    synapses = _synapses(read_table(paths[f"v1718_{name}_synapses.feather"]))
    sends = _occurs(cells, synapses, "pre")
    if variant == "column":
        marked = pa.array(as_bool(from_arrow(cells.column("is_column")), name="is_column"))
        kept = pc.or_(pc.or_(marked, sends), _occurs(cells, synapses, "post"))
    else:
        kept = pc.or_(pc.is_in(cells.column("broad_type"), value_set=_BROAD_TYPES), sends)
    neurons = cells.append_column("sends", sends).filter(kept)
    return PublishedTables(
        synapses,
        neurons.rename_columns(["nucleus_id" if n == "id" else n for n in neurons.column_names]),
        sources=None if variant == "column" else "sends",
        policy="all" if variant == "column" else "proofread axons",
        unknown="raise" if variant == "column" else "drop",
        invalid_neurons="drop",
        note="Somata are in um below the pia (y_um), synapses (em_*_um) in um of the images.",
        depth="y",
    )


def _occurs(cells: pa.Table, synapses: pa.Table, end: str) -> pa.ChunkedArray:
    return pc.is_in(cells.column("pt_root_id"), value_set=pc.unique(synapses.column(end)))


def _synapses(table: pa.Table) -> pa.Table:
    """Return the synapse table under the library's names, its positions in um of the images.

    The somata have positions turned and levelled to the pia, in another frame, so those of the
    synapses get names of their own.
    """
    names = column_names(table)
    positions = [name for name in names if name.startswith("ctr_pt_position")]
    renamed = table.drop_columns(positions).rename_columns(
        [_SYNAPSES.get(name, name) for name in names if name not in positions]
    )
    if not positions:
        return renamed
    centres = _centres(table)
    unit = position_unit_nm(centres[:, 2])
    for axis, values in zip("xyz", (centres * unit / _NM_PER_UM).T, strict=True):
        renamed = renamed.append_column(f"em_{axis}_um", pa.array(values))
    return renamed


def _centres(table: pa.Table) -> npt.NDArray[np.float64]:
    """Return the positions of the synapses as stored, shape (n, 3)."""
    if "ctr_pt_position" not in table.column_names:
        split = [f"ctr_pt_position_{axis}" for axis in "xyz"]
        return np.column_stack([as_numbers(get_column(table, name), name=name) for name in split])
    flat = pc.list_flatten(table.column("ctr_pt_position")).to_numpy()
    if len(flat) != 3 * len(table):
        raise InvalidTable(
            f"'ctr_pt_position' holds {len(flat):,} numbers for {len(table):,} synapses; each "
            "needs three"
        )
    return np.asarray(flat, dtype=np.float64).reshape(-1, 3)


def position_unit_nm(z: npt.ArrayLike) -> tuple[float, float, float]:
    """Return the nanometres per unit of minnie65 positions, told by where their z lies.

    The volume spans slices 14,816 to 27,881 of 40 nm, so z in slices and z in nm cannot be
    mistaken for each other.

    Raises
    ------
    InvalidTable
        When z is neither.

    Examples
    --------
    >>> position_unit_nm([21_000, 22_000]), position_unit_nm([840_000])
    ((4.0, 4.0, 40.0), (1.0, 1.0, 1.0))
    """
    middle = float(np.nanmedian(np.asarray(z, dtype=np.float64)))
    if _Z_SLICES[0] <= middle <= _Z_SLICES[1]:
        return _VOXEL_NM
    if _Z_NM[0] <= middle <= _Z_NM[1]:
        return (1.0, 1.0, 1.0)
    raise InvalidTable(
        f"synapse positions have a median z of {middle:,.0f}, which in minnie65 is neither a slice "
        "number nor a number of nanometres"
    )
