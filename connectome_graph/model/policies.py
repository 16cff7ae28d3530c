"""Proofreading policies: from the neuron table to the pairs that could have been seen.

A neuron's *axon trust* says what its missing outputs mean, its *dendrite trust* what its missing
inputs mean: 0 unknown, 1 clean (an edge that is seen is real, one that is absent may have been
missed), 2 complete (an absent edge is believed). A policy asks for a least trust at either end.

Trust is read from the columns ``axon_trust`` and ``dendrite_trust`` where they are present. Else
it is derived from CAVE's proofreading columns by a table that may be replaced:

=========================================================================  ===================
columns                                                                    trust
=========================================================================  ===================
``status_axon`` false                                                      axon 0
true, ``axon_partially_extended``, ``axon_column_truncated``               axon 1
true, ``axon_interareal``: followed into other areas, not to every end     axon 1 (see below)
true, ``axon_fully_extended``                                              axon 2
true, no strategy                                                          axon 1 (counted)
soma, whatever the dendrite entry                                          dendrite 1 at least
``status_dendrite`` true, ``dendrite_extended``                            dendrite 2
no soma (``has_soma`` false, or ``nucleus_id`` missing or 0)               dendrite 0
``valid_id`` other than the root id: proofread as another segment          one lower (counted)
=========================================================================  ===================

Interareal axons are a tier of their own: some programs count them as complete. Where that is
meant, it is said: ``Policy("strict", 2, 1, strategies={**STRATEGIES, "axon_interareal": 2})``.

Nothing here says that axons are bad and dendrites good: in fly data it is the other way round,
and the two trust columns say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.doors import guarded
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName, choice
from connectome_graph.model.columns import as_bool, root_ids
from connectome_graph.model.expressions.parsing import parse
from connectome_graph.model.expressions.rows import frame_mask

__all__ = ["PERMISSIVE", "STRATEGIES", "STRICT", "Policy", "observable", "trust"]

Mask: TypeAlias = npt.NDArray[np.bool_]
Levels: TypeAlias = npt.NDArray[np.int8]
#: A function of the neuron table that returns two boolean masks, or expressions: sources and
#: targets.
PolicyFunction: TypeAlias = Callable[
    [pd.DataFrame], tuple[npt.ArrayLike | str, npt.ArrayLike | str]
]

#: What CAVE's proofreading strategies are worth, where the status says that they were carried out.
STRATEGIES: Mapping[str, int] = {
    "none": 0,
    "axon_partially_extended": 1,
    "axon_interareal": 1,
    "axon_column_truncated": 1,
    "axon_fully_extended": 2,
    "dendrite_clean": 1,
    "dendrite_extended": 2,
}

_NAMED = ("strict", "permissive", "all")


@dataclass(frozen=True)
class Policy:
    """The least trust that makes a neuron a source, and a target.

    Parameters
    ----------
    name
        What results and provenance call it.
    axon
        A source needs an axon trust of at least this.
    dendrite
        A target needs a dendrite trust of at least this.
    strategies
        Proofreading strategy -> trust, for tables without trust columns.

    Examples
    --------
    >>> import pandas as pd
    >>> neurons = pd.DataFrame({"axon_trust": [0, 1, 2], "dendrite_trust": [1, 1, 2]})
    >>> sources, targets, name, facts = observable(neurons, Policy("both ends", 1, 2))
    >>> sources.tolist(), targets.tolist()
    ([False, True, True], [False, False, True])
    """

    name: str
    axon: int
    dendrite: int
    strategies: Mapping[str, int] = field(default_factory=lambda: STRATEGIES)

    def __post_init__(self) -> None:
        for end in ("axon", "dendrite"):
            choice(getattr(self, end), (0, 1, 2), name=end)


#: Sources have a complete axon, targets at least a clean dendrite or a soma.
STRICT = Policy("strict", axon=2, dendrite=1)
#: Sources have at least a clean axon: an absent edge may be one that was not followed.
PERMISSIVE = Policy("permissive", axon=1, dendrite=1)


def observable(
    neurons: pd.DataFrame, policy: str | Policy | PolicyFunction
) -> tuple[Mask, Mask, str, dict[str, Any]]:
    """Return which neurons are sources and targets under a policy, its name, and what to record.

    Parameters
    ----------
    neurons
        The neuron table.
    policy
        ``"strict"``, ``"permissive"`` or ``"all"``; a :class:`Policy`; or a function of the
        neuron table that returns two boolean masks, sources and targets.

    Raises
    ------
    InvalidArgument
        When the policy is not known, or a function does not return two masks.
    UnknownName
        When the table has neither trust nor proofreading columns.
    InvalidTable
        When a trust column or a strategy holds something unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> neurons = pd.DataFrame({"status_axon": ["t", "f"], "strategy_axon": [None, "none"]})
    >>> sources, targets, name, facts = observable(neurons, "permissive")
    >>> sources.tolist(), targets.tolist(), facts["n_axons_without_strategy"]
    ([True, False], [True, True], 1)
    """
    if isinstance(policy, str):
        choice(policy, _NAMED, name="policy")
        if policy == "all":
            everyone = np.ones(len(neurons), bool)
            return everyone, everyone, "all", {}
        policy = STRICT if policy == "strict" else PERMISSIVE
    if not isinstance(policy, Policy):
        return _by_function(neurons, policy)
    axon, dendrite, facts = _trust(neurons, policy.strategies, need=policy.axon)
    return axon >= policy.axon, dendrite >= policy.dendrite, policy.name, facts


def trust(neurons: pd.DataFrame, *, strategies: Mapping[str, int] = STRATEGIES) -> pd.DataFrame:
    """Return the axon and dendrite trust of every neuron, 0 none, 1 clean, 2 complete.

    Parameters
    ----------
    neurons
        The neuron table, with trust columns or CAVE's proofreading columns.
    strategies
        Proofreading strategy -> trust.

    Returns
    -------
    pandas.DataFrame
        ``axon_trust dendrite_trust``, int8, indexed as `neurons`: ``g.annotate`` takes it.

    Raises
    ------
    UnknownName
        When the table has neither trust nor proofreading columns.
    InvalidTable
        When a trust column or a strategy holds something unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> trust(pd.DataFrame({"status_axon": [True], "strategy_axon": ["axon_fully_extended"]}))
       axon_trust  dendrite_trust
    0           2               1
    """
    axon, dendrite, _ = _trust(neurons, strategies, need=0)
    return pd.DataFrame({"axon_trust": axon, "dendrite_trust": dendrite}, index=neurons.index)


def _by_function(
    neurons: pd.DataFrame, policy: PolicyFunction
) -> tuple[Mask, Mask, str, dict[str, Any]]:
    if not callable(policy):
        raise InvalidArgument(
            f"a policy is one of {', '.join(map(repr, _NAMED))}, a Policy, or a function of the "
            f"neuron table; found {type(policy).__name__}"
        )
    name = getattr(policy, "__name__", type(policy).__name__)
    try:
        masks = [_mask(mask, neurons) for mask in policy(neurons.copy())]
    except TypeError as error:
        raise InvalidArgument(
            f"the policy {name!r} has to return two masks, sources and targets ({error})"
        ) from error
    shapes = [f"{mask.dtype} of shape {mask.shape}" for mask in masks]
    if len(masks) != 2 or any(m.dtype != bool or m.shape != (len(neurons),) for m in masks):
        raise InvalidArgument(
            f"the policy {name!r} has to return two boolean masks with one entry for each of "
            f"{len(neurons):,} neurons; found {' and '.join(shapes) or 'nothing'}"
        )
    return masks[0], masks[1], "own" if name == "<lambda>" else name, {}


def _mask(given: Any, neurons: pd.DataFrame) -> npt.NDArray[Any]:
    """Return a mask as an array; an expression over the neuron columns is one too."""
    if isinstance(given, str):
        return frame_mask(parse(given), neurons)
    return np.asarray(given)


def _trust(
    neurons: pd.DataFrame, strategies: Mapping[str, int], *, need: int
) -> tuple[Levels, Levels, dict[str, Any]]:
    """Return axon and dendrite trust, and how they were found."""
    facts: dict[str, Any] = {}
    moved = _invalidated(neurons)
    if "axon_trust" in neurons:
        axon = _levels(neurons["axon_trust"], "axon_trust")
    else:
        axon = _derived(neurons, "axon", strategies, facts, need=need)
        axon = np.where(moved, np.maximum(axon - 1, 0), axon).astype(np.int8)
    if "dendrite_trust" in neurons:
        dendrite = _levels(neurons["dendrite_trust"], "dendrite_trust")
    else:
        soma = _has_soma(neurons, facts)
        dendrite = np.zeros(len(neurons), np.int8)
        if {"status_dendrite", "strategy_dendrite"} & set(neurons.columns):
            dendrite = _derived(neurons, "dendrite", strategies, facts, need=0)
        dendrite = np.where(moved, np.maximum(dendrite - 1, 0), dendrite)
        # A soma holds its dendrites together, so what lands on them is nearly always right; a
        # piece of axon without one is a legal source and never a legal target.
        dendrite = np.where(soma, np.maximum(dendrite, 1), 0).astype(np.int8)
    if not {"axon_trust", "dendrite_trust"} <= set(neurons.columns) and moved.any():
        facts["n_changed_since_proofreading"] = int(moved.sum())
    facts["axon_trust"] = np.bincount(axon, minlength=3).tolist()
    facts["dendrite_trust"] = np.bincount(dendrite, minlength=3).tolist()
    return axon, dendrite, facts


def _levels(column: pd.Series, name: str) -> Levels:
    """Return a trust column as levels; a missing one is 0."""
    numbers = pd.to_numeric(column.astype(object), errors="coerce").astype(float)
    bad = np.flatnonzero((column.notna() & ~numbers.isin((0.0, 1.0, 2.0))).to_numpy())
    if len(bad):
        raise InvalidTable(
            f"{name!r} needs 0 (unknown), 1 (clean) or 2 (complete); {len(bad):,} rows hold "
            f"something else (first: row {bad[0]}, {column.astype(object).iloc[bad[0]]!r})"
        )
    return np.asarray(numbers.fillna(0).to_numpy(), np.int8)


def _derived(
    neurons: pd.DataFrame,
    end: str,
    strategies: Mapping[str, int],
    facts: dict[str, Any],
    *,
    need: int,
) -> Levels:
    """Return the trust that status and strategy speak of at one end."""
    status_name, strategy_name = f"status_{end}", f"strategy_{end}"
    if status_name not in neurons and strategy_name not in neurons:
        raise UnknownName(
            f"a proofreading policy needs to know which {end}s were proofread: no column "
            f"'{end}_trust', {status_name!r} or {strategy_name!r} among "
            f"{', '.join(map(str, neurons.columns)) or 'no columns'}; g.annotate(...) them, or "
            "pass policy='all' or a function of the neuron table"
        )
    if strategy_name not in neurons:
        if need == 2:
            raise UnknownName(
                f"this policy asks for complete {end}s, and {status_name!r} alone does not say "
                f"which are; add {strategy_name!r} or '{end}_trust', or use 'permissive'"
            )
        return as_bool(neurons[status_name].array, name=status_name).astype(np.int8)
    text = neurons[strategy_name].astype(object)
    missing = text.isna().to_numpy() | text.isin(("", "none")).to_numpy()
    levels = _worth(text.where(~missing, "none").to_numpy(dtype=object), strategies, strategy_name)
    if status_name not in neurons:
        return levels
    status = as_bool(neurons[status_name].array, name=status_name)
    unsaid = status & missing
    if unsaid.any():
        facts[f"n_{end}s_without_strategy"] = int(unsaid.sum())
    return np.where(status, np.where(unsaid, 1, levels), 0).astype(np.int8)


def _worth(names: npt.NDArray[Any], strategies: Mapping[str, int], column: str) -> Levels:
    codes, known = pd.factorize(names)
    unknown = [str(name) for name in known if name not in strategies]
    if unknown:
        raise InvalidTable(
            f"{column!r} holds strategies without a trust: {', '.join(unknown)}; say what they "
            "are worth (0, 1 or 2) with Policy(..., strategies={**policies.STRATEGIES, "
            f"{unknown[0]!r}: 1}})"
        )
    return np.array([strategies[name] for name in known], np.int8)[codes]


def _invalidated(neurons: pd.DataFrame) -> Mask:
    """Return which neurons were proofread under another root id: they have changed since."""
    if "valid_id" not in neurons:
        return np.zeros(len(neurons), bool)
    valid = root_ids(neurons["valid_id"].array, name="valid_id").astype(str)
    known = ~np.isin(valid, ("", "0"))
    return np.asarray(known & (valid != neurons.index.to_numpy().astype(str)), bool)


def _has_soma(neurons: pd.DataFrame, facts: dict[str, Any]) -> Mask:
    if "has_soma" in neurons:
        soma = as_bool(neurons["has_soma"].array, name="has_soma")
    elif "nucleus_id" in neurons:
        ids = neurons["nucleus_id"].astype(object)
        soma = ids.notna().to_numpy() & ~ids.isin((0, "0", "")).to_numpy()
    else:
        return np.ones(len(neurons), bool)
    if not soma.all():
        facts["n_without_soma"] = int((~soma).sum())
    return soma


guarded(globals(), __all__)
