"""The table of layouts: which columns say what a file of a release is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["HEADERLESS", "LAYOUTS", "Layout", "best_layout"]


@dataclass(frozen=True)
class Layout:
    """What one kind of file of a release looks like.

    Attributes
    ----------
    kind
        The family: ``flywire``, ``neuprint``, ``sjcabs``, ...
    role
        What the file is in it; readers ask for files by role.
    columns
        Columns that all have to be there; a pattern where it begins with ``^``.
    detail
        0 for tables of neurons. Of several views of the same synapses the one with the highest
        number is read.
    name
        A pattern that the file's name has to match as well.
    """

    kind: str
    role: str
    columns: tuple[str, ...]
    detail: int = 0
    name: str = ""

    def fits(self, columns: Iterable[str], name: str) -> bool:
        """Return whether a file of these columns and this name is one.

        Examples
        --------
        >>> Layout("x", "y", ("pre", "^post_")).fits(["pre", "post_id", "more"], "a.csv")
        True
        """
        held = [column.strip() for column in columns]
        return all(_is_held(each, held) for each in self.columns) and bool(
            re.search(self.name, name.lower())
        )


def _is_held(wanted: str, held: list[str]) -> bool:
    if wanted.startswith("^"):
        return any(re.fullmatch(wanted[1:] + ".*", column) for column in held)
    return wanted in held


_FLYWIRE = "flywire"
_NEUPRINT = "neuprint"
_SJCABS = "sjcabs"
_WORM = "worm"
_CAVE = "cave-dump"

#: Every layout that is known. The one that needs most columns wins.
LAYOUTS: tuple[Layout, ...] = (
    # FlyWire: Codex, Zenodo, and the annotations
    Layout(_FLYWIRE, "connections", ("pre_root_id", "post_root_id", "neuropil", "syn_count"), 1),
    Layout(
        _FLYWIRE, "connections", ("pre_pt_root_id", "post_pt_root_id", "neuropil", "syn_count"), 1
    ),
    Layout(
        _FLYWIRE,
        "synapses",
        ("pre_x", "ctr_x", "post_x", "^pre_root_id_", "^post_root_id_", "neuropil"),
        2,
    ),
    Layout(
        _FLYWIRE,
        "synapses",
        ("pre_pt_root_id", "post_pt_root_id", "cleft_score", "post_pt_position_x"),
        2,
    ),
    Layout(_FLYWIRE, "neurons", ("root_id", "group", "nt_type", "nt_type_score")),
    Layout(_FLYWIRE, "classification", ("root_id", "flow", "super_class", "side")),
    Layout(_FLYWIRE, "cell types", ("root_id", "primary_type")),
    Layout(_FLYWIRE, "cell statistics", ("root_id", "length_nm", "area_nm", "size_nm")),
    Layout(_FLYWIRE, "names", ("root_id", "name", "group")),
    Layout(_FLYWIRE, "tags", ("root_id", "connectivity_tag")),
    Layout(_FLYWIRE, "visual types", ("root_id", "type", "family", "subsystem")),
    Layout(_FLYWIRE, "labels", ("root_id", "label", "user_id")),
    Layout(_FLYWIRE, "coordinates", ("root_id", "position", "supervoxel_id")),
    Layout(_FLYWIRE, "annotations", ("root_id", "super_class", "cell_class", "top_nt", "side")),
    Layout(_FLYWIRE, "root ids", ("ids of an array",), name=r"root_ids"),
    # the leaky integrate-and-fire model of Shiu et al.
    Layout(
        "shiu",
        "connections",
        ("Presynaptic_ID", "Postsynaptic_ID", "Connectivity", "Excitatory"),
        1,
    ),
    Layout("shiu", "neurons", ("Completed",), name="completeness"),
    # neuPrint: hemibrain, MANC, male CNS, optic lobe, and what neuprint-python returns
    Layout(_NEUPRINT, "connections", ("bodyId_pre", "bodyId_post", "weight"), 1),
    Layout(_NEUPRINT, "connections", ("bodyId_pre", "bodyId_post", "roi", "weight"), 2),
    Layout(_NEUPRINT, "connections", ("body_pre", "body_post", "weight"), 1),
    Layout(_NEUPRINT, "synapses", ("x_pre", "x_post", "body_pre", "body_post", "conf_pre"), 3),
    Layout(
        _NEUPRINT,
        "synapses",
        ("bodyId_pre", "bodyId_post", "x_pre", "x_post", "confidence_pre", "confidence_post"),
        3,
    ),
    Layout(_NEUPRINT, "neurons", ("bodyId", "type")),
    Layout(_NEUPRINT, "annotations", ("bodyId", "type", "superclass")),
    Layout(_NEUPRINT, "transmitters", ("body", "predicted_nt")),
    Layout(_NEUPRINT, "counts by region", ("bodyId", "roi", "pre", "post")),
    # SJCABS: BANC and the other flies in one format
    Layout(_SJCABS, "connections", ("pre", "post", "count", "norm"), 1),
    Layout(_SJCABS, "connections", ("pre", "pre_label", "post", "post_label", "count", "norm"), 2),
    Layout(_SJCABS, "synapses", ("pre", "post", "x", "y", "z", "connector_id"), 3),
    Layout(_SJCABS, "neurons", (r"^(banc|fafb|manc|malecns|hemibrain)_\w+_id$", "super_class")),
    # worms
    Layout(_WORM, "connections", ("pre", "post", "type", "synapses"), 1),
    Layout(_WORM, "edge list", ("Source", "Target", "Weight", "Type"), 1),
    Layout(_WORM, "matrices", ("sheets of a workbook",), 1),
    # other edge lists
    Layout("edge-list", "connections", ("pre", "post", "weight"), 1),
    Layout("edge-list", "connections", ("pre", "post", "weight", "roi"), 2),
    Layout("edge-list", "connections", ("source", "target", "weight"), 1),
    Layout("edge-list", "connections", ("From Node ID", "To Node Id", "Weight"), 1),
    Layout("edge-list", "connections", ("From Node ID", "To Node ID", "Weight"), 1),
    Layout("edge-list", "headerless", ("three columns without names",), 1),
    # CAVE's static dumps; the names of their columns stand in a file of their own
    Layout(_CAVE, "synapses", ("pre_pt_root_id", "post_pt_root_id", "ctr_pt_position_x"), 2),
    Layout(_CAVE, "connections", ("pre_pt_root_id", "post_pt_root_id", "n_syn"), 1),
    Layout(_CAVE, "proofreading", ("pt_root_id", "status_axon", "status_dendrite")),
    Layout(_CAVE, "cells", ("pt_root_id", "cell_type")),
    Layout(_CAVE, "nuclei", ("pt_root_id", "volume")),
    # SONATA
    Layout("sonata", "edges", ("edges of an h5 file",), 1),
    Layout("sonata", "node types", ("node_type_id",)),
)

#: File names whose table has no header, and the columns it then has.
HEADERLESS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"no_threshold_connections",
        ("pre_root_id", "post_root_id", "neuropil", "syn_count", "nt_type"),
    ),
)


def best_layout(columns: Iterable[str], name: str, *, kind: str | None = None) -> Layout | None:
    """Return the layout that needs most of these columns; None when no layout fits.

    Examples
    --------
    >>> best_layout(["bodyId_pre", "bodyId_post", "roi", "weight"], "a.csv").detail
    2
    """
    held = list(columns)
    fitting = [
        layout
        for layout in LAYOUTS
        if (kind is None or layout.kind == kind) and layout.fits(held, name)
    ]
    return max(fitting, key=lambda layout: len(layout.columns), default=None)
