"""One null model of every kind, as the tests draw from them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectome_graph import nulls

BINS = (0.0, 40.0, 90.0, 200.0)
MODELS = {
    "ErdosRenyi": nulls.ErdosRenyi(),
    "DyadErdosRenyi": nulls.DyadErdosRenyi(),
    "Configuration": nulls.Configuration(swaps_per_edge=8),
    "ReciprocalConfiguration": nulls.ReciprocalConfiguration(swaps_per_edge=8),
    "TypedConfiguration": nulls.TypedConfiguration("cell_type", swaps_per_edge=8),
    "Spatial": nulls.Spatial(BINS),
    "Spatial by type": nulls.Spatial(BINS, by="cell_type"),
    "LabelShuffle": nulls.LabelShuffle("cell_type"),
    "WeightShuffle": nulls.WeightShuffle(),
    "WeightShuffle within": nulls.WeightShuffle(within="cell_type"),
    "MutualCountConfiguration": nulls.MutualCountConfiguration(swaps_per_edge=8),
    "TypedReciprocalConfiguration": nulls.TypedReciprocalConfiguration(
        "cell_type", swaps_per_edge=8
    ),
    "ExactJointConfiguration": nulls.ExactJointConfiguration(
        "cell_type", bins=BINS, swaps_per_edge=8
    ),
    "JointConfiguration": nulls.JointConfiguration("cell_type", bins=BINS),
    "MaxEntConfiguration": nulls.MaxEntConfiguration(),
    "ExposureShuffle": nulls.ExposureShuffle(),
    "ExposureShuffle of axons": nulls.ExposureShuffle(keep="pre"),
    "ExposureShuffle of dendrites": nulls.ExposureShuffle(keep="post"),
    "ExposureBernoulli": nulls.ExposureBernoulli(fit="bins", n_bins=3),
}


def exposed(g):
    """Return the graph on all of its pairs, with an exposure that depends on their order."""
    pairs = g.domain.pairs
    if pairs is None:
        everyone = np.divmod(np.arange(g.n_neurons**2), g.n_neurons)
        inside = g.domain.contains(*everyone)
        pre, post = (end[inside] for end in everyone)
    else:
        pre, post = pairs.pre, pairs.post
    met = pd.DataFrame(
        {"pre": g.ids[pre], "post": g.ids[post], "um": 1.0 + np.arange(len(pre)) % 7}
    )
    return g.within(met, exposure="um")


def suited(g, null):
    """Return the graph with what a null model needs of it."""
    needs = isinstance(null, nulls.ExposureShuffle | nulls.ExposureBernoulli)
    return exposed(g) if needs else g
