"""Statistics of a graph on the pairs that could have been seen.

Every function takes a graph first, divides by its domain, and returns a plain Series, DataFrame
or dataclass that carries its denominators and the name of the policy.
"""

from connectome_graph.stats.degree import degrees
from connectome_graph.stats.density import density
from connectome_graph.stats.distance import connection_by_distance
from connectome_graph.stats.dyads import dyads, labelled_reciprocity, reciprocated
from connectome_graph.stats.labels import square
from connectome_graph.stats.types import type_matrix

__all__ = [
    "connection_by_distance",
    "degrees",
    "density",
    "dyads",
    "labelled_reciprocity",
    "reciprocated",
    "square",
    "type_matrix",
]
