"""What was read and what became of it, as one sentence for the provenance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["file_names", "sentence"]


def file_names(**tables: Any) -> dict[str, str]:
    """Return the file names of tables given as paths, without their folders."""
    return {
        f"{name}_file": Path(table).name
        for name, table in tables.items()
        if isinstance(table, str | Path)
    }


def sentence(facts: Mapping[str, Any]) -> str:
    """Return what was read and what became of it, as one sentence."""

    def rows(key: str, noun: str) -> str:
        return f"{facts[key]:,} {noun} row{'' if facts[key] == 1 else 's'}"

    parts = [f"{rows('n_synapse_rows', 'synapse')} and {rows('n_neuron_rows', 'neuron')} were read"]
    for key, noun, text in (
        ("n_missing_or_zero_ids", "neuron", "with a missing or zero id {} dropped"),
        ("n_duplicate_id_rows", "neuron", "with a repeated id {} dropped"),
        ("n_dropped_unknown", "synapse", "with a partner outside the neuron table {} dropped"),
    ):
        if facts.get(key):
            parts.append(f"{rows(key, noun)} {text.format('was' if facts[key] == 1 else 'were')}")
    if facts.get("n_added_neurons"):
        parts.append(f"{facts['n_added_neurons']:,} partners were added as neurons")
    if facts.get("n_autapse_rows"):
        fate = "kept outside the domain" if facts["autapses"] == "keep" else "dropped"
        verb = "was" if facts["n_autapse_rows"] == 1 else "were"
        parts.append(f"{rows('n_autapse_rows', 'autapse')} {verb} {fate}")
    if "synapse_positions" in facts:
        parts.append(f"synapse positions: {facts['synapse_positions']}")
    return "; ".join(parts) + "."
