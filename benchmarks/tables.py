"""Seeded synapse tables of realistic size and shape, made once and kept in a cache folder.

========  ==========================  ===========  ===========  ================================
size      neurons                           edges     synapses  like
========  ==========================  ===========  ===========  ================================
``S``     1,355                            78,900      146,700  a densely reconstructed column
``M``     2,275 sources, 63,718 targets 1,257,392    2,088,830  all outputs of proofread axons
``L``     139,000                       2,700,000            -  a whole fly brain, thresholded
``XL``    139,000                      15,000,000   54,000,000  a whole fly brain, every synapse
``D0``    300                               6,000            -  a small circuit
``D``     2,772                           262,544            -  a dense circuit
``C5.0``  20 edges a neuron, 100,000 to 10,000,000           -  curves: 5.0 is the logarithm
========  ==========================  ===========  ===========  ================================

Edges are drawn with log-normal out- and in-strengths (heavy-tailed degrees), a tenth of them
reciprocated, and in the two large sizes 70 % of them within one of 70 blocks. Synapses per edge
are log-normal too, sizes are log-normal, root ids have 18 digits, and rows come in no order.

The folder is ``CONNECTOME_GRAPH_BENCH_CACHE``, or one in the user's cache folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

# part of the folder's name: raise it when a generator changes what it draws
VERSION = 1
FIRST_ID = 864_691_135_000_000_000
CELL_TYPES = ("23P", "4P", "5P-IT", "5P-ET", "6P-IT", "6P-CT", "BC", "MC", "BPC", "NGC")
TYPE_SHARES = (0.20, 0.20, 0.10, 0.05, 0.10, 0.15, 0.08, 0.06, 0.04, 0.02)

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """What one table is drawn with."""

    seed: int
    sources: int
    targets: int
    edges: int
    synapses: int
    # spread of the log-normal out- and in-strengths
    out_sigma: float
    in_sigma: float
    reciprocated: float = 0.1
    blocks: int = 1


SIZES = {
    "S": Size(1, 1_355, 1_355, 78_900, 146_700, 0.9, 0.9),
    "M": Size(2, 2_275, 63_718, 1_257_392, 2_088_830, 1.0, 0.8, reciprocated=0.0),
    "L": Size(3, 139_000, 139_000, 2_700_000, 0, 0.9, 0.9, blocks=70),
    "XL": Size(4, 139_000, 139_000, 15_000_000, 54_000_000, 0.9, 0.9, blocks=70),
    "D0": Size(7, 300, 300, 6_000, 0, 0.5, 0.5),
    "D": Size(5, 2_772, 2_772, 262_544, 0, 0.9, 0.9),
    **{
        f"C{power:.1f}": Size(6, n // 20, n // 20, n, 0, 0.9, 0.9, blocks=max(1, n // 40_000))
        for power, n in ((5, 100_000), (5.5, 300_000), (6, 1_000_000), (6.5, 3_000_000), (7, 10**7))
    },
}


@dataclass(frozen=True)
class EdgeList:
    """Distinct ordered pairs without autapses, as positions into ``ids``, sorted by (pre, post)."""

    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    ids: npt.NDArray[np.int64]
    cell_types: npt.NDArray[np.str_]

    @property
    def n(self) -> int:
        """Number of neurons."""
        return len(self.ids)


def cache_folder() -> Path:
    """Where the tables are kept."""
    named = os.environ.get("CONNECTOME_GRAPH_BENCH_CACHE")
    if not named:  # imported here: a peer with a Python of its own has neither pooch nor pyarrow
        import pooch

        named = str(pooch.os_cache("connectome-graph-benchmarks"))
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Return the file of that name in the cache; ``make(path)`` writes it when it is missing."""
    path = cache_folder() / name
    if not path.exists():
        # the suffix stays last, because numpy and others write by suffix
        unfinished = path.with_name(f"{os.getpid()}.unfinished.{path.name}")
        try:
            make(unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return path


def edges(size: str) -> EdgeList:
    """Edges of one size."""
    spec = SIZES[size]
    path = kept(f"{size}-edges-v{VERSION}.npz", lambda path: _make_edges(spec, path))
    with np.load(path, allow_pickle=False) as arrays:
        return EdgeList(arrays["pre"], arrays["post"], arrays["ids"], arrays["cell_types"])


def synapses(size: str) -> Path:
    """Parquet file of one size (``S``, ``M``, ``XL``): ``pre_root_id, post_root_id, size``."""
    spec = SIZES[size]
    if not spec.synapses:
        raise ValueError(f"size {size} has edges only")
    return kept(
        f"{size}-synapses-v{VERSION}.parquet", lambda path: _make_synapses(spec, edges(size), path)
    )


def _make_edges(spec: Size, path: Path) -> None:
    rng = np.random.default_rng(spec.seed)
    pre, post = draw_edges(spec, rng)
    ids = rng.choice(10**9, size=spec.targets, replace=False) * 997 + FIRST_ID
    cell_types = rng.choice(CELL_TYPES, size=spec.targets, p=TYPE_SHARES)
    np.savez(
        path,
        pre=pre.astype(np.int32),
        post=post.astype(np.int32),
        ids=ids.astype(np.int64),
        cell_types=cell_types,
    )


def _make_synapses(spec: Size, edge_list: EdgeList, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng([spec.seed, 1])
    strength = rng.lognormal(0.0, 1.3, len(edge_list.pre))
    more = rng.multinomial(spec.synapses - len(strength), strength / strength.sum())
    edge = np.repeat(np.arange(len(strength), dtype=np.int32), 1 + more)
    rng.shuffle(edge)
    columns = {
        "pre_root_id": edge_list.ids[edge_list.pre[edge]],
        "post_root_id": edge_list.ids[edge_list.post[edge]],
        "size": np.maximum(1, rng.lognormal(5.5, 1.0, len(edge))).astype(np.int32),
    }
    pq.write_table(pa.table(columns), path, row_group_size=1_000_000, compression="zstd")


def draw_edges(spec: Size, rng: np.random.Generator) -> tuple[Codes, Codes]:
    """Draw exactly ``spec.edges`` distinct edges, sorted by (pre, post)."""
    draw = _sampler(spec, rng)
    one_way = round(spec.edges * (1 - spec.reciprocated / 2))
    keys = np.empty(0, np.int64)
    while len(keys) < one_way:
        pre, post = draw(int((one_way - len(keys)) * 1.25) + 1_000)
        fresh = pre * spec.targets + post
        keys = _distinct(np.concatenate([keys, fresh[pre != post]]))
    keys = rng.choice(keys, one_way, replace=False)
    while len(keys) < spec.edges:
        lacking = spec.edges - len(keys)
        chosen = rng.choice(keys, int(lacking * 1.1) + 100)
        back = _distinct(chosen % spec.targets * spec.targets + chosen // spec.targets)
        back = back[~np.isin(back, keys, kind="sort")]
        keys = np.concatenate([keys, rng.permutation(back)[:lacking]])
    pre, post = np.divmod(keys, spec.targets)
    if spec.blocks > 1:
        # the blocks are runs of positions while edges are drawn; no reader should profit from that
        new_position = rng.permutation(spec.targets)
        pre, post = new_position[pre], new_position[post]
    order = np.argsort(pre * spec.targets + post)
    return pre[order], post[order]


def _distinct(values: Codes) -> Codes:
    """Return the distinct values, ascending: millions of them are sorted faster than hashed."""
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values


def _sampler(spec: Size, rng: np.random.Generator) -> Callable[[int], tuple[Codes, Codes]]:
    out_ends = np.cumsum(rng.lognormal(0.0, spec.out_sigma, spec.sources))
    in_ends = np.concatenate([[0.0], np.cumsum(rng.lognormal(0.0, spec.in_sigma, spec.targets))])
    block = np.sort(rng.integers(0, spec.blocks, spec.targets))
    first = np.searchsorted(block, np.arange(spec.blocks + 1))

    def draw(n: int) -> tuple[Codes, Codes]:
        pre = np.searchsorted(out_ends, rng.random(n) * out_ends[-1])
        low, high = np.zeros(n), np.full(n, in_ends[-1])
        if spec.blocks > 1:
            inside = rng.random(n) < 0.7
            own = block[pre[inside]]
            low[inside], high[inside] = in_ends[first[own]], in_ends[first[own + 1]]
        post = np.searchsorted(in_ends, low + rng.random(n) * (high - low), side="right") - 1
        return np.minimum(pre, spec.sources - 1), np.minimum(post, spec.targets - 1)

    return draw
