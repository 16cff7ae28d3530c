"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from connectome_graph.border import atomic
from connectome_graph.errors import UnreadableFile


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def write_half(target: Path, error: BaseException) -> None:
    with atomic.replacing(target) as temporary:
        temporary.write_text("half")
        raise error


def fill_half(target: Path, error: BaseException) -> None:
    with atomic.replacing_folder(target, known=["old.txt"]) as temporary:
        (temporary / "new.txt").write_text("new")
        raise error


def test_a_new_file_takes_the_place_of_the_old_one_at_the_end(tmp_path):
    target = tmp_path / "graph.graphml"
    target.write_text("old")
    target.chmod(0o640)
    with atomic.replacing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".graph.graphml.")
        assert temporary.suffix == atomic.SUFFIX
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["graph.graphml"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_after_any_exception_the_old_file_is_there_and_nothing_else(tmp_path, error):
    target = tmp_path / "graph.graphml"
    target.write_text("old")
    with pytest.raises(error):
        write_half(target, error())
    assert target.read_text() == "old"
    assert names(tmp_path) == ["graph.graphml"]


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    with atomic.replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_very_long_name_is_written_too(tmp_path):
    target = tmp_path / ("n" * 250)
    with atomic.replacing(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


def test_a_full_disk_is_a_sentence(tmp_path):
    target = tmp_path / "graph.graphml"
    target.write_text("old")
    with pytest.raises(UnreadableFile, match="No space left on device; free some space"):
        write_half(target, OSError(errno.ENOSPC, "No space left on device"))
    assert target.read_text() == "old"
    assert names(tmp_path) == ["graph.graphml"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_device_is_written_directly_and_never_replaced():
    with (
        pytest.raises(UnreadableFile, match="/dev/full could not be written: No space left"),
        atomic.replacing("/dev/full") as temporary,
        temporary.open("wb") as file,
    ):
        file.write(b"x" * 100_000)
    assert not Path("/dev/full").is_file()


def test_a_missing_folder_and_a_folder_in_the_way_are_sentences(tmp_path):
    nowhere = tmp_path / "nowhere" / "x.txt"
    with pytest.raises(UnreadableFile, match="make it first"), atomic.replacing(nowhere):
        pytest.fail("the block must not run")
    with pytest.raises(UnreadableFile, match="is a folder"), atomic.replacing(tmp_path):
        pytest.fail("the block must not run")


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with atomic.replacing_folder(target, known=["old.txt"]) as temporary:
        (temporary / "new.txt").write_text("new")
        assert names(target) == ["old.txt"]
    assert names(target) == ["new.txt"]
    assert names(tmp_path) == ["bundle"]


def test_a_folder_stays_when_filling_the_new_one_fails(tmp_path):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with pytest.raises(ValueError, match="half way"):
        fill_half(target, ValueError("half way"))
    assert names(target) == ["old.txt"]
    assert names(tmp_path) == ["bundle"]


def test_a_folder_comes_back_when_the_last_step_fails(tmp_path, monkeypatch):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    replace = Path.replace

    def refusing(self, goal):
        # The temporary folder may not move into place; the old one may move.
        if (self / "new.txt").exists():
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, goal)

    monkeypatch.setattr(Path, "replace", refusing)
    with (
        pytest.raises(UnreadableFile, match="Input/output error"),
        atomic.replacing_folder(target, known=["old.txt"]) as temporary,
    ):
        (temporary / "new.txt").write_text("new")
    assert names(target) == ["old.txt"]
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError(errno.EIO, "broken")])
@pytest.mark.parametrize("step", [1, 2])
def test_a_folder_comes_back_whatever_is_raised_between_the_steps(
    tmp_path, monkeypatch, error, step
):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    replace, seen = Path.replace, []

    def interrupted(self, goal):
        seen.append(goal)
        if len(seen) == step:
            raise error
        return replace(self, goal)

    monkeypatch.setattr(Path, "replace", interrupted)
    with (
        pytest.raises((KeyboardInterrupt, MemoryError, UnreadableFile)),
        atomic.replacing_folder(target, known=["old.txt"]) as temporary,
    ):
        (temporary / "new.txt").write_text("new")
    assert names(target) == ["old.txt"]
    assert names(tmp_path) == ["bundle"]


def test_what_came_into_the_folder_meanwhile_stays(tmp_path):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with (
        pytest.raises(UnreadableFile, match=r"thesis\.txt"),
        atomic.replacing_folder(target, known=["old.txt"]),
    ):
        (target / "thesis.txt").write_text("years of work")
    assert names(target) == ["old.txt", "thesis.txt"]
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_folder_with_anything_else_in_it_is_not_replaced(tmp_path, kind):
    target = tmp_path / "bundle"
    target.mkdir()
    odd = target / "old.txt" if kind != "file" else target / "other.txt"
    if kind == "file":
        odd.write_text("mine")
    elif kind == "folder":
        odd.mkdir()
    else:
        odd.symlink_to(tmp_path)
    with (
        pytest.raises(UnreadableFile, match="holds something other"),
        atomic.replacing_folder(target, known=["old.txt"]),
    ):
        pytest.fail("the block must not run")
    assert odd.exists()


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX")
def test_a_change_of_folders_that_was_killed_is_found_and_made_good(tmp_path):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    script = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from connectome_graph.border import atomic
        replace = Path.replace
        def killed(self, goal):
            replace(self, goal)
            os.kill(os.getpid(), signal.SIGKILL)
        Path.replace = killed
        with atomic.replacing_folder({str(target)!r}, known=["old.txt"]) as temporary:
            (temporary / "new.txt").write_text("new")
    """)
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not target.exists()
    assert names(atomic.standing(target)) == ["old.txt"]
    with atomic.replacing_folder(target, known=["old.txt"]) as temporary:
        assert names(target) == ["old.txt"]
        (temporary / "new.txt").write_text("new")
    assert names(target) == ["new.txt"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path):
    target = tmp_path / "bundle"
    target.write_text("old")
    with pytest.raises(UnreadableFile, match="is a file"), atomic.replacing_folder(target):
        pytest.fail("the block must not run")


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX")
def test_a_killed_process_leaves_the_old_file_and_a_leftover_that_says_so(tmp_path):
    target = tmp_path / "graph.graphml"
    target.write_text("old")
    script = textwrap.dedent(f"""
        import os, signal
        from connectome_graph.border import atomic
        with atomic.replacing({str(target)!r}) as temporary:
            temporary.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert target.read_text() == "old"
    left = [name for name in names(tmp_path) if name != "graph.graphml"]
    assert all(name.startswith(".") and name.endswith(atomic.SUFFIX) for name in left)
