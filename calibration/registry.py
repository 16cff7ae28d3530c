"""What the public API promises, column by column, and which promises have no row of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["COLUMNS", "EXEMPT", "is_promise", "kept", "reasons"]

#: Columns that are the same in every table.
COLUMNS = {
    "p_floor": "the smallest p that so many samples can give",
    "null_low": "the range of the null, shown beside the p that it belongs to",
    "null_high": "the range of the null, shown beside the p that it belongs to",
    "wilson_low": "stats.wilson, which has a row; said to be too short where neurons differ",
    "wilson_high": "stats.wilson, which has a row; said to be too short where neurons differ",
    "r_over_p": "a ratio",
    "low_um": "the lower end of a bin",
    "high_um": "the upper end of a bin",
}

#: Columns of one function: no promise, or one that stands in the row of another.
EXEMPT: dict[str, dict[str, str]] = {
    "stats.influence": {
        "low high": "bounds over everything that was not seen, not an interval",
    },
    "skeletons.neuron_balance": {
        "low high low_size high_size": "bounds over synapses of unknown sources, not an interval",
    },
    "skeletons.balance_profile": {
        "low high low_size high_size": "bounds over synapses of unknown sources, not an interval",
    },
    "stats.cascade": {"p": "the chance of a passage, as it was given"},
    "sweep": {
        "reciprocity_low reciprocity_high r_over_p_low r_over_p_high":
            "what the statistic returns that is swept; here stats.dyads",
    },
    "skeletons.ConnectivityCard": {"p q": "what skeletons.connectivity_card returns"},
    "motifs.significance": {
        "low high": "the range of the null, shown beside the p it belongs to",
        "q": "made of p as that of compare, in whose rows it is",
    },
    "motifs.MotifSignificance": {
        "p p_max_t q low high": "what motifs.significance returns",
    },
    "compare": {"low high": "the range of the null, shown beside the p it belongs to"},
    "compare_graphs": {
        "low high": "the range of the null, shown beside the p it belongs to",
        "p_max_t q": "made of p as those of compare, in whose rows they are",
    },
    "stats.rich_club_range": {"p p_max_t p_omnibus": "reads stats.rich_club, in whose rows it is"},
    "stats.rich_club": {
        "low high phi_null_low phi_null_high":
            "the range of the null, shown beside the p it belongs to",
        "p_max_t": "p_omnibus is the smallest of them, and has a row",
    },
    "stats.fit_degrees": {"p p_fit": "stats.fit_distribution of the degrees"},
    "stats.fit_synapse_counts": {"p p_fit": "stats.fit_distribution of the counts"},
    "stats.synapse_size": {
        "weight_low weight_high mean_low mean_high sd_low sd_high":
            "the two components of the mixture, the smaller and the larger; estimates",
    },
}  # fmt: skip

_PROMISE = re.compile(r"^(p|q|low|high)$|^p_|_(low|high)$|^(low|high)_")


def is_promise(column: str) -> bool:
    """Return whether a column reads like a p-value or the end of an interval.

    Examples
    --------
    >>> [is_promise(name) for name in ("p_max_t", "density_low", "probability", "n_pairs")]
    [True, True, False, False]
    """
    return bool(_PROMISE.search(column))


def reasons(function: str) -> dict[str, str]:
    """Return why columns of a function need no row, by column."""
    own = EXEMPT.get(function, {})
    return COLUMNS | {name: why for names, why in own.items() for name in names.split()}


def kept(column: str, rows: Iterable[str]) -> bool:
    """Return whether the promises of some rows are about a column.

    Examples
    --------
    >>> kept("density_low", ["density"]), kept("p_max_t", ["p (030T)", "p_max_t (any)"])
    (True, True)
    """
    said = {part for row in rows for part in re.sub(r" \(.*?\)", "", row).split(", ")}
    return column in said or re.sub(r"_(low|high)$", "", column) in said
