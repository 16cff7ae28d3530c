"""Sums over the pairs that could have met: by neuron and kind of partner, and within kinds."""

from connectome_graph._kernels.compiling import compiled


@compiled
def by_partner_kind(pre, post, kind, weight, end, out):
    """Add the weight of every pair's source to a neuron's sum over one kind of partners.

    Parameters
    ----------
    pre, post : int32[m]
        The pairs.
    kind : int32[n]
        Kind of every neuron; a partner with a negative one is left out.
    weight : float64[n]
        Weight of every neuron as a source.
    end
        0: sums of sources over kinds of targets; 1: of targets over kinds of sources.
    out : float64[kinds, n]
        Sums, added to.
    """
    for p in range(len(pre)):
        i, j = pre[p], post[p]
        own, other = (i, j) if end == 0 else (j, i)
        k = kind[other]
        if k >= 0:
            out[k, own] += weight[i]


@compiled
def within_kinds(pre, post, mirror, kind, weight, rest, out):
    """Add the pairs within a kind: onto neurons that are targets only, and seen both ways.

    Parameters
    ----------
    pre, post, mirror : int32[m]
        The pairs, and the place of each one's opposite, negative where it is no pair.
    kind : int32[n]
        Kind of every neuron; negative ones are left out.
    weight : float64[n]
        Weight of every neuron.
    rest : bool[n]
        Neurons that are targets only.
    out : float64[2, kinds]
        Sums of the squared weight of sources, and of the product of both weights; added to.
    """
    for p in range(len(pre)):
        i, j = pre[p], post[p]
        k = kind[i]
        if k < 0 or k != kind[j]:
            continue
        if rest[j]:
            out[0, k] += weight[i] * weight[i]
        if mirror[p] >= 0:
            out[1, k] += weight[i] * weight[j]
