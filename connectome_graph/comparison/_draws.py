"""What an ensemble is made of: a recipe that draws the components of a sample from its stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from connectome_graph.comparison._coded import Row
from connectome_graph.comparison._result import child

__all__ = ["Draw", "Ensemble", "Rows", "drawn"]

#: The components of one random graph.
Draw = Callable[[np.random.Generator], Row]
#: Sample number -> its components.
Rows = dict[int, Row]


class Ensemble(Protocol):
    """A recipe for samples that can be sent to another process."""

    def prepare(self) -> Draw:
        """Return the function that draws one sample's components."""


def drawn(draw: Draw, streams: np.random.SeedSequence, number: int) -> Rows:
    """Return one sample, alone in its mapping."""
    try:
        return {number: draw(np.random.default_rng(child(streams, number)))}
    except Exception as error:
        error.add_note(f"This happened in sample {number} of the null model.")
        raise
