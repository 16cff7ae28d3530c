"""Neurons of the Drosophila larva as JSON, one file per neuron: nodes, topology, connectors.

The format is the one published with Gerhard et al. (2017): a CATMAID skeleton in nanometres,
the sites where it gives and receives synapses, and *connector* ids that join an output site
of one neuron to the input sites of others. Reading gives plain tables in micrometres; joining
several neurons by their connectors gives a synapse table.

References
----------
Gerhard, Andrade, Fetter, Cardona, Schneider-Mizell (2017). Conserved neural circuit structure
across Drosophila larval development revealed by comparative connectomics. eLife 6:e29089.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidTable, UnreadableFile

__all__ = ["LarvalNeuron", "join_connectors", "read_neuron"]

_NM_PER_UM = 1000.0
_COORDINATES = ["x_um", "y_um", "z_um"]


@dataclass(frozen=True, eq=False)
class LarvalNeuron:
    """One neuron of a larval JSON file, as tables. Lengths are in micrometres.

    Parameters
    ----------
    root_id
        The neuron's id.
    name
        The neuron's name, which holds its cell type, segment and side (``"A02n a1l"``).
    nodes
        A row per skeleton node: ``node_id`` (int64), ``x_um y_um z_um``, ``is_dendrite`` (bool).
    edges
        A row per skeleton edge: ``child`` and ``parent``, node ids (int64).
    inputs
        A row per synapse received: ``connector_id``, ``node_id`` (int64), ``x_um y_um z_um`` of
        the connector.
    outputs
        A row per output site: the columns of `inputs` and ``n_targets``, the number of
        postsynaptic partners in the whole animal.
    soma
        Node id of the soma, or None where the reconstruction has none (sensory axons).
    twig_bases
        Node ids (int64) where twigs, the branches without microtubules, begin.
    """

    root_id: int
    name: str
    nodes: pd.DataFrame
    edges: pd.DataFrame
    inputs: pd.DataFrame
    outputs: pd.DataFrame
    soma: int | None
    twig_bases: npt.NDArray[np.int64]


def read_neuron(path: str | Path) -> LarvalNeuron:
    """Return the neuron in a larval JSON file as tables, nanometres turned into micrometres.

    Parameters
    ----------
    path
        A JSON file with one object named ``neuron``.

    Raises
    ------
    UnreadableFile
        When the file is missing, truncated, or not JSON.
    InvalidTable
        When a part of the neuron is missing, or its rows are not what the format says.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> neuron = {
    ...     "name": "A02n a1l",
    ...     "id": 7,
    ...     "nodes": [[1, 0, 0, 0, 0], [2, 1000, 0, 0, 1]],
    ...     "topology": [[2, 1]],
    ...     "syns_in": [[9, 1000, 50, 0, 2]],
    ...     "syns_out": [],
    ...     "soma": 1,
    ...     "twig_base": [],
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "neuron.json")
    ...     _ = path.write_text(json.dumps({"neuron": neuron}))
    ...     read_neuron(path).nodes
       node_id  x_um  y_um  z_um  is_dendrite
    0        1   0.0   0.0   0.0        False
    1        2   1.0   0.0   0.0         True
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnreadableFile(f"{path} could not be read as larval JSON: {error}") from error
    record = document.get("neuron") if isinstance(document, dict) else None
    if not isinstance(record, dict):
        raise InvalidTable(f"{path} holds no object named 'neuron'; is it a larval JSON file?")
    try:
        return _neuron(record)
    except KeyError as error:
        raise InvalidTable(
            f"{path}: the neuron has no {error.args[0]!r}; the format needs id, name, nodes, "
            "topology, syns_in, syns_out, soma and twig_base"
        ) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidTable(f"{path}: {error}") from error


def join_connectors(neurons: Iterable[LarvalNeuron]) -> pd.DataFrame:
    """Return the synapses among neurons: every input site joined to its output site.

    Parameters
    ----------
    neurons
        The neurons. Input sites whose connector is an output of none of them are left out:
        their presynaptic neuron is not here.

    Returns
    -------
    pandas.DataFrame
        ``pre``, ``post`` (int64 root ids), ``connector_id``, ``pre_node``, ``post_node`` (int64),
        ``x_um y_um z_um`` of the connector. A row is one contact; (connector_id, post_node) is
        unique in the format. Sorted by (pre, post, connector_id, post_node).

    Raises
    ------
    InvalidTable
        When two neurons share an id, or one connector is an output of two sites.
    """
    cells = list(neurons)
    ids = pd.Series([cell.root_id for cell in cells], dtype="int64")
    if ids.duplicated().any():
        twice = ids[ids.duplicated()].iloc[0]
        raise InvalidTable(f"neuron {twice} is given twice; give each neuron once")
    inputs = _stack([(cell.root_id, cell.inputs) for cell in cells], "post", "post_node")
    outputs = _stack([(cell.root_id, cell.outputs) for cell in cells], "pre", "pre_node")
    shared = outputs.loc[outputs["connector_id"].duplicated(), "connector_id"]
    if len(shared):
        raise InvalidTable(
            f"connector {shared.iloc[0]} is an output of more than one site; "
            "a connector has one presynaptic site"
        )
    joined = inputs.merge(outputs[["connector_id", "pre", "pre_node"]], on="connector_id")
    columns = ["pre", "post", "connector_id", "pre_node", "post_node", *_COORDINATES]
    return joined[columns].sort_values(columns[:5], ignore_index=True)


