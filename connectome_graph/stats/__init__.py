"""Statistics of a graph on the pairs that could have been seen.

Every function takes a graph first, divides by its domain, and returns a plain Series, DataFrame
or dataclass that carries its denominators and the name of the policy.
"""

from connectome_graph.border.doors import guarded
from connectome_graph.stats._assortativity import assortativity
from connectome_graph.stats._clustering import clustering, neuron_clustering
from connectome_graph.stats._common_neighbours import common_neighbours
from connectome_graph.stats._communities import Communities, agreement, communities
from connectome_graph.stats._connection_by import connection_by
from connectome_graph.stats._conversion import conversion
from connectome_graph.stats._degree import degrees
from connectome_graph.stats._density import density
from connectome_graph.stats._distance import connection_by_distance
from connectome_graph.stats._distance_fit import fit_distance
from connectome_graph.stats._distribution import fit_degrees, fit_distribution, fit_synapse_counts
from connectome_graph.stats._dyads import dyads, labelled_reciprocity, reciprocated
from connectome_graph.stats._edge_agreement import edge_agreement
from connectome_graph.stats._effective import effective_connectivity
from connectome_graph.stats._flow import flow
from connectome_graph.stats._forward_order import ForwardOrder, forward_order, forward_weight
from connectome_graph.stats._hierarchy import Hierarchy, trophic_hierarchy
from connectome_graph.stats._influence import influence
from connectome_graph.stats._intervals import wilson
from connectome_graph.stats._labels import to_matrix
from connectome_graph.stats._layers import cascade, layers
from connectome_graph.stats._multiplicity import multiplicity
from connectome_graph.stats._multisynapse import multisynapse_similarity
from connectome_graph.stats._neuron_table import neuron_table
from connectome_graph.stats._pair_model import pair_model
from connectome_graph.stats._partner_fractions import partner_fractions
from connectome_graph.stats._paths import (
    components,
    neuron_components,
    path_lengths,
    paths,
    small_world,
)
from connectome_graph.stats._recall import recall_tiers
from connectome_graph.stats._recall_bands import recall_needed
from connectome_graph.stats._rich_club import rich_club, rich_club_members, rich_club_range
from connectome_graph.stats._shortest_paths import shortest_paths
from connectome_graph.stats._similarity import similarity
from connectome_graph.stats._similarity_clusters import (
    SimilarityClusters,
    cluster_similarity,
    similarity_matrix,
)
from connectome_graph.stats._synapse_size import synapse_size
from connectome_graph.stats._transfer_labels import LabelTransfer, transfer_labels
from connectome_graph.stats._types import type_matrix

__all__ = [
    "Communities",
    "ForwardOrder",
    "Hierarchy",
    "LabelTransfer",
    "SimilarityClusters",
    "agreement",
    "assortativity",
    "cascade",
    "cluster_similarity",
    "clustering",
    "common_neighbours",
    "communities",
    "components",
    "connection_by",
    "connection_by_distance",
    "conversion",
    "degrees",
    "density",
    "dyads",
    "edge_agreement",
    "effective_connectivity",
    "fit_degrees",
    "fit_distance",
    "fit_distribution",
    "fit_synapse_counts",
    "flow",
    "forward_order",
    "forward_weight",
    "influence",
    "labelled_reciprocity",
    "layers",
    "multiplicity",
    "multisynapse_similarity",
    "neuron_clustering",
    "neuron_components",
    "neuron_table",
    "pair_model",
    "partner_fractions",
    "path_lengths",
    "paths",
    "recall_needed",
    "recall_tiers",
    "reciprocated",
    "rich_club",
    "rich_club_members",
    "rich_club_range",
    "shortest_paths",
    "similarity",
    "similarity_matrix",
    "small_world",
    "synapse_size",
    "to_matrix",
    "transfer_labels",
    "trophic_hierarchy",
    "type_matrix",
    "wilson",
]

guarded(globals(), __all__)
