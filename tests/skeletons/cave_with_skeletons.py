"""A loopback CAVE that also serves skeletons: the skeleton service, level 2 ids, live queries."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cave_server.materialization import _send
from cave_server.server import LoopbackCave
from cave_server.tables import as_json, matches

TABLE = "loopback_v1"


@dataclass
class SkeletonCave(LoopbackCave):
    """The loopback server with `skeletons` by root and the `level2` id of every supervoxel."""

    skeletons: dict[int, dict[str, Any]] = field(default_factory=dict)
    level2: dict[int, int] = field(default_factory=dict)
    places: dict[int, list[float]] = field(default_factory=dict)
    flat: dict[int, bytes] = field(default_factory=dict)

    def route(self, path: str, query: dict[str, str], raw: bytes) -> Any:
        """Answer what skeletons need; everything else is the plain server's."""
        if found := re.search(r"/flat_m\d+/skeletons/(\w+)$", path):
            return self._flat_file(found[1])
        if found := re.search(r"/skeletoncache/api/(versions?)$", path):
            return as_json("0.24.0" if found[1] == "version" else [-1, 0, 1, 2, 3, 4])
        if path == "/l2cache/api/v1/table_mapping":
            return as_json({TABLE: {"l2cache_id": "loopback", "cv_path": "graphene://loopback"}})
        if path.endswith("/attributes"):
            wanted = json.loads(raw)["l2_ids"]
            return as_json({str(i): {"rep_coord_nm": self.places[int(i)]} for i in wanted})
        if re.search(r"/bulk/get_cached_skeletons/-?\d+/flatdict$", path):
            wanted = [int(i) for i in json.loads(raw)["root_ids"]]
            return as_json(
                {
                    str(i): gzip.compress(json.dumps(self.skeletons[i]).encode()).hex()
                    for i in wanted
                    if i in self.skeletons
                }
            )
        if path.endswith("/roots_binary") and query.get("stop_layer") == "2":
            parts = [self.level2.get(int(i), 0) for i in np.frombuffer(raw, dtype=np.uint64)]
            self.log.append(("POST", path, dict(query)))
            return 200, "application/octet-stream", np.array(parts, np.uint64).tobytes(), {}
        if path.endswith(f"datastack/{self.datastack}/query"):
            body = json.loads(raw)
            self.log.append(("live", path, body))
            table = self.tables[body["table"]]
            rows = matches(table.frame, body, body["table"])
            return _send(self, rows, query, body, table.resolution)
        return super().route(path, query, raw)

    def _flat_file(self, name: str) -> Any:
        if name == "info":
            radius = {"id": "radius", "data_type": "float32", "num_components": 1}
            return as_json({"@type": "neuroglancer_skeletons", "vertex_attributes": [radius]})
        file = self.flat.get(int(name))
        return (200, "application/octet-stream", file, {}) if file else as_json({}, 404)


def served_skeleton(root_id: int, points: np.ndarray, parent: np.ndarray) -> dict[str, Any]:
    """Return what the skeleton service sends; level 2 ids stand one to one for vertices."""
    child = np.flatnonzero(parent >= 0)
    n = len(points)
    return {
        "vertices": points.tolist(),
        "edges": np.column_stack([child, parent[child]]).tolist(),
        "lvl2_ids": [(root_id - 864691135000000000) * 1000 + k for k in range(n)],
        "mesh_to_skel_map": list(range(n)),
        "radius": [100.0] * n,
        "compartment": [1] + [3] * (n - 1),
        "root": 0,
        "meta": {"root_id": root_id, "soma_pt_x": None, "soma_pt_y": None, "soma_pt_z": None},
    }


def flat_file(skeleton: dict[str, Any]) -> bytes:
    """Return a skeleton as a flat file in Neuroglancer's format, with radii."""
    vertices = np.array(skeleton["vertices"], "<f4")
    edges = np.array(skeleton["edges"], "<u4")
    radius = np.array(skeleton["radius"], "<f4")
    radius[0] = 900.0
    counts = np.array([len(vertices), len(edges)], "<u4")
    return b"".join(part.tobytes() for part in (counts, vertices, edges, radius))