def _stack(tables: list[tuple[int, pd.DataFrame]], owner: str, node: str) -> pd.DataFrame:
    """Return the site tables under each other, with their neuron's id as `owner`."""
    columns = ["connector_id", "node_id", *_COORDINATES]
    rows = [table[columns].assign(**{owner: np.int64(root_id)}) for root_id, table in tables]
    stacked = pd.concat(rows, ignore_index=True) if rows else _empty_sites().assign(**{owner: []})
    return stacked.rename(columns={"node_id": node}).astype({owner: "int64"})


def _empty_sites() -> pd.DataFrame:
    return _sites([], width=5, part="syns_in")


def _neuron(record: Mapping[str, Any]) -> LarvalNeuron:
    nodes = _integers(record["nodes"], width=5, part="nodes")
    edges = _integers(record["topology"], width=2, part="topology")
    table = pd.DataFrame({"node_id": nodes[:, 0]})
    table[_COORDINATES] = nodes[:, 1:4] / _NM_PER_UM
    table["is_dendrite"] = nodes[:, 4] != 0
    if table["node_id"].duplicated().any():
        twice = table.loc[table["node_id"].duplicated(), "node_id"].iloc[0]
        raise ValueError(f"node {twice} appears twice among the nodes")
    neuron = LarvalNeuron(
        root_id=_integer(record["id"], part="id"),
        name=str(record["name"]),
        nodes=table,
        edges=pd.DataFrame({"child": edges[:, 0], "parent": edges[:, 1]}),
        inputs=_sites(record["syns_in"], width=5, part="syns_in"),
        outputs=_sites(record["syns_out"], width=6, part="syns_out"),
        soma=None if _is_null(record["soma"]) else _integer(record["soma"], part="soma"),
        twig_bases=_twig_bases(record["twig_base"]),
    )
    _check_nodes(neuron)
    return neuron


def _check_nodes(neuron: LarvalNeuron) -> None:
    """Raise when a part names a node that the skeleton does not have."""
    known = neuron.nodes["node_id"].to_numpy()
    soma = np.array([] if neuron.soma is None else [neuron.soma], dtype=np.int64)
    parts = {
        "topology": neuron.edges.to_numpy().ravel(),
        "syns_in": neuron.inputs["node_id"].to_numpy(),
        "syns_out": neuron.outputs["node_id"].to_numpy(),
        "soma": soma,
        "twig_base": neuron.twig_bases,
    }
    for part, nodes in parts.items():
        strange = nodes[~np.isin(nodes, known)]
        if len(strange):
            raise ValueError(
                f"{part} names {len(strange)} nodes that are not among the {len(known)} nodes "
                f"(first: {strange[0]})"
            )


def _sites(rows: Any, *, width: int, part: str) -> pd.DataFrame:
    values = _integers(rows, width=width, part=part)
    table = pd.DataFrame({"connector_id": values[:, 0], "node_id": values[:, 4]})
    table[_COORDINATES] = values[:, 1:4] / _NM_PER_UM
    if width == 6:
        table["n_targets"] = values[:, 5]
    return table


def _twig_bases(value: Any) -> npt.NDArray[np.int64]:
    if _is_null(value):
        return np.empty(0, dtype=np.int64)
    rows = value if isinstance(value, list) else [value]
    flat = [row[0] if isinstance(row, list) and len(row) == 1 else row for row in rows]
    return np.array([_integer(row, part="twig_base") for row in flat], dtype=np.int64)


def _is_null(value: Any) -> bool:
    """Return whether a value is the format's way of saying "none": null or an empty JData array."""
    if isinstance(value, Mapping):
        return value.get("_ArrayData_") is None
    return value is None or value == []


def _integer(value: Any, *, part: str) -> int:
    """Return one id, which must be an integer in the file: a float may have lost its digits."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{part} is {value!r}; an integer id is needed")
    return value


def _integers(rows: Any, *, width: int, part: str) -> npt.NDArray[np.int64]:
    """Return the rows of a part as an int64 array of the given width."""
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise TypeError(f"{part} is a {type(rows).__name__}; a list of rows is needed")
    if rows and not isinstance(rows[0], list):
        rows = [rows]  # the exporter writes a single row without its outer brackets
    for position, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            raise ValueError(f"row {position} of {part} is {row!r}; {width} values are needed")
        if not all(isinstance(value, int) for value in row):
            raise TypeError(f"row {position} of {part} is {row!r}; integers are needed")
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)
