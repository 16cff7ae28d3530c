"""A fetch killed with SIGKILL goes on where it stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from cave_server import TOKEN, Fault, World

from connectome_graph.sources.cave import FetchOptions, load_tables

CHILD = """
import sys
sys.path.insert(0, {tests!r})
from connectome_graph.sources.cave import FetchOptions, datastack, load_tables
options = FetchOptions(cache_dir={cache!r}, chunk_size=1, workers=2)
stack = datastack("minnie65_public", server={server!r}, transform=None)
load_tables(stack, version=1718, token={token!r}, options=options)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
def test_a_killed_fetch_goes_on_where_it_stopped(
    served: World, options: FetchOptions, tmp_path: Path
) -> None:
    served.cave.faults = [Fault("synapses_pni_2/query", times=-1, delay_s=0.25)]
    code = CHILD.format(
        tests=str(Path(__file__).parents[2]),
        cache=str(tmp_path / "cache"),
        server=served.cave.url,
        token=TOKEN,
    )
    child = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "cache").rglob("part-*.parquet"))) < 3:
        assert child.poll() is None, "the fetch ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    kept = len(list((tmp_path / "cache").rglob("synapses_pni_2/*/part-*.parquet")))
    assert 0 < kept < len(served.cells)

    time.sleep(0.5)  # the requests that were under way when it was killed are answered
    served.cave.faults = []
    before = len(served.cave.queries("synapses_pni_2"))
    own = FetchOptions(cache_dir=tmp_path / "cache", chunk_size=1)
    stack = served.stack()
    resumed = load_tables(stack, version=1718, token=TOKEN, options=own)
    assert len(served.cave.queries("synapses_pni_2")) - before == len(served.cells) - kept
    assert len(resumed.synapses) > 0

    fresh = load_tables(
        stack, version=1718, token=TOKEN, options=options.__class__(cache_dir=tmp_path / "other")
    )
    pd.testing.assert_frame_equal(resumed.neurons, fresh.neurons)
    pd.testing.assert_frame_equal(resumed.synapses, fresh.synapses)
    assert not list((tmp_path / "cache").rglob("complete-*.json.partial"))
