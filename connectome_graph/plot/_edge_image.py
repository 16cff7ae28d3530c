"""The artist that draws a sparse matrix anew for the pixels it is shown on."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.image import AxesImage
from matplotlib.transforms import IdentityTransform

from connectome_graph.plot._raster import Raster

__all__ = ["EdgeImage"]


class EdgeImage(AxesImage):
    """A picture of a sparse matrix, pooled onto the pixels of each drawing.

    It is as sharp on a screen as in a print of 600 dots an inch, and sharper when zoomed.
    """

    def __init__(self, ax: Axes, raster: Raster, *, cmap: Colormap, norm: Normalize) -> None:
        super().__init__(ax, cmap=cmap, norm=norm, interpolation="nearest")
        self.raster = raster
        n_rows, n_columns = raster.shape
        # Known to matplotlib at a glance, for its data limits; the entries are in the raster.
        self.set_data(np.ma.masked_invalid(np.full((1, 1), np.nan)))
        self.set_extent((0, n_columns, n_rows, 0))

    @staticmethod
    def _counted(most: float) -> Normalize:
        """Return the scale of a binary picture of which a pixel holds that many edges at most."""
        # A scale that starts below 1 makes single edges black.
        return LogNorm(1, most, clip=True) if most > 1 else Normalize(0, 1, clip=True)

    def make_image(  # the signature is matplotlib's
        self,
        renderer: Any,  # noqa: ARG002
        magnification: float = 1.0,
        unsampled: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> tuple[Any, float, float, Any]:
        """Return the pixels as RGBA, where they belong, and their transform."""
        axes = self.axes
        assert axes is not None
        to_pixels = self.get_transform()
        n_rows, n_columns = self.raster.shape
        corners = to_pixels.transform([(0, 0), (n_columns, n_rows)])
        frame = axes.bbox
        # Whole pixels, because that is where a picture can be put.
        left = float(np.floor(max(corners[:, 0].min(), frame.x0)))
        right = float(np.ceil(min(corners[:, 0].max(), frame.x1)))
        low = float(np.floor(max(corners[:, 1].min(), frame.y0)))
        high = float(np.ceil(min(corners[:, 1].max(), frame.y1)))
        if right <= left or high <= low:
            return None, 0, 0, None
        size = round((high - low) * magnification), round((right - left) * magnification)
        (x0, y0), (x1, y1) = to_pixels.inverted().transform([(left, low), (right, high)])
        found = self.raster.on_pixels((x0, x1, y0, y1), size)
        if self.raster.weights is None:
            # How many edges share a pixel depends on the pixels.
            crowd = found[found > 0]
            self.norm = self._counted(np.quantile(crowd, 0.99) if len(crowd) else 1.0)
        rgba = np.array(self.to_rgba(np.ma.masked_invalid(found), bytes=True))
        rgba[np.isnan(found)] = 0
        return rgba, left, low, IdentityTransform()
