"""Skeletons: what joins the network to the neuron's shape.

Load cells (:func:`load`, :func:`from_ossify`, :func:`from_arrays`), attach them to a graph
(:func:`attach`), and distance to root, compartment and branch order are columns of its
synapses like any other.
"""

from connectome_graph.border.doors import guarded
from connectome_graph.skeletons._attach import attach
from connectome_graph.skeletons._balance import balance_profile, neuron_balance
from connectome_graph.skeletons._card import ConnectivityCard, connectivity_card
from connectome_graph.skeletons._cave import load_cave
from connectome_graph.skeletons._convert import to_igraph, to_networkx, write_graphml, write_swc
from connectome_graph.skeletons._larval import from_larval, load_larval
from connectome_graph.skeletons._load import Loaded, load
from connectome_graph.skeletons._ossify_cell import from_ossify, load_osy
from connectome_graph.skeletons._parts import mask, path, subtree
from connectome_graph.skeletons._profile import distance_profile
from connectome_graph.skeletons._proximities import proximities
from connectome_graph.skeletons._shared_volumes import shared_volumes
from connectome_graph.skeletons._skeleton import COMPARTMENTS, Skeleton, from_arrays
from connectome_graph.skeletons._skeleton_graph import SkeletonGraph, graph
from connectome_graph.skeletons._swc import load_swc
from connectome_graph.skeletons._validity import Validity, check

__all__ = [
    "COMPARTMENTS",
    "ConnectivityCard",
    "Loaded",
    "Skeleton",
    "SkeletonGraph",
    "Validity",
    "attach",
    "balance_profile",
    "check",
    "connectivity_card",
    "distance_profile",
    "from_arrays",
    "from_larval",
    "from_ossify",
    "graph",
    "load",
    "load_cave",
    "load_larval",
    "load_osy",
    "load_swc",
    "mask",
    "neuron_balance",
    "path",
    "proximities",
    "shared_volumes",
    "subtree",
    "to_igraph",
    "to_networkx",
    "write_graphml",
    "write_swc",
]

guarded(globals(), __all__)
