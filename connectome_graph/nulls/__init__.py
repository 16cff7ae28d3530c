"""Null models: random graphs that keep some properties of an observed one, inside its domain."""

from connectome_graph.nulls.base import PROPERTIES, NullModel
from connectome_graph.nulls.configuration import Configuration
from connectome_graph.nulls.reciprocal import ReciprocalConfiguration
from connectome_graph.nulls.typed import TypedConfiguration

__all__ = [
    "PROPERTIES",
    "Configuration",
    "NullModel",
    "ReciprocalConfiguration",
    "TypedConfiguration",
]
