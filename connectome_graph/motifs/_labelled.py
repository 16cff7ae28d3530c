"""Motifs of typed neurons: triads told apart by the types of their members."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By, whole
from connectome_graph.comparison._coded import CodedRow, Coding, Row, coded, small
from connectome_graph.comparison._components import components
from connectome_graph.motifs._cap import MOST_KINDS, check_cap, holds_open, say_closed
from connectome_graph.motifs._classes import CLASSES, CONNECTED, code_tables, dyad, template_code
from connectome_graph.motifs._kinds import TypedCore, typed_core
from connectome_graph.motifs._oriented import (
    Codes,
    Counts,
    Oriented,
    added,
    is_dense,
    orient,
    over_workers,
)

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["labelled_census"]

#: Up to this many types the counts are held in dense tables, above in hash tables.
DENSE_KINDS = 32


class Triads(NamedTuple):
    """Counts of triads by triad code and the types of its three neurons: int64[found] each."""

    code: Counts
    first: Counts
    second: Counts
    third: Counts
    many: Counts


def _coding(g: ConnectomeGraph, by: By, *, max_kinds: int = MOST_KINDS) -> Coding:
    return LabelledCoding.of(g, by, max_kinds)


@coded(_coding)
def labelled_census(g: ConnectomeGraph, by: By, *, max_kinds: int = MOST_KINDS) -> pd.DataFrame:
    """Count the connected triads by class and by the types of their members.

    Two triads are the same when one can be laid over the other with edges and types matching.
    As in :func:`triad_census`, all six ordered pairs must be in the domain; summed over the
    types, a class gives its census among the typed neurons. Neurons without a type are left
    out. The unconnected classes 003, 012 and 102 are not listed.

    Only kinds that occur are held, and at most `max_kinds` of them. The kinds of closed triads
    (all three pairs connected) that occur are at most the triangles of the graph; those of open
    triads grow with the squares of degrees, and with thousands of types are nearly as many as the
    triads. Where they could be more than the cap, the closed ones alone are listed, and a
    :class:`~connectome_graph.errors.IncompleteWarning` and ``attrs["open_triads"]`` say so.

    Parameters
    ----------
    g
        The graph.
    by
        The neuron column with the types.
    max_kinds
        The most kinds of triads that are held: about 300 bytes each.

    Returns
    -------
    pandas.DataFrame
        A row for each kind of triad that occurs: ``triad`` (class), ``a b c`` (types at the
        positions of the class, as in ``classes.TEMPLATES``: 030T is a -> b, a -> c, b -> c;
        among interchangeable positions the types are sorted) and ``count`` (int64).
        ``attrs["n_classes"]`` is the number of kinds looked at, that could occur with the types
        at hand: the number of tests in any comparison. ``attrs["n_untyped"]`` is the number of
        neurons left out. ``attrs["open_triads"]`` is whether open triads are listed, and
        ``attrs["max_kinds"]`` the cap.

    Raises
    ------
    UnknownName
        When there is no such neuron column.
    InvalidArgument
        When no observed neuron has a type, for a graph of types, or when the closed triads alone
        are of more kinds than `max_kinds`.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["23P", "23P", "BC"]})
    >>> edges = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 3, 3]})
    >>> table = cg.motifs.labelled_census(cg.from_tables(edges, cells), by="cell_type")
    >>> table
      triad    a    b   c  count
    0  030T  23P  23P  BC      1
    >>> table.attrs["n_classes"]
    30
    """
    whole(max_kinds, name="max_kinds")
    typed = typed_core(g, by)
    possible = n_possible(typed.sizes)
    is_open = holds_open(typed, possible, max_kinds)
    found = _counted(typed, is_open=is_open)
    if typed.part.met is not None:
        possible = _n_possible_met(found)
    triad, types, many = _collected(_connected(typed, found), len(typed.names))
    check_cap(len(many), max_kinds, is_open=is_open, by=by)
    table = pd.DataFrame({"triad": np.array(CLASSES, object)[triad]})
    for position, name in enumerate("abc"):
        table[name] = typed.names.take(types[:, position]).array
    table["count"] = many
    table.attrs = {
        "by": by,
        "n_classes": possible,
        "n_untyped": typed.n_untyped,
        "open_triads": is_open,
        "max_kinds": max_kinds,
    }
    return table


def _counted(typed: TypedCore, *, is_open: bool) -> Triads:
    """Return the triads of a core, the open ones or not.

    Where not all pairs could have met they are triples that could, unconnected ones too.
    """
    if typed.part.n < 3:
        return Triads(*(np.empty(0, np.int64) for _ in range(5)))
    if typed.part.met is not None or not is_open:
        return _triangles(typed, orient(typed.part))
    if is_dense(typed.part) and len(typed.names) <= DENSE_KINDS:
        return _with_open(*_by_bits(typed))
    return _with_open(*_by_triangles(typed))


def _connected(typed: TypedCore, found: Triads) -> Triads:
    """Return the triads of the connected classes."""
    if typed.part.met is None:
        return found
    connected = np.isin(code_tables().triad[found.code], [CLASSES.index(n) for n in CONNECTED])
    return Triads(*(column[connected] for column in found))


@dataclass(frozen=True)
class LabelledCoding:
    """Numbers the kinds of triads: class and types as digits of one number.

    Attributes
    ----------
    by
        The neuron column with the types.
    names
        The types of the observed graph.
    is_open
        Whether open triads are held: what was so for the observed graph is so for all.
    max_kinds
        The cap.
    """

    by: By
    names: pd.Index
    is_open: bool
    max_kinds: int

    @classmethod
    def of(cls, g: ConnectomeGraph, by: By, max_kinds: int) -> LabelledCoding:
        """Return the numbering for graphs with the types of `g`."""
        typed = typed_core(g, by)
        is_open = holds_open(typed, n_possible(typed.sizes), max_kinds)
        if not is_open:
            say_closed(max_kinds, by)
        return cls(by, typed.names, is_open, max_kinds)

    def count(self, g: ConnectomeGraph) -> Row:
        """Return the kinds of triads that a graph has, and how many of each."""
        typed = typed_core(g, self.by)
        if not typed.names.equals(self.names):
            return components(
                labelled_census(g, self.by, max_kinds=self.max_kinds), "labelled_census"
            )
        n_kinds = len(self.names)
        triad, types, many = _collected(
            _connected(typed, _counted(typed, is_open=self.is_open)), n_kinds
        )
        codes = ((triad * n_kinds + types[:, 0]) * n_kinds + types[:, 1]) * n_kinds + types[:, 2]
        return CodedRow(codes, small(many))

    def labels(self, codes: Counts) -> pd.Index:
        """Return class and types of some kinds of triads, as the census lists them."""
        n_kinds = len(self.names)
        digits = [codes // n_kinds**2 % n_kinds, codes // n_kinds % n_kinds, codes % n_kinds]
        types = [self.names.take(digit).array for digit in digits]
        triad = np.array(CLASSES, object)[codes // n_kinds**3]
        return pd.MultiIndex.from_arrays([triad, *types], names=["triad", "a", "b", "c"])


def n_possible(sizes: Counts) -> int:
    """Return how many kinds of connected triads can occur with types of these sizes.

    Examples
    --------
    >>> n_possible(np.array([3]))
    13
    """
    one, two, three = (int((sizes >= size).sum()) for size in (1, 2, 3))
    return _n_kinds_of_triads(one * (one - 1) * (one - 2), two * (one - 1), three)


def _n_possible_met(found: Triads) -> int:
    """Return the same where not all pairs could have met: with the types that meet in threes."""
    types = np.unique(np.sort(np.stack([found.first, found.second, found.third]), axis=0), axis=1)
    different = 1 + (np.diff(types, axis=0) != 0).sum(axis=0)
    alike, paired, distinct = (int((different == number).sum()) for number in (1, 2, 3))
    return _n_kinds_of_triads(6 * distinct, paired, alike)


def _n_kinds_of_triads(distinct: int, paired: int, three: int) -> int:
    """Return the kinds of connected triads on types: all different (in order), two alike, alike."""
    total = 0
    for name in CONNECTED:
        orders = len({tuple(order) for order in code_tables().orders[template_code(name)].tolist()})
        # Two alike: one arrangement when all positions can be exchanged or turned into each
        # other, two when a pair of positions can, three when none can.
        arrangements = {1: 3, 2: 2, 3: 1, 6: 1}[orders]
        total += distinct // orders + arrangements * paired + three
    return total


def _by_bits(typed: TypedCore) -> tuple[Triads, Triads]:
    """Return the triangles and the wedges from bit matrices."""
    from connectome_graph._kernels import triads_bits, triads_labelled

    part, kind, n_kinds = typed.part, typed.kind, len(typed.names)
    place, first_word, ordered = triads_bits.bit_places(kind, n_kinds)
    rows = triads_bits.bit_rows(part.pre, part.post, part.n, place, first_word[-1])
    counts = triads_bits.closed_by_kind(
        part.pre, part.post, kind, ordered, place, *rows, first_word
    )
    which, a, b, z = np.nonzero(counts)
    closed = Triads(_bit_codes()[which], a, b, z, counts[which, a, b, z])
    degrees = triads_bits.row_counts(*rows, first_word).reshape(part.n, 3 * n_kinds)
    return _thirds(closed, n_kinds), _wedges(
        triads_labelled.wedges_dense(degrees, kind, n_kinds), n_kinds
    )


@cache
def _bit_codes() -> Counts:
    """Return the triad code, with a, b, z as neurons 0, 1, 2, of each class of the bit kernel."""
    return np.array(
        [
            1 | 1 << 2 | 2 << 4,
            1 | 2 << 2 | 1 << 4,
            3 | 2 << 2 | 2 << 4,
            3 | 1 << 2 | 1 << 4,
            3 | 1 << 2 | 2 << 4,
            1 | 3 << 2 | 3 << 4,
            63,
        ],
        np.int64,
    )


def _thirds(closed: Triads, n_kinds: int) -> Triads:
    """Collect the 300s, each seen from its three pairs, and take a third."""
    full = closed.code == 63
    triad, types, many = _collected(Triads(*(column[full] for column in closed)), n_kinds)
    parts = (np.full(len(triad), 63), *types.T, many // 3)
    return Triads(
        *(np.concatenate([old[~full], new]) for old, new in zip(closed, parts, strict=True))
    )


def _by_triangles(typed: TypedCore) -> tuple[Triads, Triads]:
    """Return the triangles and the wedges from the degree-ordered adjacency."""
    from connectome_graph._kernels import triads_labelled

    part, n_kinds = typed.part, len(typed.names)
    oriented = orient(part)
    closed = _triangles(typed, oriented)
    kind = _by_rank(typed, oriented)
    if n_kinds <= DENSE_KINDS:
        degrees = triads_labelled.degrees_by_kind(*oriented.rows, kind, n_kinds)
        table = triads_labelled.wedges_dense(degrees.reshape(part.n, -1), kind, n_kinds)
        return closed, _wedges(table, n_kinds)
    key_open, many_open = triads_labelled.wedges_sparse(*oriented.arrays, kind, n_kinds)
    return closed, _ends(key_open, many_open, n_kinds)


def _by_rank(typed: TypedCore, oriented: Oriented) -> Codes:
    """Return the type of every rank."""
    kind = np.empty(typed.part.n, np.int32)
    kind[oriented.rank] = typed.kind
    return kind


def _triangles(typed: TypedCore, oriented: Oriented) -> Triads:
    """Return the triangles of the rows of a core, by triad code and types."""
    from connectome_graph._kernels import triads_labelled

    size, n_kinds = typed.part.size, len(typed.names)
    arrays = (*oriented.arrays, _by_rank(typed, oriented), n_kinds)
    if n_kinds <= DENSE_KINDS:
        dense = added(
            over_workers(lambda w, of: triads_labelled.closed_dense(*arrays, w, of), size)
        )
        low, middle, high, code = np.nonzero(dense)
        return Triads(code, low, middle, high, dense[low, middle, high, code])
    parts = over_workers(lambda w, of: triads_labelled.closed_sparse(*arrays, w, of), size)
    key, many = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    low, middle, high = key // 64 // n_kinds**2, key // 64 // n_kinds % n_kinds, key // 64 % n_kinds
    return Triads(key % 64, low, middle, high, many)


def _wedges(table: Counts, n_kinds: int) -> Triads:
    key = np.flatnonzero(table)
    return _ends(key, table.ravel()[key], n_kinds)


def _ends(key: Counts, many: Counts, n_kinds: int) -> Triads:
    """Return wedges as triads whose neuron 0 is the middle and whose ends are not connected."""
    width = 3 * n_kinds
    middle, own, other = key // width**2, key // width % width, key % width
    code = own // n_kinds + 1 | other // n_kinds + 1 << 2
    return Triads(code, middle, own % n_kinds, other % n_kinds, many)


def _with_open(closed: Triads, wedges: Triads) -> Triads:
    """Return the closed triads and, from the wedges less those inside closed ones, the open."""
    pieces = [closed, wedges]
    types = (closed.first, closed.second, closed.third)
    for middle, own, other in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
        code = _inner_wedges()[middle][closed.code]
        pieces.append(Triads(code, types[middle], types[own], types[other], -closed.many))
    return Triads(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))


@cache
def _inner_wedges() -> Counts:
    """Return int64[3, 64]: the code of the wedge around each neuron of a closed triad."""
    table = np.zeros((3, 64), np.int64)
    for code in range(64):
        for middle, own, other in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
            table[middle, code] = dyad(code, middle, own) | dyad(code, middle, other) << 2
    return table


def _collected(found: Triads, n_kinds: int) -> tuple[Counts, Counts, Counts]:
    """Return class, types at the positions a, b, c, and number, one row a kind of triad."""
    triad = code_tables().triad[found.code]
    types = np.stack([found.first, found.second, found.third], axis=1).astype(np.int64)
    key = np.einsum("fon,fn->fo", _place_values(n_kinds)[found.code], types).min(axis=1)
    key += triad * n_kinds**3
    if n_kinds <= DENSE_KINDS:
        totals = np.zeros(len(CLASSES) * n_kinds**3, np.int64)
        np.add.at(totals, key, found.many)
        distinct = np.flatnonzero(totals)
        many = totals[distinct]
    else:
        distinct, at = np.unique(key, return_inverse=True)
        many = np.zeros(len(distinct), np.int64)
        np.add.at(many, at, found.many)
        distinct, many = distinct[many != 0], many[many != 0]
    rest = distinct % n_kinds**3
    types = np.stack([rest // n_kinds**2, rest // n_kinds % n_kinds, rest % n_kinds], axis=1)
    return distinct // n_kinds**3, types, many


@lru_cache(maxsize=8)
def _place_values(n_kinds: int) -> Counts:
    """Return int64[64, 6, 3]: what each neuron's type is worth under each order of the positions.

    The types at a, b, c are digits of one number; the smallest number over the orders that give
    the class names the kind of triad.
    """
    orders = code_tables().orders
    worth = np.empty(orders.shape, np.int64)
    digits = np.broadcast_to(np.array([n_kinds**2, n_kinds, 1]), orders.shape)
    np.put_along_axis(worth, orders, digits, axis=2)
    return worth
