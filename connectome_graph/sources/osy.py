"""ossify's ``.osy`` files, read without ossify: skeleton, synapse annotations, and their links.

An ``.osy`` file is a tar archive of feather tables, npz arrays and JSON. The classes here hold
the part of an ``ossify.Cell`` that skeletons need, under ossify's own names, so that what reads
an ossify cell reads these too. File versions 1 and 2 are known; they differ in the width of
numbers. A file of another version is left to ossify itself, which may know it.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import UnreadableFile, require

__all__ = ["OsyAnnotations", "OsyCell", "OsyPoints", "OsySkeleton", "read_osy"]

Int = npt.NDArray[np.int64]
_VERSIONS = (1, 2)
_LARGEST = 2 << 30


@dataclass(frozen=True, eq=False)
class OsySkeleton:
    """The skeleton layer: vertices by index, edges between positions, root as a position."""

    nodes: pd.DataFrame
    spatial_columns: list[str]
    edges_positional: Int
    root_positional: int | None

    @property
    def vertices(self) -> npt.NDArray[np.float64]:
        """float64, shape ``(n, 3)``: positions in the file's unit."""
        return self.nodes[self.spatial_columns].to_numpy(dtype=np.float64)

    @property
    def vertex_index(self) -> Int:
        """int64: the name of every vertex."""
        return self.nodes.index.to_numpy()

    @property
    def feature_names(self) -> list[str]:
        """Names of the features of vertices."""
        return [str(name) for name in self.nodes.columns if name not in self.spatial_columns]

    def get_feature(self, name: str) -> npt.NDArray[Any]:
        """Return one feature, a value a vertex."""
        return self.nodes[name].to_numpy()


@dataclass(frozen=True, eq=False)
class OsyPoints:
    """A point annotation, and the skeleton vertex that each of its points is linked to."""

    name: str
    nodes: pd.DataFrame
    spatial_columns: list[str]
    linked: Int

    @property
    def vertices(self) -> npt.NDArray[np.float64]:
        """float64, shape ``(n, 3)``: positions in the file's unit."""
        return self.nodes[self.spatial_columns].to_numpy(dtype=np.float64)

    @property
    def vertex_index(self) -> Int:
        """int64: the name of every point, such as its synapse id."""
        return self.nodes.index.to_numpy()

    def map_index_to_layer(self, layer: str, *, missing: int = -1) -> Int:
        """Return the skeleton vertex of every point, by index; `missing` where there is none."""
        del layer  # the skeleton is the only layer that is read
        return np.where(self.linked < 0, missing, self.linked)


@dataclass(frozen=True, eq=False)
class OsyAnnotations:
    """The point annotations by name."""

    points: Mapping[str, OsyPoints]

    @property
    def names(self) -> list[str]:
        """Names of the annotations."""
        return list(self.points)

    def __getitem__(self, name: str) -> OsyPoints:
        return self.points[name]


@dataclass(frozen=True, eq=False)
class OsyCell:
    """What an ``.osy`` file holds of a cell: its name, meta data, skeleton and annotations."""

    name: int | str
    meta: Mapping[str, Any]
    skeleton: OsySkeleton | None
    annotations: OsyAnnotations


class _UnknownVersionError(Exception):
    """The file has a version that is not known here."""


def read_osy(path: str | Path) -> Any:
    """Return the cell in an ``.osy`` file: an :class:`OsyCell`, or ossify's own ``Cell``.

    Versions 1 and 2 are read here; another version by ossify.

    Raises
    ------
    UnreadableFile
        When the file is missing, truncated, or not an ossify cell.
    MissingDependency
        When the version is not known here and ossify is not installed.
    """
    try:
        with tarfile.open(path, mode="r:*") as archive:
            return _Archive(archive).cell()
    except _UnknownVersionError as unknown:
        return _by_ossify(path, str(unknown))
    except OSError as error:
        raise UnreadableFile(f"{path} could not be read as an ossify cell: {error}") from error
    except (tarfile.TarError, EOFError, KeyError, ValueError, TypeError) as error:
        raise UnreadableFile(
            f"{path} could not be read as an ossify cell ({type(error).__name__}: {error}); is it "
            "whole?"
        ) from error


def _by_ossify(path: str | Path, version: str) -> Any:
    """Return what ossify makes of a file whose version is not known here."""
    purpose = f"{path} (its file version is {version}; versions 1 and 2 are read without it)"
    ossify = require("ossify", extra="skeletons", purpose=purpose)
    try:
        return ossify.load_cell(str(path))
    except Exception as error:  # what a later version of ossify raises is not known
        raise UnreadableFile(
            f"{path} could not be read as an ossify cell: its file version is {version}, and "
            f"ossify {ossify.__version__} failed too ({type(error).__name__}: {error}); a newer "
            "ossify may read it"
        ) from error


