"""What the nulls that trade edges share: how long a chain runs, and how a sample is made of it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import Seed, is_number
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls import _ahead
from connectome_graph.nulls._base import (
    NullFunction,
    NullModel,
    Sampler,
    edge_columns,
    lone_sample,
    sampler,
)
from connectome_graph.nulls._chains import Chain, pointers, random_state
from connectome_graph.nulls._mixing import Mixing, mixing

__all__ = ["Length", "Settled", "TradingNull", "compile_ahead", "settle"]

#: Passes over all edges, or "auto": as many as a pilot on the graph finds to be enough.
Length: TypeAlias = float | Literal["auto"]

# From this many edges on a lone sample is drawn by all processors.
_MANY_EDGES = 200_000


class TradingNull(NullModel):
    """A null model that starts at the observed graph and trades edges.

    Each sample is a chain of its own; `swaps_per_edge` decides how far each one gets. With a
    number it begins at the observed graph. With ``"auto"`` a pilot is run once per graph, and
    samples begin where its chains ended, at random graphs of the null model, as the parallel
    method of Besag & Clifford (1989), Biometrika 76, 633-642 does: from there fewer passes lead
    to a new one. The synapse counts and sizes of a neuron's output edges are dealt to its new
    output edges at random.
    """

    #: How far a chain runs; a field of every null that trades.
    swaps_per_edge: Length
    # The class of its chain, where its kernels may be compiled ahead.
    _chain_class: ClassVar[str] = ""

    def __post_init__(self) -> None:
        swaps: Any = self.swaps_per_edge
        fits = is_number(swaps) and 0 < swaps < math.inf
        if not fits and swaps != "auto":
            raise InvalidArgument(
                f"swaps_per_edge={swaps!r} must be a number above 0, or 'auto' for as many as a "
                "pilot on the graph finds to be enough"
            )

    @abstractmethod
    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of trades that starts at `g`; call ``fresh()`` to run one."""

    @property
    def _kept(self) -> str:
        """What the sentence of a sample's provenance says is kept."""
        return "every in- and out-degree"

    def mixing(self, g: ConnectomeGraph) -> Mixing:
        """Return how fast chains from `g` forget where they began, by a pilot run once per graph.

        Parameters
        ----------
        g
            The observed graph.
        """
        g.domain.require_simple(type(self).__name__)
        # The length does not change how fast a chain forgets.
        compile_ahead(g, self)
        found = mixing(g, replace(self, swaps_per_edge="auto"), self.chain)  # type: ignore[type-var]
        return found if self.swaps_per_edge == "auto" else found.after(self._passes)

    @property
    def _passes(self) -> int:
        return math.ceil(float(self.swaps_per_edge))

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share."""
        return self._prepared(g, n_threads=1)

    def sample(self, g: ConnectomeGraph, seed: Seed = 0) -> ConnectomeGraph:
        """Return one random graph, drawn by all processors when the graph is large.

        Parameters
        ----------
        g
            The observed graph.
        seed
            Integer, SeedSequence or Generator; the same seed gives the same graph, whatever the
            number of processors.

        Raises
        ------
        InvalidArgument
            For a graph of types.

        Warns
        -----
        NotMixedWarning
            When the chain does not forget the observed graph.
        """
        from connectome_graph._kernels import threads

        n_threads = threads.n_threads() if g.n_edges >= _MANY_EDGES else 1
        auto = self.swaps_per_edge == "auto"
        if auto:
            self.mixing(g).warn(type(self).__name__)

        def prepared(g: ConnectomeGraph) -> Sampler:
            return self._prepared(g, n_threads=n_threads)

        sample = lone_sample(self, sampler(g, self, prepare=prepared), seed)
        if not auto and g.n_edges and not sample.provenance.fact("n_moved"):
            self.mixing(g).warn(type(self).__name__)
        return sample

    def _prepared(
        self, g: ConnectomeGraph, *, n_threads: int, found: Mixing | None = None
    ) -> Sampler:
        g.domain.require_simple(type(self).__name__)
        if found is None and self.swaps_per_edge == "auto":
            found = self.mixing(g)
        starts = found.starts if found is not None and found.starts else (self.chain(g),)
        passes = self._passes if found is None else found.passes
        deal, verb = _dealing(g), type(self).__name__
        sentence, facts = self._told(g, passes, found)
        _ahead.finish()

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            start = starts[int(rng.integers(len(starts)))]
            chain, state = start.fresh(), random_state(rng)
            moved = chain.advance(passes, state, n_threads=n_threads)
            pre, post = chain.edges()
            return g.rewired(
                pre, post, columns=deal(state), verb=verb, sentence=sentence,
                facts={"n_moved": moved, **facts},
            )  # fmt: skip

        return draw

    def _told(
        self, g: ConnectomeGraph, passes: int, found: Mixing | None
    ) -> tuple[str, dict[str, Any]]:
        """Return the sentence and the facts that the provenance of every sample has."""
        facts: dict[str, Any] = {"n_passes": passes, "swaps_per_edge": self.swaps_per_edge}
        length = f"{passes} passes over all edges"
        if found is not None:
            facts |= {"mixed": found.mixed, **found.evidence}
            length += ", as a pilot found enough"
            if found.starts:
                before = found.evidence["passes_to_start"]
                length += f", from a graph that {before} passes had led away from the observed one"
        sentence = (
            f"{g.n_edges:,} edges were traded at random inside the domain, keeping {self._kept} "
            f"({type(self).__name__}, {length})."
        )
        return sentence, facts


@dataclass(frozen=True)
class ReadyNull(NullModel):
    """A null that trades edges of one graph, with what the pilot on that graph found.

    It can be sent to another process, where no pilot is run again.
    """

    null: TradingNull
    found: Mixing

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Stand up in another process, the graph's own arrays read-only again.

        Kernels are compiled for read-only arrays and for others apart.
        """
        self.__dict__.update(state)
        for start in self.found.starts:
            start.edges()[0].flags.writeable = False

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return self.null.preserves

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, the graph of the pilot."""
        return self.null._prepared(g, n_threads=1, found=self.found)


def compile_ahead(g: ConnectomeGraph, null: Any) -> None:
    """Let another process compile what the chain of a null needs, in the first call of all.

    Parameters
    ----------
    g
        The observed graph.
    null
        A null; where it has no chain that is known, nothing happens.
    """
    if isinstance(null, TradingNull) and null._chain_class:
        _ahead.begin(null._chain_class, g.n_neurons)


def _dealing(g: ConnectomeGraph) -> Callable[[npt.NDArray[np.uint64]], dict[str, Any]]:
    """Return a function that deals the weights of every neuron's output edges to them anew."""
    from connectome_graph._kernels.row_pairs import shuffle_within

    columns = edge_columns(g)
    if "size" not in columns and (columns["count"] == 1).all():
        return lambda _: columns
    start = pointers(g.edge_codes[0], g.n_neurons)
    places = np.arange(g.n_edges, dtype=np.int32)

    def deal(state: npt.NDArray[np.uint64]) -> dict[str, Any]:
        order = places.copy()
        shuffle_within(start, order, state)
        return {name: values[order] for name, values in columns.items()}

    return deal


@dataclass(frozen=True)
class Settled:
    """A null as an ensemble of it is drawn, and whether its samples are random graphs."""

    null: NullModel | NullFunction
    mixed: bool | None
    mixing: Mixing | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What the provenance says of the chain."""
        if self.mixing is None:
            return {}
        return {"mixed": self.mixed, "n_passes": self.mixing.passes, **self.mixing.evidence}


def settle(g: ConnectomeGraph, null: NullModel | NullFunction) -> Settled:
    """Return a null with the length of its chain decided, once for all samples of an ensemble."""
    if isinstance(null, TradingNull):
        found = null.mixing(g)
        ready = ReadyNull(null, found) if null.swaps_per_edge == "auto" else null
        return Settled(ready, found.mixed, found)
    return Settled(null, True if isinstance(null, NullModel) else None)
