"""Registered datasets: their addresses and hashes, and files on this machine that match them.

``registry.toml`` beside this module lists repository, commit, path and hash of every file. A
file is looked for in one folder (inside the package for those that ship with it), downloaded
there if it is not, and checked before its path is handed out: a file whose content is not the
registered one is never read.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from connectome_graph.errors import UnknownName, UnreadableFile, did_you_mean

__all__ = ["VARIABLE", "Dataset", "RemoteFile", "cache_folder", "datasets", "fetch_file", "find"]

#: The environment variable that says which folder holds the datasets.
VARIABLE = "CONNECTOME_GRAPH_DATA"

_ADDRESS = "https://raw.githubusercontent.com/{repository}/{commit}/{path}"
_BLOCK = 1 << 20
_PROGRESS_BYTES = 4_000_000


@dataclass(frozen=True)
class RemoteFile:
    """One file of a dataset.

    Parameters
    ----------
    name
        Its name in the dataset's folder.
    address
        Where it is downloaded from.
    sha256
        SHA-256 of its content, or None where only `git_blob` is known.
    git_blob
        Git's id of the content: the SHA-1 of ``"blob <bytes>"``, a zero byte and the content.
    n_bytes
        Its size, or None where it is not registered.
    variant
        The variant of the dataset that alone needs it; None: every variant does.
    """

    name: str
    address: str
    sha256: str | None
    git_blob: str | None
    n_bytes: int | None
    variant: str | None = None

    def matches(self, path: Path) -> bool:
        """Return whether the file at `path` has the registered content."""
        n_bytes = path.stat().st_size
        if self.n_bytes is not None and n_bytes != self.n_bytes:
            return False
        if self.sha256 is not None:
            return _digest(path, hashlib.sha256()) == self.sha256
        # Git names a blob by its SHA-1: an identity here, not a defence.
        start = hashlib.sha1(b"blob %d\0" % n_bytes, usedforsecurity=False)
        return _digest(path, start) == self.git_blob


@dataclass(frozen=True)
class Dataset:
    """A registered dataset.

    Parameters
    ----------
    name
        The name to load it by.
    folder
        The folder of its files, inside the folder of all datasets.
    title, species, licence, citation
        What it is, whose it is, and what to cite.
    repository, commit
        The GitHub repository and the commit its files are taken from.
    variants
        Variant -> what it holds; the first is the default.
    files
        Its files.
    """

    name: str
    folder: str
    title: str
    species: str
    licence: str
    citation: str
    repository: str
    commit: str
    variants: Mapping[str, str]
    files: tuple[RemoteFile, ...]

    @property
    def shipped(self) -> Path | None:
        """The folder of its files inside this package, for those whose licence lets them ship."""
        folder = Path(__file__).parent / "shipped" / self.folder
        return folder if folder.is_dir() else None

    @property
    def home(self) -> Path:
        """The folder of its files on this machine, whether they are there yet or not."""
        return self.shipped or cache_folder() / self.folder

    def files_for(self, variant: str | None) -> tuple[RemoteFile, ...]:
        """Return the files that a variant needs; None: all of them."""
        return tuple(
            file for file in self.files if variant is None or file.variant in (None, variant)
        )


@functools.cache
def datasets() -> dict[str, Dataset]:
    """Return the registered datasets by name.

    Examples
    --------
    >>> datasets()["microns-l23-v185"].species
    'Mus musculus'
    """
    text = resources.files("connectome_graph.sources").joinpath("registry.toml").read_text("utf-8")
    return {name: _dataset(name, entry) for name, entry in tomllib.loads(text).items()}


def _dataset(name: str, entry: dict[str, Any]) -> Dataset:
    place = {key: entry[key] for key in ("repository", "commit")}
    files = tuple(
        RemoteFile(
            name=file["name"],
            address=_ADDRESS.format(**place, path=file["path"]),
            sha256=file.get("sha256"),
            git_blob=file.get("git_blob"),
            n_bytes=file.get("bytes"),
            variant=file.get("variant"),
        )
        for file in entry.pop("files")
    )
    return Dataset(name=name, files=files, **entry)


def find(name: str) -> Dataset:
    """Return the dataset of that name.

    Raises
    ------
    UnknownName
        When there is none.

    Examples
    --------
    >>> find("celegans-cook2019").folder
    'celegans_cook2019'
    """
    known = datasets()
    if name not in known:
        raise UnknownName(
            f"there is no dataset {name!r}.{did_you_mean(name, known)} "
            f"Registered: {', '.join(known)}"
        )
    return known[name]


def cache_folder() -> Path:
    """Return the folder of the datasets: that of the environment variable, else the user's cache.

    Inside it every dataset has a folder of its own.
    """
    own = os.environ.get(VARIABLE)
    if own:
        return Path(own).expanduser()
    import pooch

    return Path(pooch.os_cache("connectome-graph"))


def fetch_file(dataset: Dataset, file: RemoteFile) -> Path:
    """Return the path of one file, downloaded if it is missing, with the registered content.

    Raises
    ------
    UnreadableFile
        When it is neither there nor can be downloaded, or its content is not the registered one.
    """
    path = dataset.home / file.name
    if not path.is_file():
        _download(dataset, file, path)
    state = path.stat()
    if not _verified(file, path, state.st_size, state.st_mtime_ns):
        raise UnreadableFile(
            f"{path} is not the registered file: {_hash_name(file)} differs from that of "
            f"{file.address}; delete it to download it again, or correct the folder that "
            f"{VARIABLE} names"
        )
    return path


@functools.lru_cache(maxsize=256)
def _verified(file: RemoteFile, path: Path, n_bytes: int, modified_ns: int) -> bool:  # noqa: ARG001
    """Check a file once for each state it is seen in."""
    return file.matches(path)


def _download(dataset: Dataset, file: RemoteFile, path: Path) -> None:
    """Let pooch download beside `path`, check the content, and only then move it into place."""
    import pooch

    files = pooch.create(
        path=path.parent,
        base_url="",
        registry={file.name: None if file.sha256 is None else f"sha256:{file.sha256}"},
        urls={file.name: file.address},
        allow_updates=False,
    )
    try:
        files.fetch(file.name, downloader=_downloader(file))
    except _OtherContentError as error:
        raise UnreadableFile(
            f"{file.address} answered with content whose {_hash_name(file)} is not the "
            f"registered one; nothing was kept at {path}"
        ) from error
    except (OSError, ValueError) as error:
        # Errors of the network are OSErrors too.
        raise UnreadableFile(_absent(dataset, file, path, error)) from error


class _OtherContentError(Exception):
    """A download is not the registered file."""


def _downloader(file: RemoteFile) -> Any:
    """Return the download of a file, which checks what arrived: pooch knows no git blob ids."""
    import pooch

    large = file.n_bytes is None or file.n_bytes > _PROGRESS_BYTES
    download = pooch.HTTPDownloader(progressbar=large and sys.stderr.isatty(), timeout=30)

    def downloaded(address: str, output: str, files: Any) -> None:
        download(address, output, files)
        if not file.matches(Path(output)):
            raise _OtherContentError(address)

    return downloaded


def _absent(dataset: Dataset, file: RemoteFile, path: Path, error: Exception) -> str:
    how = (
        f"the folder {cache_folder()}, which {VARIABLE} names"
        if os.environ.get(VARIABLE)
        else f"the folder {cache_folder()} ({VARIABLE} is not set, so it is your cache folder)"
    )
    return (
        f"dataset {dataset.name!r} needs {file.name}, which is not at {path}, and downloading "
        f"{file.address} failed ({type(error).__name__}: {_first_line(error)}). "
        f"Datasets are looked for in {how}. Connect to the network, or put the file there, or "
        f"set {VARIABLE} to a folder that holds {dataset.folder}/{file.name}"
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _hash_name(file: RemoteFile) -> str:
    return "git blob id" if file.sha256 is None else "SHA-256"


def _digest(path: Path, running: Any) -> str:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            running.update(block)
    return str(running.hexdigest())
