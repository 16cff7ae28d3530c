"""What a bundle of ours is made of, and which files and folders are one and may be replaced."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from connectome_graph.border.regular import check_regular, open_regular
from connectome_graph.border.replaced import check_place
from connectome_graph.errors import UnreadableFile

__all__ = [
    "FILES",
    "FORMAT",
    "LEFT_OUT",
    "MANIFEST",
    "PAIRS",
    "PARTS",
    "Hashed",
    "check_own_folder",
    "check_replaceable",
    "zip_part",
]

#: The ``format`` field of a manifest.
FORMAT = "connectome_graph bundle"
MANIFEST = "manifest.json"
PARTS = ("neurons.parquet", "synapses.parquet", "domain.parquet")
#: What a bundle holds beside them when only some pairs could have met.
PAIRS = "pairs.parquet"
#: What it holds beside them when verbs have left out inputs of its neurons.
LEFT_OUT = "left_out.parquet"
#: Every file that a bundle may hold.
FILES = (MANIFEST, *PARTS, PAIRS, LEFT_OUT)


class Hashed(io.RawIOBase):
    """A file being written, and the sha256 of what went into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()
        self.n_bytes = 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Write bytes and return their number."""
        view = memoryview(data)
        self.file.write(view)
        self.sha256.update(view)
        self.n_bytes += view.nbytes
        return view.nbytes


def check_replaceable(place: Path, *, overwrite: bool) -> None:
    """Refuse to replace a file that is neither empty nor a bundle of ours.

    Raises
    ------
    UnreadableFile
        When it is something else and `overwrite` is false, or is no regular file.

    Examples
    --------
    >>> check_replaceable(Path(__file__), overwrite=True)
    """
    check_regular(place)
    check_place(place, _is_own_file, "bundle", overwrite=overwrite)


def check_own_folder(place: Path) -> None:
    """Refuse to replace a folder that is neither empty nor a bundle of ours.

    Raises
    ------
    UnreadableFile
        When it is something else.

    Examples
    --------
    >>> check_own_folder(Path(__file__).parent)
    Traceback (most recent call last):
        ...
    connectome_graph.errors.UnreadableFile: the folder ... holds something other than a bundle ...
    """
    if not any(place.iterdir()):
        return
    try:
        with open_regular(place / MANIFEST) as file:
            own = _is_own(file.read())
    except OSError:
        own = False
    if not own:
        raise UnreadableFile(
            f"the folder {place} holds something other than a bundle and is not replaced; name a "
            "new folder"
        )


def _is_own_file(place: Path) -> bool:
    try:
        with zipfile.ZipFile(place) as archive:
            return set(archive.namelist()) <= set(FILES) and _is_own(archive.read(MANIFEST))
    except (OSError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return False


def _is_own(manifest: bytes) -> bool:
    try:
        said = json.loads(manifest)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("format") == FORMAT


@contextlib.contextmanager
def zip_part(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """Give the file of one part of an archive, to be written."""
    # A fixed date: the same graph gives the same file.
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o644 << 16
    with archive.open(entry, "w", force_zip64=True) as file:
        yield file
