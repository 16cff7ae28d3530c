"""Fetched tables on disk: a pinned version never changes, so nothing is asked twice.

One folder per server, datastack, version, table and query; in it one Parquet file per chunk of ids
and, once the server has counted them, a ``proven-*.json`` that names them. Files are written
beside their place and moved there, so a killed fetch leaves whole chunks and resumes after them.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.atomic import replacing
from connectome_graph.errors import UnreadableFile

__all__ = ["CacheFolder", "digest"]

FORMAT = 2


def digest(value: Any) -> str:
    """Return a short name for a JSON-able value: equal values, equal names.

    Examples
    --------
    >>> digest({"a": 1, "b": [2, 3]}) == digest({"b": [2, 3], "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file whole or not at all, making its folder first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            write(beside)
    except OSError as error:
        raise UnreadableFile(
            f"cannot keep fetched tables in {path.parent} ({error}); free some space, or choose "
            f"another folder with FetchOptions(cache_dir=...) or $CONNECTOME_GRAPH_CACHE"
        ) from error


class CacheFolder:
    """A folder of JSON and Parquet files, written whole or not at all.

    Parameters
    ----------
    path
        The folder; made when the first file is written.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = CacheFolder(Path(folder)).below("v1718")
    ...     cache.write_frame("chunk", pd.DataFrame({"id": [864691135000000001]}))
    ...     int(cache.read_frame("chunk")["id"].iloc[0])
    864691135000000001
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def below(self, *names: str) -> CacheFolder:
        """Return the folder of those names inside this one."""
        return CacheFolder(self.path.joinpath(*map(_safe, names)))

    def of_server(self, server: str, datastack: str) -> CacheFolder:
        """Return the folder of a server's datastack."""
        return self.below(f"format-{FORMAT}", urlsplit(server).netloc or server, datastack)

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Return what was kept under `name`, or None when nothing readable was."""
        try:
            found = json.loads((self.path / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a JSON-able mapping."""
        text = json.dumps(dict(value), indent=1, sort_keys=True)
        _whole(self.path / f"{name}.json", lambda at: _write_text(at, text))

    def names(self, pattern: str) -> list[str]:
        """Return the names of the files that match, without their suffix, in order."""
        return sorted(path.name.removesuffix(path.suffix) for path in self.path.glob(pattern))

    def read_frame(self, name: str, *, columns: Sequence[str] | None = None) -> pd.DataFrame | None:
        """Return the table kept under `name`, or None when it is absent or damaged."""
        import pyarrow as pa

        wanted = None if columns is None else list(columns)
        try:
            return pd.read_parquet(self.path / f"{name}.parquet", columns=wanted)
        except (OSError, pa.ArrowException):
            return None

    def rows_of(self, name: str) -> int | None:
        """Return how many rows are kept under `name`, or None when it is absent or damaged."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return int(pq.read_metadata(self.path / f"{name}.parquet").num_rows)
        except (OSError, pa.ArrowException):
            return None

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Keep a table."""
        _whole(
            self.path / f"{name}.parquet",
            lambda at: frame.to_parquet(at, index=False, compression="zstd"),
        )

    def read_arrow(self, name: str) -> pd.DataFrame | None:
        """Return the table kept under `name` by :meth:`write_arrow`, or None when it is damaged."""
        import pyarrow as pa

        try:
            with pa.OSFile(str(self.path / f"{name}.arrow")) as source:
                frame: pd.DataFrame = pa.ipc.open_file(source).read_all().to_pandas()
        except (OSError, pa.ArrowException):
            return None
        return frame

    def read_arrow_column(self, name: str, column: str) -> pd.Series[Any] | None:
        """Return one column of such a table, mapped and not copied: for the moment only.

        Its values change with the file and cannot be written to.
        """
        import pyarrow as pa

        try:
            with pa.memory_map(str(self.path / f"{name}.arrow")) as source:
                table = pa.ipc.open_file(source).read_all().select([column])
            values: pd.Series[Any] = table.to_pandas(split_blocks=True, self_destruct=True)[column]
        except (OSError, pa.ArrowException, KeyError):
            return None
        return values

    def arrow_rows(self, name: str) -> int | None:
        """Return how many rows :meth:`write_arrow` kept, or None when they are not there."""
        import pyarrow as pa

        try:
            with pa.memory_map(str(self.path / f"{name}.arrow")) as source:
                return int(pa.ipc.open_file(source).read_all().num_rows)
        except (OSError, pa.ArrowException):
            return None

    def write_arrow(self, name: str, frame: pd.DataFrame) -> None:
        """Keep a table in Arrow's own format."""
        import pyarrow as pa

        table = pa.Table.from_pandas(frame, preserve_index=False)

        def write(at: Path) -> None:
            with pa.OSFile(str(at), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)

        _whole(self.path / f"{name}.arrow", write)

    def read_arrays(self, name: str) -> dict[str, npt.NDArray[Any]] | None:
        """Return the arrays kept under `name`, or None when they are absent or damaged."""
        try:
            with np.load(self.path / f"{name}.npz", allow_pickle=False) as kept:
                return {key: kept[key] for key in kept.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
            return None

    def write_arrays(self, name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep some arrays by their names."""

        def write(at: Path) -> None:
            with at.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, **dict(arrays))

        _whole(self.path / f"{name}.npz", write)

    def drop_frame(self, name: str) -> None:
        """Forget the table kept under `name`."""
        (self.path / f"{name}.parquet").unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
