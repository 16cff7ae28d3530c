"""Random graphs with the degrees of the observed one towards and from every type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._chains import Chain, EdgeChain
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._switching import SwitchingNull

__all__ = ["TypedConfiguration"]


@dataclass(frozen=True)
class TypedConfiguration(SwitchingNull):
    """Degrees and every type-pair edge count kept exactly: switches inside (pre, post) types.

    Two edges are switched only when their presynaptic neurons are of one type and their
    postsynaptic neurons are of one type. So every neuron keeps even its out-degree towards, and
    its in-degree from, each type. The edges of each pair of types are a problem of their own, and
    in each of them switches (and, inside one type, reversals of 3-cycles) reach every graph; all
    graphs with these degrees are equally likely. Neurons without a label form a type.

    Parameters
    ----------
    by
        Neuron column that holds the types.
    swaps_per_edge
        Attempted switches per edge. See :func:`connectome_graph.nulls.diagnose`.

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
    swaps_per_edge: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.by, str):
            raise InvalidArgument(f"by={self.by!r} must be the name of one neuron column")

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
        """Return the chain of switches that starts at `g`; call ``fresh()`` to run one."""
        types, n_types = type_codes(g, self.by)
        pre, post = g.edge_codes
        return EdgeChain(
            pre, post, g.n_neurons,
            kinds=types[pre] * n_types + types[post], own_kind=types * n_types + types,
        )  # fmt: skip


def type_codes(g: ConnectomeGraph, by: By | None) -> tuple[npt.NDArray[np.int64], int]:
    """Return a type number for every neuron, and how many there are; no label is a type too."""
    if by is None:
        return np.zeros(g.n_neurons, np.int64), 1
    types = g.labels(by, missing="own")
    return types.codes, len(types)
