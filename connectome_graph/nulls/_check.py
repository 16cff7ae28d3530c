"""Whether a null model keeps what it says it keeps, measured on samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Bins, By, Seed, generator, whole
from connectome_graph.errors import InvalidArgument, UnknownName, choice, did_you_mean
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.labels import columns_of
from connectome_graph.nulls._base import NullFunction, NullModel, refuse_other_nulls, sampler
from connectome_graph.nulls._properties import AXES, PROPERTIES, READERS, Yardstick
from connectome_graph.nulls._spatial import reaching

__all__ = ["check"]

#: From the weakest to the strongest: what holds more than it says holds what it says.
_STRENGTH = {"not": 0, "expected": 1, "exact": 2}
#: A mean may lie this many of its standard errors from the observed value.
_ERRORS = 4.0


def check(
    null: NullModel | NullFunction,
    g: ConnectomeGraph,
    *,
    n: int = 20,
    by: By | None = None,
    bins: Bins | None = None,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Measure on `n` samples what a null model keeps, beside what it says it keeps.

    ``exact``: every sample has the observed value. ``expected``: the mean of the samples lies
    within four of its standard errors of the observed value. A property of many numbers (a
    degree for each neuron) is judged by each of them, with a limit as much wider as keeps the
    chance that any of them strays, by their sum, and by their product with the observed ones.

    Parameters
    ----------
    null
        A null model, or a function of (graph, Generator) that returns a graph, which says
        nothing: then all properties are stated as "not" kept, and `measured` tells what it does.
    g
        The observed graph.
    n
        Number of samples, 2 or more.
    by
        Neuron column, or columns, of the types; by default those of the null model, else
        ``cell_type`` where the neurons have it.
    bins
        Edges of distance bins in um, or their width; by default those of the null model, else
        quartiles of the lengths of edges, where the neurons have positions.
    seed
        Integer, Generator or SeedSequence.

    Returns
    -------
    DataFrame
        Indexed by ``property`` (those of ``nulls.PROPERTIES``): ``stated`` and ``measured``,
        each "exact", "expected" or "not" (``measured`` is missing where the graph has no types,
        or no positions), and ``holds``: whether at least what is stated was measured.

    Raises
    ------
    InvalidArgument
        When the null model states an unknown property, or a sample leaves the domain.
    UnknownName
        When `by` is no neuron column.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0)
    >>> found = cg.nulls.check(cg.nulls.Configuration(), g, n=3)
    >>> found.loc[["out_degree", "mutual_degree"]]
                  stated measured  holds
    property
    out_degree     exact    exact   True
    mutual_degree    not      not   True
    """
    refuse_other_nulls(null)
    n = whole(n, name="n", least=2)
    stated = _stated(null)
    yardstick = Yardstick.of(g, _columns(null, g, by), _bins(null, g, bins))
    draw = sampler(g, null)
    observed = {name: read(g, yardstick) for name, read in READERS.items()}
    samples: dict[str, list[Any]] = {name: [] for name in READERS}
    for rng in generator(seed).spawn(n):
        sample = draw(rng)
        for name, read in READERS.items():
            samples[name].append(read(sample, yardstick))
    measured: dict[str, str | None] = {
        name: _measured(observed[name], samples[name]) for name in PROPERTIES
    }
    holds = [
        how is None or _STRENGTH[how] >= _STRENGTH[stated[name]] for name, how in measured.items()
    ]
    index = pd.Index(list(PROPERTIES), name="property")
    columns = {"stated": list(stated.values()), "measured": list(measured.values())}
    return pd.DataFrame({**columns, "holds": holds}, index=index)


def _stated(null: NullModel | NullFunction) -> dict[str, str]:
    """Return what a null model says of every property; a function says nothing."""
    says: Mapping[str, str] = null.preserves if isinstance(null, NullModel) else {}
    for name, how in says.items():
        if name not in PROPERTIES:
            raise InvalidArgument(
                f"{type(null).__name__}.preserves names {name!r}, which is no property of "
                f"nulls.PROPERTIES.{did_you_mean(name, PROPERTIES)} Properties: "
                f"{', '.join(PROPERTIES)}"
            )
        choice(how, _STRENGTH, name=f"{type(null).__name__}.preserves[{name!r}]")
    return {name: says.get(name, "not") for name in PROPERTIES}


def _columns(null: NullModel | NullFunction, g: ConnectomeGraph, by: By | None) -> tuple[str, ...]:
    given = getattr(null, "by", None) if by is None else by
    if given is None:
        return tuple(name for name in ("cell_type",) if name in g.neurons)
    names = columns_of(given)
    for name in names:
        g.neuron_column(name)
    return names


def _bins(
    null: NullModel | NullFunction, g: ConnectomeGraph, bins: Bins | None
) -> tuple[float, ...]:
    given = getattr(null, "bins", None) if bins is None else bins
    try:
        xyz = np.column_stack([g.neuron_column(axis).to_numpy(np.float64) for axis in AXES])
    except UnknownName:
        return ()
    if given is not None:
        return tuple(reaching(given, xyz).tolist())
    pre, post = g.edge_codes
    lengths = np.sqrt(np.square(xyz[pre] - xyz[post]).sum(axis=1))
    lengths = lengths[~np.isnan(lengths)]
    if not len(lengths):
        return ()
    return tuple(np.unique(np.quantile(lengths, [0, 0.25, 0.5, 0.75, 1])).tolist())


def _measured(observed: Any, samples: list[Any]) -> str | None:
    """Return how a property was kept: "exact", "expected" or "not"; None where there is none."""
    if observed is None:
        return None
    if isinstance(observed, pd.DataFrame):
        return "exact" if all(observed.equals(sample) for sample in samples) else "not"
    values = np.stack([np.asarray(sample, np.float64) for sample in samples])
    expected = np.asarray(observed, np.float64)
    if (values == expected).all():
        return "exact"
    return "expected" if _near(expected, values) else "not"


def _near(expected: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> bool:
    """Return whether the mean over samples (rows) is the expected vector, within its error."""
    from scipy.stats import t

    n, width = values.shape
    sums = np.column_stack([values.sum(axis=1), values @ expected])
    wanted = np.array([expected.sum(), expected @ expected])
    gap = np.abs(sums.mean(axis=0) - wanted)
    slack = 1e-9 * np.maximum(np.abs(wanted), 1)
    if (gap > _ERRORS * sums.std(axis=0, ddof=1) / np.sqrt(n) + slack).any():
        return False
    if width == 1:
        return True
    # The spread of a rare count is often 0 in a few samples: at least that of a random count.
    error = np.sqrt(np.maximum(values.var(axis=0, ddof=1), expected) / n)
    limit = t.isf(t.sf(_ERRORS, n - 1) / width, n - 1)
    return bool((np.abs(values.mean(axis=0) - expected) <= limit * error + 1e-9).all())
