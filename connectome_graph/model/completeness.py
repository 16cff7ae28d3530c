"""How completely neurons were seen, read from the columns that releases have for it.

The numbers of the default table are **conventions of this library and no measurements**: no
release publishes a recall per proofreading tier. They are stated with a wide uncertainty, told in
the provenance wherever they are used, and there to be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.model.columns import as_bool

__all__ = ["Completeness", "completeness", "default_tiers", "tier_table"]

_CONVENTION = "convention of this library, not measured"
#: Tier -> recall, standard deviation, and what it stands for. A tier that is not here, such as an
#: axon that nobody proofread, has no known recall: its neurons belong outside the domain.
_DEFAULT: tuple[tuple[str, float, float, str], ...] = (
    ("axon_fully_extended", 0.95, 0.03, "every branch followed to its end"),
    ("axon_partially_extended", 0.5, 0.2, "some branches followed"),
    ("axon_interareal", 0.5, 0.2, "followed to another area, local branches not all"),
    ("axon_column_truncated", 0.5, 0.2, "cut at the border of the column"),
    ("dendrite_extended", 0.95, 0.03, "every branch followed to its end"),
    ("dendrite_clean", 0.9, 0.05, "nothing false, ends not all followed"),
    ("complete", 0.95, 0.03, "trust 2: an absent edge is believed"),
    ("clean", 0.5, 0.2, "trust 1: an absent edge may have been missed"),
    ("whole", 0.95, 0.03, "cropped is false: the body ends inside the volume"),
    ("cropped", 0.5, 0.2, "cropped is true: the volume's border cuts the body"),
    ("proofread", 0.9, 0.05, "proofread or completed is true"),
)
_ENDS = {"axon": ("pre", "output"), "dendrite": ("post", "input")}


class Completeness(NamedTuple):
    """Recall of every neuron at one end, NaN where not known."""

    recall: npt.NDArray[np.float64]
    #: Its standard deviation; None where the column says none.
    sd: npt.NDArray[np.float64] | None
    #: Where it came from, as the provenance tells it.
    where: str


def default_tiers() -> pd.DataFrame:
    """Return the default table, a copy: ``recall``, ``sd``, ``meaning``, ``source`` by tier.

    Examples
    --------
    >>> default_tiers().loc["axon_fully_extended", "recall"].item()
    0.95
    """
    frame = pd.DataFrame(list(_DEFAULT), columns=["tier", "recall", "sd", "meaning"])
    return frame.assign(source=_CONVENTION).set_index("tier")


def tier_table(tiers: Any) -> pd.DataFrame:
    """Return a table of recalls by tier as one with ``recall``, ``sd`` and ``source``.

    Raises
    ------
    InvalidArgument
        When it is neither a table with the column ``recall`` nor a mapping from tiers to shares.
    """
    if tiers is None:
        return default_tiers()
    if isinstance(tiers, Mapping):
        tiers = pd.DataFrame({"recall": pd.Series(dict(tiers), dtype=object)})
    if not isinstance(tiers, pd.DataFrame) or "recall" not in tiers.columns:
        raise InvalidArgument(
            "tiers= is a table with the column 'recall' indexed by tier, as "
            "stats.recall_tiers() returns it, or {'axon_fully_extended': 0.95, ...}"
        )
    found = pd.DataFrame(index=tiers.index)
    for name in ("recall", "sd"):
        values: Any = tiers[name] if name in tiers.columns else 0.0
        numbers = pd.to_numeric(pd.Series(values, index=tiers.index), errors="coerce")
        if not numbers.between(0, 1).all():
            bad = tiers.index[~numbers.between(0, 1)][0]
            raise InvalidArgument(f"tiers=: the {name} of {bad!r} is no share between 0 and 1")
        found[name] = numbers.astype(float)
    if found.index.has_duplicates:
        raise InvalidArgument("tiers= names a tier twice")
    return found.assign(source=tiers["source"] if "source" in tiers.columns else "given")


def completeness(neurons: pd.DataFrame, end: str, tiers: pd.DataFrame) -> Completeness | None:
    """Return how completely one end of every neuron was seen, from the best column there is.

    In this order: an attributed fraction (``axon_completeness``, ``pre_completeness``,
    ``fraction_pre``, ``output_completeness`` and their kin), truncated ends
    (``axon_truncated_ends`` of ``axon_ends``), CAVE's proofreading (``status_axon``,
    ``strategy_axon``), ``axon_trust``, neuPrint's and SJCABS' ``cropped``, ``proofread`` or
    ``completed``. None where no column says anything.

    Raises
    ------
    InvalidTable
        When a fraction is not between 0 and 1.
    """
    for read in (_fraction, _ends, _strategy, _trust, _flags):
        found = read(neurons, end, tiers)
        if found is not None:
            return found
    return None


def _fraction(neurons: pd.DataFrame, end: str, tiers: pd.DataFrame) -> Completeness | None:
    del tiers
    side, way = _ENDS[end]
    stems = (end, side, way)
    names = [f"{s}_{w}" for w in ("completeness", "fraction", "attributed") for s in stems]
    names += [f"{w}_{s}" for w in ("completeness", "fraction", "attributed") for s in stems]
    name = next((n for n in names if n in neurons.columns), None)
    if name is None:
        return None
    return Completeness(_share(neurons[name], name), None, f"the attributed fraction {name!r}")


def _ends(neurons: pd.DataFrame, end: str, tiers: pd.DataFrame) -> Completeness | None:
    """Return one less the share of truncated ends: a branch that is cut hides what follows."""
    del tiers
    cut, every = f"{end}_truncated_ends", f"{end}_ends"
    if not {cut, every} <= set(neurons.columns):
        return None
    n_cut, n = (pd.to_numeric(neurons[name], errors="coerce") for name in (cut, every))
    share = 1 - (n_cut / n.where(n > 0))
    where = f"the share of {every!r} that are not {cut!r}"
    return Completeness(_share(share, f"1 - {cut} / {every}"), None, where)


def _strategy(neurons: pd.DataFrame, end: str, tiers: pd.DataFrame) -> Completeness | None:
    name = f"strategy_{end}"
    if name not in neurons.columns:
        return None
    said = neurons[name].astype(object)
    if f"status_{end}" in neurons.columns:
        done = as_bool(neurons[f"status_{end}"], name=f"status_{end}")
        said = said.where(done, None)
    return _by_tier(said, repr(name), tiers)


def _trust(neurons: pd.DataFrame, end: str, tiers: pd.DataFrame) -> Completeness | None:
    name = f"{end}_trust"
    if name not in neurons.columns:
        return None
    return _by_tier(neurons[name].map({1: "clean", 2: "complete"}), repr(name), tiers)


def _flags(neurons: pd.DataFrame, end: str, tiers: pd.DataFrame) -> Completeness | None:
    del end
    words: dict[str, dict[bool, str]] = {"cropped": {True: "cropped", False: "whole"}}
    words |= {name: {True: "proofread"} for name in ("proofread", "completed")}
    for name, tier in words.items():
        if name in neurons.columns:
            flags = as_bool(neurons[name], name=name).tolist()
            there = neurons[name].notna() & (neurons[name].astype(str) != "")
            said = [
                tier.get(flag) if known else None for flag, known in zip(flags, there, strict=True)
            ]
            if any(each is not None for each in said):
                return _by_tier(pd.Series(said, dtype=object), repr(name), tiers)
    return None


def _by_tier(said: pd.Series, column: str, tiers: pd.DataFrame) -> Completeness:
    codes, names = pd.factorize(said)
    known = tiers.reindex(names)
    recall, sd = (np.append(known[n].to_numpy(float), np.nan)[codes] for n in ("recall", "sd"))
    used = known[known["recall"].notna()]
    values = ", ".join(
        f"{tier} {row.recall:g}" + (f" +- {row.sd:g}" if row.sd else "")
        for tier, row in used.iterrows()
    )
    source = "; ".join(map(str, dict.fromkeys(used["source"]))) or "no tier is in the table"
    return Completeness(
        recall, np.where(np.isnan(sd), np.nan, sd), f"{column} by tier ({values}; {source})"
    )


def _share(values: pd.Series, name: str) -> npt.NDArray[np.float64]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    if ((known < 0) | (known > 1)).any():
        bad = known[(known < 0) | (known > 1)][0]
        raise InvalidTable(
            f"{name!r} needs shares between 0 and 1; found {bad:g} (percentages need / 100); give "
            "axon= and dendrite= yourself"
        )
    return numbers
