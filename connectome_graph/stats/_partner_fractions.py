"""What share of a neuron's inputs, or outputs, each type of partner has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import choice
from connectome_graph.graph import weights as edge_weights
from connectome_graph.stats._circuit import type_title
from connectome_graph.stats._labels import type_codes
from connectome_graph.stats._sampling import denominators, neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.graph.totals import Total

__all__ = ["partner_fractions"]

Of = Literal["inputs", "outputs"]


def partner_fractions(
    g: ConnectomeGraph,
    by: By,
    *,
    of: Of = "inputs",
    total: Total | None = None,
) -> pd.DataFrame:
    """Return, for every neuron, the share of its inputs (or outputs) that each type has.

    Parameters
    ----------
    g
        The graph.
    by
        Neuron column of the partners' types.
    of
        ``"inputs"``: from each type onto the neuron; ``"outputs"``: from the neuron onto it.
    total
        What shares divide by in place of the synapses of the domain: a neuron column that counts
        all inputs, as in :func:`connectome_graph.weights.compute`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``, a column for each type, float64. A row adds up to less than 1
        where partners have no type or `total` counts more. Missing where the neuron's inputs
        (outputs) were not observable, it has none, or its total is missing.

    Raises
    ------
    UnknownName
        When there is no such column.
    InvalidArgument
        When `of` is no choice, or a total is not above 0 where there are synapses.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "kind": ["E", "I", "I"]})
    >>> g = cg.from_adjacency([[0, 1, 3], [0, 0, 1], [0, 0, 0]], cells)
    >>> cg.stats.partner_fractions(g, "kind").loc[3].to_dict()
    {'E': 0.75, 'I': 0.25}
    """
    choice(of, ("inputs", "outputs"), name="of")
    codes, names = type_codes(g, by)
    inward = of == "inputs"
    share = edge_weights.values(g, "input_fraction" if inward else "output_fraction", total=total)
    own, other = g.edge_codes[::-1] if inward else g.edge_codes
    kind = codes[other]
    typed = kind >= 0
    shape = g.n_neurons, len(names)
    sums = (
        np.bincount(
            own[typed].astype(np.int64) * len(names) + kind[typed],
            share[typed],
            shape[0] * shape[1],
        )
        .reshape(shape)
        .astype(float)
    )
    seen = np.bincount(own, minlength=g.n_neurons) > 0
    sums[~seen] = np.nan
    table = pd.DataFrame(sums, index=neuron_index(g), columns=names.rename(type_title(by)))
    table.attrs.update(denominators(g), of=of)
    return table
