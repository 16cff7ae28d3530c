"""Neurons sorted into types: the column that a labelled motif is split by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._oriented import Core, triad_core

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["TypedCore", "typed_core"]


@dataclass(frozen=True)
class TypedCore:
    """The observed core without the neurons that have no type."""

    part: Core
    #: int32[part.n]: place of each neuron's type in `names`.
    kind: npt.NDArray[np.int32]
    #: The types, sorted, or in the order of their categories.
    names: pd.Index
    #: Neurons of the core left out because they have no type.
    n_untyped: int

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Neurons of each type."""
        return np.bincount(self.kind, minlength=len(self.names))


def typed_core(g: ConnectomeGraph, by: By) -> TypedCore:
    """Return the neurons of the observed core that have a type, and the edges between them.

    Raises
    ------
    UnknownName
        When there is no such neuron column.
    InvalidArgument
        When no neuron of the core has a type.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["BC", None, "23P"]})
    >>> g = cg.from_tables(pd.DataFrame({"pre": [1, 1], "post": [2, 3]}), cells)
    >>> typed = typed_core(g, "cell_type")
    >>> list(typed.names), typed.kind.tolist(), typed.n_untyped
    (['23P', 'BC'], [1, 0], 1)
    """
    part = triad_core(g)
    found = g.labels(by).at(part.positions)
    codes, names = found.codes, found.names
    if not len(names):
        raise InvalidArgument(
            f"no neuron that is source and target of the domain has a value in {by!r}, so there "
            "are no types to tell apart"
        )
    typed = codes >= 0
    kind = codes[typed].astype(np.int32)
    return TypedCore(part.part(typed), kind, names, int((~typed).sum()))
