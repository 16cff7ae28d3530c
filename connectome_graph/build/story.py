"""What was read and what became of it: the sentences of the doors, for the provenance.

Every door tells its own story: a function of the facts that the assembler counted, which returns
one step or more. No door changes a sentence of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from connectome_graph.model.provenance import Provenance, Step

__all__ = ["Story", "file_names", "read", "told"]

Facts: TypeAlias = Mapping[str, Any]
Story: TypeAlias = Callable[[Facts], Iterable[Step]]


def told(history: Provenance, steps: Iterable[Step]) -> Provenance:
    """Return the history with steps added, their facts kept as JSON types."""
    for step in steps:
        history = history.then(step.verb, step.sentence, **step.facts)
    return history


def file_names(**tables: Any) -> dict[str, str]:
    """Return the file names of tables given as paths, without their folders."""
    return {
        f"{name}_file": Path(table).name
        for name, table in tables.items()
        if isinstance(table, str | Path)
    }


def read(facts: Facts, *, noun: str = "synapse") -> str:
    """Return what was read and what became of it, as one sentence; `noun` is what a row is.

    Examples
    --------
    >>> read({"n_synapse_rows": 1, "n_neuron_rows": 2}, noun="edge")
    '1 edge row and 2 neuron rows were read.'
    """

    def rows(key: str, name: str) -> str:
        return f"{facts[key]:,} {name} row{'' if facts[key] == 1 else 's'}"

    parts = [f"{rows('n_synapse_rows', noun)} and {rows('n_neuron_rows', 'neuron')} were read"]
    for key, name, text in (
        ("n_missing_or_zero_ids", "neuron", "with a missing or zero id {} dropped"),
        ("n_duplicate_id_rows", "neuron", "with a repeated id {} dropped"),
        ("n_dropped_unknown", noun, "with a partner outside the neuron table {} dropped"),
    ):
        if facts.get(key):
            parts.append(f"{rows(key, name)} {text.format('was' if facts[key] == 1 else 'were')}")
    if facts.get("count_column"):
        parts.append(f"the column {facts['count_column']!r} is the number of synapses of each row")
    if facts.get("n_added_neurons"):
        parts.append(f"{facts['n_added_neurons']:,} partners were added as neurons")
    if facts.get("n_autapse_rows"):
        fate = "kept outside the domain" if facts["autapses"] == "keep" else "dropped"
        verb = "was" if facts["n_autapse_rows"] == 1 else "were"
        parts.append(f"{rows('n_autapse_rows', 'autapse')} {verb} {fate}")
    if "synapse_positions" in facts:
        parts.append(f"synapse positions: {facts['synapse_positions']}")
    return "; ".join(parts) + "."
