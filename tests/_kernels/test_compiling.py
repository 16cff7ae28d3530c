"""Kernels compile where nothing can be kept, and say so once."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import connectome_graph

NOWHERE = """
    import sys, warnings
    import numba.core.caching as caching
    def nowhere(self):
        raise OSError("read-only file system")
    if "patched" in sys.argv:
        caching._CacheLocator.ensure_cache_path = nowhere
    warnings.simplefilter("always")
    import connectome_graph as cg
    g = cg.from_adjacency([[0, 1, 1], [1, 0, 1], [0, 1, 0]])
    print(cg.motifs.triad_census(g).sum(), cg.stats.dyads(g)["mutual"])
"""


def census(*arguments, **options):
    code = textwrap.dedent(NOWHERE)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=False,
        capture_output=True,
        text=True,
        **options,
    )


def test_without_a_place_for_them_kernels_are_compiled_each_time_and_it_is_said_once():
    ended = census("patched")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["1", "2.0"]
    assert ended.stderr.count("NUMBA_CACHE_DIR") == 1


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="becoming another user needs to be root"
)
def test_a_user_who_may_write_nowhere_gets_an_answer(tmp_path):
    package = Path(connectome_graph.__file__).parent
    if any(not folder.stat().st_mode & 0o001 for folder in (package, *package.parents)):
        pytest.skip("the package lies in a folder that other users may not enter")
    if (package / "_kernels" / "__pycache__").stat().st_mode & 0o002:
        pytest.skip("the package may be written to by everyone")
    try:
        ended = census(user=65534, group=65534, env=os.environ | {"HOME": "/nonexistent"})
    except PermissionError:
        pytest.skip("Python lies in a folder that other users may not enter")
    if "ModuleNotFoundError" in ended.stderr:
        pytest.skip("the libraries lie in a folder that other users may not enter")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["1", "2.0"]


def test_every_kernel_is_compiled_in_this_one_way():
    kernels = Path(connectome_graph.__file__).parent / "_kernels"
    direct = [
        file.name
        for file in kernels.parent.rglob("*.py")
        if "njit(" in file.read_text(encoding="utf-8") and file.name != "compiling.py"
    ]
    assert direct == []
