"""How every kernel is compiled: kept on disk where that is possible, anew each time where not.

numba keeps compiled code beside the module, or in the user's cache folder. Where neither may be
written (an install and a home that are read-only, as in containers) it refuses to compile at all;
here it then compiles without keeping, and says so once.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numba as nb

__all__ = ["compiled"]

_said: list[str] = []


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
