"""In the first call of all, another process compiles the kernels of a chain."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import connectome_graph as cg
from connectome_graph._kernels import compiling, threads, trades_bits
from connectome_graph.nulls import _ahead


@pytest.fixture
def started(monkeypatch):
    """Return the code that is run in another process, as if no kernel were on disk."""
    codes = []
    monkeypatch.setattr(compiling, "is_kept", lambda _: False)

    def elsewhere(code):
        codes.append(code)
        return lambda: codes.append("waited")

    monkeypatch.setattr(compiling, "elsewhere", elsewhere)
    return codes


def test_another_process_runs_code_and_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.delenv("CONNECTOME_GRAPH_COMPILES_ALONE", raising=False)
    monkeypatch.setattr(threads, "n_threads", lambda: 2)
    mark = tmp_path / "mark"
    compiling.elsewhere(f"open({str(mark)!r}, 'w').write('done')")()
    assert mark.read_text() == "done"
    # one that fails is waited for too, and nothing is said
    compiling.elsewhere("raise SystemExit(3)")()


@pytest.mark.parametrize("why", ["told so", "one processor", "frozen", "no such program"])
def test_where_there_can_be_no_other_process_there_is_none(tmp_path, monkeypatch, why):
    monkeypatch.setattr(threads, "n_threads", lambda: 1 if why == "one processor" else 2)
    if why != "told so":
        monkeypatch.delenv("CONNECTOME_GRAPH_COMPILES_ALONE", raising=False)
    if why in ("frozen", "no such program"):
        name = "brain-viewer" if why == "frozen" else "python-of-nowhere"
        monkeypatch.setattr(sys, "executable", str(tmp_path / name))
    mark = tmp_path / "mark"
    compiling.elsewhere(f"open({str(mark)!r}, 'w')")()
    assert not mark.exists()


def test_compiled_code_is_known_by_its_place_on_disk():
    _ahead.run_briefly("EdgeChain", 8)
    assert compiling.is_kept(trades_bits.advance_bits)
    # a function without a place on disk needs no other process
    assert compiling.is_kept(np.sum)


@pytest.mark.parametrize(
    ("null", "chain"),
    [
        (cg.nulls.Configuration(), "EdgeChain"),
        (cg.nulls.ReciprocalConfiguration(), "DyadChain"),
        (cg.nulls.Configuration(swaps_per_edge=60), "EdgeChain"),
    ],
)
def test_a_comparison_begins_with_it_and_waits_before_the_chain_runs(
    random_graph, started, null, chain
):
    cg.compare(random_graph, lambda g: len(started), null=null, n=2)
    assert started[0].endswith(f"run_briefly({chain!r}, 8)")
    assert started[1] == "waited"


@pytest.mark.parametrize("chain", ["EdgeChain", "DyadChain"])
@pytest.mark.parametrize("n", [8, 5000])
def test_what_the_other_process_runs(chain, n):
    _ahead.run_briefly(chain, n)
