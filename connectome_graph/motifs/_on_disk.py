"""The triad census of edges that stay outside memory, on this machine or on a Dask cluster."""

from __future__ import annotations

import itertools
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import whole
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.motifs._blocks import (
    PIECE_EDGES,
    Block,
    Counts,
    Piece,
    Totals,
    block_of,
    cut,
    degrees_of,
    dyad_degrees,
    lows_of,
    pieces_of,
    ranked,
    split,
    totals_of,
    triangles_between,
)
from connectome_graph.motifs._census import census_series, completed
from connectome_graph.motifs._classes import code_tables
from connectome_graph.motifs._oriented import MOST_NEURONS
from connectome_graph.sources.engine import EdgeFolder, observed_edges
from connectome_graph.sources.engine import _dask as dask

__all__ = ["triad_census"]

T = TypeVar("T")
Mask = npt.NDArray[np.bool_]

#: Edges of a block where nothing else is said: 64 MB of rows.
BLOCK_EDGES = 2**24
#: Bytes of a worker's memory for an edge of a block: two blocks, the partners of the second in the
#: first, and room for what the scheduler keeps there.
_BYTES_AN_EDGE = 160
#: Pieces of the edges on a cluster at most: pieces times blocks are its largest number of keys.
_MOST_PIECES = 600


def triad_census(
    folder: EdgeFolder | str | Path,
    *,
    policy: Any = "all",
    engine: Any = "duckdb",
    block_edges: int | None = None,
) -> pd.Series:
    """Count the triples of neurons in each of the 16 classes, without the edges in memory.

    The neurons are ranked by degree and the pairs cut into blocks by the rank of their lower
    member; a triangle's two lower members lie in two blocks, so every two blocks are work of
    their own and the sum over them is exact. A worker holds two blocks, and a number of arrays as
    long as the neuron table. On Dask every step is a task that runs again when its worker dies.

    Parameters
    ----------
    folder
        What ``edges_to_parquet`` wrote. On Dask it has to lie on a disk that every worker sees.
    policy
        Proofreading policy, as in ``g.observed``.
    engine
        ``"duckdb"`` (this machine; blocks lie in a temporary folder) or a ``dask.distributed``
        client.
    block_edges
        Edges of a block: by default 16.8 million on this machine, and on Dask what an eighth of
        a worker's memory holds.

    Returns
    -------
    pandas.Series
        That of :func:`connectome_graph.motifs.triad_census`.

    Raises
    ------
    InvalidArgument
        For 2**29 neurons or more, or an engine that is neither.
    UnreadableFile
        Naming the file that cannot be read.
    RemoteError
        When the cluster gave up on a task.

    References
    ----------
    Chu & Cheng 2012, ACM Transactions on Knowledge Discovery from Data 6:17 (partitioned
    triangle listing).

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, pandas as pd, connectome_graph as cg
    >>> folder = Path(tempfile.mkdtemp())
    >>> pd.DataFrame({"pre": [1, 2, 1], "post": [2, 3, 3]}).to_parquet(folder / "s.parquet")
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3]})
    >>> edges = cg.engine.edges_to_parquet(folder / "s.parquet", cells, folder=folder / "edges")
    >>> census = cg.engine.triad_census(edges)
    >>> census[census > 0].to_dict()
    {'030T': 1}
    """
    on_cluster = dask.is_client(engine)
    if not on_cluster:
        choice(engine, ("duckdb",), name="engine")
    if block_edges is not None:
        block_edges = whole(block_edges, name="block_edges")
    edges, domain = observed_edges(folder, policy)
    member = domain.core
    n = int(member.sum())
    if n >= MOST_NEURONS:
        raise InvalidArgument(
            f"a census can number at most {MOST_NEURONS - 1:,} neurons; there are {n:,} here"
        )
    if n < 3:
        return census_series([0] * 16)
    if on_cluster:
        by_code, found = _by_dask(engine, edges, member, n, block_edges)
    else:
        by_code, found = _by_threads(edges, member, n, block_edges)
    closed = np.zeros(16, np.int64)
    np.add.at(closed, code_tables().triad, by_code)
    return census_series(completed(n, closed, found.wedges, (found.asymmetric, found.mutual)))


# -- on this machine ----------------------------------------------------------------------------


