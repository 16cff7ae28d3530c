"""Motifs: small patterns of connections, counted exactly on the pairs that could be seen."""

from connectome_graph.motifs.census import triad_census
from connectome_graph.motifs.participation import triad_participation

__all__ = ["triad_census", "triad_participation"]
