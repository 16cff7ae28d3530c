"""MICrONS phase 1, mouse V1 layer 2/3: synapses among proofread pyramidal cells.

In the cell table ``soma_y_nm`` and ``soma_z_nm`` are wrong in every row: they hold the x of
``pt_position`` times 4 and 40. Positions are therefore taken from ``pt_position``, text
``"[x y z]"`` in voxels of 4 x 4 x 40 nm, and the three ``soma_*_nm`` columns are left out.

References
----------
Dorkenwald, Turner, Macrina et al. (2022). Binary and analog variation of synapses between
cortical pyramidal neurons. eLife 11:e76120.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from connectome_graph.sources.files import read_table
from connectome_graph.sources.published.tables import PublishedTables

__all__ = ["VOXEL_NM", "read"]

#: Size of a voxel, in nm.
VOXEL_NM = (4.0, 4.0, 40.0)

_BROAD_TYPE = {"e": "excitatory", "i": "inhibitory", "g": "glia"}
_SYNAPSES = {
    "id": "synapse_id",
    "pre_root_id": "pre",
    "post_root_id": "post",
    "cleft_vx": "size",
    "spine_vol_um3": "spine_volume_um3",
    "ctr_pt_x_nm": "x_nm",
    "ctr_pt_y_nm": "y_nm",
    "ctr_pt_z_nm": "z_nm",
}


def read(paths: dict[str, Path], variant: str) -> PublishedTables:  # noqa: ARG001
    """Return the synapse and the cell table; the domain is the pyramidal cells."""
    synapses = read_table(paths["soma_subgraph_synapses_spines_v185.csv"])
    cells = read_table(paths["soma_valence_v185.csv"])
    broad = [_BROAD_TYPE.get(code, code) for code in cells.column("cell_type").to_pylist()]
    neurons = pa.table(
        {
            "root_id": cells.column("pt_root_id"),
            "nucleus_id": cells.column("id"),
            "cell_type": cells.column("cell_type"),
            "broad_type": pa.array(broad, pa.string()),
            "pt_position": cells.column("pt_position"),
        }
    )
    return PublishedTables(
        synapses=synapses.select(list(_SYNAPSES)).rename_columns(list(_SYNAPSES.values())),
        neurons=neurons,
        sources="broad_type == 'excitatory'",
        targets="broad_type == 'excitatory'",
        policy="pyramidal cells",
        # Six glia share three root ids: two nuclei in one segment.
        invalid_neurons="drop",
        resolution_nm=VOXEL_NM,
        note="Most axons leave the volume of 250 x 140 x 90 um, so an absent edge says little.",
    )
