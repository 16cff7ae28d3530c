"""Transmitters and their signs: which neurons excite and which inhibit, by a named table.

What a transmitter does depends on the animal: glutamate excites in the mouse's cortex and inhibits
in the fly's brain. So a sign always comes from a table that is named, or given.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, did_you_mean

__all__ = ["SIGNS", "Signs", "canonical", "sign_table", "signs_of"]

Signs = str | Mapping[str, int]

#: Spellings in public releases -> the short name.
_NAMES = {
    "acetylcholine": "ach", "ach": "ach", "gaba": "gaba", "glutamate": "glut", "glut": "glut",
    "glu": "glut", "glycine": "gly", "gly": "gly", "dopamine": "da", "da": "da",
    "serotonin": "ser", "ser": "ser", "5ht": "ser", "5-ht": "ser", "octopamine": "oct",
    "oct": "oct", "histamine": "his", "his": "his", "hist": "his", "tyramine": "tyr", "tyr": "tyr",
}  # fmt: skip

#: Transmitter -> +1 (excites) or -1 (inhibits); the modulators have no sign.
SIGNS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        # Liu & Wilson 2013, PNAS 110:10294 (glutamate inhibits through GluCl); histamine:
        # Hardie 1989, Nature 339:704.
        "fly": MappingProxyType({"ach": 1, "gaba": -1, "glut": -1, "his": -1}),
        "mouse": MappingProxyType({"glut": 1, "gaba": -1, "gly": -1}),
    }
)


def canonical(name: Any) -> str:
    """Return the short name of a transmitter, however a release spells it.

    Examples
    --------
    >>> [canonical(name) for name in ("ACH", "acetylcholine", "GLUT", "novel")]
    ['ach', 'ach', 'glut', 'novel']
    """
    text = str(name).strip().lower()
    return _NAMES.get(text, text)


def sign_table(table: Signs) -> dict[str, int]:
    """Return a table of signs by short name.

    Raises
    ------
    InvalidArgument
        When the name is none of the tables, or a sign is neither +1 nor -1.

    Examples
    --------
    >>> sign_table("mouse")["glut"], sign_table({"Glutamate": -1})
    (1, {'glut': -1})
    """
    if isinstance(table, str):
        if table not in SIGNS:
            raise InvalidArgument(
                f"there is no table of signs {table!r}; use {', '.join(map(repr, SIGNS))}, or give "
                "your own: {'GABA': -1, 'ACH': 1}." + did_you_mean(table, SIGNS)
            )
        return dict(SIGNS[table])
    given: Any = table
    if not isinstance(given, Mapping) or not given:
        raise InvalidArgument(
            f"a table of signs maps transmitters to +1 or -1; found {type(table).__name__}"
        )
    for name, sign in table.items():
        if isinstance(sign, bool) or sign not in (1, -1):
            raise InvalidArgument(f"the sign of {name!r} must be +1 or -1; found {sign!r}")
    return {canonical(name): int(sign) for name, sign in table.items()}


def signs_of(values: pd.Series, table: Signs) -> npt.NDArray[np.float64]:
    """Return +1, -1 or NaN for each transmitter of a column; a missing one has none.

    Examples
    --------
    >>> signs_of(pd.Series(["GABA", "ach", None, "dopamine"]), "fly").tolist()
    [-1.0, 1.0, nan, nan]
    """
    known = sign_table(table)
    codes, names = pd.factorize(values)
    by_name = np.array([*(known.get(canonical(name), np.nan) for name in names), np.nan], float)
    return np.asarray(by_name[codes])
