"""A pytest plugin for networkx's own tests: counts which functions of the backend they reached."""

from __future__ import annotations

import collections
import functools
import json
import os
from pathlib import Path

from connectome_graph import networkx_backend

NOT_CALLS = {
    "can_run",
    "should_run",
    "convert_from_nx",
    "convert_to_nx",
    "ConvertedGraph",
    "ConversionWarning",
    "run_plain",
}
calls: collections.Counter[str] = collections.Counter()


def counted(name):
    """Return the function of that name, counting."""
    function = getattr(networkx_backend, name)

    @functools.wraps(function)
    def call(*args, **kwargs):
        calls[name] += 1
        return function(*args, **kwargs)

    return call


# A collection of all files imports this one too, where nothing is to be counted.
if "COUNTED_CALLS" in os.environ:
    for each in set(networkx_backend.__all__) - NOT_CALLS:
        setattr(networkx_backend, each, counted(each))


def pytest_sessionfinish() -> None:
    """Leave the counts where the test that started this run finds them."""
    Path(os.environ["COUNTED_CALLS"]).write_text(json.dumps(calls), encoding="utf-8")
