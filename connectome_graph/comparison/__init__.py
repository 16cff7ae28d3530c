"""An observed graph against an ensemble of random ones, and two graphs against each other."""

from connectome_graph.border.doors import guarded
from connectome_graph.comparison._against_null import compare
from connectome_graph.comparison._connectomes import compare_connectomes
from connectome_graph.comparison._result import Comparison, PartialResult
from connectome_graph.comparison._sweep import sweep
from connectome_graph.comparison._two_sample import compare_graphs

__all__ = [
    "Comparison",
    "PartialResult",
    "compare",
    "compare_connectomes",
    "compare_graphs",
    "sweep",
]


guarded(globals(), __all__)
