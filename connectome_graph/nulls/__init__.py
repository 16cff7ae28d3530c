"""Null models: random graphs that keep some properties of an observed one, inside its domain."""

from connectome_graph.nulls.base import PROPERTIES, NullModel
from connectome_graph.nulls.configuration import Configuration
from connectome_graph.nulls.diagnose import Diagnosis, diagnose
from connectome_graph.nulls.erdos_renyi import DyadErdosRenyi, ErdosRenyi
from connectome_graph.nulls.maxent import MaxEntConfiguration
from connectome_graph.nulls.reciprocal import ReciprocalConfiguration
from connectome_graph.nulls.shuffles import LabelShuffle, WeightShuffle
from connectome_graph.nulls.spatial import Spatial
from connectome_graph.nulls.typed import TypedConfiguration

__all__ = [
    "PROPERTIES",
    "Configuration",
    "Diagnosis",
    "DyadErdosRenyi",
    "ErdosRenyi",
    "LabelShuffle",
    "MaxEntConfiguration",
    "NullModel",
    "ReciprocalConfiguration",
    "Spatial",
    "TypedConfiguration",
    "WeightShuffle",
    "diagnose",
]