class _Archive:
    """The members of an open archive, read when they are asked for."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._members = {member.name: member for member in archive.getmembers()}

    def cell(self) -> OsyCell:
        meta = self.json("metadata.json")
        version = meta["file_version"]
        if int(version) not in _VERSIONS:
            raise _UnknownVersionError(version)
        layers = meta["structure"]["layers"]
        skeleton = self.skeleton() if "skeleton" in layers else None
        names = meta["structure"]["annotations"]
        points = {} if skeleton is None else {name: self.points(name, skeleton) for name in names}
        return OsyCell(meta["name"], meta["meta"], skeleton, OsyAnnotations(points))

    def skeleton(self) -> OsySkeleton:
        meta = self.json("layers/skeleton/meta.json")
        nodes = self.table("layers/skeleton/nodes.feather")
        with np.load(io.BytesIO(self.bytes("layers/skeleton/edges.npz"))) as arrays:
            edges = _exact(arrays["data"]).reshape(-1, 2)
        index = nodes.index
        root = -1 if meta["root"] is None else index.get_indexer(pd.Index([meta["root"]]))[0]
        places = index.get_indexer(pd.Index(edges.ravel())).reshape(-1, 2)
        if (places < 0).any():
            raise ValueError("an edge of its skeleton names a vertex that is not there")
        return OsySkeleton(nodes, meta["spatial_columns"], places, None if root < 0 else int(root))

    def points(self, name: str, skeleton: OsySkeleton) -> OsyPoints:
        meta = self.json(f"annotations/{name}/meta.json")
        nodes = self.table(f"annotations/{name}/nodes.feather")
        linked = nodes.index.to_numpy()
        for here, there in self._way(name):
            linked = _followed(linked, self.links[frozenset((here, there))], here, there)
        linked = np.where(np.isin(linked, skeleton.vertex_index), linked, -1)
        return OsyPoints(name, nodes, meta["spatial_columns"], linked)

    def _way(self, name: str) -> list[tuple[str, str]]:
        """Return the shortest way of links from an annotation to the skeleton."""
        came: dict[str, str] = {name: name}
        queue = deque([name])
        while queue:
            here = queue.popleft()
            for pair in self.links:
                if here in pair:
                    (there,) = pair - {here} or {here}
                    if there not in came:
                        came[there] = here
                        queue.append(there)
        if "skeleton" not in came:
            raise ValueError(f"its annotation {name!r} is not linked to the skeleton")
        way = ["skeleton"]
        while way[-1] != name:
            way.append(came[way[-1]])
        return list(zip(way[:0:-1], way[-2::-1], strict=True))

    @cached_property
    def links(self) -> dict[frozenset[str], pd.DataFrame]:
        """Every linkage table, by the pair of layers it joins."""
        found = {}
        for member in self._members:
            parts = member.split("/")
            if parts[0] == "linkage" and parts[-1] == "linkage.feather":
                found[frozenset(parts[1:3])] = self.table(member)
        return found

    def bytes(self, name: str) -> bytes:
        member = self._members[name]
        if member.size > _LARGEST:
            raise ValueError(f"its part {name} is larger than {_LARGEST:,} bytes")
        part = self._archive.extractfile(member)
        content = b"" if part is None else part.read()
        if len(content) != member.size:
            raise ValueError(f"its part {name} is cut off")
        return content

    def json(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.bytes(name))
        return content

    def table(self, name: str) -> pd.DataFrame:
        """Return a feather table; its ids are integers and stay so."""
        import pyarrow as pa

        with pa.ipc.open_file(pa.BufferReader(self.bytes(name))) as reader:
            frame: pd.DataFrame = reader.read_all().to_pandas()
        frame.index = pd.Index(_exact(frame.index.to_numpy()), name=frame.index.name)
        return frame


def _followed(ids: Int, table: pd.DataFrame, here: str, there: str) -> Int:
    """Return where a link table leads each id to, -1 where it names none.

    One layer of a link has each of its ids once; from the other side a link is not single.
    """
    keys = pd.Index(_exact(table[here].to_numpy()))
    if keys.has_duplicates:
        raise ValueError(f"its link from {here!r} to {there!r} leads to more than one place")
    place = keys.get_indexer(pd.Index(ids))
    values = _exact(table[there].to_numpy())
    return np.where(place < 0, -1, values[place]) if len(values) else np.full(len(ids), -1)


def _exact(values: npt.NDArray[Any]) -> Int:
    """Return ids as int64; floats, which may have lost digits, are refused."""
    if values.dtype.kind not in "iu":
        raise TypeError(f"its ids have dtype {values.dtype}, and integers are needed")
    if values.dtype.kind == "u" and len(values) and values.max() > np.iinfo(np.int64).max:
        raise ValueError(f"its id {values.max()} does not fit int64")
    return values.astype(np.int64)
