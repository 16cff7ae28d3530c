"""BANC and the other flies in the one format of the SJCABS tables: ids are text, positions nm."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidTable
from connectome_graph.sources.releases.choosing import Found, chosen_connections, first_of
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.neurons import NeuronTables, frame_of, sides, transmitters
from connectome_graph.sources.releases.release import Choices, Release, doubles

__all__ = ["read"]

_IDS = re.compile(r"(banc|fafb|manc|malecns|hemibrain)_\w+_id")
_DATASET = re.compile(r"(banc|fafb|manc|malecns|hemibrain)_\d+")


def read(found: Found, choices: Choices) -> Release:
    """Return an edge list, a split edge list or a synapse table, and the neurons of ``*_meta``."""
    release = Release(
        kind="sjcabs", title="BANC and kin (SJCABS tables)", synapses=pa.table({}), neurons=None,
        facts={"licence": "CC BY 4.0", "citation": "Bates et al. (2026)"},
    )  # fmt: skip
    given, layout = chosen_connections(found, choices, release)
    release.neurons = _neurons(found, given, choices, release)
    table = given.read(text=("pre", "post"))
    columns: dict[str, Any] = {
        name: table.column(name) for name in table.column_names if name not in ("x", "y", "z")
    }
    for end in ("pre", "post"):
        columns[end] = _text(table.column(end), f"{end} of {given.name}")
    if layout.detail == 3:
        for axis in "xyz":
            columns[f"{axis}_um"] = pc.divide(doubles(table.column(axis), axis), 1e3)
        release.note("A row is a synapse; positions were given in nm.")
    elif layout.detail == 2:
        release.note("A row is a pair of neurons and the compartments at both ends.")
    names = {"pre_label": "pre_compartment", "post_label": "compartment", "label": "compartment"}
    if layout.detail == 3 and "post_label" in columns:
        names.pop("label")
    release.synapses = pa.table({names.get(name, name): values for name, values in columns.items()})
    return release


def _text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    if pa.types.is_floating(column.type):
        raise InvalidTable(f"ids in {name} are floats ({column.type}); they have lost digits")
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    raise InvalidTable(f"ids in {name} need text; found {kind}")


def _neurons(
    found: Found, connections: Given, choices: Choices, release: Release
) -> pd.DataFrame | None:
    given = first_of(found, "neurons", release, choices)
    if given is None:
        return None
    frame = frame_of(given.read(text=given.columns))
    ids = [str(name) for name in frame.columns if _IDS.fullmatch(str(name))]
    dataset = _DATASET.search(connections.name.lower())
    own = [name for name in ids if dataset is not None and name.startswith(dataset[0])]
    if dataset is not None and not own:
        raise InvalidTable(
            f"{connections.name} is of {dataset[0]} and {given.name} has the ids {', '.join(ids)}; "
            "give the files of one version"
        )
    tables = NeuronTables(release, text_ids=True)
    names = {"neurotransmitter_predicted": "nt_type", "neurotransmitter_score": "nt_type_score"}
    tables.add(given, frame, ids=(own or ids)[0], names=names)
    neurons = tables.frame
    assert neurons is not None
    if "side" in neurons.columns:
        neurons["side"] = sides(neurons["side"])
    if "nt_type" in neurons.columns:
        neurons["nt_type"] = transmitters(neurons["nt_type"])
    for name in ("nt_type_score",):
        if name in neurons.columns:
            neurons[name] = pd.to_numeric(neurons[name], errors="coerce")
    for name in ("proofread", "cropped"):
        if name in neurons.columns:
            neurons[name] = _truth(neurons[name])
    return neurons


def _truth(values: pd.Series) -> pd.Series:
    """Return text ``TRUE`` and ``FALSE`` as booleans; anything else stays missing."""
    text = values.astype("string").str.upper()
    truth = {"TRUE": True, "T": True, "FALSE": False, "F": False}
    return text.map(truth).astype("boolean")
