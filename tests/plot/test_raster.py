"""Pictures of sparse matrices, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph.plot._raster import Raster


@st.composite
def rasters(draw):
    shape = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    n = draw(st.integers(0, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    flat = rng.choice(shape[0] * shape[1], min(n, shape[0] * shape[1]), replace=False)
    rows, columns = np.divmod(flat, shape[1])
    weights = rng.normal(size=len(flat)) if draw(st.booleans()) else None
    return Raster(rows, columns, weights, shape)


def whole(raster):
    return 0, raster.shape[1], 0, raster.shape[0]


@given(rasters(), st.integers(1, 60), st.integers(1, 60))
def test_no_entry_is_lost_and_none_appears(raster, height, width):
    picture = raster.on_pixels(whole(raster), (height, width))
    n_rows, n_columns = raster.shape
    assert picture.shape == (height, width)
    hit = np.zeros((height, width), bool)
    for i, j in zip(raster.rows, raster.columns, strict=True):
        # Pixels whose middle lies in the cell, or the pixel in which the middle of the cell lies.
        down = np.floor((np.arange(height) + 0.5) * n_rows / height) == i
        across = np.floor((np.arange(width) + 0.5) * n_columns / width) == j
        if n_rows > height:
            down = np.arange(height) == np.floor((i + 0.5) / n_rows * height)
        if n_columns > width:
            across = np.arange(width) == np.floor((j + 0.5) / n_columns * width)
        shown = picture[np.ix_(down, across)]
        assert shown.size
        assert not np.isnan(shown).any()
        hit[np.ix_(down, across)] = True
    assert np.isnan(picture[~hit]).all()


@given(rasters())
def test_a_pixel_for_each_cell_is_the_matrix_itself(raster):
    picture = raster.on_pixels(whole(raster), raster.shape)
    values = np.ones(len(raster.rows)) if raster.weights is None else raster.weights
    dense = np.full(raster.shape, np.nan)
    dense[raster.rows, raster.columns] = values
    np.testing.assert_array_equal(picture, dense)


ends = st.tuples(st.floats(-5, 45), st.floats(0.1, 50), st.booleans())


@given(rasters(), ends, ends, st.integers(1, 30), st.integers(1, 30))
def test_any_view_shows_what_lies_in_it_and_nothing_else(raster, across, down, height, width):
    view = []
    for start, length, turned in (across, down):
        view += [start + length, start] if turned else [start, start + length]
    picture = raster.on_pixels(tuple(view), (height, width))
    assert picture.shape == (height, width)
    left, right, top, bottom = view
    inside = (
        (raster.rows + 1 > min(top, bottom)) & (raster.rows < max(top, bottom))
        & (raster.columns + 1 > min(left, right)) & (raster.columns < max(left, right))
    )  # fmt: skip
    if not inside.any():
        assert np.isnan(picture).all()
    elif raster.weights is not None:
        shown = picture[~np.isnan(picture)]
        assert np.isin(shown, raster.weights[inside]).all()


def test_pixels_count_entries_or_show_the_largest():
    rows, columns = np.array([0, 1, 5]), np.array([0, 1, 5])
    counted = Raster(rows, columns, None, (6, 6)).on_pixels((0, 6, 0, 6), (2, 2))
    np.testing.assert_array_equal(counted, [[2, np.nan], [np.nan, 1]])
    largest = Raster(rows, columns, np.array([-3.0, -1.0, 7.0]), (6, 6))
    np.testing.assert_array_equal(
        largest.on_pixels((0, 6, 0, 6), (2, 2)), [[-1, np.nan], [np.nan, 7]]
    )


def test_views_zoom_turn_over_and_reach_beyond_the_matrix():
    raster = Raster(np.array([0, 3]), np.array([1, 3]), None, (4, 4))
    np.testing.assert_array_equal(raster.on_pixels((1, 2, 0, 1), (1, 1)), [[1]])
    upright = raster.on_pixels((0, 4, 0, 4), (4, 4))
    np.testing.assert_array_equal(raster.on_pixels((0, 4, 4, 0), (4, 4)), upright[::-1])
    beyond = raster.on_pixels((-4, 8, -4, 8), (12, 12))
    np.testing.assert_array_equal(beyond[4:8, 4:8], upright)
    assert np.nansum(beyond) == 2
    assert np.isnan(raster.on_pixels((10, 20, 0, 4), (3, 3))).all()


@pytest.mark.parametrize("n_columns", [60_000, 71_659])
def test_every_edge_of_a_wide_matrix_is_on_its_pixel(n_columns):
    matrix = scipy.sparse.random_array((300, n_columns), density=1e-5, rng=1).tocoo()
    raster = Raster(matrix.coords[0], matrix.coords[1], None, matrix.shape)
    picture = raster.on_pixels(whole(raster), (200, 400))
    assert np.nansum(picture) == matrix.nnz
