"""The segmentation routes: which root ids are current, and what became of the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from cave_server.tables import as_json

if TYPE_CHECKING:
    from cave_server.server import LoopbackCave

Answer = tuple[int, str, bytes, dict[str, str]]


def _leaves(cave: LoopbackCave, root: int) -> list[int]:
    """Return made-up chunk ids of a root: the first piece of a split keeps three of four."""
    pieces = cave.successors.get(root, [root])
    return [piece * 10 + k for i, piece in enumerate(pieces) for k in range(3 if i == 0 else 1)]


def answer(cave: LoopbackCave, path: str, raw: bytes, body: dict[str, Any]) -> Answer:
    """Answer a request below ``/segmentation/``."""
    if path == "api/versions":
        return as_json([0, 1])
    if path == "api/version":
        return as_json("3.0.5")
    if re.fullmatch(r"table/[^/]+/info", path):
        return as_json({"graph": {"n_layers": 12}, "scales": [{"resolution": [8, 8, 40]}]})
    if path.endswith("/is_latest_roots"):
        return as_json({"is_latest": [int(i) in cave.current_roots for i in body["node_ids"]]})
    if found := re.fullmatch(r".*/node/(\d+)/leaves", path):
        root = int(found[1])
        if root not in cave.current_roots and root not in cave.successors:
            return as_json({"message": f"{root} is not a root"}, 400)
        return as_json({"leaf_ids": _leaves(cave, root)})
    if path.endswith("/roots_binary"):
        chunks = np.frombuffer(raw, dtype=np.uint64)
        return 200, "application/octet-stream", (chunks // np.uint64(10)).tobytes(), {}
    return as_json({"message": f"no route for {path}"}, 404)
