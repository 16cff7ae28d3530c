"""Figures: an Axes in (or a new one), the same Axes out; nothing is shown or computed.

Figures of a graph take the graph; figures of a result take the table or object that ``stats``,
``motifs``, ``skeletons`` or ``compare`` returned. One style: a type keeps its colour in every
figure (:func:`~connectome_graph.plot.style.type_colors`), lengths are in um, and depth points
downwards.
"""

from connectome_graph.border.doors import guarded
from connectome_graph.plot._card import connectivity_card
from connectome_graph.plot._census import triad_census
from connectome_graph.plot._distance import connection_by_distance
from connectome_graph.plot._distributions import distribution
from connectome_graph.plot._flow import flow
from connectome_graph.plot._matrix import matrix
from connectome_graph.plot._morphology import morphology, neuron_synapses, synapse_sites
from connectome_graph.plot._motif import motif, triad
from connectome_graph.plot._pairs import connection_by, nulls
from connectome_graph.plot._positions import positions
from connectome_graph.plot._profile import distance_profile
from connectome_graph.plot._proximity import proximity
from connectome_graph.plot._rich_club import rich_club
from connectome_graph.plot._similarity import similarity
from connectome_graph.plot._style import type_colors
from connectome_graph.plot._type_network import type_network
from connectome_graph.plot._types import type_matrix
from connectome_graph.plot._weights import weights

__all__ = [
    "connection_by",
    "connection_by_distance",
    "connectivity_card",
    "distance_profile",
    "distribution",
    "flow",
    "matrix",
    "morphology",
    "motif",
    "neuron_synapses",
    "nulls",
    "positions",
    "proximity",
    "rich_club",
    "similarity",
    "synapse_sites",
    "triad",
    "triad_census",
    "type_colors",
    "type_matrix",
    "type_network",
    "weights",
]

guarded(globals(), __all__)
