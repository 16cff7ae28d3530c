"""What verbs have left out of the inputs of every neuron since the graph was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidTable

__all__ = ["LeftOut"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LeftOut:
    """Synapses onto each neuron that were in the graph once and are no longer.

    Autapses are not among them.

    Attributes
    ----------
    inputs
        int64, one per neuron: how many.
    sizes
        float64, one per neuron: their summed size, a missing size adding nothing; NaN where
        some were left out of synapses that had no sizes.
    """

    inputs: Ints
    sizes: Floats

    @classmethod
    def none(cls, n_neurons: int) -> LeftOut:
        """Return that of a graph of which nothing was left out."""
        return cls(np.zeros(n_neurons, np.int64), np.zeros(n_neurons))

    def plus(self, other: LeftOut | None) -> LeftOut:
        """Return what both left out of the same neurons."""
        if other is None:
            return self
        return LeftOut(self.inputs + other.inputs, self.sizes + other.sizes)

    def take(self, neurons: npt.NDArray[np.int64]) -> LeftOut:
        """Return that of some neurons, by position."""
        return LeftOut(self.inputs[neurons], self.sizes[neurons])

    def merged(self, codes: npt.NDArray[np.integer[Any]], n: int) -> LeftOut:
        """Return the sums over groups of neurons; a negative code leaves a neuron out."""
        kept = codes >= 0
        inputs, sizes = (
            np.bincount(codes[kept], weights=values[kept], minlength=n)
            for values in (self.inputs, self.sizes)
        )
        return LeftOut(inputs.astype(np.int64), sizes.astype(float))

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.NDArray[Any]], n_neurons: int) -> LeftOut:
        """Return them from the columns of a file: ``n_inputs`` and, where known, ``input_size``.

        Raises
        ------
        InvalidTable
            When they are not counts, and finite sizes, of so many neurons.
        """
        inputs = columns["n_inputs"]
        if inputs.dtype.kind not in "iu" or (inputs < 0).any() or len(inputs) != n_neurons:
            raise InvalidTable(f"n_inputs needs whole numbers from 0 for {n_neurons:,} neurons")
        sizes = np.asarray(columns.get("input_size", np.full(n_neurons, np.nan)), float)
        if len(sizes) != n_neurons or np.isinf(sizes).any():
            raise InvalidTable(f"input_size needs finite numbers for {n_neurons:,} neurons")
        return cls(inputs.astype(np.int64), np.where(inputs > 0, sizes, 0.0))
