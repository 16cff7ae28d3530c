"""Files of the registry: found, checked, downloaded, or missed in plain words."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectome_graph.errors import UnknownName, UnreadableFile
from connectome_graph.sources import registry

CONTENT = b"pre,post\n864691135000000001,864691135000000003\n" * 50


class Server(BaseHTTPRequestHandler):
    """Serves CONTENT under /good, other bytes under /other, and nothing elsewhere."""

    def do_GET(self) -> None:
        found = {"/good": CONTENT, "/other": b"<html>not here</html>"}.get(self.path)
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(found or b"")))
        self.end_headers()
        self.wfile.write(found or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(registry.VARIABLE, str(tmp_path))
    return tmp_path


def entry(address: str) -> tuple[registry.Dataset, registry.RemoteFile]:
    file = registry.RemoteFile(
        name="edges.csv",
        address=address,
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        git_blob=None,
        n_bytes=len(CONTENT),
    )
    return replace(registry.find("celegans-cook2019"), folder="own", files=(file,)), file


def test_every_registered_file_has_an_address_and_one_hash() -> None:
    for dataset in registry.datasets().values():
        assert dataset.title
        assert dataset.licence
        assert dataset.citation
        assert len(dataset.commit) == 40
        assert len(dataset.variants) >= 1
        for file in dataset.files:
            assert file.address.startswith("https://raw.githubusercontent.com/")
            assert dataset.commit in file.address
            assert (file.sha256 is None) != (file.git_blob is None)
            assert len(file.sha256 or "") in (0, 64)
            assert len(file.git_blob or "") in (0, 40)
            assert file.variant is None or file.variant in dataset.variants


def test_the_registered_files_on_this_machine_have_the_registered_content(data: Path) -> None:
    seen = 0
    for dataset in registry.datasets().values():
        for file in dataset.files:
            path = data / dataset.folder / file.name
            if path.is_file():
                assert file.matches(path), path
                seen += 1
    assert seen >= 35


def test_a_missing_file_is_downloaded_once(address: str, folder: Path) -> None:
    dataset, file = entry(f"{address}/good")
    path = registry.fetch_file(dataset, file)
    assert path == folder / "own" / "edges.csv"
    assert path.read_bytes() == CONTENT
    dataset, file = entry(f"{address}/gone")
    assert registry.fetch_file(dataset, file) == path
    assert [file.name for file in path.parent.iterdir()] == ["edges.csv"]


def test_git_blob_ids_are_those_of_git(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    blob = subprocess.run(
        ["git", "hash-object", "--no-filters", str(path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    file = registry.RemoteFile("content", "", sha256=None, git_blob=blob, n_bytes=None)
    assert file.matches(path)
    path.write_bytes(CONTENT + b"\n")
    assert not file.matches(path)


@pytest.mark.parametrize("page", ["other", "gone"])
def test_a_wrong_or_absent_answer_leaves_nothing(address: str, folder: Path, page: str) -> None:
    dataset, file = entry(f"{address}/{page}")
    with pytest.raises(UnreadableFile, match=f"{address}/{page}"):
        registry.fetch_file(dataset, file)
    assert list((folder / "own").iterdir()) == []


def test_offline_the_error_names_file_address_folder_and_variable(folder: Path) -> None:
    # Port 9 of this machine answers nobody: what a computer without a network looks like.
    dataset, file = entry("http://127.0.0.1:9/edges.csv")
    with pytest.raises(UnreadableFile) as caught:
        registry.fetch_file(dataset, file)
    told = str(caught.value)
    for part in ("edges.csv", "http://127.0.0.1:9/edges.csv", str(folder), registry.VARIABLE):
        assert part in told


def test_without_the_variable_the_error_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(registry.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    dataset, file = entry("http://127.0.0.1:9/edges.csv")
    with pytest.raises(UnreadableFile, match=f"{registry.VARIABLE} is not set"):
        registry.fetch_file(dataset, file)
    assert registry.cache_folder().name == "connectome-graph"


def test_a_changed_file_is_refused_and_kept(folder: Path) -> None:
    dataset, file = entry("http://127.0.0.1:9/edges.csv")
    path = folder / "own" / "edges.csv"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert registry.fetch_file(dataset, file) == path
    path.write_bytes(CONTENT[:-2])
    with pytest.raises(UnreadableFile, match="not the registered file"):
        registry.fetch_file(dataset, file)
    assert path.exists()


def test_a_folder_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    monkeypatch.setenv(registry.VARIABLE, str(blocked))
    dataset, file = entry("http://127.0.0.1:9/edges.csv")
    with pytest.raises(UnreadableFile, match="a file, not a folder"):
        registry.fetch_file(dataset, file)


def test_an_unknown_dataset_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'celegans-cook2019'"):
        registry.find("celegans-cook-2019")


def test_a_variant_needs_only_its_files() -> None:
    dataset = registry.find("microns-v1718")
    assert len(dataset.files_for(None)) == 3
    assert [file.name for file in dataset.files_for("column")] == [
        "v1718_cell_info.csv",
        "v1718_v1_column_synapses.feather",
    ]
