"""The domain: which ordered pairs of neurons could have been seen to connect.

A missing edge from a neuron whose axon nobody proofread is *unknown*, not zero. The domain
says so: it is the set of ordered pairs ``sources x targets`` without the diagonal, or of those
the ones that could have met, a sparse :class:`~connectome_graph.model.pairs.PairSet`. Density,
reciprocity, census, type matrices and null models take their denominators, and their room
to move, from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import shown, whole
from connectome_graph.border.doors import guard_methods
from connectome_graph.border.values import array_of, ends_of, positions_of
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.model.pairs import PairSet

__all__ = ["Domain"]

Mask = npt.NDArray[np.bool_]

#: Neurons are numbered in 32 bits.
_MOST_NEURONS = 2**31 - 1


def _mask(values: Any, *, name: str) -> Mask:
    """Return a mask, which needs booleans: numbers as a mask are a slip, and so is text."""
    array = array_of(values, name=name)
    # pandas' own booleans come as objects
    true_or_false = array.dtype == bool or all(isinstance(v, bool | np.bool_) for v in array.flat)
    if not true_or_false:
        raise InvalidArgument(
            f"{name}={shown(values)}; it must be a mask, True or False for every neuron"
        )
    return array.astype(bool)


def _frozen(mask: Any, *, name: str) -> Mask:
    array = _mask(mask, name=name)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Domain:
    """The ordered pairs that could have been seen: sources x targets, without the diagonal.

    A domain without `pairs` is a rectangle and costs two masks. With them it is sparse: only
    those pairs, of a source and a target, could have been seen to connect.

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
    pairs
        The pairs that could have met; those outside sources x targets are left out. None: all.

    Raises
    ------
    InvalidArgument
        When the masks, and the pairs, do not speak of the same number of neurons.

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
    pairs: PairSet | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", _frozen(self.sources, name="sources"))
        object.__setattr__(self, "targets", _frozen(self.targets, name="targets"))
        if self.sources.ndim != 1 or self.sources.shape != self.targets.shape:
            raise InvalidArgument(
                f"a domain needs two masks with one entry per neuron; found shapes "
                f"{self.sources.shape} and {self.targets.shape}"
            )
        if self.pairs is not None:
            object.__setattr__(self, "pairs", self._inside(self.pairs))

    def _inside(self, pairs: PairSet) -> PairSet:
        """Return the pairs of a source and a target."""
        if pairs.n_neurons != self.n_neurons:
            raise InvalidArgument(
                f"a domain of {self.n_neurons:,} neurons needs pairs of as many; found pairs of "
                f"{pairs.n_neurons:,}"
            )
        keep = np.ones(len(pairs), bool) if self.diagonal else pairs.pre != pairs.post
        if not self.sources.all():
            keep &= self.sources[pairs.pre]
        if not self.targets.all():
            keep &= self.targets[pairs.post]
        return pairs.select(keep)

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
        n_neurons = whole(n_neurons, name="n_neurons", least=0, most=_MOST_NEURONS)
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
        return _frozen(self.sources & self.targets, name="core")

    @property
    def n_core(self) -> int:
        """Number of neurons that are source and target."""
        return int((self.sources & self.targets).sum())

    @property
    def n_pairs(self) -> int:
        """Number of observable ordered pairs; of a rectangle ``n_sources * n_targets - n_core``."""
        if self.pairs is not None:
            return len(self.pairs)
        return self.n_sources * self.n_targets - (0 if self.diagonal else self.n_core)

    @property
    def n_mutual_pairs(self) -> int:
        """Number of unordered pairs of which both directions were observable."""
        if self.pairs is not None:
            return self.pairs.n_mutual
        return self.n_core * (self.n_core - 1) // 2

    @property
    def is_full(self) -> bool:
        """Whether every ordered pair of distinct neurons is in the domain."""
        return self.pairs is None and bool(self.sources.all() and self.targets.all())

    @cached_property
    def both_ways(self) -> Domain:
        """The pairs of which the opposite could have been seen too."""
        if self.pairs is None:
            core = self.sources & self.targets
            return self if self.is_square else Domain(core, core, self.policy, self.diagonal)
        mutual = self.pairs.select(self.pairs.mirror >= 0)
        return Domain(self.sources, self.targets, self.policy, self.diagonal, mutual)

    @property
    def is_rectangle(self) -> bool:
        """Whether every source could have met every target: the domain is no sparse set."""
        return self.pairs is None

    @property
    def exposure(self) -> float:
        """Total exposure of the pairs, NaN when they have none."""
        return float("nan") if self.pairs is None else self.pairs.total

    def pair_counts(self, end: Literal["pre", "post"]) -> npt.NDArray[np.int64]:
        """Return how many pairs of the domain every neuron has at one end.

        Parameters
        ----------
        end
            ``"pre"``: the pairs in which it is the source; ``"post"``: the target.

        Examples
        --------
        >>> Domain([True, False, True], [True, True, True]).pair_counts("pre").tolist()
        [2, 0, 2]
        """
        if self.pairs is not None:
            return self.pairs.counts(0 if end == "pre" else 1)
        own, other = (self.sources, self.targets) if end == "pre" else (self.targets, self.sources)
        loops = 0 if self.diagonal else (own & other).astype(np.int64)
        return np.where(own, int(other.sum()) - loops, 0)

    def pairs_between(self, kind: npt.NDArray[Any], n_kinds: int) -> npt.NDArray[np.int64]:
        """Return the number of pairs of the domain from each kind of neuron to each.

        Parameters
        ----------
        kind
            Kind of every neuron, 0 up to `n_kinds`; -1 leaves it out.
        n_kinds
            Number of kinds.

        Examples
        --------
        >>> import numpy as np
        >>> Domain.full(3).pairs_between(np.array([0, 0, 1]), 2).tolist()
        [[2, 2], [2, 0]]
        """
        n_kinds = whole(n_kinds, name="n_kinds", least=0, most=_MOST_NEURONS)
        kind = positions_of(kind, n_kinds, name="kind", least=-1)
        if kind.shape != self.sources.shape:
            raise InvalidArgument(f"kind needs {self.n_neurons:,} entries; found {len(kind):,}")
        if self.pairs is not None:
            return self.pairs.between(kind, n_kinds)[0]
        rows, columns, loops = (
            np.bincount(kind[mask & (kind >= 0)], minlength=n_kinds)
            for mask in (self.sources, self.targets, self.sources & self.targets)
        )
        found: npt.NDArray[np.int64] = np.outer(rows, columns)
        return found if self.diagonal else found - np.diag(loops)

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
        pre, post = ends_of(pre, post, self.n_neurons)
        if self.pairs is not None:
            return self.pairs.contains(pre, post)
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

    def exposure_of(
        self, pre: npt.NDArray[Any], post: npt.NDArray[Any]
    ) -> npt.NDArray[np.float64] | None:
        """Return the exposure of pairs given as positions, NaN outside; None when there is none.

        Parameters
        ----------
        pre, post
            Integer arrays of one length.

        Examples
        --------
        >>> import numpy as np
        >>> met = PairSet.build(np.array([0]), np.array([1]), 2, np.array([3.5]), name="area")
        >>> Domain.full(2).within(met).exposure_of(np.array([0, 1]), np.array([1, 0]))
        array([3.5, nan])
        """
        pre, post = ends_of(pre, post, self.n_neurons)
        if self.pairs is None or self.pairs.exposure is None:
            return None
        return np.append(self.pairs.exposure, np.nan)[self.pairs.places(pre, post)]

    def require_rectangle(self, what: str) -> None:
        """Raise when the domain is a sparse set of pairs.

        Parameters
        ----------
        what
            What cannot be defined there, and why, for the message.

        Raises
        ------
        InvalidArgument
            When only some pairs of sources and targets could have met.

        Examples
        --------
        >>> Domain.full(2).require_rectangle("modularity")
        """
        if self.pairs is not None:
            raise InvalidArgument(
                f"{what}; this graph's domain is a set of pairs (within): use the graph before "
                "within(), or a statistic that counts pairs"
            )

    def within(self, pairs: PairSet) -> Domain:
        """Return the part of the domain that lies in a set of pairs.

        Where the domain is such a set already, the pairs of both remain; they have the exposure
        of `pairs`, or their old one where `pairs` has none.

        Parameters
        ----------
        pairs
            The pairs that could have met, over the same neurons.

        Examples
        --------
        >>> import numpy as np
        >>> touching = PairSet.build(np.array([0, 1]), np.array([1, 0]), 3)
        >>> Domain.full(3).within(touching).n_pairs
        2
        """
        kept = pairs if self.pairs is None else pairs.both(self.pairs)
        return Domain(self.sources, self.targets, self.policy, self.diagonal, kept)

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
        rows, columns = self.sources, self.targets
        for name, given in (("sources", sources), ("targets", targets)):
            if given is None:
                continue
            mask = _mask(given, name=name)
            if mask.shape != rows.shape:
                raise InvalidArgument(
                    f"{name} needs one entry for each of {self.n_neurons:,} neurons; found an "
                    f"array of shape {mask.shape}"
                )
            rows, columns = (rows & mask, columns) if name == "sources" else (rows, columns & mask)
        if policy in (None, "all", self.policy):
            title = self.policy
        else:
            title = policy if self.policy == "all" else f"{self.policy} and {policy}"
        return Domain(rows, columns, title, self.diagonal, self.pairs)

    def take(self, positions: npt.NDArray[Any]) -> Domain:
        """Return the domain over the neurons at `positions`, in that order.

        Examples
        --------
        >>> import numpy as np
        >>> Domain([True, False], [True, True]).take(np.array([1])).n_sources
        0
        """
        positions = positions_of(positions, self.n_neurons, name="positions")
        pairs = None if self.pairs is None else self.pairs.take(positions)
        ends = self.sources[positions], self.targets[positions]
        return Domain(*ends, self.policy, self.diagonal, pairs)

    @property
    def content(self) -> tuple[Mask, Mask, str, bool, PairSet | None]:
        """What makes two domains equal: masks, policy, diagonal and pairs."""
        return self.sources, self.targets, self.policy, self.diagonal, self.pairs

    def __reduce__(self) -> tuple[Any, ...]:
        # Without what was derived.
        return Domain, self.content

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Domain):
            return NotImplemented
        return self is other or (
            (self.policy, self.diagonal) == (other.policy, other.diagonal)
            and np.array_equal(self.sources, other.sources)
            and np.array_equal(self.targets, other.targets)
            and self.pairs == other.pairs
        )

    def __hash__(self) -> int:
        return hash((self.policy, self.sources.tobytes(), self.targets.tobytes(), self.pairs))

    def __repr__(self) -> str:
        shape = f"{self.n_sources:,} sources x {self.n_targets:,} targets"
        return f"Domain({self.policy!r}: {shape}, {self.said})"

    @property
    def said(self) -> str:
        """The pairs of the domain in words, and their exposure."""
        if self.pairs is None:
            return f"{self.n_pairs:,} pairs"
        text = f"{self.n_pairs:,} pairs that could have met"
        if self.pairs.exposure is None:
            return text
        return f"{text}, {self.pairs.name} {self.exposure:,.6g}"

    def describe(self) -> dict[str, Any]:
        """Return the domain's name and sizes as JSON-able types.

        Examples
        --------
        >>> Domain.full(2).describe()
        {'policy': 'all', 'n_sources': 2, 'n_targets': 2, 'n_pairs': 2}
        """
        told: dict[str, Any] = {
            "policy": self.policy,
            "n_sources": self.n_sources,
            "n_targets": self.n_targets,
            "n_pairs": self.n_pairs,
        }
        if self.pairs is not None:
            told["pairs"] = "set"
            if self.pairs.exposure is not None:
                told |= {"exposure": self.exposure, "exposure_name": self.pairs.name}
        return told

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


guard_methods(Domain)
