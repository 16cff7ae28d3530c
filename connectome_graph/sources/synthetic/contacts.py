"""The synapse table of the generated column: how many on each edge, how large, where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.sources.synthetic.draws import in_chunks, weighted_draws
from connectome_graph.sources.synthetic.marginals import (
    BLOCKS,
    PAIR_LOG_SD,
    SIZE_LOG_SD,
    SIZE_MEDIAN,
    TYPES,
)
from connectome_graph.sources.synthetic.wiring import Edges

__all__ = ["draw_synapses"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

_TARGETS = ("spine", "shaft", "soma")
_SOMA = _TARGETS.index("soma")
# Assumed: a soma is a ball of this radius; on a skeleton it is one point, the root.
_SOMA_RADIUS_UM = 7.0
# Assumed: straight distance over path distance, and how strongly contacts lean to the axon.
_STRAIGHTNESS = (0.70, 0.95)
_LEANING = 0.6
# Synapse ids of the public table run to hundreds of millions, with gaps.
_MOST_ID_GAP = 40


def draw_synapses(
    rng: np.random.Generator, cells: pd.DataFrame, edges: Edges, *, scale: float
) -> pd.DataFrame:
    """Return the synapses of a generated column, in no particular order.

    Parameters
    ----------
    rng
        Where the random numbers come from.
    cells, edges
        The neurons and the connected pairs.
    scale
        The block totals are ``round(scale * n_synapses)``.

    Returns
    -------
    pandas.DataFrame
        ``synapse_id pre post`` (int64), ``size`` (cleft voxels), ``target`` (spine, shaft or
        soma), ``distance_to_root_um`` (path length on the postsynaptic skeleton),
        ``x_um y_um z_um``.

    Examples
    --------
    >>> import numpy as np
    >>> from connectome_graph.sources.synthetic.cells import draw_cells
    >>> from connectome_graph.sources.synthetic.wiring import draw_edges
    >>> rng = np.random.default_rng(0)
    >>> cells = draw_cells(rng, 0.1)
    >>> len(draw_synapses(rng, cells, draw_edges(rng, cells, scale=0.1), scale=0.1))
    14671
    """
    soma = cells[["x_um", "y_um", "z_um"]].to_numpy(np.float64)
    position = {name: code for code, name in enumerate(TYPES)}
    kind = np.array([position[name] for name in cells["cell_type"]], dtype=np.int8)
    excitatory = np.array([cell.broad_type == "excitatory" for cell in TYPES.values()])[kind]
    ids = cells.index.to_numpy(np.int64)
    edge = rng.permutation(np.repeat(np.arange(len(edges.pre)), _multiplicity(rng, edges, scale)))
    shared = PAIR_LOG_SD * rng.standard_normal(len(edges.pre))
    out = _Columns.empty(len(edge))
    out.synapse_id[:] = _draw_ids(rng, len(edge))

    def fill(rows: slice, stream: np.random.Generator) -> None:
        pre, post = edges.pre[edge[rows]], edges.post[edge[rows]]
        out.pre[rows], out.post[rows] = ids[pre], ids[post]
        out.size[rows] = _draw_sizes(stream, shared[edge[rows]])
        target = _draw_targets(stream, kind[pre], excitatory[post])
        distance = _draw_distances(stream, kind[pre], target)
        out.target[rows], out.distance[rows] = target, distance
        reach = np.where(target == _SOMA, _SOMA_RADIUS_UM, distance * _straightness(stream, target))
        out.xyz[:, rows] = _draw_places(stream, soma[pre], soma[post], reach).T

    in_chunks(fill, len(edge), rng)
    return out.frame()


@dataclass(frozen=True, eq=False)
class _Columns:
    """The synapse table while it is filled."""

    synapse_id: Ints
    pre: Ints
    post: Ints
    size: npt.NDArray[np.int32]
    target: Codes
    distance: Floats
    xyz: Floats

    @classmethod
    def empty(cls, n: int) -> _Columns:
        return cls(
            synapse_id=np.empty(n, np.int64),
            pre=np.empty(n, np.int64),
            post=np.empty(n, np.int64),
            size=np.empty(n, np.int32),
            target=np.empty(n, np.int8),
            distance=np.empty(n),
            xyz=np.empty((3, n)),
        )

    def frame(self) -> pd.DataFrame:
        target = pd.Categorical.from_codes(self.target, dtype=pd.CategoricalDtype(list(_TARGETS)))
        columns = {
            "synapse_id": self.synapse_id,
            "pre": self.pre,
            "post": self.post,
            "size": self.size,
            "target": target,
            "distance_to_root_um": self.distance,
            "x_um": self.xyz[0],
            "y_um": self.xyz[1],
            "z_um": self.xyz[2],
        }
        # The arrays are nobody else's, so the frame may hold them without a copy.
        return pd.DataFrame(columns, copy=False)


def _multiplicity(rng: np.random.Generator, edges: Edges, scale: float) -> Ints:
    """Synapses of every edge: one, and the block's others shared out by propensity."""
    counts = np.ones(len(edges.pre), dtype=np.int64)
    for code, block in enumerate(BLOCKS):
        members = np.flatnonzero(edges.block == code)
        further = _block_synapses(code, scale) - len(members)
        propensity = np.exp(block.multiplicity_sd * rng.standard_normal(len(members)))
        chosen = weighted_draws(rng, propensity, further)
        counts[members] += np.bincount(chosen, minlength=len(members))
    return counts


