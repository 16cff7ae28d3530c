"""Random graphs with the degrees of the observed one towards and from every type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._allowed import allowed_pairs
from connectome_graph.nulls._chains import Chain, EdgeChain
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._trading import Length, TradingNull

__all__ = ["TypedConfiguration"]


@dataclass(frozen=True)
class TypedConfiguration(TradingNull):
    """Degrees and every type-pair edge count kept exactly: trades inside (pre, post) types.

    Two neurons of one type trade targets, those of each type by themselves. So every neuron keeps
    even its out-degree towards, and its in-degree from, each type. The edges of each pair of types
    are a problem of their own, and in each of them trades (and, inside one type, reversals of
    3-cycles) reach every graph; all graphs with these degrees are equally likely. Neurons without
    a label form a type.

    Parameters
    ----------
    by
        Neuron column, or columns, of the types.
    swaps_per_edge
        How often each edge may move: passes over all edges. ``"auto"`` takes as many as a pilot
        on the graph finds to be enough; see :class:`Configuration`.

    References
    ----------
    Rao, Jana & Bandyopadhyay (1996), Sankhya A 58, 225-242.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0)
    >>> null = cg.nulls.TypedConfiguration(by="broad_type")
    >>> null.preserves["type_pairs"]
    'exact'
    """

    by: By
    swaps_per_edge: Length = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "by", by_columns(self.by))

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=(
                "edges", "out_degree", "in_degree", "type_pairs", "labels", "edge_weights",
                "out_strength",
            )
        )  # fmt: skip

    @property
    def _kept(self) -> str:
        return f"every neuron's degree towards and from every {self.by}"

    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of trades that starts at `g`; call ``fresh()`` to run one."""
        types, _ = type_codes(g, self.by)
        return EdgeChain(*g.edge_codes, g.n_neurons, group=types, allowed=allowed_pairs(g.domain))


def by_columns(by: Any) -> str | tuple[str, ...]:
    """Return the columns of types as a null model keeps them: one name, or a tuple of names.

    Raises
    ------
    InvalidArgument
        When they are anything else.
    """
    if isinstance(by, str):
        return by
    names = tuple(by) if isinstance(by, Sequence) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise InvalidArgument(f"by={by!r} must be a neuron column, or a list of them")
    return names


def type_codes(g: ConnectomeGraph, by: By | None) -> tuple[npt.NDArray[np.int64], int]:
    """Return a type number for every neuron, and how many there are; no label is a type too."""
    if by is None:
        return np.zeros(g.n_neurons, np.int64), 1
    types = g.labels(by, missing="own")
    return types.codes, len(types)
