"""Statistics of a graph on the pairs that could have been seen.

Every function takes a graph first, divides by its domain, and returns a plain Series, DataFrame
or dataclass that carries its denominators and the name of the policy.
"""

from connectome_graph.stats.assortativity import assortativity
from connectome_graph.stats.clustering import clustering, clustering_by_neuron
from connectome_graph.stats.common_neighbours import common_neighbours
from connectome_graph.stats.communities import Communities, agreement, communities
from connectome_graph.stats.degree import degrees
from connectome_graph.stats.density import density
from connectome_graph.stats.distance import connection_by_distance
from connectome_graph.stats.distance_fit import fit_distance
from connectome_graph.stats.distribution import fit_degrees, fit_distribution, fit_synapse_counts
from connectome_graph.stats.dyads import dyads, labelled_reciprocity, reciprocated
from connectome_graph.stats.hierarchy import Hierarchy, trophic_hierarchy
from connectome_graph.stats.intervals import wilson
from connectome_graph.stats.labels import square
from connectome_graph.stats.multiplicity import multiplicity
from connectome_graph.stats.multisynapse import multisynapse_similarity
from connectome_graph.stats.neuron_table import neuron_table
from connectome_graph.stats.paths import component_labels, components, paths, small_world
from connectome_graph.stats.rich_club import rich_club, rich_club_members, rich_club_range
from connectome_graph.stats.synapse_size import synapse_size
from connectome_graph.stats.types import type_matrix

__all__ = [
    "Communities",
    "Hierarchy",
    "agreement",
    "assortativity",
    "clustering",
    "clustering_by_neuron",
    "common_neighbours",
    "communities",
    "component_labels",
    "components",
    "connection_by_distance",
    "degrees",
    "density",
    "dyads",
    "fit_degrees",
    "fit_distance",
    "fit_distribution",
    "fit_synapse_counts",
    "labelled_reciprocity",
    "multiplicity",
    "multisynapse_similarity",
    "neuron_table",
    "paths",
    "reciprocated",
    "rich_club",
    "rich_club_members",
    "rich_club_range",
    "small_world",
    "square",
    "synapse_size",
    "trophic_hierarchy",
    "type_matrix",
    "wilson",
]
