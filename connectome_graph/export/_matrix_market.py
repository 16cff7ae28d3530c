"""Matrix Market: the plain-text sparse matrix that Matlab, Julia, R and GraphBLAS read."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import scipy.io

from connectome_graph.border.arguments import Weight
from connectome_graph.border.replaced import check_place, marked, replacing_own
from connectome_graph.errors import InvalidTable
from connectome_graph.export._attributes import ids_as_text
from connectome_graph.export._scipy import to_scipy
from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["write_matrix_market"]

#: How the comment of a matrix of ours begins.
_OWN = "rows are presynaptic."


def write_matrix_market(
    g: ConnectomeGraph,
    path: str | Path,
    *,
    weight: Weight = "count",
    overwrite: bool = False,
) -> tuple[Path, Path, Path]:
    """Write the weights as a Matrix Market file, and the ids of rows and columns beside it.

    ``column.mtx`` comes with ``column.pre.txt`` and ``column.post.txt``: line ``i`` holds the
    root id of row (column) ``i``. Every edge is an entry, also where its weight is 0. Numbers
    are written so that they read back exactly.

    Parameters
    ----------
    g
        The graph.
    path
        The matrix file, usually ``*.mtx``.
    weight
        As in :func:`connectome_graph.weights.compute`.
    overwrite
        Whether other files at these three places may be replaced; those that this function wrote
        are in any case.

    Returns
    -------
    tuple of pathlib.Path
        The three files: matrix, row ids, column ids.

    Raises
    ------
    InvalidTable
        When a text id holds a line break, which a list of lines cannot carry.
    UnreadableFile
        When a file cannot be written, or another one is there.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, connectome_graph as cg
    >>> place = Path(tempfile.mkdtemp()) / "two.mtx"
    >>> files = write_matrix_market(cg.from_adjacency([[0, 3], [1, 0]]), place)
    >>> [file.name for file in files]
    ['two.mtx', 'two.pre.txt', 'two.post.txt']
    """
    target = Path(path)
    matrix, pre_ids, post_ids = to_scipy(g, weight=weight)
    comment = "\n".join(textwrap.wrap(f"{_OWN} {g.provenance}", 76))
    is_own = marked(b"%%matrixmarket", mark=f"%{_OWN}")
    check_place(target, is_own, "matrix", overwrite=overwrite)
    # the lists of ids have no room for a mark: they are ours where the matrix beside them is
    whole = overwrite or is_own(target)
    lists = {}
    for end, ids in (("pre", pre_ids), ("post", post_ids)):
        lines = ids_as_text(ids).to_pylist()
        if any(len(line.splitlines()) > 1 or line != line.strip() for line in lines):
            raise InvalidTable("a text id holds a line break or outer blanks; rename the neuron")
        lists[target.with_suffix(f".{end}.txt")] = "".join(f"{line}\n" for line in lines)
    for place, text in lists.items():
        what = "list of ids"
        with replacing_own(place, own=lambda _: False, what=what, overwrite=whole) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    with (
        replacing_own(target, own=is_own, what="matrix", overwrite=overwrite) as temporary,
        temporary.open("wb") as file,
    ):
        # Sums of sizes may be float32 or smaller integers; the format knows int64 and double.
        entries = matrix.astype(np.int64 if matrix.dtype.kind in "iub" else np.float64).tocoo()
        scipy.io.mmwrite(file, entries, comment=comment, symmetry="general")
    pre, post = lists
    return target, pre, post
