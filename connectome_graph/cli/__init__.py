"""The ``connectome-graph`` command.

Each file of this folder is a sub-command or a group of them, a few lines over the library. A
file ``cli/<name>.py`` is found by itself and holds either ``app``, a ``typer.Typer`` (the group
``<name>``), or a function called ``<name>`` (the command ``<name>``). Heavy libraries are
imported inside the functions, so that ``--help`` answers at once. Nothing here catches errors:
``_run`` does, for all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from connectome_graph.cli._run import run

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 well, 2 bad input, 130 after Ctrl-C.

    Parameters
    ----------
    arguments
        What follows ``connectome-graph``; by default those of this process.

    Examples
    --------
    >>> main(["--version"])
    connectome-graph ...
    0
    """
    return run(list(sys.argv[1:] if arguments is None else arguments))
