"""The registry: what the library knows about six CAVE datastacks.

An entry is a starting point, not a promise. Names are checked against the server's own lists at
the pinned version, and every field can be replaced: ``datastack("v1dd_public",
targets=("my_table",))``. What was confirmed, and from what kind of source, is in ``docs/cave.md``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean

__all__ = ["DATASTACKS", "Cells", "Datastack", "Kind", "Labels", "Proofreading", "datastack"]

#: What a server keeps rows in.
Kind = Literal["table", "view"]

_DAF = "https://global.daf-apis.com"
_MICRONS_TERMS = f"{_DAF}/sticky_auth/api/v1/tos/2/accept"
_BROAD = {
    "excitatory_neuron": "excitatory",
    "inhibitory_neuron": "inhibitory",
    "excitatory": "excitatory",
    "inhibitory": "inhibitory",
}


@dataclass(frozen=True)
class Cells:
    """A table or view with one row per cell.

    Parameters
    ----------
    name
        Table or view. A reference table is joined to the table it refers to.
    kind
        Which of the two.
    rename
        Server column -> our column.
    relabel
        Our column -> its values renamed.
    """

    name: str
    kind: Kind = "table"
    rename: Mapping[str, str] = field(default_factory=dict)
    relabel: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Labels:
    """A table with a row for each label of a cell: which system, which value.

    Parameters
    ----------
    name
        The table, a reference to a table of cells.
    systems
        Value of `system_column` -> our column.
    system_column, label_column
        Columns of the system's name and of the label.
    """

    name: str
    systems: Mapping[str, str]
    system_column: str = "classification_system"
    label_column: str = "cell_type"


@dataclass(frozen=True)
class Proofreading:
    """A table of proofread cells, and how trust follows from it.

    Parameters
    ----------
    name
        The table.
    rule
        ``"status"``: columns ``status_*`` and ``strategy_*`` say it for axon and dendrite apart.
        ``"listed"``: being listed gives `axon_trust` and `dendrite_trust`.
    axon_trust, dendrite_trust
        0 none, 1 clean, 2 complete; for the rule ``"listed"``.
    """

    name: str
    rule: Literal["status", "listed"] = "status"
    axon_trust: int = 0
    dendrite_trust: int = 0


@dataclass(frozen=True)
class Datastack:
    """Where a dataset is, what its tables are called, and in which space its positions are.

    Parameters
    ----------
    name, server
        CAVE's name of the datastack, and the global server that knows it.
    cells
        Tables or views of cells, the preferred first; the first that exists is used.
    labels
        A table of labels to add to the cells, or None.
    column, coregistration
        Reference tables to the nuclei: membership gives ``is_column`` and ``coreg``.
    proofreading
        Tables of proofread cells; the highest trust counts.
    synapses
        ``(kind, name)`` of the synapse source, or None for the table the server names itself.
    synapse_columns
        Columns asked of it, None for all; the positions are in `synapse_position`.
    targets
        Tables of postsynaptic targets (tag, value, target_id), the preferred first.
    resolution_nm
        Voxel size, nm per axis; stated for the reader, since positions are asked for in nm.
    transform
        The space of standard-transform for this dataset, or None.
    row_limit
        The server's row limit where it is known. An unknown limit is found out by counting.
    chunk
        Root ids in one synapse request.
    terms
        Where the terms of use are accepted, if a public source says so.
    notes
        What the reader of a message should know about this dataset.
    """

    name: str
    server: str = _DAF
    cells: tuple[Cells, ...] = ()
    labels: Labels | None = None
    column: str | None = None
    coregistration: tuple[str, ...] = ()
    proofreading: tuple[Proofreading, ...] = ()
    synapses: tuple[Kind, str] | None = None
    synapse_columns: tuple[str, ...] | None = None
    synapse_position: str | None = "ctr_pt_position"
    targets: tuple[str, ...] = ()
    resolution_nm: tuple[float, float, float] | None = None
    transform: Literal["minnie65", "v1dd"] | None = None
    row_limit: int | None = None
    chunk: int = 20
    terms: str | None = None
    notes: str = ""

    def lacks(self, what: str, field_name: str) -> InvalidArgument:
        """Return the error for asking this dataset for something it does not have.

        Parameters
        ----------
        what
            What was asked for, in words.
        field_name
            The field of the entry that would name it.
        """
        note = f" {self.notes}" if self.notes else ""
        return InvalidArgument(
            f"{self.name} has no {what} that the library knows of.{note} If your server has one, "
            f"name it: datastack({self.name!r}, {field_name}=...)"
        )


_AIBS_TYPES = Cells(
    "aibs_metamodel_celltypes_v661",
    rename={"classification_system": "broad_type"},
    relabel={"broad_type": _BROAD},
)
_SYNAPSE_COLUMNS = ("id", "pre_pt_root_id", "post_pt_root_id", "size", "ctr_pt_position")

_ENTRIES = (
    Datastack(
        name="minnie65_public",
        cells=(Cells("aibs_cell_info", kind="view", relabel={"broad_type": _BROAD}), _AIBS_TYPES),
        column="allen_v1_column_types_slanted_ref",
        coregistration=("coregistration_manual_v4",),
        proofreading=(Proofreading("proofreading_status_and_strategy"),),
        synapse_columns=_SYNAPSE_COLUMNS,
        targets=("synapse_target_predictions_ssa_v2", "synapse_target_predictions_ssa"),
        resolution_nm=(4.0, 4.0, 40.0),
        transform="minnie65",
        row_limit=500_000,
        terms=_MICRONS_TERMS,
        notes="Versions before 1300 have no target predictions.",
    ),
    Datastack(
        name="v1dd_public",
        server="https://global.em.brain.allentech.org",
        cells=(
            Cells(
                "cell_type_multifeature_v1",
                rename={"classification_system": "broad_type"},
                relabel={"broad_type": _BROAD},
            ),
        ),
        coregistration=("functional_coregistration_manual_2",),
        proofreading=(Proofreading("proofreading_status_and_strategy"),),
        synapse_columns=_SYNAPSE_COLUMNS,
        targets=("synapse_target_predictions_ssa",),
        resolution_nm=(9.0, 9.0, 45.0),
        transform="v1dd",
        notes="Its cell-type table holds neurons only; the synapse table is at 9.7 x 9.7 x 45 nm.",
    ),
    Datastack(
        name="flywire_fafb_public",
        cells=(Cells("proofread_neurons"),),
        labels=Labels(
            "hierarchical_neuron_annotations",
            {"super_class": "broad_type", "cell_class": "cell_class", "cell_type": "cell_type"},
        ),
        proofreading=(
            Proofreading("proofread_neurons", rule="listed", axon_trust=1, dendrite_trust=1),
        ),
        synapses=("view", "valid_synapses_nt_np_v6"),
        synapse_position="pre_pt_position",
        resolution_nm=(4.0, 4.0, 40.0),
        row_limit=500_000,
        notes="Its synapses have scores instead of sizes and no spine, shaft or soma tags.",
    ),
    Datastack(
        name="brain_and_nerve_cord",
        cells=(Cells("cell_representative_point"),),
        labels=Labels(
            "codex_annotations",
            {"super_class": "broad_type", "cell_class": "cell_class", "cell_type": "cell_type"},
        ),
        proofreading=(
            Proofreading("backbone_proofread", rule="listed", axon_trust=1, dendrite_trust=1),
        ),
        synapse_position=None,
        resolution_nm=(4.0, 4.0, 45.0),
        notes="The released data are also served as brain_and_nerve_cord_public.",
    ),
    Datastack(
        name="fanc_production_mar2021",
        cells=(Cells("cell_ids_v2"), Cells("cell_ids")),
        proofreading=(
            Proofreading("proofread_first_pass", rule="listed", axon_trust=1, dendrite_trust=1),
            Proofreading("proofread_second_pass", rule="listed", axon_trust=2, dendrite_trust=2),
        ),
        synapse_position=None,
        resolution_nm=(4.3, 4.3, 45.0),
        notes="Access is for members of the FANC community; its annotations are free-form tags.",
    ),
    Datastack(
        name="h01_c3_flat",
        server="https://global.brain-wire-test.org",
        cells=(Cells("cells"),),
        proofreading=(Proofreading("proofreading_status_test"),),
        synapse_position=None,
        resolution_nm=(8.0, 8.0, 33.0),
        notes="Access is granted on request.",
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
brain_and_nerve_cord, fanc_production_mar2021, h01_c3_flat. For another one pass a \
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
