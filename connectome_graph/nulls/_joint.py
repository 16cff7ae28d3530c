"""Random graphs that keep degrees, reciprocity, types and distances together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import Bins, By, bin_edges, is_number, number
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._allowed import allowed_pairs
from connectome_graph.nulls._base import Sampler, edge_columns
from connectome_graph.nulls._chains import Chain, random_state
from connectome_graph.nulls._dyad_chain import DyadChain
from connectome_graph.nulls._joint_fit import Dyads, fitted
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._reciprocal import roles
from connectome_graph.nulls._soft import SoftNull
from connectome_graph.nulls._spatial import positions, reaching
from connectome_graph.nulls._trading import Length, TradingNull
from connectome_graph.nulls._typed import by_columns, type_codes

__all__ = ["ExactJointConfiguration", "JointConfiguration"]

_DEGREES = ("edges", "dyads", "out_degree", "in_degree", "mutual_degree")


@dataclass(frozen=True)
class JointConfiguration(SoftNull):
    """In-, out- and mutual degrees, type blocks and distances kept together, on average.

    Maximum entropy with independent dyads: of all distributions over graphs on the domain in
    which every neuron has its out-, in- and mutual degree on average, every pair of types (with
    `by`) its edges and every distance bin (with `bins`) its edges, the most random one. A dyad is
    unconnected, one-way or mutual with chances that follow from strengths of its two neurons, a
    weight of their types and one of their distance, fitted by maximum likelihood. In
    :func:`connectome_graph.compare` every sample is held against graphs of its own fit.
    :class:`ExactJointConfiguration` keeps the same exactly. Synapse counts and sizes are drawn from
    the observed edges with replacement.

    Parameters
    ----------
    by
        Neuron column, or columns, of the types; neurons without a label form a type.
    bins
        Edges of distance bins in um, or their width; needs positions of all neurons.
    tolerance
        Largest difference between an expected and an observed degree, as a share of the square
        root of the observed one (its random spread).

    References
    ----------
    Holland & Leinhardt (1981), An exponential family of probability distributions for directed
    graphs, J. Am. Stat. Assoc. 76, 33-50. Squartini & Garlaschelli (2011), New J. Phys. 13, 083001.

    Examples
    --------
    >>> import numpy as np, connectome_graph as cg
    >>> g = cg.from_adjacency((np.random.default_rng(0).random((20, 20)) < 0.3).astype(int))
    >>> null = cg.nulls.JointConfiguration()
    >>> null.preserves["mutual_degree"], null.sample(g, seed=1).n_neurons
    ('expected', 20)
    """

    by: By | None = None
    bins: Bins | None = None
    tolerance: float = 0.01

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", None if self.by is None else by_columns(self.by))
        object.__setattr__(self, "bins", _checked(self.bins))
        number(self.tolerance, name="tolerance", above=0)

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(exact=("labels",), expected=(*_DEGREES, *_more(self.by, self.bins)))

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share.

        Raises
        ------
        InvalidArgument
            When the strengths do not converge.
        """
        from connectome_graph._kernels.joint_dyads import draw_dyads

        dyads, columns = _dyads(g, self.by, self.bins), edge_columns(g)
        fit = fitted(dyads, self.tolerance)
        room = int(1.2 * g.n_edges) + 64

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            pre, post = draw_dyads(*fit.arguments(dyads), room, random_state(rng))
            # Without an observed edge there is none to draw a weight from, nor a need to.
            weights = rng.integers(0, max(g.n_edges, 1), len(pre))
            return g.rewired(
                pre,
                post,
                columns={name: values[weights] for name, values in columns.items()},
                verb="JointConfiguration",
                sentence="Dyads were drawn independently on the domain, every in-, out- and mutual "
                f"degree{_told(self.by, self.bins)} as observed on average (JointConfiguration).",
            )

        return draw


@dataclass(frozen=True)
class ExactJointConfiguration(TradingNull):
    """In-, out- and mutual degrees, type blocks and distances kept together, exactly.

    The chain of :class:`TypedReciprocalConfiguration` in which a trade also deals third neurons
    apart by the distance bins in which they lie from the two that trade: every neuron keeps its
    in-, out- and mutual degree towards every type, and edges keep how many lie in each bin. The
    finer types and bins are, the less can move; a pilot tells when nothing does.

    Parameters
    ----------
    by
        Neuron column, or columns, of the types; neurons without a label form a type.
    bins
        Edges of distance bins in um, or their width; needs positions of all neurons.
    swaps_per_edge
        How often each edge may move: passes over all edges. ``"auto"`` takes as many as a pilot
        on the graph finds to be enough; see :class:`Configuration`.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> null = cg.nulls.ExactJointConfiguration(by="cell_type", bins=(0, 50, 100, 200))
    >>> null.preserves["distance_bins"], null.preserves["mutual_degree"]
    ('exact', 'exact')
    """

    by: By | None = None
    bins: Bins | None = None
    swaps_per_edge: Length = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "by", None if self.by is None else by_columns(self.by))
        object.__setattr__(self, "bins", _checked(self.bins))

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        more = _more(self.by, self.bins)
        return kept(exact=(*_DEGREES, *more, "labels", "edge_weights", "out_strength"))

    @property
    def _kept(self) -> str:
        return f"every in-, out- and mutual degree{_told(self.by, self.bins)}"

    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of trades that starts at `g`; call ``fresh()`` to run one."""
        types, _ = type_codes(g, self.by)
        xyz, inner = _places(g, self.bins)
        return DyadChain(
            *g.edge_codes, g.n_neurons, group=4 * types + roles(g),
            allowed=allowed_pairs(g.domain), xyz=xyz, bins=inner,
        )  # fmt: skip


def _checked(bins: Any) -> Any:
    """Return bins so that the null model can be hashed: a width, or a tuple of edges."""
    if bins is None:
        return None
    if is_number(bins):
        return number(bins, name="bins", above=0)
    edges = bin_edges(bins, ())
    if edges[0] < 0:
        raise InvalidArgument(f"bins={bins!r} must be distances of at least 0 um")
    return tuple(edges.tolist())


def _more(by: Any, bins: Any) -> tuple[str, ...]:
    typed = () if by is None else ("type_pairs",)
    return typed if bins is None else (*typed, "distance_bins")


def _told(by: Any, bins: Any) -> str:
    typed = "" if by is None else ", every pair of types"
    return typed if bins is None else f"{typed} and every distance bin"


def _places(
    g: ConnectomeGraph, bins: Any
) -> tuple[npt.NDArray[np.float64] | None, npt.NDArray[np.float64] | None]:
    """Return positions and the inner edges of bins, where there are bins."""
    if bins is None:
        return None, None
    xyz = positions(g)
    return xyz, reaching(bins, xyz)[1:-1]


def _dyads(g: ConnectomeGraph, by: Any, bins: Any) -> Dyads:
    """Return what the fit needs of a graph."""
    g.domain.require_simple("JointConfiguration")
    types, n_types = type_codes(g, by)
    xyz, inner = _places(g, bins)
    return Dyads.of(g, types, n_types, xyz, inner)
