"""The first call in the life of an installation: a chain's kernels compiled by another process.

The kernels of a chain take most of the time of a first call, ten seconds or so. While this
process compiles those of the statistic and of the pilot, another one runs a chain on a few edges
and leaves what it compiled on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from connectome_graph.nulls import _chains
from connectome_graph.nulls._chains import Chain, EdgeChain, random_state
from connectome_graph.nulls._dyad_chain import DyadChain

__all__ = ["begin", "finish", "run_briefly"]

_RUNNING: list[Callable[[], None]] = []


def begin(chain: str, n_neurons: int) -> None:
    """Let another process compile a chain's kernels, where none are on disk yet.

    Parameters
    ----------
    chain
        ``"EdgeChain"`` or ``"DyadChain"``.
    n_neurons
        Neurons of the graph: few have other kernels than many.
    """
    from connectome_graph._kernels import compiling

    n = 8 if n_neurons <= _chains.LARGEST_BIT_MATRIX else _chains.LARGEST_BIT_MATRIX + 1
    if not _RUNNING and not compiling.is_kept(_main_kernel(chain, n)):
        code = f"from connectome_graph.nulls._ahead import run_briefly; run_briefly({chain!r}, {n})"
        _RUNNING.append(compiling.elsewhere(code))


def finish() -> None:
    """Wait for the other process, where there is one."""
    while _RUNNING:
        _RUNNING.pop()()


def run_briefly(chain: str, n_neurons: int) -> None:
    """Make a pass over a ring of neurons, so that all kernels of a chain are compiled.

    Examples
    --------
    >>> run_briefly("EdgeChain", 8)
    """
    pre = np.arange(n_neurons, dtype=np.int32)
    post = np.roll(pre, -1)
    order = np.lexsort([post, pre])
    pre, post = pre[order], post[order]
    for codes in (pre, post):
        codes.flags.writeable = False  # as in graphs: another type to numba
    start: Chain = (
        EdgeChain(pre, post, n_neurons)
        if chain == "EdgeChain"
        else DyadChain(pre, post, n_neurons, group=np.zeros(n_neurons, np.int64))
    )
    running = start.fresh()
    running.advance(1, random_state(np.random.default_rng(0)))
    running.edges()


def _main_kernel(chain: str, n_neurons: int) -> Any:
    """Return the kernel that takes longest to compile."""
    from connectome_graph._kernels import dyad_bits, dyad_blocks, trades, trades_bits

    few = n_neurons <= _chains.LARGEST_BIT_MATRIX
    if chain == "EdgeChain":
        return trades_bits.advance_bits if few else trades.advance_lists
    return dyad_bits.advance_dyads if few else dyad_blocks.trade_across
