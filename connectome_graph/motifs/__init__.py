"""Motifs: small patterns of connections, counted exactly on the pairs that could be seen."""

from connectome_graph.motifs.census import triad_census
from connectome_graph.motifs.labelled import labelled_census, labelled_dyads
from connectome_graph.motifs.participation import triad_participation

__all__ = ["labelled_census", "labelled_dyads", "triad_census", "triad_participation"]
