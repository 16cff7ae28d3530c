"""Motifs: small patterns of connections, counted exactly on the pairs that could be seen."""

from connectome_graph.motifs.census import triad_census
from connectome_graph.motifs.count import count
from connectome_graph.motifs.find import find
from connectome_graph.motifs.labelled import labelled_census, labelled_dyads
from connectome_graph.motifs.language import parse
from connectome_graph.motifs.observability import observability, templates
from connectome_graph.motifs.participation import triad_participation
from connectome_graph.motifs.pattern import Motif
from connectome_graph.motifs.significance import MotifSignificance, significance
from connectome_graph.motifs.weighted import weighted_census

__all__ = [
    "Motif",
    "MotifSignificance",
    "count",
    "find",
    "labelled_census",
    "labelled_dyads",
    "observability",
    "parse",
    "significance",
    "templates",
    "triad_census",
    "triad_participation",
    "weighted_census",
]
