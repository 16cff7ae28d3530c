"""How many kinds of triads a labelled census holds, and what it says when that is not enough."""

from __future__ import annotations

import warnings

import numpy as np

from connectome_graph.border.arguments import By
from connectome_graph.errors import IncompleteWarning, InvalidArgument
from connectome_graph.motifs._kinds import TypedCore

__all__ = ["MOST_KINDS", "check_cap", "holds_open", "say_closed"]

#: The most kinds of triads that are held unless the call says otherwise: about 1.5 GB.
MOST_KINDS = 5_000_000


def holds_open(typed: TypedCore, n_possible: int, cap: int) -> bool:
    """Return whether all kinds of open triads that there can be fit under a cap."""
    part = typed.part
    if part.met is not None:
        return True  # the triples that could have met are visited one by one
    degrees = np.bincount(part.pre, minlength=part.n) + np.bincount(part.post, minlength=part.n)
    # two partners of each neuron
    return min(n_possible, int((degrees * (degrees + 1) // 2).sum())) <= cap


def check_cap(n_kinds: int, cap: int, *, is_open: bool, by: By) -> None:
    """Say when a cap is met: by an error where it cuts the closed triads, else by a warning.

    Raises
    ------
    InvalidArgument
        When there are more kinds than the cap.
    """
    if n_kinds > cap:
        raise InvalidArgument(
            f"the triads by {by!r} are of {n_kinds:,} kinds and max_kinds={cap:,} is the most that "
            "is held; pass a higher one (about 300 bytes each), or take coarser types"
        )
    if not is_open:
        say_closed(cap, by, stacklevel=5)


def say_closed(cap: int, by: By, *, stacklevel: int = 4) -> None:
    """Warn that the closed triads alone are listed."""
    warnings.warn(
        f"the open triads by {by!r} may be of more than max_kinds={cap:,} kinds, so only the "
        "closed ones are listed (attrs['open_triads'] is False); take coarser types, or pass a "
        "higher max_kinds (about 300 bytes each)",
        IncompleteWarning,
        stacklevel=stacklevel,
    )
