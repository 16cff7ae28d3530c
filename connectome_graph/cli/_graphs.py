"""Graphs on the command line: read from a path, written to one, and told in a few lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectome_graph.cli._results import Overwrite, facts_as

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Overwrite", "Weights", "facts", "load", "save", "tell"]

Weights = Annotated[
    list[str] | None,
    typer.Option(
        "--weight",
        help="Write one edge per connection with this weight (again for more); without it one edge "
        "a synapse.",
    ),
]

_TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".pq", ".feather", ".arrow")
_GRAPHS = (".connectome", ".graphml", ".cyjs", ".cx2", ".mtx", *_TABLES)


def load(path: Path) -> ConnectomeGraph:
    """Return the graph in a bundle or GraphML file."""
    from connectome_graph import storage

    return storage.read(path)


def check_output(path: Path, *, inputs: tuple[str | None, ...] = ()) -> str:
    """Return the ending of an output path, before work is spent on what cannot be written.

    Raises
    ------
    InvalidArgument
        When the ending is not known, or the output is one of the inputs.
    UnreadableFile
        When its folder does not exist.
    """
    from connectome_graph.errors import InvalidArgument, UnreadableFile

    name = path.name.lower()
    ending = max((e for e in _GRAPHS if name.endswith(e)), key=len, default="")
    if not ending:
        raise InvalidArgument(
            f"{path.name!r} has no ending that says its format; use one of {', '.join(_GRAPHS)}"
        )
    for given in inputs:
        if given is not None and path.exists() and path.resolve() == Path(given).resolve():
            raise InvalidArgument(f"{path} is read and would be written over; name another output")
    if not path.resolve().parent.is_dir():
        raise UnreadableFile(
            f"{path} cannot be written: the folder {path.parent} does not exist; make it first"
        )
    return ending


def save(
    g: ConnectomeGraph,
    path: Path,
    *,
    weight: list[str] | None = None,
    table: str = "edges",
    overwrite: bool = False,
) -> list[Path]:
    """Write a graph in the format that the ending of `path` names; return the files."""
    from connectome_graph import export, storage
    from connectome_graph.errors import InvalidArgument, choice

    ending = check_output(path)
    if ending == ".connectome":
        return [storage.write(g, path, overwrite=overwrite)]
    if ending == ".graphml":
        return [export.write_graphml(g, path, weight=weight or None, overwrite=overwrite)]
    if ending in (".cyjs", ".cx2"):
        return [export.write_cytoscape(g, path, weight=weight or None, overwrite=overwrite)]
    if ending == ".mtx":
        if weight and len(weight) > 1:
            raise InvalidArgument("a Matrix Market file holds one weight; name one")
        one = (weight or ["count"])[0]
        return list(export.write_matrix_market(g, path, weight=one, overwrite=overwrite))
    choice(table, ("edges", "neurons", "synapses"), name="--table")
    if table == "edges":
        return [export.write_edges(g, path, weight=weight or None, overwrite=overwrite)]
    write = export.write_neurons if table == "neurons" else export.write_synapses
    return [write(g, path, overwrite=overwrite)]


def facts(g: ConnectomeGraph) -> dict[str, Any]:
    """Return the sizes and the domain of a graph as JSON-able types."""
    return {
        "n_neurons": g.n_neurons,
        "n_synapses": g.n_synapses,
        "n_connected_pairs": g.n_edges + g.n_edges_outside + _loops(g),
        "n_autapses": g.n_autapses,
        "n_edges": g.n_edges,
        "n_edges_outside": g.n_edges_outside,
        "domain": g.domain.describe(),
        "neuron_columns": [str(name) for name in g.neurons.columns],
        "synapse_columns": list(g.synapse_columns),
        "provenance": g.provenance.to_dict(),
    }


def _loops(g: ConnectomeGraph) -> int:
    return 0 if g.domain.diagonal else g.n_autapses


def tell(
    g: ConnectomeGraph,
    files: list[Path],
    *,
    as_json: bool = False,
    as_csv: bool = False,
    note: str = "",
) -> None:
    """Print what a graph is and where it was written."""
    said = facts(g)
    shown = {"files": [str(file) for file in files], "note": note, **said}
    if facts_as(shown, as_json=as_json, as_csv=as_csv):
        return
    domain = said["domain"]
    rows = [
        ("neurons", f"{said['n_neurons']:,}"),
        ("synapses", f"{said['n_synapses']:,}"),
        ("connected pairs", f"{said['n_connected_pairs']:,}{_apart(said)}"),
        ("edges", f"{said['n_edges']:,} of {domain['n_pairs']:,} observable ordered pairs"),
        (
            "domain",
            f"{domain['policy']}: {domain['n_sources']:,} sources x {domain['n_targets']:,} "
            "targets, without self-pairs"
            * (not g.domain.diagonal)
            + f"; {g.domain.said}" * (not g.domain.is_rectangle),
        ),
        ("neuron columns", ", ".join(said["neuron_columns"]) or "none"),
        ("synapse columns", ", ".join(said["synapse_columns"]) or "none"),
        ("provenance", str(g.provenance)),
    ]
    for name, text in rows:
        print(f"{name:<16} {text}")
    if note:
        print(note)
    for file in files:
        print(f"written to {file}")


def _apart(said: dict[str, Any]) -> str:
    """Say how many connected pairs are not edges, and why."""
    loops, outside = said["n_autapses"], said["n_edges_outside"]
    parts = [f"{loops:,} autapse{'s' * (loops != 1)}"] if loops else []
    parts += [f"{outside:,} outside the domain"] if outside else []
    return f", less {' and '.join(parts)}" if parts else ""
