"""The two tables of a generated column, from one seed."""

from __future__ import annotations

import pandas as pd

from connectome_graph.border.arguments import Seed, generator, is_number
from connectome_graph.errors import InvalidArgument
from connectome_graph.sources.synthetic.cells import draw_cells
from connectome_graph.sources.synthetic.contacts import draw_synapses
from connectome_graph.sources.synthetic.wiring import draw_edges

__all__ = ["SCALES", "synthetic_tables"]

# Below, the rarest blocks have too few neurons for their edges; above, ids could run out.
SCALES = (0.01, 200.0)


def synthetic_tables(*, seed: Seed = 0, scale: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the neurons and the synapses of a generated V1 column. It is not data.

    Parameters
    ----------
    seed
        The same seed gives the same tables. Neurons, edges and synapses draw from streams of
        their own.
    scale
        Multiplies the 146,711 synapses and 78,928 edges. From 1 up the column grows sideways:
        `scale` times the neurons on `scale` times the area, so that a neuron keeps its number
        of partners and the density falls as one over `scale`. Below 1 it is a sample of the
        column's neurons: the square root of `scale` of them, at the same density.

    Returns
    -------
    neurons, synapses
        As :func:`~connectome_graph.sources.synthetic.cells.draw_cells` and
        :func:`~connectome_graph.sources.synthetic.contacts.draw_synapses` describe. No neuron
        contacts itself.

    Raises
    ------
    InvalidArgument
        When `scale` is not between 0.01 and 200, or `seed` is no seed.

    Examples
    --------
    >>> neurons, synapses = synthetic_tables(seed=0, scale=0.1)
    >>> len(neurons), len(synapses)
    (428, 14671)
    """
    known = is_number(scale) and SCALES[0] <= scale <= SCALES[1]
    if not known:
        raise InvalidArgument(
            f"scale={scale!r}; a generated column needs a number between {SCALES[0]} "
            f"(about {146_711 * SCALES[0]:,.0f} synapses) and {SCALES[1]:g} (29 million)"
        )
    streams = generator(seed).spawn(3)
    cells = draw_cells(streams[0], float(scale))
    edges = draw_edges(streams[1], cells, scale=float(scale))
    return cells, draw_synapses(streams[2], cells, edges, scale=float(scale))
