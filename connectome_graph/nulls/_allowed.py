"""Which pairs a sample may connect, as the chains take them."""

from __future__ import annotations

from connectome_graph.model.domain import Domain
from connectome_graph.nulls._chains import Allowed

__all__ = ["allowed_pairs"]


def allowed_pairs(domain: Domain) -> Allowed | None:
    """Return the pairs of a domain that is a sparse set of pairs; None for a rectangle."""
    return None if domain.pairs is None else Allowed(domain.pairs.ptr, domain.pairs.post)
