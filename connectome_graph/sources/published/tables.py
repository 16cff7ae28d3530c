"""What a published dataset is once it is read: two plain tables and what they observe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from connectome_graph.border.arguments import InvalidNeurons, Unknown

__all__ = ["PublishedTables", "Reader"]


@dataclass(frozen=True, eq=False)
class PublishedTables:
    """The tables of a dataset, in the library's column names, and how to build on them.

    Parameters
    ----------
    synapses
        ``pre``, ``post`` and what the source knows of each synapse, or of each pair
        (``count``, ``size``).
    neurons
        ``root_id`` and the source's annotations.
    sources, targets
        Queries over the neuron table: the neurons whose outputs, and whose inputs, the source
        set out to see. None: all of them.
    policy
        The name of that domain.
    unknown, invalid_neurons
        The choices to build with; see :func:`connectome_graph.from_tables`.
    resolution_nm
        Nanometres per unit of the position columns.
    note
        One sentence on what a reader of the numbers must know, or an empty string.
    depth
        The axis of the neurons' positions that is depth below a surface, or an empty string.
    """

    synapses: pd.DataFrame | pa.Table
    neurons: pd.DataFrame | pa.Table
    sources: str | None = None
    targets: str | None = None
    policy: str = "all"
    unknown: Unknown = "raise"
    invalid_neurons: InvalidNeurons = "raise"
    resolution_nm: tuple[float, float, float] | None = None
    note: str = ""
    depth: str = ""


#: A reader takes the paths of a dataset's files by name, and a variant.
Reader: TypeAlias = Callable[[dict[str, Path], str], PublishedTables]
