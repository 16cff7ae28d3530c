"""What a datastack is: where it is, what its tables are called, which space it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectome_graph.errors import InvalidArgument

__all__ = ["Cells", "Datastack", "Kind", "Labels", "Pairs", "Proofreading"]

#: What a server keeps rows in.
Kind = Literal["table", "view"]

_DAF = "https://global.daf-apis.com"


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
    cell_id
        The server's column with the id of a cell that stays through every edit; None for the id
        of the row, or of the row it refers to.
    """

    name: str
    kind: Kind = "table"
    cell_id: str | None = None
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
    flag
        A boolean column that has to be true for an entry to count, or None; for the rule
        ``"listed"``.
    strategies
        Proofreading strategy -> trust, for the rule ``"status"``; what is not named here is as
        in :data:`connectome_graph.policies.STRATEGIES`.
    """

    name: str
    rule: Literal["status", "listed"] = "status"
    axon_trust: int = 0
    dendrite_trust: int = 0
    flag: str | None = None
    strategies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pairs:
    """A view with a row for each connected pair of neurons.

    Parameters
    ----------
    name
        The view.
    count
        Its column with the number of synapses.
    pre, post
        Its columns with the two root ids.
    """

    name: str
    count: str = "n_syn"
    pre: str = "pre_pt_root_id"
    post: str = "post_pt_root_id"


@dataclass(frozen=True)
class Datastack:
    """Where a dataset is, what its tables are called, and in which space its positions are.

    Parameters
    ----------
    name, server
        CAVE's name of the datastack, and the global server that knows it.
    cells
        Tables or views of cells. The first is used, and the others only where a call names one.
    types
        A table whose columns are added to the cells, or None.
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
    pairs
        The view of aggregated pairs, or None.
    targets
        Tables of postsynaptic targets (tag, value, target_id), the newest first.
    targets_since
        The first version that has each of them; none are expected of older versions.
    resolution_nm
        Voxel size, nm per axis; stated for the reader, since positions are asked for in nm.
    transform
        The space of standard-transform for this dataset, or None.
    row_limit
        The server's row limit where it is known. An unknown limit is found out by counting.
    chunk
        Root ids in one synapse request.
    flat_skeletons
        Address of a folder of skeleton files, for a datastack whose skeletons no service
        computes; ``{version}`` stands for the version.
    long_lived
        Versions that are kept for years, or that published work refers to.
    terms
        Where the terms of use are accepted, if a public source says so.
    notes
        What the reader of a message should know about this dataset.
    """

    name: str
    server: str = _DAF
    cells: tuple[Cells, ...] = ()
    types: Cells | None = None
    labels: Labels | None = None
    column: str | None = None
    coregistration: tuple[str, ...] = ()
    proofreading: tuple[Proofreading, ...] = ()
    synapses: tuple[Kind, str] | None = None
    synapse_columns: tuple[str, ...] | None = None
    synapse_position: str | None = "ctr_pt_position"
    pairs: Pairs | None = None
    targets: tuple[str, ...] = ()
    targets_since: Mapping[str, int] = field(default_factory=dict)
    resolution_nm: tuple[float, float, float] | None = None
    transform: Literal["minnie65", "v1dd"] | None = None
    row_limit: int | None = None
    chunk: int = 20
    flat_skeletons: str | None = None
    long_lived: tuple[int, ...] = ()
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

    def targets_at(self, version: int) -> str | None:
        """Return the table of targets that a version is expected to have, or None.

        Examples
        --------
        >>> entry = Datastack("x", targets=("new", "old"), targets_since={"new": 9, "old": 5})
        >>> [entry.targets_at(version) for version in (1, 5, 9)]
        [None, 'old', 'new']
        """
        since = self.targets_since
        return next((name for name in self.targets if version >= since.get(name, 0)), None)

    def example_version(self) -> int:
        """Return a version to show in a message."""
        return self.long_lived[-1] if self.long_lived else 1
