"""A few requests at once, on threads that nobody has to wait for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["each"]

T = TypeVar("T")
_TURN_S = 0.2
_PATIENCE_S = 5.0


def each(
    jobs: Sequence[T],
    work: Callable[[T], None],
    *,
    workers: int,
    given_up: threading.Event,
    done: Callable[[], object] = lambda: None,
) -> None:
    """Do `work` for every job, `workers` at once; the first error ends it.

    The threads are daemons: Ctrl-C in the waiting thread is felt at once, whatever the requests
    under way are doing, and no thread keeps the program from ending. After an error that is no
    interrupt the jobs under way are waited for, for some seconds.

    Parameters
    ----------
    jobs
        What to work on, begun in this order.
    work
        Done for each job, on one of the threads.
    workers
        Threads.
    given_up
        Set when no further attempts should be made.
    done
        Called in this thread after each job.
    """
    waiting: queue.SimpleQueue[T] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

    def run() -> None:
        while not given_up.is_set():
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            ended.put(_error_of(work, job))

    threads = [
        threading.Thread(target=run, daemon=True, name=f"CAVE {i}")
        for i in range(min(workers, len(jobs)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in jobs:
            error = _next(ended)
            if error is not None:
                break
            done()
        else:
            return
    except BaseException:
        given_up.set()
        raise
    given_up.set()
    # one that waits for its next attempt is not waited for: it finds out by itself
    ends = time.monotonic() + _PATIENCE_S
    for thread in threads:
        thread.join(max(ends - time.monotonic(), 0.0))
    raise error


def _next(ended: queue.SimpleQueue[BaseException | None]) -> BaseException | None:
    """Return what the next job came to; Ctrl-C is let through, whatever the system."""
    while True:
        try:
            return ended.get(timeout=_TURN_S)
        except queue.Empty:
            continue


def _error_of(work: Callable[[T], None], job: T) -> BaseException | None:
    """Do the work; return what went wrong, for the waiting thread to raise."""
    try:
        work(job)
    except BaseException as error:  # noqa: BLE001 - raised in the waiting thread
        return error
    return None
