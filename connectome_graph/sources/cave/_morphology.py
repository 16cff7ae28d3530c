"""Skeletons and their synapses: a neuron's shape, and the vertex each of its synapses lies on.

Everything is asked for at the moment of the session's version, under the same guards as tables:
skeletons by root id, synapses proven by count, and the level 2 chunk of each synapse's
supervoxel, by which a skeleton knows its vertex. What is known of a neuron is kept in two files
of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Progress
from connectome_graph.border.progress import bar
from connectome_graph.errors import ConnectomeError, RemoteError, UnknownName
from connectome_graph.model.columns import get_column
from connectome_graph.sources.cave._answers import BrokenAnswer
from connectome_graph.sources.cave._cache import CacheFolder
from connectome_graph.sources.cave._flat import flat_skeleton
from connectome_graph.sources.cave._ids import Ids, server_roots
from connectome_graph.sources.cave._query import Query
from connectome_graph.sources.cave._roots import current
from connectome_graph.sources.cave._session import Session
from connectome_graph.sources.cave._synapses import bases_of, clean_rows, synapse_query

__all__ = ["Morphology", "morphologies"]

_SERVICE_VERSION = 4
_TIMES = 3
_MOST_SUPERVOXELS = 100_000
_ENDS = {"pre": "pre_pt_root_id", "post": "post_pt_root_id"}
_SUPERVOXELS = {"pre": "pre_pt_supervoxel_id", "post": "post_pt_supervoxel_id"}


@dataclass(frozen=True)
class Morphology:
    """A neuron's skeleton in nm, and its synapses.

    Parameters
    ----------
    arrays
        ``vertices`` (n, 3), ``edges`` (m, 2), ``root``, and ``radius`` and ``compartment`` where
        there are any.
    inputs, outputs
        One row per synapse: ``synapse_id``, ``pre``, ``post``, ``vertex`` (-1 where it lies on
        none), ``size``, ``x_um y_um z_um`` in the dataset's own axes. None where the skeleton
        has no level 2 chunks to place them by.
    """

    arrays: dict[str, npt.NDArray[Any]]
    inputs: pd.DataFrame | None
    outputs: pd.DataFrame | None


def morphologies(
    session: Session, ids: Sequence[int], *, batch_size: int, progress: Progress
) -> Iterator[tuple[int, Morphology | ConnectomeError]]:
    """Yield the skeleton and synapses of each neuron, or why there are none.

    Parameters
    ----------
    session
        The datastack at its version.
    ids
        Root ids.
    batch_size
        Neurons whose skeletons are asked for at once.
    progress
        Whether to draw a bar; None draws it where someone watches.

    Raises
    ------
    RemoteError
        When the server fails for longer than the patience of the options.
    """
    folder = session.folder.below("neurons")
    missing = [root for root in ids if _kept(folder, root) is None]
    failures: dict[int, ConnectomeError] = {}
    with bar(progress=progress, total=len(missing), desc="skeletons", unit="cell") as shown:
        for first in range(0, len(missing), batch_size):
            batch = missing[first : first + batch_size]
            with session.connection.fetching():
                if session.stack.flat_skeletons is not None:
                    failures |= _flat(session, batch, folder)
                else:
                    failures |= _served(session, batch, folder)
            shown.update(len(batch))
    for root in ids:
        yield root, failures.get(root) or _kept(folder, root) or _lost(root)


def _lost(root: int) -> ConnectomeError:
    return RemoteError(f"what was kept of neuron {root} is gone from the cache; ask again")


# ---------------------------------------------------------------- on disk
def _kept(folder: CacheFolder, root: int) -> Morphology | None:
    """Return what is kept of a neuron, or None when it is not all there."""
    arrays = folder.read_arrays(f"{root}")
    sites = folder.read_frame(f"{root}")
    if arrays is None or sites is None or not {"vertices", "edges", "root"} <= set(arrays):
        return None
    if "side" not in sites.columns:
        return Morphology(arrays, None, None)
    rows = {
        side: sites[sites["side"] == side].drop(columns="side").reset_index(drop=True)
        for side in ("pre", "post")
    }
    return Morphology(arrays, rows["post"], rows["pre"])


def _keep(
    folder: CacheFolder, root: int, arrays: dict[str, Any], sites: dict[str, pd.DataFrame] | None
) -> None:
    both = pd.DataFrame()
    if sites is not None:
        both = pd.concat(
            [rows.assign(side=side) for side, rows in sites.items()], ignore_index=True
        )
    folder.write_arrays(f"{root}", arrays)
    folder.write_frame(f"{root}", both)


# ---------------------------------------------------------------- from flat files
def _flat(session: Session, batch: list[int], folder: CacheFolder) -> dict[int, ConnectomeError]:
    failures: dict[int, ConnectomeError] = {}
    address = str(session.stack.flat_skeletons).format(version=session.version)
    for root in batch:
        arrays = flat_skeleton(session, address, root)
        if arrays is None:
            failures[root] = UnknownName(f"{address} has no skeleton of neuron {root}")
        else:
            _keep(folder, root, arrays, None)
    return failures


# ---------------------------------------------------------------- from the skeleton service
def _served(session: Session, batch: list[int], folder: CacheFolder) -> dict[int, ConnectomeError]:
    """Fetch and keep what is served of some neurons; return why there is nothing of others."""
    failures: dict[int, ConnectomeError] = {}
    there = current(session, np.array(batch, dtype=np.int64))
    for root, is_there in zip(batch, there, strict=True):
        if not is_there:
            failures[root] = UnknownName(
                f"neuron {root} is no root of {session.datastack} version {session.version} "
                f"({session.timestamp}); cave.latest_ids([{root}], datastack=session) tells what "
                f"it became"
            )
    roots = [root for root in batch if root not in failures]
    skeletons = _skeletons(session, roots)
    for root in roots:
        if root not in skeletons:
            failures[root] = UnknownName(
                f"neuron {root} has no skeleton at {session.stack.server} yet; "
                f"CAVEclient.skeleton.generate_bulk_skeletons_async asks for one"
            )
    if not skeletons:
        return failures
    found = np.array(sorted(skeletons), dtype=np.int64)
    sites = {side: _sites(session, found, side) for side in ("pre", "post")}
    level2 = _level2(session, sites)
    placed = _placed(skeletons, sites, level2)
    # so few places are more often an answer to another question than a true one
    if not _mostly(placed) and not level2.equals(_level2(session, sites)):
        raise RemoteError(
            f"{session.stack.server} gave two different answers to which chunks of the "
            f"segmentation {len(level2):,} supervoxels lie in; nothing is placed"
        )
    for root in skeletons:
        arrays = {
            name: values for name, values in skeletons[root].items() if name not in _LEVEL2_NAMES
        }
        own = {
            side: rows[rows["cell"] == root].drop(columns="cell") for side, rows in placed.items()
        }
        _keep(folder, root, arrays, own)
    return failures


_LEVEL2_NAMES = ("lvl2_ids", "mesh_to_skel_map")


def _skeletons(session: Session, roots: list[int]) -> dict[int, dict[str, npt.NDArray[Any]]]:
    """Return the skeletons that the service has; what a list lacks is asked for again."""
    found: dict[int, dict[str, npt.NDArray[Any]]] = {}
    for _ in range(_TIMES):
        missing = [root for root in roots if root not in found]
        if not missing:
            break

        def ask(client: Any, wanted: list[int] = missing) -> dict[int, dict[str, Any]]:
            answer = client.skeleton.fetch_skeletons(
                wanted, skeleton_version=_SERVICE_VERSION, output_format="dict", method="server"
            )
            return {
                int(root): _checked(int(root), skeleton, wanted)
                for root, skeleton in answer.items()
            }

        found |= session.connection.call(ask, what=f"fetching {len(missing)} skeletons")
    return found


def _checked(root: int, skeleton: Any, wanted: list[int]) -> dict[str, npt.NDArray[Any]]:
    """Return a skeleton as arrays.

    Raises
    ------
    BrokenAnswer
        When it is that of a neuron nobody asked for, or its arrays do not fit each other.
    """
    if root not in wanted:
        raise BrokenAnswer(f"a skeleton of neuron {root} came, which nobody asked for")
    meta = skeleton.get("meta") or {}
    if int(meta.get("root_id") or root) != root:
        raise BrokenAnswer(f"the skeleton under {root} is that of neuron {meta['root_id']}")
    arrays = {
        "vertices": np.asarray(skeleton["vertices"], dtype=np.float64).reshape(-1, 3),
        "edges": np.asarray(skeleton["edges"], dtype=np.int64).reshape(-1, 2),
        "root": np.array(-1 if skeleton.get("root") is None else int(skeleton["root"])),
        "lvl2_ids": np.asarray(skeleton["lvl2_ids"], dtype=np.uint64).astype(np.int64),
        "mesh_to_skel_map": np.asarray(skeleton["mesh_to_skel_map"], dtype=np.int64),
    }
    n = len(arrays["vertices"])
    for name in ("radius", "compartment"):
        if skeleton.get(name) is not None:
            arrays[name] = np.asarray(skeleton[name], dtype=np.float64)
            if arrays[name].shape != (n,):
                raise BrokenAnswer(f"{name} of the skeleton of {root} is not one number per vertex")
    edges, onto = arrays["edges"], arrays["mesh_to_skel_map"]
    fits = (
        n > 0
        and np.isfinite(arrays["vertices"]).all()
        and len(onto) == len(arrays["lvl2_ids"])
        and (not len(onto) or (onto.min() >= 0 and onto.max() < n))
        and (not len(edges) or (edges.min() >= 0 and edges.max() < n))
        and int(arrays["root"]) < n
    )
    if not fits:
        raise BrokenAnswer(f"the arrays of the skeleton of {root} do not fit each other")
    return arrays


# ---------------------------------------------------------------- synapses and their places
def _sites(session: Session, roots: Ids, side: str) -> pd.DataFrame:
    """Return the synapses on one side of some neurons, with the supervoxel on that side.

    Those that :func:`connectome_graph.from_cave` has fetched already come from the cache.
    """
    whole = synapse_query(session)
    columns = whole.columns
    if columns is not None:
        extra = [name for name in (*_ENDS.values(), *_SUPERVOXELS.values()) if name not in columns]
        columns = (*columns, *extra)
    query = Query(whole.name, whole.kind, ids_column=_ENDS[side], columns=columns)
    chunk = session.options.chunk_size or session.stack.chunk
    frame = session.asked(query, ids=roots, chunk=chunk).frame
    needed = [name for name in (*_ENDS.values(), _SUPERVOXELS[side]) if name not in frame.columns]
    if needed:
        raise RemoteError(
            f"{session.datastack}: {query.kind} {query.name!r} has no {' or '.join(needed)}, by "
            f"which a synapse is placed on a skeleton"
        )
    supervoxels = np.zeros(len(frame), dtype=np.int64)
    if len(frame):
        supervoxels = server_roots(get_column(frame, _SUPERVOXELS[side]), name=_SUPERVOXELS[side])
    # the row number goes through the cleaning, which leaves out rows
    rows, _ = clean_rows(
        frame.assign(row=np.arange(len(frame))), bases_of(session), session, "native"
    )
    rows["supervoxel"] = supervoxels[rows.pop("row").to_numpy(dtype=np.int64)]
    rows["cell"] = rows[side]
    return rows


def _level2(session: Session, sites: dict[str, pd.DataFrame]) -> pd.Series[Any]:
    """Return the level 2 chunk of every supervoxel, at the moment of the version."""
    every = [rows["supervoxel"].to_numpy(dtype=np.int64) for rows in sites.values()]
    supervoxels = np.unique(np.concatenate(every))
    supervoxels = supervoxels[supervoxels > 0]
    moment, found = session.release.moment, [np.empty(0, np.int64)]
    for first in range(0, len(supervoxels), _MOST_SUPERVOXELS):
        part = supervoxels[first : first + _MOST_SUPERVOXELS]

        def ask(client: Any, part: Ids = part) -> Ids:
            chunks = client.chunkedgraph.get_roots(part, timestamp=moment, stop_layer=2)
            if np.shape(chunks) != part.shape:
                raise BrokenAnswer(f"{np.size(chunks):,} chunks came for {len(part):,} supervoxels")
            return np.asarray(chunks).astype(np.int64)

        found.append(session.connection.call(ask, what="looking up the chunks of synapses"))
    return pd.Series(np.concatenate(found), index=supervoxels)


def _placed(
    skeletons: dict[int, dict[str, npt.NDArray[Any]]],
    sites: dict[str, pd.DataFrame],
    level2: pd.Series[Any],
) -> dict[str, pd.DataFrame]:
    """Return the synapses with the vertex each lies on, -1 where it lies on none."""
    placed = {}
    for side, rows in sites.items():
        at = level2.index.get_indexer(pd.Index(rows["supervoxel"]))
        chunk = np.append(level2.to_numpy(dtype=np.int64), 0)[at]
        vertex = np.full(len(rows), -1, dtype=np.int64)
        for root, skeleton in skeletons.items():
            own = np.flatnonzero((rows["cell"] == root).to_numpy())
            index = pd.Index(skeleton["lvl2_ids"])
            place = index[~index.duplicated()].get_indexer(pd.Index(chunk[own]))
            onto = skeleton["mesh_to_skel_map"][~index.duplicated()]
            vertex[own] = np.where(place >= 0, np.append(onto, -1)[place], -1)
        placed[side] = rows.drop(columns="supervoxel").assign(vertex=vertex)
    return placed


def _mostly(placed: dict[str, pd.DataFrame]) -> bool:
    on_a_vertex = np.concatenate([rows["vertex"].to_numpy() >= 0 for rows in placed.values()])
    return bool(on_a_vertex.mean() >= 0.5) if len(on_a_vertex) else True
