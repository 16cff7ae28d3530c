"""A sparse matrix as a picture of any size, in which no single entry is lost.

Drawing cell by cell is slow, and letting a picture library shrink a finished image drops
entries. Here every pixel takes what falls on it: the number of entries, or the largest value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Raster", "pooled"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Raster:
    """The entries of a sparse matrix, ready to be pooled onto pixels.

    Parameters
    ----------
    rows, columns
        int, one per entry: where it is.
    weights
        float, one per entry, or None: then pixels count entries.
    shape
        Rows and columns of the matrix.
    """

    rows: npt.NDArray[np.integer]
    columns: npt.NDArray[np.integer]
    weights: Floats | None
    shape: tuple[int, int]

    def on_pixels(self, view: tuple[float, float, float, float], pixels: tuple[int, int]) -> Floats:
        """Return what every pixel of a view shows, NaN where it shows nothing.

        Parameters
        ----------
        view
            Left, right, top and bottom in units of cells: cell (i, j) spans ``[j, j + 1)`` and
            ``[i, i + 1)``.
        pixels
            Height and width of the picture.
        """
        left, right, top, bottom = view
        row_bin, row_at = _bins(top, bottom, self.shape[0], pixels[0])
        column_bin, column_at = _bins(left, right, self.shape[1], pixels[1])
        bins = _n_bins(row_bin, row_at), _n_bins(column_bin, column_at)
        i, j = row_bin[self.rows], column_bin[self.columns]
        seen = (i >= 0) & (j >= 0)
        values = None if self.weights is None else self.weights[seen]
        small = pooled(i[seen], j[seen], values, bins)
        # One more row and column of nothing for the pixels outside of the matrix.
        padded = np.full((bins[0] + 1, bins[1] + 1), np.nan)
        padded[:-1, :-1] = small
        return padded[row_at][:, column_at]


def pooled(rows: Places, columns: Places, values: Floats | None, shape: tuple[int, int]) -> Floats:
    """Return how many entries share a place, or the largest of their values; NaN for none.

    Examples
    --------
    >>> pooled(np.array([0, 0]), np.array([1, 1]), None, (1, 2))
    array([[nan,  2.]])
    >>> pooled(np.array([0, 0]), np.array([1, 1]), np.array([5.0, 7.0]), (1, 2))
    array([[nan,  7.]])
    """
    flat = rows * shape[1] + columns
    if values is None:
        counts = np.bincount(flat, minlength=shape[0] * shape[1]).astype(float)
        return np.where(counts > 0, counts, np.nan).reshape(shape)
    result = np.full(shape[0] * shape[1], np.nan)
    np.fmax.at(result, flat, values)
    return result.reshape(shape)


def _n_bins(bin_of: Places, at: Places) -> int:
    """Return how many bins there are; some may hold no cell, some may show on no pixel."""
    return int(max(bin_of.max(initial=-1), at.max(initial=-1))) + 1


def _bins(start: float, stop: float, n: int, n_pixels: int) -> tuple[Places, Places]:
    """Return the bin of every cell along one axis (-1 out of view), and the bin at every pixel.

    Where cells are larger than pixels a bin is a cell, otherwise a pixel. The bin at a pixel
    outside of the matrix is -1.
    """
    low, high = min(start, stop), max(start, stop)
    first, last = max(int(np.floor(low)), 0), min(int(np.ceil(high)), n)
    bin_of = np.full(n, -1, np.int64)
    edges = start + (np.arange(n_pixels) + 0.5) * (stop - start) / n_pixels
    inside = (edges >= 0) & (edges < n)
    if last <= first:
        return bin_of, np.full(n_pixels, -1, np.int64)
    if last - first <= n_pixels:
        bin_of[first:last] = np.arange(last - first)
        at = np.clip(np.floor(edges).astype(np.int64) - first, 0, last - first - 1)
        return bin_of, np.where(inside, at, -1)
    middles = np.arange(first, last) + 0.5
    pixel = np.floor((middles - start) / (stop - start) * n_pixels).astype(np.int64)
    bin_of[first:last] = np.where((pixel >= 0) & (pixel < n_pixels), pixel, -1)
    return bin_of, np.arange(n_pixels, dtype=np.int64)
