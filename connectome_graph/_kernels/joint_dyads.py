"""Independent dyads whose chances follow from strengths of neurons, type pairs and distances.

A dyad of ``i`` and ``j`` is unconnected with weight 1, ``i -> j`` with ``out_i in_j w d``,
``j -> i`` likewise, and mutual with ``both_i both_j w w' d d``, where ``w`` belongs to the types of
the two and ``d`` to their distance. Where one direction is outside the domain only the other is
left.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.dyad_lists import bin_of
from connectome_graph._kernels.stream import uniform
from connectome_graph._kernels.trades import has


@compiled
def expect(
    first, last, strength, kind, between, xyz, squares, near, source, target, allowed_start,
    allowed, expected, blocks, bins,
):  # fmt: skip
    """Add up what is expected of the dyads of neurons ``first:last`` with all later ones.

    Parameters
    ----------
    first, last : int
        The lower neurons of the dyads.
    strength : float64[3, n]
        Strength of asymmetric outputs, asymmetric inputs and mutual partners.
    kind : int64[n]
        Type of each neuron.
    between : float64[k, k]
        Weight of each (pre type, post type).
    xyz, squares : float64[n, 3], float64[b - 1]
        Positions, and squared inner edges of the distance bins.
    near : float64[b]
        Weight of each bin.
    source, target : bool[n]
        The domain.
    allowed_start, allowed : int64[n + 1], int32[p]
        Sorted rows of the pairs of a sparse domain; `allowed` is empty elsewhere.
    expected : float64[3, n]
        Asymmetric outputs and inputs and mutual partners; added to.
    blocks, bins : float64[k, k], float64[b]
        Edges of each type pair, and of each bin; added to.

    Returns
    -------
    float
        The sum of the logarithms of all sums of weights.
    """
    n = len(kind)
    total, product, factors, edges = 0.0, 1.0, 0, 0.0
    several_types, several_bins = len(between) > 1, len(near) > 1
    for i in range(first, last):
        out_i, in_i, both_i = 0.0, 0.0, 0.0
        for j in range(i + 1, n):
            forth, back = source[i] and target[j], source[j] and target[i]
            if len(allowed):
                forth = forth and has(allowed_start, allowed, i, j)
                back = back and has(allowed_start, allowed, j, i)
            if not (forth or back):
                continue
            b = bin_of(xyz, squares, i, j)
            w_ij, w_ji = between[kind[i], kind[j]] * near[b], between[kind[j], kind[i]] * near[b]
            a = strength[0, i] * strength[1, j] * w_ij if forth else 0.0
            c = strength[0, j] * strength[1, i] * w_ji if back else 0.0
            m = strength[2, i] * strength[2, j] * w_ij * w_ji if forth and back else 0.0
            z = 1.0 + a + c + m
            product *= z
            factors += 1
            if factors == 8:
                # Logarithms are dear: one for several dyads.
                total += np.log(product)
                product, factors = 1.0, 0
            inverse = 1.0 / z
            a, c, m = a * inverse, c * inverse, m * inverse
            out_i += a
            in_i += c
            both_i += m
            expected[1, j] += a
            expected[0, j] += c
            expected[2, j] += m
            # One type, or one bin, is added up in a register: a sum in memory waits for itself.
            edges += a + c + 2 * m
            if several_types:
                blocks[kind[i], kind[j]] += a + m
                blocks[kind[j], kind[i]] += c + m
            if several_bins:
                bins[b] += a + c + 2 * m
        expected[0, i] += out_i
        expected[1, i] += in_i
        expected[2, i] += both_i
    if not several_types:
        blocks[0, 0] += edges
    if not several_bins:
        bins[0] += edges
    return total + np.log(product)


@compiled
def draw_dyads(
    strength, kind, between, xyz, squares, near, source, target, allowed_start, allowed, room, state
):  # fmt: skip
    """Draw every dyad; return pre and post of the edges.

    `room` is how many edges to make room for at first; the other parameters are those of
    :func:`expect`, and the random state, which changes.
    """
    # The weights stand here and in `expect`: shared by a function they double the time of a fit.
    n = len(kind)
    pre, post = np.empty(room, np.int32), np.empty(room, np.int32)
    m_edges = 0
    for i in range(n):
        if m_edges + 2 * n > len(pre):
            grown = 2 * (len(pre) + 2 * n)
            more_pre, more_post = np.empty(grown, np.int32), np.empty(grown, np.int32)
            more_pre[:m_edges], more_post[:m_edges] = pre[:m_edges], post[:m_edges]
            pre, post = more_pre, more_post
        for j in range(i + 1, n):
            forth, back = source[i] and target[j], source[j] and target[i]
            if len(allowed):
                forth = forth and has(allowed_start, allowed, i, j)
                back = back and has(allowed_start, allowed, j, i)
            if not (forth or back):
                continue
            b = bin_of(xyz, squares, i, j)
            w_ij, w_ji = between[kind[i], kind[j]] * near[b], between[kind[j], kind[i]] * near[b]
            a = strength[0, i] * strength[1, j] * w_ij if forth else 0.0
            c = strength[0, j] * strength[1, i] * w_ji if back else 0.0
            m = strength[2, i] * strength[2, j] * w_ij * w_ji if forth and back else 0.0
            at = uniform(state) * (1.0 + a + c + m)
            if at >= a + c + m:
                continue
            if at < a or at >= a + c:
                pre[m_edges], post[m_edges] = i, j
                m_edges += 1
            if at >= a:
                pre[m_edges], post[m_edges] = j, i
                m_edges += 1
    return pre[:m_edges].copy(), post[:m_edges].copy()
