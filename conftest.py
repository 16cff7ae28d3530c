"""What the tests and the doctests of the package share: where data lies, and what may be absent."""

from __future__ import annotations

import fnmatch
import importlib.util
import os
import signal
from pathlib import Path

import pytest

# A shell that starts the tests in the background leaves Ctrl-C ignored, in every child process
# too; the tests of an interrupt need it as a person has it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Figures are drawn without a screen; set before anything imports matplotlib.
os.environ.setdefault("MPLBACKEND", "Agg")

# Several test processes at once compile enough side by side.
os.environ.setdefault("CONNECTOME_GRAPH_COMPILES_ALONE", "1")

# The real datasets, when a checkout has them beside it; without them the tests that need them skip.
SHARED_DATA = Path(__file__).resolve().parent.parent / "shared" / "data"
if SHARED_DATA.is_dir():
    os.environ.setdefault("CONNECTOME_GRAPH_DATA", str(SHARED_DATA))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the doctests whose module says that they need a library which is not here.

    A module says so by ``__doctest_requires__ = {"read_cell*": ["ossify"]}``: patterns of names
    inside the module (``"*"`` for all of them), and the libraries their examples import.
    """
    for item in items:
        if not isinstance(item, pytest.DoctestItem) or item.dtest is None:
            continue
        module = item.dtest.globs
        name = item.name.removeprefix(f"{module['__name__']}.")
        for pattern, libraries in module.get("__doctest_requires__", {}).items():
            missing = [each for each in libraries if importlib.util.find_spec(each) is None]
            if missing and fnmatch.fnmatch(name, pattern):
                reason = f"the example needs {', '.join(missing)}"
                item.add_marker(pytest.mark.skip(reason=reason))
