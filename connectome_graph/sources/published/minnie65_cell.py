"""One minnie65 neuron in an ossify ``.osy`` file: its synapse tables, without reading ossify.

An ``.osy`` file is a tar archive of Feather tables and JSON. The synapse tables name the other
side of each synapse by its **supervoxel**, a fragment of a few hundred nanometres, and not by
a neuron: every one of the 3,550 synapses has a supervoxel of its own. The graph is therefore a
star of one neuron and one fragment a synapse, useful for what happens along the neuron and for
nothing that counts partners.

References
----------
MICrONS Consortium (2025). Functional connectomics spanning multiple areas of mouse visual
cortex. Nature 640, 435-447.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather

from connectome_graph.errors import InvalidTable, UnreadableFile
from connectome_graph.sources.published.tables import PublishedTables

__all__ = ["read", "read_synapses"]

_NM_PER_UM = 1000.0
#: Variant -> annotation layer, the neuron's end of its synapses, and the other end.
_SIDES = {"inputs": ("post_syn", "post", "pre"), "outputs": ("pre_syn", "pre", "post")}


def read(paths: dict[str, Path], variant: str) -> PublishedTables:
    """Return the ``"inputs"`` or the ``"outputs"`` of the neuron, and it with its fragments."""
    path = next(path for name, path in paths.items() if name.endswith(".osy"))
    root_id, soma, raw = read_synapses(path, variant=variant)
    _, own, other = _SIDES[variant]
    fragment = raw[f"{other}_pt_supervoxel_id"].to_numpy()
    centre = [f"ctr_pt_position_{axis}" for axis in "xyz"]
    synapses = pd.DataFrame({own: root_id, other: fragment, "synapse_id": raw["id"].to_numpy()})
    synapses = synapses.assign(size=raw["size"].to_numpy())
    synapses[["x_um", "y_um", "z_um"]] = raw[centre].to_numpy(float) / _NM_PER_UM
    far = raw[[f"{other}_pt_position_{axis}" for axis in "xyz"]].to_numpy(float) / _NM_PER_UM
    fragments = pd.DataFrame(far, columns=["x_um", "y_um", "z_um"])
    fragments = fragments.assign(root_id=fragment, kind="supervoxel")
    fragments = fragments.drop_duplicates("root_id")
    cell = pd.DataFrame(
        {
            "root_id": [root_id],
            "kind": ["neuron"],
            "x_um": soma[0],
            "y_um": soma[1],
            "z_um": soma[2],
        }
    )
    order = ["root_id", "kind", "x_um", "y_um", "z_um"]
    neuron, fragment_query = "kind == 'neuron'", "kind == 'supervoxel'"
    return PublishedTables(
        synapses[["pre", "post", "synapse_id", "size", "x_um", "y_um", "z_um"]],
        pd.concat([cell[order], fragments[order]], ignore_index=True),
        sources=neuron if variant == "outputs" else fragment_query,
        targets=fragment_query if variant == "outputs" else neuron,
        policy=f"{variant} of one neuron",
        note="Partners are supervoxels, not neurons: the file does not say whose they are.",
    )


def read_synapses(path: str | Path, *, variant: str) -> tuple[int, list[float], pd.DataFrame]:
    """Return root id, soma (um) and the raw synapse table of the neuron in an ``.osy`` file.

    Parameters
    ----------
    path
        The file.
    variant
        ``"inputs"`` or ``"outputs"``.

    Raises
    ------
    UnreadableFile
        When the file is missing, truncated, or no ``.osy`` archive.
    InvalidTable
        When it holds no such synapse table.
    """
    layer = _SIDES[variant][0]
    try:
        with tarfile.open(path) as archive:
            meta = json.loads(_member(archive, "metadata.json"))
            skeleton = json.loads(_member(archive, "layers/skeleton/meta.json"))
            nodes = _feather(archive, "layers/skeleton/nodes.feather")
            synapses = _feather(archive, f"annotations/{layer}/nodes.feather")
    except KeyError as error:
        raise InvalidTable(
            f"{path} has no {error.args[0]}; a neuron with skeleton and {layer} annotations is "
            "needed"
        ) from error
    except (OSError, tarfile.TarError, ValueError, pa.ArrowException) as error:
        raise UnreadableFile(f"{path} could not be read as an .osy file: {error}") from error
    soma = nodes[skeleton["spatial_columns"]].iloc[skeleton["root"]].to_numpy(float) / _NM_PER_UM
    return int(meta["name"]), soma.tolist(), synapses


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        stream = archive.extractfile(name)
    except KeyError:
        stream = None
    if stream is None:
        raise KeyError(name)
    return stream.read()


def _feather(archive: tarfile.TarFile, name: str) -> pd.DataFrame:
    table: Any = pyarrow.feather.read_table(io.BytesIO(_member(archive, name)))
    # Without the pandas metadata an id that was an index stays a column.
    return table.replace_schema_metadata(None).to_pandas()  # type: ignore[no-any-return]
