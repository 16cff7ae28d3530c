"""Motifs: small patterns of connections, counted exactly on the pairs that could be seen."""

from connectome_graph.border.doors import guarded
from connectome_graph.motifs._census import triad_census
from connectome_graph.motifs._count import count
from connectome_graph.motifs._find import find
from connectome_graph.motifs._labelled import labelled_census
from connectome_graph.motifs._labelled_dyads import labelled_dyads
from connectome_graph.motifs._language import parse
from connectome_graph.motifs._observability import observability, templates
from connectome_graph.motifs._participation import neuron_triads
from connectome_graph.motifs._pattern import Motif
from connectome_graph.motifs._significance import MotifSignificance, significance
from connectome_graph.motifs._simplices import simplex_participation, simplices
from connectome_graph.motifs._weighted import weighted_census

__all__ = [
    "Motif",
    "MotifSignificance",
    "count",
    "find",
    "labelled_census",
    "labelled_dyads",
    "neuron_triads",
    "observability",
    "parse",
    "significance",
    "simplex_participation",
    "simplices",
    "templates",
    "triad_census",
    "weighted_census",
]

guarded(globals(), __all__)
