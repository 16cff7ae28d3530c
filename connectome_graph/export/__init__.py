"""Graphs to networkx, igraph, scipy, GraphML, Cytoscape, tables, Matrix Market, neuroglancer."""

from __future__ import annotations

from connectome_graph.border.doors import guarded
from connectome_graph.export._cytoscape import write_cytoscape
from connectome_graph.export._graphml import write_graphml
from connectome_graph.export._igraph import to_igraph
from connectome_graph.export._matrix_market import write_matrix_market
from connectome_graph.export._networkx import to_networkx
from connectome_graph.export._neuroglancer import neuroglancer_url, to_neuroglancer
from connectome_graph.export._scipy import LabelledMatrix, to_scipy
from connectome_graph.export._tables import write_edges, write_neurons, write_synapses

__all__ = [
    "LabelledMatrix",
    "neuroglancer_url",
    "to_igraph",
    "to_networkx",
    "to_neuroglancer",
    "to_scipy",
    "write_cytoscape",
    "write_edges",
    "write_graphml",
    "write_matrix_market",
    "write_neurons",
    "write_synapses",
]

guarded(globals(), __all__)
