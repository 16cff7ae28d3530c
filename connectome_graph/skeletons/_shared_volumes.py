"""Which arbors enter the same volumes: a coarser answer to who could have met whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.volumes import in_box
from connectome_graph.skeletons._arbors import Arbors, Part, arbors, checked_cells, ids_of
from connectome_graph.skeletons._skeleton import Skeleton

__all__ = ["shared_volumes"]

#: A box in um, boxes by name, or a function of points (n, 3) in um that names the volume of each.
Volumes: TypeAlias = (
    Sequence[Sequence[float]]
    | Mapping[Any, Sequence[Sequence[float]]]
    | Callable[[npt.NDArray[np.float64]], npt.ArrayLike]
)


def shared_volumes(
    cells: Iterable[Skeleton], volumes: Volumes, *, pre: Part = "axon", post: Part = "dendrite"
) -> pd.DataFrame:
    """Return the ordered pairs of cells whose arbors enter a volume both, and how much they do.

    Parameters
    ----------
    cells
        Skeletons of different neurons, in one space, with labelled compartments.
    volumes
        A box ``((x0, x1), (y0, y1), (z0, z1))`` in um; boxes by name; or a function that is given
        points, float64 ``(n, 3)`` in um, and returns the name of the volume (neuropil, layer)
        of each, None or NaN where it is in none.
    pre, post
        The parts that enter, as in :func:`proximities`.

    Returns
    -------
    pandas.DataFrame
        A row per ordered pair: ``pre post`` (root ids), ``n_volumes`` (int64) that both enter,
        and ``shared_um`` (float64), the shorter of their two lengths of cable in a volume, summed
        over the volumes. ``g.within(table, exposure="shared_um")`` takes it.

    Raises
    ------
    InvalidArgument
        When no cell has a part, a box is none, or a function does not name every point.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> axon = skeletons.from_arrays(
    ...     [[0, 0, 0], [10, 0, 0]], [[1, 0]], root=0, root_id=1, compartment=[1, 2]
    ... )
    >>> dendrite = skeletons.from_arrays(
    ...     [[5, 9, 0], [5, 1, 0]], [[1, 0]], root=0, root_id=2, compartment=[1, 3]
    ... )
    >>> skeletons.shared_volumes([axon, dendrite], ((0, 20), (-1, 6), (-1, 1)))
       pre  post  n_volumes  shared_um
    0    1     2          1        5.0
    """
    import scipy.sparse

    listed = checked_cells(cells)
    ends = [
        arbors(listed, part, step_um=1.0, name=name)
        for name, part in (("pre", pre), ("post", post))
    ]
    names = [_named(arbor, volumes) for arbor in ends]
    place, found = pd.factorize(pd.concat(names, ignore_index=True))
    cut = len(names[0])
    tables = []
    for arbor, here in zip(ends, (place[:cut], place[cut:]), strict=True):
        held = here >= 0
        tables.append(
            scipy.sparse.coo_array(
                (arbor.length[held], (here[held], arbor.cell[held])),
                shape=(len(found), len(listed)),
            ).tocsr()
        )
    rows: list[pd.DataFrame] = []
    for volume in range(len(found)):
        (a, x), (b, y) = ((t[[volume]].indices, t[[volume]].data) for t in tables)
        both = pd.DataFrame(
            {
                "pre": np.repeat(a, len(b)),
                "post": np.tile(b, len(a)),
                "n_volumes": 1,
                "shared_um": np.minimum.outer(x, y).ravel(),
            }
        )
        rows.append(both[both["pre"] != both["post"]])
    empty = pd.DataFrame({"pre": [], "post": [], "n_volumes": [], "shared_um": []})
    table = pd.concat(rows or [empty]).astype(
        {"pre": np.int64, "post": np.int64, "n_volumes": np.int64, "shared_um": float}
    )
    table = table.groupby(["pre", "post"], as_index=False).sum()
    for name in ("pre", "post"):
        table[name] = ids_of(listed, table[name].to_numpy())
    return table


def _named(arbor: Arbors, volumes: Volumes) -> pd.Series:
    """Return the name of the volume of every piece of cable, missing where it is in none."""
    if callable(volumes):
        named = pd.Series(np.asarray(volumes(arbor.points.copy()))).astype(object)
        if len(named) != len(arbor.points):
            raise InvalidArgument(
                f"volumes has to name each of {len(arbor.points):,} points; found {len(named):,} "
                "names"
            )
        return named
    boxes = volumes if isinstance(volumes, Mapping) else {"box": volumes}
    names = pd.Series([None] * len(arbor.points), dtype=object)
    for name, box in boxes.items():
        inside = in_box(arbor.points, box)
        if names[inside].notna().any():
            raise InvalidArgument(f"the boxes overlap: some points of {name!r} are in another too")
        names[inside] = name
    return names
