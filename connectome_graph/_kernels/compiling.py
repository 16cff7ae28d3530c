"""How every kernel is compiled: kept on disk where that is possible, anew each time where not.

numba keeps compiled code beside the module, or in the user's cache folder. Where neither may be
written (an install and a home that are read-only, as in containers) it refuses to compile at all;
here it then compiles without keeping, and says so once.
"""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba as nb

__all__ = ["compiled", "elsewhere", "is_kept"]

_said: list[str] = []
# Set to anything: kernels are compiled in this process alone.
_ALONE = "CONNECTOME_GRAPH_COMPILES_ALONE"


def compiled(function: Callable[..., Any] | None = None, *, inline: str = "never") -> Any:
    """Compile a kernel: without the GIL, kept on disk where there is a place for it.

    Parameters
    ----------
    function
        The kernel: arrays in, arrays out.
    inline
        ``"always"`` for the few small functions that are copied into their callers.

    Examples
    --------
    >>> import numpy as np
    >>> from connectome_graph._kernels.runs import count_rows
    >>> count_rows.targetoptions["nogil"]
    True
    """
    if function is None:
        return lambda kernel: compiled(kernel, inline=inline)
    options = {"nogil": True, "inline": inline}
    try:
        return nb.njit(cache=True, **options)(function)
    except (RuntimeError, OSError) as error:
        if not _said:
            _said.append(str(error))
            warnings.warn(
                "there is no folder in which compiled functions can be kept, so each run compiles "
                "them again, which takes some seconds; set NUMBA_CACHE_DIR to a folder that may be "
                "written to",
                stacklevel=2,
            )
        return nb.njit(**options)(function)


def is_kept(kernel: Any) -> bool:
    """Return whether compiled code of a kernel is on disk, or cannot be kept there.

    Parameters
    ----------
    kernel
        What :func:`compiled` returned.
    """
    try:
        return bool(kernel._cache._cache_file._load_index())
    except (AttributeError, OSError, EOFError):
        return True


def elsewhere(code: str) -> Callable[[], None]:
    """Run Python code in another process, for the compiled kernels that it leaves on disk.

    numba compiles one function at a time in a process, whatever its threads.

    Parameters
    ----------
    code
        Statements.

    Returns
    -------
    Callable
        Waits until the process has ended. How it ended does not matter: what it did not compile
        is compiled here.
    """
    from connectome_graph._kernels import threads

    program = Path(sys.executable or "")
    # In a frozen or embedding program the executable is that program, not Python.
    if os.environ.get(_ALONE) or threads.n_threads() < 2 or "python" not in program.name.lower():
        return lambda: None
    nothing = subprocess.DEVNULL
    try:
        child = subprocess.Popen(
            [program, "-c", code],
            env={**os.environ, _ALONE: "1"},
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
        )
    except OSError:
        return lambda: None

    def wait() -> None:
        child.wait()

    return wait