def _block_synapses(code: int, scale: float) -> int:
    """Synapses of a block: rounded, and the last block makes the total exact."""
    totals = [block.n_synapses for block in BLOCKS]
    if code < len(totals) - 1:
        return round(scale * totals[code])
    return round(scale * sum(totals)) - sum(round(scale * total) for total in totals[:-1])


def _draw_targets(
    rng: np.random.Generator, pre_kind: Codes, onto_excitatory: npt.NDArray[np.bool_]
) -> Codes:
    """Codes into spine, shaft, soma: by the type of the axon and the class it lands on."""
    shares = np.array([cell.targets for cell in TYPES.values()])
    # Dendrites of inhibitory neurons carry few spines: nine in ten become shaft.
    smooth = shares * (0.1, 1.0, 1.0) + shares[:, :1] * (0.0, 0.9, 0.0)
    limits = np.cumsum(np.stack([smooth, shares]), axis=2)[..., :2]
    drawn = rng.random(len(pre_kind))
    low, high = limits[onto_excitatory.astype(np.int8), pre_kind].T
    code: Codes = (drawn >= low).astype(np.int8)
    code += drawn >= high
    return code


def _draw_distances(rng: np.random.Generator, pre_kind: Codes, target: Codes) -> Floats:
    """Path length to the root: 0 on the soma, gamma with the type's mean reach elsewhere."""
    reach = np.array([cell.reach_um for cell in TYPES.values()])[pre_kind]
    shape = 3.0
    distance = _SOMA_RADIUS_UM + rng.standard_gamma(shape, len(target)) * (
        (reach - _SOMA_RADIUS_UM) / shape
    )
    distance[target == _SOMA] = 0.0
    return distance


def _straightness(rng: np.random.Generator, target: Codes) -> Floats:
    return rng.uniform(*_STRAIGHTNESS, len(target))


def _draw_places(rng: np.random.Generator, source: Floats, home: Floats, reach: Floats) -> Floats:
    """Positions, shape (n, 3): at `reach` from the target's soma, leaning to the source's."""
    direction = _unit(rng.standard_normal(home.shape)) + _LEANING * _unit(source - home)
    places = home + _unit(direction) * reach[:, None]
    # Nothing lies above the pia: a dendrite that would reach it bends back.
    np.abs(places[:, 1], out=places[:, 1])
    return places


def _unit(vectors: Floats) -> Floats:
    lengths: Floats = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return vectors / lengths[:, None]


def _draw_sizes(rng: np.random.Generator, shared: Floats) -> npt.NDArray[np.int32]:
    """Log-normal sizes in voxels; `shared` is the part that a pair's synapses have in common."""
    own_sd = (SIZE_LOG_SD**2 - PAIR_LOG_SD**2) ** 0.5
    log_size = np.log(SIZE_MEDIAN) + shared + own_sd * rng.standard_normal(len(shared))
    sizes: npt.NDArray[np.int32] = np.maximum(np.rint(np.exp(log_size)), 1).astype(np.int32)
    return sizes


def _draw_ids(rng: np.random.Generator, n: int) -> Ints:
    gaps = rng.integers(1, _MOST_ID_GAP, n)
    return rng.permutation(np.cumsum(gaps).astype(np.int64))
