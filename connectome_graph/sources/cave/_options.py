"""How patiently, how much at once and where to: the settings of a fetch."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from connectome_graph.border.arguments import (
    Progress,
    check_progress,
    is_number,
    number,
    whole,
)
from connectome_graph.border.regular import as_path
from connectome_graph.errors import InvalidArgument

__all__ = ["FetchOptions", "default_cache"]

MOST_WORKERS = 8


def default_cache() -> Path:
    """Return the folder of fetched tables.

    ``$CONNECTOME_GRAPH_CACHE/cave`` when that variable is set, else ``connectome_graph/cave``
    below ``$XDG_CACHE_HOME`` or ``~/.cache``.

    Examples
    --------
    >>> default_cache().name
    'cave'
    """
    own = os.environ.get("CONNECTOME_GRAPH_CACHE")
    if own:
        return Path(own).expanduser() / "cave"
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "connectome_graph" / "cave"


@dataclass(frozen=True)
class FetchOptions:
    """Settings of a fetch; the defaults suit the public servers.

    Parameters
    ----------
    workers
        Requests under way at once, 1 to 8. Servers limit the rate of requests: 2 is polite.
    chunk_size
        Root ids in one request for synapses; None takes the datastack's own number.
    attempts
        How often a request is made before its failure is final.
    backoff_s
        Seconds before the second attempt; each later wait is twice as long, at most a minute.
        A ``Retry-After`` header of the server is obeyed instead, and a server that limits the
        rate of requests without saying for how long is left alone for more than a minute.
    timeout_s
        Seconds without a byte after which a connection counts as dead.
    request_s
        Seconds that one request may take from its first byte to the last of its answer, however
        steadily the bytes drip.
    fetch_s
        Seconds that one call (:func:`connectome_graph.from_cave`,
        :func:`connectome_graph.skeletons.load_cave`) may take, waiting included. What has arrived
        by then is kept, and the same call goes on from there.
    most_neurons
        The largest number of neurons whose synapses are fetched. Beyond it a fetch takes days and
        the dataset's own dumps are the better way, so it has to be asked for.
    progress
        Whether to draw a progress bar on stderr; None draws it in a terminal only.
    cache_dir
        Folder of fetched tables; None means :func:`default_cache`.

    Raises
    ------
    InvalidArgument
        When a number is out of range.

    Examples
    --------
    >>> FetchOptions(workers=4).attempts
    6
    """

    workers: int = 2
    chunk_size: int | None = None
    attempts: int = 6
    backoff_s: float = 1.0
    timeout_s: float = 120.0
    request_s: float = 900.0
    fetch_s: float = 86_400.0
    most_neurons: int = 20_000
    progress: Progress = None
    cache_dir: str | Path | None = None

    def __post_init__(self) -> None:
        for name, least in (("workers", 1), ("attempts", 1), ("most_neurons", 0)):
            whole(getattr(self, name), name=name, least=least)
        number(self.backoff_s, name="backoff_s", least=0)
        check_progress(self.progress)
        if self.chunk_size is not None:
            whole(self.chunk_size, name="chunk_size", least=1)
        if self.cache_dir is not None:
            as_path(self.cache_dir)
        if not 1 <= self.workers <= MOST_WORKERS:
            raise InvalidArgument(
                f"workers={self.workers} is out of range; use 1 to {MOST_WORKERS}"
            )
        for name in ("timeout_s", "request_s", "fetch_s"):
            seconds = getattr(self, name)
            if not is_number(seconds) or not 0 < seconds < math.inf:
                raise InvalidArgument(
                    f"{name}={seconds!r}: need a finite number of seconds above 0"
                )

    @property
    def folder(self) -> Path:
        """The cache folder."""
        return default_cache() if self.cache_dir is None else Path(self.cache_dir).expanduser()
