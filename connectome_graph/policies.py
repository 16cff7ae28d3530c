"""Proofreading policies: from the neuron table to the masks of a domain."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["observable"]


def observable(
    neurons: pd.DataFrame, policy: Any
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], str, dict[str, Any]]:
    """Return sources, targets, the policy's name, and facts to record."""
    del policy
    everyone = np.ones(len(neurons), bool)
    return everyone, everyone, "all", {}