def _by_threads(
    edges: EdgeFolder, member: Mask, n: int, block_edges: int | None
) -> tuple[Counts, Totals]:
    """Return the triangles by code, and wedges and pairs, with the blocks in a spill folder."""
    from connectome_graph._kernels.threads import n_threads

    pieces = pieces_of(edges, piece_edges=PIECE_EDGES // 4)
    with (
        tempfile.TemporaryDirectory(prefix="connectome-graph-spill-") as spill,
        ThreadPoolExecutor(n_threads()) as pool,
    ):
        rank = ranked(_sum(pool, lambda piece: degrees_of(piece, member), pieces), member)
        lows = _sum(pool, lambda piece: lows_of(piece, rank, n), pieces)
        n_blocks = math.ceil(max(1, int(lows.sum())) / (block_edges or BLOCK_EDGES))
        # Four blocks a thread keep all of them at work to the end.
        bounds = cut(lows, n_blocks if block_edges else max(n_blocks, 4 * n_threads()))
        store = _Spilled(Path(spill))
        for _ in pool.map(lambda i: store.split(i, pieces[i], rank, bounds), range(len(pieces))):
            pass
        numbers = range(len(bounds) - 1)
        for _ in pool.map(lambda b: store.join(b, bounds, len(pieces)), numbers):
            pass
        found = totals_of(_sum(pool, lambda b: dyad_degrees(store.block(b), n), numbers))
        pairs = itertools.combinations_with_replacement(numbers, 2)

        def triangles(pair: tuple[int, int]) -> Counts:
            return triangles_between(store.block(pair[0]), store.block(pair[1]), n)

        by_code = _sum(pool, triangles, pairs)
    return by_code, found


def _sum(pool: ThreadPoolExecutor, task: Callable[[T], Counts], items: Iterable[T]) -> Counts:
    """Return the sum of what a task gives for all items, a few of which are under way at once."""
    total: Any = np.int64(0)
    for group in _groups(items, 16):
        for found in pool.map(task, group):
            total = total + found
    summed: Counts = total
    return summed


def _groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(items)
    while group := list(itertools.islice(waiting, size)):
        yield group


class _Spilled:
    """Keys of pieces, then blocks, as files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def split(self, number: int, piece: Piece, rank: Any, bounds: list[int]) -> None:
        """Write the keys of a piece, a file for each block."""
        for block, keys in enumerate(split(piece, rank, bounds)):
            np.save(self._folder / f"keys-{number}-{block}.npy", keys, allow_pickle=False)

    def join(self, block: int, bounds: list[int], n_pieces: int) -> None:
        """Write a block from the keys of all pieces, which are removed."""
        files = [self._folder / f"keys-{number}-{block}.npy" for number in range(n_pieces)]
        keys = [np.load(file, allow_pickle=False) for file in files]
        for file in files:
            file.unlink()
        joined = block_of(bounds[block], bounds[block + 1] - bounds[block], *keys)
        np.savez(
            self._folder / f"block-{block}.npz",
            first=np.int64(joined.first),
            starts=joined.starts,
            packed=joined.packed,
        )

    def block(self, number: int) -> Block:
        """Return a block."""
        with np.load(self._folder / f"block-{number}.npz", allow_pickle=False) as stored:
            return Block(int(stored["first"]), stored["starts"], stored["packed"])


# -- on a Dask cluster --------------------------------------------------------------------------


def _by_dask(
    client: Any, edges: EdgeFolder, member: Mask, n: int, block_edges: int | None
) -> tuple[Counts, Totals]:
    """Return the triangles by code, and wedges and pairs, computed on the workers of `client`."""
    # What is not kept as a task of its own is sent anew to every worker that needs it.
    known = dask.shared_value(client, member)
    pieces = _pieces(edges)
    degrees = [client.submit(degrees_of, piece, known, pure=False) for piece in pieces]
    rank = client.submit(ranked, _added(client, degrees), known, pure=False)
    counts = [client.submit(lows_of, piece, rank, n, pure=False) for piece in pieces]
    lows: Counts = dask.gathered(_added(client, counts))
    bounds = cut(lows, _n_blocks(client, int(lows.sum()), block_edges))
    blocks = _blocks(client, pieces, rank, bounds)
    totals = [client.submit(dyad_degrees, block, n, pure=False) for block in blocks]
    found = client.submit(totals_of, _added(client, totals), pure=False)
    triangles = [
        client.submit(triangles_between, lower, middle, n, pure=False)
        for lower, middle in itertools.combinations_with_replacement(blocks, 2)
    ]
    by_code: Counts = dask.gathered(_added(client, triangles))
    return by_code, dask.gathered(found)


def _pieces(edges: EdgeFolder) -> list[Piece]:
    pieces = pieces_of(edges)
    size = math.ceil(len(pieces) / _MOST_PIECES)
    return pieces if size == 1 else pieces_of(edges, piece_edges=size * PIECE_EDGES)


def _n_blocks(client: Any, n_edges: int, block_edges: int | None) -> int:
    """Return how many blocks: small enough for a worker's thread, enough to keep all at work."""
    workers = list(client.scheduler_info()["workers"].values())
    if block_edges is not None:
        return math.ceil(max(1, n_edges) / block_edges)
    shares = [w["memory_limit"] / max(1, w["nthreads"]) for w in workers if w["memory_limit"]]
    block_edges = max(2**20, int(min(shares, default=4e9) / _BYTES_AN_EDGE))
    n_threads = sum(worker["nthreads"] for worker in workers)
    return max(math.ceil(n_edges / block_edges), 2 * math.ceil(math.sqrt(4 * n_threads)))


def _blocks(client: Any, pieces: list[Piece], rank: Any, bounds: list[int]) -> list[Any]:
    """Return a future of every block: each piece is split once, each block joined once."""
    delayed = dask.delayed_function()
    cut_up = delayed(split, nout=len(bounds) - 1, pure=False)
    keys = [cut_up(piece, rank, bounds) for piece in pieces]
    join = delayed(block_of, pure=False)
    blocks = [
        join(first, end - first, *(piece[number] for piece in keys))
        for number, (first, end) in enumerate(itertools.pairwise(bounds))
    ]
    futures: list[Any] = client.compute(blocks)
    return futures


def _added(client: Any, waiting: list[Any]) -> Any:
    """Return a future of the sum of arrays, added eight by eight where they lie."""
    while len(waiting) > 1:
        groups = [waiting[i : i + 8] for i in range(0, len(waiting), 8)]
        waiting = [client.submit(_sum_of, group, pure=False) for group in groups]
    return waiting[0]


def _sum_of(parts: list[Counts]) -> Counts:
    return np.sum(parts, axis=0)  # type: ignore[no-any-return]
