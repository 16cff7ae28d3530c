"""Largest eigenvalue of a graph's weights, and the steady state of activity on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import ConnectomeError, InvalidArgument
from connectome_graph.stats._circuit import Rows

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["all_inputs", "column_of", "largest_real_part", "solved"]

Floats = npt.NDArray[np.float64]

# Up to so many neurons dense algebra is exact and quick.
_DIRECT = 2000
_DENSE = 400
_RESIDUAL = 1e-10


def largest_real_part(rows: Rows) -> float:
    """Return the largest real part among the eigenvalues of the weights.

    The eigenvalues of a graph are those of its strongly connected components, so each is taken
    by itself: small ones densely, large ones by Arnoldi iteration.

    Raises
    ------
    InvalidArgument
        When it is not above 0: without cycles nothing comes back.
    ConnectomeError
        When the iteration does not converge.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from connectome_graph.stats._circuit import rows_of
    >>> g = cg.from_adjacency([[0, 1], [4, 0]])
    >>> round(largest_real_part(rows_of(g, [1, 4])), 9)
    2.0
    """
    from scipy.sparse import csgraph

    matrix = rows.matrix.copy()
    matrix.eliminate_zeros()
    _, label = csgraph.connected_components(matrix, directed=True, connection="strong")
    sizes = np.bincount(label)
    order = np.argsort(label, kind="stable")
    ends = np.cumsum(sizes)
    largest = -np.inf
    for part in np.argsort(-sizes, kind="stable"):
        if sizes[part] < 2:
            break
        members = order[ends[part] - sizes[part] : ends[part]]
        whole = len(members) == rows.n
        block = matrix if whole else matrix[members][:, members]
        # No eigenvalue exceeds the largest sum of absolute weights over a row or a column.
        size = abs(block)
        if min(size.sum(axis=0).max(), size.sum(axis=1).max()) <= largest:
            continue
        largest = max(largest, _rightmost(block))
    if sizes.max(initial=0) < 2 or not largest > 1e-12 * max(1.0, abs(matrix).max()):
        raise InvalidArgument(
            "lambda_max is not above 0: the connections form no cycle (or inhibition prevails), "
            "so that there is nothing to scale by; stats.effective_connectivity adds up walks "
            "of a given number of connections instead"
        )
    return float(largest)


def _rightmost(block: Any) -> float:
    from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, eigs

    n = block.shape[0]
    if n <= _DENSE:
        return float(np.linalg.eigvals(block.toarray()).real.max())
    start = np.random.default_rng(0).uniform(0.5, 1.5, n)
    for basis in (24, 80, 240):
        try:
            found = eigs(
                block, k=1, which="LR", ncv=min(basis, n - 1), v0=start, tol=1e-10,
                maxiter=300, return_eigenvectors=False,
            )  # fmt: skip
        except (ArpackNoConvergence, ArpackError):
            continue
        return float(found.real.max())
    if n <= 4 * _DIRECT:
        return float(np.linalg.eigvals(block.toarray()).real.max())
    raise ConnectomeError(
        f"the largest eigenvalue of {n:,} neurons did not converge; leave weak connections out "
        "with g.threshold, or use weight='input_fraction'"
    )


def solved(rows: Rows, scale: float, drive: Floats) -> Floats:
    """Return r of ``r = scale * W r + s`` for every column s of `drive`, shape as `drive`.

    Raises
    ------
    ConnectomeError
        When the iteration does not converge.

    Examples
    --------
    >>> import numpy as np, connectome_graph as cg
    >>> from connectome_graph.stats._circuit import rows_of
    >>> rows = rows_of(cg.from_adjacency([[0, 1], [1, 0]]))
    >>> solved(rows, 0.5, np.array([[1.0], [0.0]])).round(6).tolist()
    [[1.333333], [0.666667]]
    """
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import splu

    n = rows.n
    if n <= _DIRECT:
        system = eye_array(n, format="csc") - scale * rows.matrix.T.tocsc()
        return np.asarray(splu(system.tocsc()).solve(drive))
    from connectome_graph._kernels import threads

    into = rows.matrix.T.tocsr()
    answer = np.empty_like(drive)

    def one(column: int) -> None:
        answer[:, column] = _iterated(into, scale, drive[:, column])

    step = threads.n_threads()
    for first in range(0, drive.shape[1], step):
        threads.run(
            lambda column, _: one(column),
            [(k, k) for k in range(first, min(first + step, drive.shape[1]))],
        )
    return answer


def _iterated(into: Any, scale: float, drive: Floats) -> Floats:
    from scipy.sparse.linalg import LinearOperator, bicgstab, gmres

    n = len(drive)
    operator = LinearOperator((n, n), matvec=lambda x: np.ravel(x) - scale * (into @ np.ravel(x)),
                              dtype=float)  # fmt: skip
    size = float(np.linalg.norm(drive))
    for method in ("gmres", "bicgstab"):
        if method == "gmres":
            answer, _ = gmres(operator, drive, rtol=_RESIDUAL, atol=0, restart=60, maxiter=20)
        else:
            answer, _ = bicgstab(operator, drive, rtol=_RESIDUAL, atol=0, maxiter=5000)
        left = float(np.linalg.norm(drive - operator @ answer))
        if left <= 10 * _RESIDUAL * size:
            return np.asarray(answer)
    raise ConnectomeError(
        f"influence on {n:,} neurons did not converge (residual {left / size:.1e} of the drive); "
        "a smaller gain converges faster"
    )


def all_inputs(g: ConnectomeGraph) -> Floats:
    """Return the synapses onto every neuron from any other, those outside the domain included.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 2, 0], [0, 0, 3], [0, 1, 0]]).observed(
    ...     lambda table: (table.index == 1, table.index > 0)
    ... )
    >>> all_inputs(g).tolist()
    [0.0, 3.0, 3.0]
    """
    pre, post = g.synapse_codes("pre"), g.synapse_codes("post")
    counts = np.ones(len(pre))
    if "count" in g.synapse_columns:
        counts = np.asarray(g.synapse_column("count"), float)
    distinct = pre != post
    return np.bincount(post[distinct], weights=counts[distinct], minlength=g.n_neurons).astype(
        float
    )


def column_of(g: ConnectomeGraph, total: str) -> Floats:
    """Return a numeric neuron column as floats, missing where a neuron has none."""
    return np.asarray(
        pd.array(g.neuron_column(total)).to_numpy(dtype=float, na_value=np.nan), float
    )
