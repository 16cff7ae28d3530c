"""The domain: which ordered pairs of neurons could have been seen to connect.

A missing edge from a neuron whose axon nobody proofread is *unknown*, not zero. The domain
says so: it is the set of ordered pairs ``sources x targets`` without the diagonal. Density,
reciprocity, census, type matrices and null models take their denominators, and their room
to move, from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument, InvalidTable

__all__ = ["Domain"]

Mask = npt.NDArray[np.bool_]


def _frozen(mask: npt.ArrayLike) -> Mask:
    array = np.array(mask, dtype=bool)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Domain:
    """The ordered pairs that could have been seen: sources x targets, without the diagonal.

    Parameters
    ----------
    sources
        Boolean array of shape ``(n_neurons,)``: the neurons whose outputs are believed.
    targets
        Boolean array of shape ``(n_neurons,)``: the neurons whose inputs are believed.
    policy
        The name of the rule that made the domain, such as ``"all"`` or ``"strict"``.
    diagonal
        Whether self-pairs belong to the domain: only in a graph of types, where a connection
        inside a type is an edge from the type to itself.

    Raises
    ------
    InvalidArgument
        When the two masks are not one-dimensional and of one length.

    Examples
    --------
    >>> domain = Domain([True, False, False], [True, True, True])
    >>> domain.n_sources, domain.n_targets, domain.n_pairs
    (1, 3, 2)
    """

    sources: Mask
    targets: Mask
    policy: str = "all"
    diagonal: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", _frozen(self.sources))
        object.__setattr__(self, "targets", _frozen(self.targets))
        if self.sources.ndim != 1 or self.sources.shape != self.targets.shape:
            raise InvalidArgument(
                f"a domain needs two masks with one entry per neuron; found shapes "
                f"{self.sources.shape} and {self.targets.shape}"
            )

    @classmethod
    def full(cls, n_neurons: int) -> Domain:
        """Return the domain in which every neuron is a source and a target.

        Parameters
        ----------
        n_neurons
            Number of neurons.

        Examples
        --------
        >>> Domain.full(3).n_pairs
        6
        """
        return cls(np.ones(n_neurons, bool), np.ones(n_neurons, bool), "all")

    @property
    def n_neurons(self) -> int:
        """Number of neurons the masks speak about."""
        return len(self.sources)

    @property
    def n_sources(self) -> int:
        """Number of neurons whose outputs are believed."""
        return int(self.sources.sum())

    @property
    def n_targets(self) -> int:
        """Number of neurons whose inputs are believed."""
        return int(self.targets.sum())

    @property
    def core(self) -> Mask:
        """Neurons that are source and target: between them both directions were observable."""
        return _frozen(self.sources & self.targets)

    @property
    def n_core(self) -> int:
        """Number of neurons that are source and target."""
        return int((self.sources & self.targets).sum())

    @property
    def n_pairs(self) -> int:
        """Number of observable ordered pairs: ``n_sources * n_targets`` without self-pairs."""
        return self.n_sources * self.n_targets - (0 if self.diagonal else self.n_core)

    @property
    def n_mutual_pairs(self) -> int:
        """Number of unordered pairs of which both directions were observable."""
        return self.n_core * (self.n_core - 1) // 2

    @property
    def is_full(self) -> bool:
        """Whether every ordered pair of distinct neurons is in the domain."""
        return bool(self.sources.all() and self.targets.all())

    @property
    def is_square(self) -> bool:
        """Whether sources and targets are the same neurons."""
        return bool(np.array_equal(self.sources, self.targets))

    def contains(self, pre: npt.NDArray[Any], post: npt.NDArray[Any]) -> Mask:
        """Return which pairs, given as neuron positions, are in the domain.

        Parameters
        ----------
        pre, post
            Integer arrays of one length: positions in the neuron table.

        Examples
        --------
        >>> import numpy as np
        >>> Domain([True, False], [True, True]).contains(np.array([0, 0, 1]), np.array([0, 1, 0]))
        array([False,  True, False])
        """
        distinct: Mask = np.ones(len(pre), bool) if self.diagonal else pre != post
        if self.is_full:
            return distinct
        inside: Mask = self.sources[pre] & self.targets[post] & distinct
        return inside

    def require_simple(self, what: str) -> None:
        """Raise when self-pairs are edges, as they are in a graph of types.

        Dyads, triads, clustering and null models are defined between distinct neurons.

        Parameters
        ----------
        what
            What cannot be computed, for the message.

        Raises
        ------
        InvalidArgument
            When the domain includes the diagonal.

        Examples
        --------
        >>> Domain.full(2).require_simple("reciprocity")
        """
        if self.diagonal:
            raise InvalidArgument(
                f"{what} is defined between distinct neurons, and in this graph self-pairs are "
                "edges, as after collapse(); compute it on the graph before collapse()"
            )

    def restrict(
        self,
        *,
        sources: npt.ArrayLike | None = None,
        targets: npt.ArrayLike | None = None,
        policy: str | None = None,
    ) -> Domain:
        """Return the part of the domain that also lies in the given sources and targets.

        Restricting only ever shrinks a domain, so policies, ``between`` and ``subgraph``
        compose in any order.

        Examples
        --------
        >>> Domain.full(3).restrict(sources=[True, False, False], policy="strict").n_pairs
        2
        """
        rows = self.sources if sources is None else self.sources & np.asarray(sources, bool)
        columns = self.targets if targets is None else self.targets & np.asarray(targets, bool)
        if policy in (None, "all", self.policy):
            name = self.policy
        else:
            name = policy if self.policy == "all" else f"{self.policy} and {policy}"
        return Domain(rows, columns, name, self.diagonal)

    def take(self, positions: npt.NDArray[Any]) -> Domain:
        """Return the domain over the neurons at `positions`, in that order.

        Examples
        --------
        >>> import numpy as np
        >>> Domain([True, False], [True, True]).take(np.array([1])).n_sources
        0
        """
        return Domain(self.sources[positions], self.targets[positions], self.policy, self.diagonal)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Domain):
            return NotImplemented
        return (
            (self.policy, self.diagonal) == (other.policy, other.diagonal)
            and np.array_equal(self.sources, other.sources)
            and np.array_equal(self.targets, other.targets)
        )

    def __hash__(self) -> int:
        return hash((self.policy, self.sources.tobytes(), self.targets.tobytes()))

    def __repr__(self) -> str:
        return (
            f"Domain({self.policy!r}: {self.n_sources:,} sources x {self.n_targets:,} targets, "
            f"{self.n_pairs:,} pairs)"
        )

    def describe(self) -> dict[str, Any]:
        """Return the domain's name and sizes as JSON-able types.

        Examples
        --------
        >>> Domain.full(2).describe()
        {'policy': 'all', 'n_sources': 2, 'n_targets': 2, 'n_pairs': 2}
        """
        return {
            "policy": self.policy,
            "n_sources": self.n_sources,
            "n_targets": self.n_targets,
            "n_pairs": self.n_pairs,
        }

    @classmethod
    def from_columns(cls, table: Mapping[str, npt.ArrayLike], *, policy: str) -> Domain:
        """Return the domain stored as two boolean columns, ``is_source`` and ``is_target``.

        Parameters
        ----------
        table
            Anything with the two columns by name.
        policy
            The name that the domain had.

        Raises
        ------
        InvalidTable
            When one of the columns is missing.

        Examples
        --------
        >>> Domain.from_columns({"is_source": [True], "is_target": [False]}, policy="x").n_pairs
        0
        """
        missing = [name for name in ("is_source", "is_target") if name not in table]
        if missing:
            raise InvalidTable(f"a stored domain needs the columns {', '.join(missing)}")
        return cls(
            np.asarray(table["is_source"], bool), np.asarray(table["is_target"], bool), policy
        )
