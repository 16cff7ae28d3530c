"""Null models: random graphs that keep some properties of an observed one, inside its domain."""

from connectome_graph.border.doors import guard_made, guarded
from connectome_graph.errors import NotMixedWarning
from connectome_graph.nulls._base import NullModel
from connectome_graph.nulls._check import check
from connectome_graph.nulls._configuration import Configuration
from connectome_graph.nulls._diagnose import Diagnosis, diagnose
from connectome_graph.nulls._erdos_renyi import DyadErdosRenyi, ErdosRenyi
from connectome_graph.nulls._exposure import ExposureBernoulli, ExposureShuffle
from connectome_graph.nulls._joint import ExactJointConfiguration, JointConfiguration
from connectome_graph.nulls._maxent import MaxEntConfiguration
from connectome_graph.nulls._mixing import Mixing
from connectome_graph.nulls._mutual_count import MutualCountConfiguration
from connectome_graph.nulls._properties import PROPERTIES
from connectome_graph.nulls._reciprocal import ReciprocalConfiguration
from connectome_graph.nulls._shuffles import LabelShuffle, WeightShuffle
from connectome_graph.nulls._spatial import Spatial
from connectome_graph.nulls._typed import TypedConfiguration
from connectome_graph.nulls._typed_reciprocal import TypedReciprocalConfiguration

__all__ = [
    "PROPERTIES",
    "Configuration",
    "Diagnosis",
    "DyadErdosRenyi",
    "ErdosRenyi",
    "ExactJointConfiguration",
    "ExposureBernoulli",
    "ExposureShuffle",
    "JointConfiguration",
    "LabelShuffle",
    "MaxEntConfiguration",
    "Mixing",
    "MutualCountConfiguration",
    "NotMixedWarning",
    "NullModel",
    "ReciprocalConfiguration",
    "Spatial",
    "TypedConfiguration",
    "TypedReciprocalConfiguration",
    "WeightShuffle",
    "check",
    "diagnose",
]

guarded(globals(), __all__)
for _name in __all__:
    if isinstance(globals()[_name], type) and issubclass(globals()[_name], NullModel):
        guard_made(globals()[_name])
