"""An observed graph against an ensemble of random ones, and two graphs against each other."""

from connectome_graph.comparison.against_null import compare
from connectome_graph.comparison.result import Comparison, PartialResult
from connectome_graph.comparison.two_sample import compare_graphs

__all__ = ["Comparison", "PartialResult", "compare", "compare_graphs"]
