"""Sums over synapse rows that are left out, per postsynaptic neuron."""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def sum_left_out(edge_pre, edge_post, edge_ptr, keep_edge, keep_row, counts, sizes, n_neurons):
    """Return how many synapses of each neuron are left out, and their summed size.

    Autapses are passed over; a size that is NaN adds nothing.

    Parameters
    ----------
    edge_pre, edge_post : int32[edges]
        Ends of every edge.
    edge_ptr : int64[edges + 1]
        Rows of every edge.
    keep_edge : bool[edges] or bool[0]
        Edges that stay with all their rows; empty where `keep_row` says it.
    keep_row : bool[rows] or bool[0]
        Rows that stay.
    counts : int64[rows] or int64[0]
        Synapses of every row; empty for one each.
    sizes : number[rows] or number[0]
        Total size of every row; empty where there are none.
    n_neurons : int
        Number of neurons.

    Returns
    -------
    inputs : int64[n_neurons]
    totals : float64[n_neurons]
    """
    inputs = np.zeros(n_neurons, np.int64)
    totals = np.zeros(n_neurons)
    for e in range(len(edge_post)):
        if edge_pre[e] == edge_post[e] or (len(keep_edge) and keep_edge[e]):
            continue
        number = 0
        total = 0.0
        for row in range(edge_ptr[e], edge_ptr[e + 1]):
            if len(keep_row) and keep_row[row]:
                continue
            number += counts[row] if len(counts) else 1
            if len(sizes):
                size = float(sizes[row])
                if not np.isnan(size):
                    total += size
        inputs[edge_post[e]] += number
        totals[edge_post[e]] += total
    return inputs, totals
