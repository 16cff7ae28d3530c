"""Axes to draw on, and pictures to compare with."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BASELINES = Path(__file__).parent / "baselines"


@pytest.fixture
def ax():
    """Return Axes of a figure that pyplot does not know, so that it goes away with the test."""
    figure = Figure(figsize=(5, 4), dpi=72, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots()


@pytest.fixture
def same_picture(tmp_path):
    """Return a function that compares a figure with its baseline, small shifts of text allowed.

    Pictures differ a little between releases of matplotlib and FreeType, so both are averaged over
    blocks of 6 x 6 pixels first. A new picture is written into ``tmp_path`` for looking at.
    """

    def blocks(picture):
        height, width = (side // 6 * 6 for side in picture.shape[:2])
        cut = picture[:height, :width].astype(float)
        return cut.reshape(height // 6, 6, width // 6, 6, 3).mean(axis=(1, 3))

    def compare(figure, name):
        figure.savefig(tmp_path / name, dpi=72)
        drawn = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
        baseline = np.round(matplotlib.image.imread(BASELINES / name)[..., :3] * 255)
        assert drawn.shape == baseline.shape, f"compare {tmp_path / name} with the baseline"
        off = np.abs(blocks(drawn) - blocks(baseline)).max(axis=2)
        assert (off > 60).mean() < 0.02, f"compare {tmp_path / name} with the baseline"
        assert off.mean() < 3, f"compare {tmp_path / name} with the baseline"

    return compare
