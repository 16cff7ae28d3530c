"""The registry: what the library knows about six CAVE datastacks.

An entry is a starting point, not a promise. Names are checked against the server's own lists at
the pinned version, and every field can be replaced: ``datastack("v1dd_public",
targets=("my_table",))``. What was confirmed, and from what kind of source, is in ``docs/cave.md``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.sources.cave._datastack import Cells, Datastack, Labels, Pairs, Proofreading

__all__ = ["DATASTACKS", "datastack"]

_DAF = "https://global.daf-apis.com"
_MICRONS_TERMS = f"{_DAF}/sticky_auth/api/v1/tos/2/accept"
_BROAD = {
    "excitatory_neuron": "excitatory",
    "inhibitory_neuron": "inhibitory",
    "excitatory": "excitatory",
    "inhibitory": "inhibitory",
}


_AIBS_TYPES = Cells(
    "aibs_metamodel_celltypes_v661",
    rename={"classification_system": "broad_type"},
    relabel={"broad_type": _BROAD},
)
_V1DD_TYPES = Cells(
    "cell_type_multifeature_v1",
    rename={"classification_system": "broad_type"},
    relabel={"broad_type": _BROAD},
)
#: With the supervoxels of both ends, by which skeletons place a synapse without asking again.
_SYNAPSE_COLUMNS = (
    "id",
    "pre_pt_root_id",
    "post_pt_root_id",
    "size",
    "ctr_pt_position",
    "pre_pt_supervoxel_id",
    "post_pt_supervoxel_id",
)
_FLY_SYSTEMS = {"super_class": "broad_type", "cell_class": "cell_class", "cell_type": "cell_type"}

_ENTRIES = (
    Datastack(
        name="minnie65_public",
        cells=(Cells("aibs_cell_info", kind="view", relabel={"broad_type": _BROAD}), _AIBS_TYPES),
        column="allen_v1_column_types_slanted_ref",
        coregistration=("coregistration_manual_v4",),
        proofreading=(Proofreading("proofreading_status_and_strategy"),),
        synapse_columns=_SYNAPSE_COLUMNS,
        targets=("synapse_target_predictions_ssa_v2", "synapse_target_predictions_ssa"),
        targets_since={
            "synapse_target_predictions_ssa_v2": 1718,
            "synapse_target_predictions_ssa": 1300,
        },
        resolution_nm=(4.0, 4.0, 40.0),
        transform="minnie65",
        row_limit=500_000,
        long_lived=(117, 943, 1300),
        terms=_MICRONS_TERMS,
        notes="Versions before 1300 have no target predictions.",
    ),
    Datastack(
        name="v1dd_public",
        server="https://global.em.brain.allentech.org",
        cells=(Cells("nucleus_alternative_lookup", kind="view"), _V1DD_TYPES),
        types=_V1DD_TYPES,
        coregistration=("functional_coregistration_manual_2",),
        proofreading=(Proofreading("proofreading_status_and_strategy"),),
        synapse_columns=_SYNAPSE_COLUMNS,
        targets=("synapse_target_predictions_ssa",),
        resolution_nm=(9.0, 9.0, 45.0),
        transform="v1dd",
        long_lived=(1196,),
        notes=(
            "The view of all 207,455 nuclei is the table of cells; its types are those of the "
            "neurons. The synapse table is at 9.7 x 9.7 x 45 nm."
        ),
    ),
    Datastack(
        name="flywire_fafb_public",
        cells=(Cells("proofread_neurons"),),
        labels=Labels("hierarchical_neuron_annotations", _FLY_SYSTEMS),
        proofreading=(
            Proofreading("proofread_neurons", rule="listed", axon_trust=1, dendrite_trust=1),
        ),
        synapses=("view", "valid_synapses_nt_np_v6"),
        synapse_position="pre_pt_position",
        pairs=Pairs("valid_connection_v2"),
        resolution_nm=(4.0, 4.0, 40.0),
        row_limit=500_000,
        flat_skeletons="https://storage.googleapis.com/flywire_v141_m{version}/skeletons_mip_1",
        long_lived=(630, 783),
        notes=(
            "Its synapses have scores instead of sizes and no spine, shaft or soma tags. No "
            "service computes its skeletons: those of version 783 are flat files."
        ),
    ),
    Datastack(
        name="brain_and_nerve_cord_public",
        cells=(Cells("cell_representative_point"),),
        labels=Labels("codex_annotations", _FLY_SYSTEMS),
        proofreading=(
            Proofreading(
                "backbone_proofread",
                rule="listed",
                flag="proofread",
                axon_trust=1,
                dendrite_trust=1,
            ),
        ),
        synapse_position=None,
        resolution_nm=(4.0, 4.0, 45.0),
        long_lived=(626, 888),
        notes=(
            "The public copy of brain_and_nerve_cord, whose live datastack is for members. Its "
            "server cuts no answer at a row limit."
        ),
    ),
    Datastack(
        name="fanc_production_mar2021",
        cells=(
            Cells("cell_ids_v2", cell_id="user_id"),
            Cells("cell_ids", cell_id="user_id"),
            Cells("nucleus_mar2022"),
        ),
        proofreading=(
            Proofreading("proofread_first_pass", rule="listed", axon_trust=1, dendrite_trust=1),
            Proofreading("proofread_second_pass", rule="listed", axon_trust=2, dendrite_trust=2),
        ),
        synapse_position=None,
        resolution_nm=(4.3, 4.3, 45.0),
        long_lived=(840, 1116),
        notes=(
            "Access is for members of the FANC community; its annotations are free-form tags. The "
            "id of a cell that stays is 'user_id' of its table of cells; nuclei are in "
            "'nucleus_mar2022'."
        ),
    ),
    Datastack(
        name="h01_c3_flat",
        server="https://global.brain-wire-test.org",
        cells=(Cells("cells"),),
        proofreading=(Proofreading("proofreading_status_test"),),
        synapse_position=None,
        resolution_nm=(8.0, 8.0, 33.0),
        long_lived=(1054,),
        notes=(
            "Access is granted on request. Published scripts pin version 1054; its table of "
            "proofread cells holds a single neuron."
        ),
    ),
)

DATASTACKS: Mapping[str, Datastack] = {entry.name: entry for entry in _ENTRIES}


def datastack(name: str | Datastack, **overrides: Any) -> Datastack:
    """Return a registered datastack, with any of its fields replaced.

    Parameters
    ----------
    name
        A registered name, or an entry of your own.
    **overrides
        Fields of :class:`Datastack`.

    Raises
    ------
    UnknownName
        When no datastack of that name is registered.
    InvalidArgument
        When a field does not exist.

    Examples
    --------
    >>> datastack("minnie65_public").resolution_nm
    (4.0, 4.0, 40.0)
    >>> datastack("minnie65_public", server="https://cave.example.org").server
    'https://cave.example.org'
    >>> datastack("minnie_public")
    Traceback (most recent call last):
        ...
    connectome_graph.errors.UnknownName: no datastack 'minnie_public' is registered. Did you mean \
'minnie65_public'? Registered: minnie65_public, v1dd_public, flywire_fafb_public, \
brain_and_nerve_cord_public, fanc_production_mar2021, h01_c3_flat. For another one pass a \
Datastack(name=..., server=..., cells=...).
    """
    if isinstance(name, Datastack):
        entry = name
    elif name in DATASTACKS:
        entry = DATASTACKS[name]
    else:
        raise UnknownName(
            f"no datastack {name!r} is registered.{did_you_mean(name, DATASTACKS)} Registered: "
            f"{', '.join(DATASTACKS)}. For another one pass a "
            f"Datastack(name=..., server=..., cells=...)."
        )
    known = {each.name for each in dataclasses.fields(Datastack)}
    for key in overrides:
        if key not in known:
            raise InvalidArgument(
                f"a datastack has no field {key!r}.{did_you_mean(key, known)} "
                f"Fields: {', '.join(sorted(known))}"
            )
    entry = dataclasses.replace(entry, **overrides) if overrides else entry
    return dataclasses.replace(entry, server=entry.server.rstrip("/"))
