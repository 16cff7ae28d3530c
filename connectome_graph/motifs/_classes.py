"""The 16 triad classes, their roles, and tables over the 64 triad codes.

A *triad code* of three neurons (0, 1, 2) packs three two-bit dyad codes, ``code(0, 1) |
code(0, 2) << 2 | code(1, 2) << 4``; a dyad code has bit 1 for the edge from the first to the
second neuron and bit 2 for the edge back.

References
----------
Davis & Leinhardt 1972, in Sociological Theories in Progress 2:218 (the MAN names).
Batagelj & Mrvar 2001, Social Networks 23:237.
"""

from __future__ import annotations

import itertools
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["CLASSES", "CLOSED", "CONNECTED", "OPEN", "ROLES", "TEMPLATES", "role_names"]

Codes = npt.NDArray[np.int64]

#: The names of the 16 classes in their usual order: mutual, asymmetric and null pairs, and a
#: letter (D down, U up, C cyclic, T transitive) where that leaves a choice.
CLASSES = (
    "003",
    "012",
    "102",
    "021D",
    "021U",
    "021C",
    "111D",
    "111U",
    "030T",
    "030C",
    "201",
    "120D",
    "120U",
    "120C",
    "210",
    "300",
)

#: Edges of each class between the positions a, b, c, and the role of each position. Positions
#: that share a role are interchangeable.
TEMPLATES = MappingProxyType(
    {
        "003": ("", ("isolate", "isolate", "isolate")),
        "012": ("ab", ("source", "target", "isolate")),
        "102": ("ab ba", ("mutual", "mutual", "isolate")),
        "021D": ("ba bc", ("target", "source", "target")),
        "021U": ("ab cb", ("source", "target", "source")),
        "021C": ("ab bc", ("source", "middle", "target")),
        "111D": ("ab ba cb", ("mutual", "middle", "source")),
        "111U": ("ab ba bc", ("mutual", "middle", "target")),
        "030T": ("ab ac bc", ("source", "middle", "target")),
        "030C": ("ab bc ca", ("member", "member", "member")),
        "201": ("ab ba bc cb", ("mutual", "middle", "mutual")),
        "120D": ("ba bc ac ca", ("mutual", "source", "mutual")),
        "120U": ("ab cb ac ca", ("mutual", "target", "mutual")),
        "120C": ("ab bc ac ca", ("source", "middle", "target")),
        "210": ("ab bc cb ac ca", ("source", "target", "mutual")),
        "300": ("ab ba bc cb ac ca", ("member", "member", "member")),
    }
)

#: The classes in which all three pairs are connected.
CLOSED = ("030T", "030C", "120D", "120U", "120C", "210", "300")
#: The classes in which exactly two pairs are connected.
OPEN = ("021D", "021U", "021C", "111D", "111U", "201")
#: The 13 classes that are connected.
CONNECTED = tuple(name for name in CLASSES if name in (*CLOSED, *OPEN))


def role_names(triads: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``"<class>_<role>"`` for every role of the given classes, in order of position.

    Examples
    --------
    >>> role_names(("021D", "300"))
    ('021D_target', '021D_source', '300_member')
    """
    return tuple(
        f"{triad}_{role}" for triad in triads for role in dict.fromkeys(TEMPLATES[triad][1])
    )


#: The 30 roles of the connected classes.
ROLES = role_names(CONNECTED)


def template_code(triad: str) -> int:
    """Return the triad code of a class with its positions a, b, c as neurons 0, 1, 2.

    Examples
    --------
    >>> template_code("300")
    63
    """
    bit = {"ab": 1, "ba": 2, "ac": 4, "ca": 8, "bc": 16, "cb": 32}
    return sum(bit[edge] for edge in TEMPLATES[triad][0].split())


def dyad(code: int, first: int, second: int) -> int:
    """Return the dyad code of two of the neurons of a triad code, seen from the first.

    Examples
    --------
    >>> dyad(template_code("030T"), 2, 0)
    2
    """
    low, high = min(first, second), max(first, second)
    found = code >> 2 * (low + high - 1) & 3
    return found if first < second or found in (0, 3) else 3 - found


def permuted(code: int, order: tuple[int, ...]) -> int:
    """Return the triad code when neuron ``order[p]`` takes place p.

    Examples
    --------
    >>> permuted(1, (1, 0, 2))
    2
    """
    return sum(
        dyad(code, order[a], order[b]) << shift
        for shift, (a, b) in zip((0, 2, 4), ((0, 1), (0, 2), (1, 2)), strict=True)
    )


class CodeTables(NamedTuple):
    """What every triad code means."""

    #: int64[64]: place of its class in :data:`CLASSES`.
    triad: Codes
    #: int64[64, 6, 3]: the orders of its neurons that put them on the positions a, b, c; orders
    #: are repeated to fill six.
    orders: Codes
    #: int64[64, 3]: place in :data:`ROLES` of the role of each neuron, or -1.
    role: Codes


@cache
def code_tables() -> CodeTables:
    """Return the tables over the 64 triad codes, built from :data:`TEMPLATES`."""
    triad = np.empty(64, np.int64)
    orders = np.empty((64, 6, 3), np.int64)
    role = np.full((64, 3), -1, np.int64)
    templates = {template_code(name): name for name in CLASSES}
    for code in range(64):
        fitting = [
            order
            for order in itertools.permutations(range(3))
            if permuted(code, order) in templates
        ]
        name = templates[permuted(code, fitting[0])]
        triad[code] = CLASSES.index(name)
        orders[code] = (fitting * 6)[:6]
        if name in CONNECTED:
            for position, neuron in enumerate(fitting[0]):
                role[code, neuron] = ROLES.index(f"{name}_{TEMPLATES[name][1][position]}")
    return CodeTables(triad, orders, role)


@cache
def dyad_numbers() -> Codes:
    """Return int64[16, 2]: asymmetric and mutual pairs in each class."""
    table = np.zeros((16, 2), np.int64)
    for place, name in enumerate(CLASSES):
        code = template_code(name)
        for shift in (0, 2, 4):
            pair = code >> shift & 3
            if pair:
                table[place, int(pair == 3)] += 1
    return table


#: The middles of wedges, in the order of the kernels: two out, two in, one of each, mutual and
#: in, mutual and out, two mutual.
WEDGE_CLASSES = ("021D", "021U", "021C", "111D", "111U", "201")


def wedge_class(own: int, other: int) -> int:
    """Return which of :data:`WEDGE_CLASSES` a middle with these two dyads makes.

    Dyads are as the middle sees them: 1 outgoing, 2 incoming, 3 mutual.

    Examples
    --------
    >>> WEDGE_CLASSES[wedge_class(3, 2)]
    '111D'
    """
    pairs = {(1, 1): 0, (2, 2): 1, (1, 2): 2, (2, 3): 3, (1, 3): 4, (3, 3): 5}
    return pairs[min(own, other), max(own, other)]


@cache
def wedges_in() -> Codes:
    """Return int64[16, 6]: the wedges of each kind inside a triad of each class."""
    table = np.zeros((16, 6), np.int64)
    for place, name in enumerate(CLASSES):
        code = template_code(name)
        for middle in range(3):
            own, other = (dyad(code, middle, end) for end in range(3) if end != middle)
            if own and other:
                table[place, wedge_class(own, other)] += 1
    return table
