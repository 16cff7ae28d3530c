"""A synapse table of any number of rows, like the raw table of a whole dataset.

Most detected synapses touch at least one fragment that is no known neuron: here 30 % of the
presynaptic and 60 % of the postsynaptic partners are among the known neurons (so 18 % of the
rows lie between two of them), the others are orphans: ids that occur in no cell table. Known
neurons are drawn with log-normal weights, sizes are log-normal, ids have 18 digits, and rows
come in no order. With ``edges=`` the known partners of a row are drawn as one of that many
fixed pairs, so that tables of different length have the same edges.

Rows are written in groups of a million: memory does not grow with the table.

    python -m benchmarks.big_table 337e6 synapses.parquet cells.parquet
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

FIRST_ID = 864_691_135_000_000_000
KNOWN_PRE, KNOWN_POST = 0.3, 0.6
ORPHAN_PRE, ORPHAN_POST = 5_000_000, 20_000_000
ROW_GROUP = 1_000_000

SCHEMA = pa.schema(
    [("pre_pt_root_id", pa.int64()), ("post_pt_root_id", pa.int64()), ("size", pa.int32())]
)

Ids = npt.NDArray[np.int64]


def known_ids(n_neurons: int, rng: np.random.Generator) -> Ids:
    """Return the ids of the known neurons, unsorted."""
    return rng.choice(2_000_000_000, n_neurons, replace=False).astype(np.int64) * 997 + FIRST_ID


def _urn(ids: Ids, sigma: float, rng: np.random.Generator) -> Ids:
    """Return ids repeated in proportion to log-normal weights: a draw is one look-up."""
    weights = rng.lognormal(0, sigma, len(ids))
    copies = np.maximum(1, np.round(weights / weights.sum() * (1 << 21))).astype(np.int64)
    return np.repeat(ids, copies)


def _orphans(n: int, kinds: int, rng: np.random.Generator) -> Ids:
    return rng.integers(0, kinds, n) * 991 + FIRST_ID + 20_000_000_000_000


def write(
    synapses: Path,
    cells: Path,
    *,
    n_rows: int,
    n_neurons: int = 100_000,
    edges: int | None = None,
    seed: int = 7,
) -> None:
    """Write the synapse table and the table of its known neurons, as Parquet.

    Parameters
    ----------
    synapses, cells
        The two files.
    n_rows
        Rows of the synapse table.
    n_neurons
        Known neurons.
    edges
        Draw rows between known neurons from that many fixed pairs; without it both partners are
        drawn on their own, and few pairs occur twice.
    """
    rng = np.random.default_rng(seed)
    known = known_ids(n_neurons, rng)
    pq.write_table(pa.table({"pt_root_id": known}), cells)
    out, into = _urn(known, 1.0, rng), _urn(known, 0.8, rng)
    pairs = None
    if edges is not None:
        pairs = rng.choice(out, edges), rng.choice(into, edges)
    # zstd 1 without dictionaries: random ids do not repeat within a row group
    with pq.ParquetWriter(
        synapses, SCHEMA, compression="zstd", compression_level=1, use_dictionary=False
    ) as writer:
        for start in range(0, n_rows, ROW_GROUP):
            n = min(ROW_GROUP, n_rows - start)
            pre = rng.random(n) < KNOWN_PRE
            post = rng.random(n) < KNOWN_POST
            first, second = out[rng.integers(0, len(out), n)], into[rng.integers(0, len(into), n)]
            if pairs is not None:
                both = np.flatnonzero(pre & post)
                which = rng.integers(0, len(pairs[0]), len(both))
                first[both], second[both] = pairs[0][which], pairs[1][which]
            columns = [
                np.where(pre, first, _orphans(n, ORPHAN_PRE, rng)),
                np.where(post, second, _orphans(n, ORPHAN_POST, rng)),
                np.maximum(1, rng.lognormal(5.5, 1.0, n)).astype(np.int32),
            ]
            writer.write_table(pa.table(columns, schema=SCHEMA), row_group_size=ROW_GROUP)


def main() -> None:
    """Write the two files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=float, help="number of rows, such as 337e6")
    parser.add_argument("synapses", type=Path)
    parser.add_argument("cells", type=Path)
    parser.add_argument("--neurons", type=int, default=100_000)
    parser.add_argument("--edges", type=float, default=None)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    write(
        options.synapses,
        options.cells,
        n_rows=int(options.rows),
        n_neurons=options.neurons,
        edges=None if options.edges is None else int(options.edges),
        seed=options.seed,
    )


if __name__ == "__main__":
    main()
