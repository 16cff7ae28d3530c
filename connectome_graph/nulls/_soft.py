"""Null models that keep numbers on average only, and why comparisons must refit them."""

from __future__ import annotations

from typing import ClassVar

from connectome_graph.nulls._base import NullModel

__all__ = ["SoftNull"]


class SoftNull(NullModel):
    """A null model fitted to the observed graph that keeps numbers in expectation.

    The observed degrees are themselves a draw from the model with the true strengths. Graphs
    drawn from strengths fitted to them scatter around degrees that already scatter, so that every
    statistic that is convex in the degrees (reciprocity, triads) comes out too high in them, by
    more standard deviations the larger the graph. :func:`connectome_graph.compare` therefore
    fits the model to every sample again and holds the sample against graphs of its own fit, as the
    observed graph is held against graphs of its fit.
    """

    #: Graphs of its own fit that each sample is held against.
    refits: ClassVar[int] = 8
