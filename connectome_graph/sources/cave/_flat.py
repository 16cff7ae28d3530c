"""Skeletons as flat files: the binary format of Neuroglancer, one file per neuron.

The format is that of Neuroglancer's precomputed skeletons: counts of vertices and edges, the
vertices, the edges, and the attributes that the folder's ``info`` names.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._answers import BrokenAnswer
from connectome_graph.sources.cave._session import Session

__all__ = ["decoded", "flat_skeleton"]

_COUNTS = 8
_UNMOVED = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]


def flat_skeleton(session: Session, address: str, root: int) -> dict[str, npt.NDArray[Any]] | None:
    """Return a neuron's skeleton from a folder of flat files, or None when it has none.

    Its root is its thickest vertex, or its first where it has no radii: the files do not name
    one.

    Raises
    ------
    RemoteError
        When the folder cannot be read.
    """
    folder = session.folder.below("flat-skeletons")
    info = folder.read_json("info")
    if info is None:
        body = session.connection.download(f"{address}/info", what=f"reading {address}/info")
        info = _info(body, address)
        folder.write_json("info", info)

    def read(body: bytes) -> dict[str, npt.NDArray[Any]]:
        return decoded(body, info, owner=f"skeleton {root}")

    what = f"fetching the skeleton of neuron {root}"
    return session.connection.download(f"{address}/{root}", what=what, read=read)


def _info(body: bytes | None, address: str) -> dict[str, Any]:
    try:
        info = json.loads(body or b"")
    except ValueError:
        info = None
    if not isinstance(info, dict) or info.get("@type") != "neuroglancer_skeletons":
        raise RemoteError(f"{address} is no folder of Neuroglancer skeletons")
    if info.get("sharding"):
        raise RemoteError(f"{address} keeps many skeletons in one file, which is not read here")
    return info


def decoded(body: bytes, info: dict[str, Any], *, owner: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a skeleton file: ``vertices`` in nm, ``edges``, ``root``, ``radius``.

    Parameters
    ----------
    body
        The file.
    info
        The folder's own description of its files.
    owner
        Whose skeleton it is, for the message.

    Raises
    ------
    BrokenAnswer
        When the file is not as long as its counts say, or an edge leads nowhere.

    Examples
    --------
    >>> body = np.array([2, 1], "<u4").tobytes() + np.zeros(6, "<f4").tobytes()
    >>> body += np.array([0, 1], "<u4").tobytes()
    >>> decoded(body, {}, owner="a skeleton")["edges"].tolist()
    [[0, 1]]
    """
    attributes = [
        (str(each["id"]), np.dtype(each["data_type"]).newbyteorder("<"), each["num_components"])
        for each in info.get("vertex_attributes") or []
    ]
    if len(body) < _COUNTS:
        raise BrokenAnswer(f"the file of {owner} is too short to be one")
    n, m = (int(count) for count in np.frombuffer(body, "<u4", count=2))
    sizes = [kind.itemsize * width * n for _, kind, width in attributes]
    if len(body) != _COUNTS + 12 * n + 8 * m + sum(sizes) or not n:
        raise BrokenAnswer(f"the file of {owner} is not as long as its counts say")
    vertices = np.frombuffer(body, "<f4", count=3 * n, offset=_COUNTS).reshape(n, 3)
    edges = np.frombuffer(body, "<u4", count=2 * m, offset=_COUNTS + 12 * n).reshape(m, 2)
    if m and edges.max() >= n:
        raise BrokenAnswer(f"an edge of {owner} leads to a vertex that it does not have")
    move = np.asarray(info.get("transform") or _UNMOVED, dtype=np.float64).reshape(3, 4)
    found: dict[str, npt.NDArray[Any]] = {
        "vertices": vertices.astype(np.float64) @ move[:, :3].T + move[:, 3],
        "edges": edges.astype(np.int64),
        "root": np.array(0),
    }
    at = _COUNTS + 12 * n + 8 * m
    for (name, kind, width), size in zip(attributes, sizes, strict=True):
        if name == "radius" and width == 1:
            radius = np.frombuffer(body, kind, count=n, offset=at).astype(np.float64)
            found |= {"radius": radius, "root": np.array(int(np.nanargmax(radius)))}
        at += size
    return found
