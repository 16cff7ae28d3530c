"""One null model of every kind, as the tests draw from them."""

from __future__ import annotations

from connectome_graph import nulls

BINS = (0.0, 40.0, 90.0, 200.0)
MODELS = {
    "ErdosRenyi": nulls.ErdosRenyi(),
    "DyadErdosRenyi": nulls.DyadErdosRenyi(),
    "Configuration": nulls.Configuration(),
    "ReciprocalConfiguration": nulls.ReciprocalConfiguration(),
    "TypedConfiguration": nulls.TypedConfiguration("cell_type"),
    "Spatial": nulls.Spatial(BINS),
    "Spatial by type": nulls.Spatial(BINS, by="cell_type"),
    "LabelShuffle": nulls.LabelShuffle("cell_type"),
    "WeightShuffle": nulls.WeightShuffle(),
    "WeightShuffle within": nulls.WeightShuffle(within="cell_type"),
    "MaxEntConfiguration": nulls.MaxEntConfiguration(),
}
