"""The degree-ordered adjacency of edges on disk, in blocks of rows, and what is counted in them.

Neurons are ranked by degree; a block holds the pairs whose lower rank lies in one range. Each
step is a function of one part of the edges, of one block or of two, so that it can run on any
worker, and run again when that worker dies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.parquet

from connectome_graph.errors import UnreadableFile
from connectome_graph.sources.engine import EdgeFolder, row_groups

__all__ = [
    "Block",
    "Piece",
    "Totals",
    "block_of",
    "cut",
    "degrees_of",
    "dyad_degrees",
    "lows_of",
    "pieces_of",
    "ranked",
    "split",
    "totals_of",
    "triangles_between",
]

Counts = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]

#: Edges that are read at a time.
PIECE_EDGES = 4_000_000


class Piece(NamedTuple):
    """Some row groups of one Parquet file of edges."""

    file: Path
    row_groups: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """The rows of a range of ranks: each pair once, at its lower rank."""

    first: int
    starts: Counts
    packed: Codes


class Totals(NamedTuple):
    """What the census follows from besides triangles: wedges of six kinds, and pairs."""

    wedges: Counts
    asymmetric: int
    mutual: int


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Name the file when it cannot be read.

    Raises
    ------
    UnreadableFile
        When it is gone or no Parquet file.
    """
    try:
        yield
    except (OSError, pyarrow.ArrowException) as error:
        raise UnreadableFile(f"{file} could not be read as parquet ({error})") from error


def pieces_of(edges: EdgeFolder, *, piece_edges: int = PIECE_EDGES) -> list[Piece]:
    """Return the row groups of a folder of edges, about `piece_edges` at a time."""
    return [Piece(file, groups) for file in edges.parts for groups in row_groups(file, piece_edges)]


def _ends(piece: Piece) -> tuple[Codes, Codes]:
    """Return the neuron codes of both ends of the edges of a piece, autapses left out."""
    with _readable(piece.file), pyarrow.parquet.ParquetFile(piece.file) as file:
        table = file.read_row_groups(list(piece.row_groups), columns=["pre_code", "post_code"])
    pre, post = (np.asarray(table[name], np.int32) for name in ("pre_code", "post_code"))
    apart = pre != post
    return pre[apart], post[apart]


def degrees_of(piece: Piece, member: npt.NDArray[np.bool_]) -> Counts:
    """Return how many edges of a piece between members each neuron has: int64[neurons]."""
    pre, post = _ends(piece)
    inside = member[pre] & member[post]
    n = len(member)
    return np.bincount(pre[inside], minlength=n) + np.bincount(post[inside], minlength=n)


def ranked(degrees: Counts, member: npt.NDArray[np.bool_]) -> Codes:
    """Return the rank of every member by degree, and -1 for the others: int32[neurons]."""
    positions = np.flatnonzero(member)
    rank = np.full(len(member), -1, np.int32)
    rank[positions[np.argsort(degrees[positions], kind="stable")]] = np.arange(
        len(positions), dtype=np.int32
    )
    return rank


def _oriented(piece: Piece, rank: Codes) -> tuple[Codes, Codes, npt.NDArray[np.bool_]]:
    """Return lower rank, higher rank, and whether the edge goes up, of the edges of members."""
    pre, post = (rank[end] for end in _ends(piece))
    inside = (pre >= 0) & (post >= 0)
    pre, post = pre[inside], post[inside]
    return np.minimum(pre, post), np.maximum(pre, post), pre < post


def lows_of(piece: Piece, rank: Codes, n: int) -> Counts:
    """Return how many edges of a piece each rank holds as the lower one: int64[n]."""
    return np.bincount(_oriented(piece, rank)[0], minlength=n)


def cut(lows: Counts, n_blocks: int) -> list[int]:
    """Return the first rank of each of about `n_blocks` blocks of alike many edges, and the end."""
    ends = np.cumsum(lows)
    total = int(ends[-1]) if len(ends) else 0
    inner = np.searchsorted(ends, [total * part / n_blocks for part in range(1, n_blocks)]) + 1
    return sorted({0, *(int(end) for end in inner.clip(max=len(lows))), len(lows)})


def split(piece: Piece, rank: Codes, bounds: Sequence[int]) -> tuple[Keys, ...]:
    """Return the keys of a piece's edges, as ``triads_blocks`` packs them, for every block."""
    low, high, up = _oriented(piece, rank)
    keys = low.astype(np.uint64) << np.uint64(32)
    keys |= high.astype(np.uint64) << np.uint64(2)
    keys |= np.where(up, np.uint64(1), np.uint64(2))
    keys.sort()
    at = np.searchsorted(keys, np.asarray(bounds, np.uint64) << np.uint64(32))
    return tuple(keys[at[i] : at[i + 1]].copy() for i in range(len(bounds) - 1))


def block_of(first: int, n_rows: int, *pieces: Keys) -> Block:
    """Return the block of a range of ranks from what every piece has of it."""
    from connectome_graph._kernels import triads_blocks

    keys = np.sort(np.concatenate(pieces))
    return Block(first, *triads_blocks.block_rows(keys, first, n_rows))


def triangles_between(lower: Block, middle: Block, n: int) -> Counts:
    """Return the triangles of lowest rank in one block and middle rank in another: int64[64]."""
    from connectome_graph._kernels import triads_blocks

    found: Counts = triads_blocks.closed_between(
        lower.starts, lower.packed, middle.first, middle.starts, middle.packed, n
    )
    return found


def dyad_degrees(block: Block, n: int) -> Counts:
    """Return what the pairs of a block give to every rank: int64[n, 3], out, in, both."""
    from connectome_graph._kernels import triads_blocks

    degrees = np.zeros((n, 3), np.int64)
    degrees[block.first :] = triads_blocks.block_degrees(block.first, block.starts, block.packed, n)
    return degrees


def totals_of(degrees: Counts) -> Totals:
    """Return wedges and pairs from the dyad degrees of all ranks."""
    from connectome_graph._kernels import triads

    out, _, both = degrees.sum(axis=0)
    return Totals(triads.wedge_totals(degrees), int(out), int(both) // 2)
