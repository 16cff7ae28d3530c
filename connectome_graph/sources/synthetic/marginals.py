"""The numbers the generated column is drawn from, each with where it comes from.

Two kinds of numbers live here and are kept apart. **Published** ones are marginals of the
MICrONS public data (minnie65_public, materialization version 1718) as printed by the public
tutorial of that version, or of the published papers named beside them; the tests hold the
generated column to them. **Assumed** ones fill what no public marginal fixes; they are chosen
to be plausible for mouse V1, and no result about the brain should be read off them.

References
----------
MICrONS Consortium (2025). Functional connectomics spanning multiple areas of mouse visual
cortex. Nature 640, 435-447.
Schneider-Mizell et al. (2025). Inhibitory specificity from a connectomic census of mouse
visual cortex. Nature 640, 448-458.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "AFFINITY",
    "AXON_STRATEGIES",
    "BLOCKS",
    "COLUMN_SIDE_UM",
    "DENDRITE_STRATEGIES",
    "N_EDGES",
    "N_EXCITATORY",
    "N_NEURONS",
    "N_SYNAPSES",
    "PAIR_LOG_SD",
    "SIZE_LOG_SD",
    "SIZE_MEDIAN",
    "TYPES",
    "Block",
    "CellType",
]

# ------------------------------------------------------------------ published
# Printed by the version 1718 tutorial (AllenInstitute/connectomics_at_cosyne) for the V1 column.
N_NEURONS: Final = 1_355
N_SYNAPSES: Final = 146_711
N_EDGES: Final = 78_928
# By others' counts of the version 1718 cell table (not checked here) the column has 1,184
# excitatory and 164 inhibitory cells with axon and dendrite proofread: 7.2 to 1.
N_EXCITATORY: Final = 1_190
# A square of about 100 um side, from pia to white matter (Schneider-Mizell et al. 2025).
COLUMN_SIDE_UM: Final = 100.0
# Axon proofreading strategies of version 1718: cells with each.
AXON_STRATEGIES: Final = {
    "axon_partially_extended": 1_576,
    "axon_fully_extended": 518,
    "axon_interareal": 120,
}
# Cleft sizes (voxels) of the 2,648 input synapses of the public minnie65 neuron
# 864691135336055529 have median 4,262 and a standard deviation of their natural log of 1.04.
SIZE_MEDIAN: Final = 4_262.0
SIZE_LOG_SD: Final = 1.04

# ------------------------------------------------------------------ assumed
# Part of SIZE_LOG_SD that the synapses of one pair share: a correlation of log size of 0.15.
PAIR_LOG_SD: Final = 0.40
DENDRITE_STRATEGIES: Final = {"dendrite_extended": 7, "dendrite_clean": 3}


@dataclass(frozen=True)
class CellType:
    """One cell type of the column.

    Parameters
    ----------
    broad_type
        ``"excitatory"`` or ``"inhibitory"``.
    n_typed
        Published: cells of this type in version 1718, which set its share of the column.
    depth_um
        Assumed: shallowest and deepest soma below the pia.
    axon_shift_um, axon_spread_um
        Assumed: where the axon's contacts are centred below the soma (negative is up), and
        their standard deviation in depth.
    lateral_um
        Assumed: length over which contacts fall off sideways, ``exp(-r / lateral_um)``.
    to_excitatory, to_inhibitory
        Assumed: relative strength of the axon onto each class.
    targets
        Assumed: shares of spine, shaft and soma among the synapses it makes onto excitatory
        neurons. Onto inhibitory neurons, which have few spines, spines turn into shaft.
    reach_um
        Assumed: mean distance to the root of its synapses that are not on the soma.
    """

    broad_type: str
    n_typed: int
    depth_um: tuple[float, float]
    axon_shift_um: float
    axon_spread_um: float
    lateral_um: float
    to_excitatory: float
    to_inhibitory: float
    targets: tuple[float, float, float]
    reach_um: float


_E, _I = "excitatory", "inhibitory"
_SPINY = (0.93, 0.065, 0.005)

TYPES: Final[dict[str, CellType]] = {
    "23P": CellType(_E, 19_650, (105, 300), 40, 110, 75, 1.0, 1.0, _SPINY, 95),
    "4P": CellType(_E, 14_712, (285, 420), -60, 110, 65, 1.1, 1.0, _SPINY, 90),
    "5P-ET": CellType(_E, 2_149, (430, 580), 20, 90, 80, 0.6, 0.8, _SPINY, 105),
    "5P-IT": CellType(_E, 7_890, (400, 570), -60, 150, 85, 1.2, 1.1, _SPINY, 100),
    "5P-NP": CellType(_E, 932, (470, 610), 40, 80, 70, 0.4, 0.4, _SPINY, 90),
    "6P-CT": CellType(_E, 6_770, (590, 790), -50, 110, 60, 0.5, 0.9, _SPINY, 85),
    "6P-IT": CellType(_E, 11_651, (560, 780), -20, 110, 80, 0.9, 0.8, _SPINY, 90),
    "BC": CellType(_I, 3_354, (110, 780), 0, 80, 60, 1.3, 1.0, (0.17, 0.53, 0.30), 45),
    "BPC": CellType(_I, 1_494, (110, 620), 30, 120, 45, 0.15, 1.6, (0.25, 0.70, 0.05), 80),
    "MC": CellType(_I, 2_469, (180, 780), -90, 120, 70, 1.1, 0.9, (0.38, 0.60, 0.02), 135),
    "NGC": CellType(_I, 588, (20, 320), 10, 70, 60, 0.7, 0.6, (0.36, 0.62, 0.02), 110),
}

# Assumed: how much likelier than its class a type is to be contacted by a type.
AFFINITY: Final[dict[tuple[str, str], float]] = {
    ("BPC", "MC"): 3.0,
    ("BPC", "BC"): 0.8,
    ("MC", "MC"): 0.15,
    ("MC", "BC"): 1.5,
    ("BC", "BC"): 1.5,
    ("BC", "5P-ET"): 1.6,
    ("MC", "5P-ET"): 1.8,
    ("5P-IT", "5P-ET"): 2.0,
    ("5P-ET", "5P-ET"): 2.0,
    ("5P-ET", "MC"): 2.0,
    ("4P", "23P"): 1.6,
    ("4P", "5P-NP"): 0.4,
    ("23P", "5P-NP"): 0.4,
}


@dataclass(frozen=True)
class Block:
    """The connections from one class to another.

    Parameters
    ----------
    pre, post
        Broad types.
    n_edges, n_synapses
        Connected pairs and synapses at ``scale=1``.
    reversals
        Assumed: share of the edges made by answering an edge of the opposite block.
    multiplicity_sd
        Assumed: spread (of the natural log) of a pair's propensity for further synapses.
    """

    pre: str
    post: str
    n_edges: int
    n_synapses: int
    reversals: float
    multiplicity_sd: float


# Published: 36,233 synapses excitatory to excitatory, 72,765 inhibitory to excitatory, and the
# totals. Assumed: how the other 37,713 synapses and all the edges are shared out, so that an
# excitatory pair mostly has one synapse and an inhibitory pair more.
BLOCKS: Final[tuple[Block, ...]] = (
    Block(_E, _E, 31_400, 36_233, 0.05, 1.0),
    Block(_I, _E, 28_000, 72_765, 0.00, 1.1),
    Block(_E, _I, 14_700, 27_713, 0.27, 0.7),
    Block(_I, _I, 4_828, 10_000, 0.20, 0.8),
)
