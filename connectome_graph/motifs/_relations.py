"""Relations between connected neurons: masks over the table of connected pairs."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["DyadTable", "Relation"]

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


class DyadTable(NamedTuple):
    """Every connected pair twice, in the row of either neuron (see ``_kernels.dyads``)."""

    first: Counts
    row: Codes
    partner: Codes
    edge: Counts
    mirror: Counts


class Relation:
    """Ordered pairs of connected neurons that meet a condition: a mask over the dyad table."""

    def __init__(self, table: DyadTable, mask: Mask) -> None:
        self.table = table
        self.mask = mask
        self._flipped: Relation | None = None

    @property
    def flipped(self) -> Relation:
        """The same pairs seen from the other neuron."""
        if self._flipped is None:
            self._flipped = Relation(self.table, self.mask[self.table.mirror])
            self._flipped._flipped = self
        return self._flipped

    @cached_property
    def rows(self) -> tuple[Counts, Codes]:
        """The pairs as compressed rows."""
        from connectome_graph._kernels import dyads

        rows: tuple[Counts, Codes] = dyads.selected(self.table.first, self.table.partner, self.mask)
        return rows

    def __and__(self, other: Relation) -> Relation:
        return Relation(self.table, self.mask & other.mask)
