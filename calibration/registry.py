"""Which public functions promise something: found in what their documentation says they return."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import connectome_graph as cg

__all__ = ["EXEMPT", "promising"]

#: Functions whose columns read like a promise and are none, or are another's, and why.
EXEMPT = {
    "stats.influence": "bounds over everything that was not seen, not an interval",
    "skeletons.neuron_balance": "bounds over synapses of unknown sources, not an interval",
    "skeletons.distance_profile": "the range of a uniform placement, shown beside the observation",
    "skeletons.ConnectivityCard": "what skeletons.connectivity_card returns",
    "motifs.MotifSignificance": "what motifs.significance returns",
    "Comparison": "what compare and compare_graphs return",
    "stats.rich_club_range": "reads the p_max_t of stats.rich_club, in whose rows it is",
    "stats.fit_degrees": "stats.fit_distribution of the degrees",
    "stats.fit_synapse_counts": "stats.fit_distribution of the counts",
}

_WORDS = {"p", "q", "low", "high", "p_max_t"}
_ENDINGS = re.compile(r"_(low|high)$|^p_")


def promising() -> Iterator[str]:
    """Yield the names of the public functions and classes that return a p or an interval."""
    wings = {"": cg, **{f"{name}.": getattr(cg, name) for name in ("stats", "motifs", "skeletons")}}
    for prefix, wing in wings.items():
        for name in wing.__all__:
            thing = getattr(wing, name)
            if callable(thing) and _promises(inspect.getdoc(thing) or ""):
                yield f"{prefix}{name}"


def _promises(text: str) -> bool:
    returned = (
        text.rsplit("Returns\n-------", maxsplit=1)[-1] if "Returns\n-------" in text else text
    )
    returned = returned.split("Raises\n------")[0]
    said = re.findall(r"``([^`]*)``", returned)
    words = {word for part in said for word in re.findall(r"[\w<>]+", part)}
    return any(word in _WORDS or _ENDINGS.search(word) for word in words)
