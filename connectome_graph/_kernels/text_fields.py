"""Fields between fixed pieces of text, line by line: the inner loop of reading our own GraphML."""

import numpy as np

from connectome_graph._kernels.compiling import compiled

QUOTE, LESS, AND = 34, 60, 38


@compiled
def _stands(text, at, end, piece, first, last):
    """Return whether a piece of text stands at a place before `end`."""
    if at + last - first > end:
        return False
    for k in range(last - first):
        if text[at + k] != piece[first + k]:
            return False
    return True


@compiled
def element_fields(text, lines, pieces, bounds, n_ends, n_keys):
    """Find the fields of elements that all look alike.

    Parameters
    ----------
    text : uint8[]
        The lines.
    lines : int64[n, 2]
        Where each line begins, and where it ends, its line feed included.
    pieces : uint8[]
        The fixed pieces one after the other: what stands before each end (``<edge source="``,
        ``" target="``), after the last (``">``), before each data element's text, after it
        (``</data>``), and at the end of the line.
    bounds : int64[n_ends + n_keys + 4]
        Where each piece begins in `pieces`.
    n_ends, n_keys
        Number of attributes, and of data elements, each of which may be absent.

    Returns
    -------
    places : int64[n_ends + n_keys, n, 2]
        Where each field begins and ends; -1 where it is absent.
    references : bool[n_ends + n_keys]
        Whether a field has an ``&`` in any line.
    fits : bool
        Whether every line looks like that.
    """
    n_fields = n_ends + n_keys
    places = np.full((n_fields, len(lines), 2), -1, np.int64)
    references = np.zeros(n_fields, np.bool_)
    closing, last = n_ends + 1 + n_keys, n_ends + 2 + n_keys
    for i in range(len(lines)):
        at, end = lines[i, 0], lines[i, 1]
        for field in range(n_ends):
            if not _stands(text, at, end, pieces, bounds[field], bounds[field + 1]):
                return places, references, False
            at += bounds[field + 1] - bounds[field]
            places[field, i, 0] = at
            while at < end and text[at] != QUOTE:
                if text[at] == LESS:
                    return places, references, False
                references[field] |= text[at] == AND
                at += 1
            places[field, i, 1] = at
        if not _stands(text, at, end, pieces, bounds[n_ends], bounds[n_ends + 1]):
            return places, references, False
        at += bounds[n_ends + 1] - bounds[n_ends]
        for field in range(n_ends, n_fields):
            if not _stands(text, at, end, pieces, bounds[field + 1], bounds[field + 2]):
                continue
            at += bounds[field + 2] - bounds[field + 1]
            places[field, i, 0] = at
            while at < end and text[at] != LESS:
                references[field] |= text[at] == AND
                at += 1
            places[field, i, 1] = at
            if not _stands(text, at, end, pieces, bounds[closing], bounds[closing + 1]):
                return places, references, False
            at += bounds[closing + 1] - bounds[closing]
        if not _stands(text, at, end, pieces, bounds[last], bounds[last + 1]):
            return places, references, False
        if at + bounds[last + 1] - bounds[last] != end:
            return places, references, False
    return places, references, True


@compiled
def gathered(text, places):
    """Return the text of one field of all lines, side by side, and where each begins.

    Returns
    -------
    offsets : int32[n + 1]
    data : uint8[]
    """
    offsets = np.zeros(len(places) + 1, np.int32)
    for i in range(len(places)):
        offsets[i + 1] = offsets[i] + places[i, 1] - places[i, 0]
    data = np.empty(offsets[-1], np.uint8)
    used = 0
    for i in range(len(places)):
        for k in range(places[i, 0], places[i, 1]):
            data[used] = text[k]
            used += 1
    return offsets, data
