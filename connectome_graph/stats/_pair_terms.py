"""The terms of a pair model: what may stand in a formula, and its value for each pair.

A formula is read by formulaic's parser, which runs nothing; what each of its terms says is
checked here, against the list below, and computed from the neuron table. No text of the user is
ever evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, UnknownName, require

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.stats._pair_chunks import PairChunk

__all__ = ["PairFormula", "pair_formula"]

Floats = npt.NDArray[np.float64]

MOST_CHARACTERS, MOST_TERMS = 2_000, 60
#: What a pair is by itself; each needs what it names.
PAIR_QUANTITIES = ("distance_um", "lateral_um", "exposure")
#: Functions of one neuron column: its two values become one of the pair.
PAIR_FUNCTIONS = ("same", "difference", "signed_difference", "product", "pre", "post")
#: Functions of a number of the pair.
NUMBER_FUNCTIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
}
_MAY_STAND = (
    f"{', '.join(PAIR_QUANTITIES)}; {', '.join(f'{name}(column)' for name in PAIR_FUNCTIONS)}; "
    f"{', '.join(f'{name}(...)' for name in NUMBER_FUNCTIONS)} of those"
)


@dataclass(frozen=True)
class PairFormula:
    """A formula whose terms are known.

    Attributes
    ----------
    text
        As it was given.
    response
        The left side.
    terms
        The factors of each term, as text; a term without factors is the intercept.
    """

    text: str
    response: str
    terms: tuple[tuple[str, ...], ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """Every factor once, in the order of the formula."""
        return tuple(dict.fromkeys(factor for term in self.terms for factor in term))

    def columns(self) -> tuple[str, ...]:
        """Return the neuron columns that the formula reads."""
        found: dict[str, None] = {}
        for factor in self.factors:
            for node in ast.walk(_parsed(factor)):
                if isinstance(node, ast.Call) and _name(node) in PAIR_FUNCTIONS:
                    found[_column(node)] = None
        return tuple(found)

    def values(
        self, g: ConnectomeGraph, pairs: PairChunk, neurons: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return the value of every factor for each pair, NaN where it is not known.

        Parameters
        ----------
        g
            The graph.
        pairs
            The pairs.
        neurons
            Neuron table in place of the graph's, such as one with a column shuffled.
        """
        table = g.neurons if neurons is None else neurons
        return pd.DataFrame(
            {factor: _value(_parsed(factor), g, pairs, table) for factor in self.factors}
        )

    def design(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the design matrix: a column per coefficient, named as the formula names it."""
        formulaic = require("formulaic", extra="models", purpose="pair models")
        kinds = formulaic.parser.types
        place = {factor: f"f{number}" for number, factor in enumerate(self.factors)}
        terms = [
            kinds.Term([kinds.Factor(place[f], eval_method="lookup") for f in term])
            if term
            else kinds.Term([kinds.Factor("1", eval_method="literal")])
            for term in self.terms
        ]
        frame = values.rename(columns=place)
        made = formulaic.Formula(terms).get_model_matrix(frame)
        back = {short: factor for factor, short in place.items()}
        design = pd.DataFrame(np.asarray(made, float), columns=list(made.columns))
        return design.rename(columns=lambda name: _told(str(name), back))


def _told(name: str, back: Mapping[str, str]) -> str:
    """Return a coefficient's name with the user's factors, such as ``same(cell_type)``."""
    parts = []
    for part in name.split(":"):
        short, bracket, level = part.partition("[")
        parts.append(back.get(short, short) + bracket + level.replace("T.", "", 1))
    return ":".join(parts)


def pair_formula(text: str) -> PairFormula:
    """Return a checked formula.

    Raises
    ------
    InvalidArgument
        When it is too long, cannot be read, or holds anything that may not stand in it.
    MissingDependency
        When formulaic is not installed.

    Examples
    --------
    >>> found = pair_formula("connected ~ distance_um + same(cell_type)")
    >>> found.response, found.terms, found.columns()
    ('connected', ((), ('distance_um',), ('same(cell_type)',)), ('cell_type',))
    """
    parser = require("formulaic.parser", extra="models", purpose="pair models")
    given: Any = text
    if not isinstance(given, str) or text.count("~") != 1 or len(text) > MOST_CHARACTERS:
        raise InvalidArgument(
            f"a formula is text such as 'connected ~ distance_um + same(cell_type)', of at most "
            f"{MOST_CHARACTERS:,} characters; found {str(text)[:80]!r}"
        )
    try:
        read = parser.DefaultFormulaParser().get_terms(text)
        left, right = list(read.lhs), list(read.rhs)
    except Exception as error:  # noqa: BLE001 - whatever the parser makes of the text
        raise InvalidArgument(f"the formula {text!r} cannot be read: {error}") from None
    if len(left) != 1 or len(left[0].factors) != 1 or len(right) > MOST_TERMS:
        raise InvalidArgument(
            f"the formula {text!r} needs one response on the left and at most {MOST_TERMS} terms"
        )
    terms = []
    for term in right:
        factors = tuple(factor.expr.strip() for factor in term.factors)
        if factors == ("1",):
            terms.append(())
            continue
        for factor in factors:
            _check(_parsed(factor), factor)
        terms.append(factors)
    return PairFormula(text, left[0].factors[0].expr, tuple(terms))


def _parsed(factor: str) -> ast.expr:
    try:
        return ast.parse(factor, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidArgument(
            f"{factor!r} cannot stand in a pair formula; what may: {_MAY_STAND}"
        ) from None


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _column(node: ast.Call) -> str:
    argument = node.args[0]
    return argument.id if isinstance(argument, ast.Name) else str(argument.value)  # type: ignore[attr-defined]


def _check(node: ast.expr, factor: str) -> None:
    """Raise unless a factor is one of those that may stand."""
    plain_call = isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords
    if isinstance(node, ast.Name) and node.id in PAIR_QUANTITIES:
        return
    if plain_call and _name(node) in PAIR_FUNCTIONS:  # type: ignore[arg-type]
        argument = node.args[0]  # type: ignore[attr-defined]
        text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        if isinstance(argument, ast.Name) or text:
            return
    if plain_call and _name(node) in NUMBER_FUNCTIONS:  # type: ignore[arg-type]
        _check(node.args[0], factor)  # type: ignore[attr-defined]
        return
    raise InvalidArgument(f"{factor!r} cannot stand in a pair formula; what may: {_MAY_STAND}")


def _value(node: ast.expr, g: ConnectomeGraph, pairs: PairChunk, neurons: pd.DataFrame) -> Any:
    if isinstance(node, ast.Name):
        return _quantity(node.id, g, pairs)
    assert isinstance(node, ast.Call)
    name = _name(node)
    if name in NUMBER_FUNCTIONS:
        inner = np.asarray(_value(node.args[0], g, pairs, neurons), float)
        with np.errstate(divide="ignore", invalid="ignore"):
            result = NUMBER_FUNCTIONS[name](inner)
        known = np.isfinite(inner)
        if not np.isfinite(result[known]).all():
            low = float(inner[known].min())
            raise InvalidArgument(
                f"{ast.unparse(node)} is not finite: its argument goes down to {low:g}; use "
                "log1p(...), or leave those pairs out"
            )
        return result
    return _of_column(name, _column(node), pairs, g, neurons)


def _quantity(name: str, g: ConnectomeGraph, pairs: PairChunk) -> Floats:
    if name == "exposure":
        found = g.domain.exposure_of(pairs.pre, pairs.post)
        if found is None:
            raise InvalidArgument(
                "'exposure' needs a domain with an exposure per pair; make one with "
                "g.within(pairs, exposure=...)"
            )
        return np.asarray(found, float)
    axes = ("x_um", "y_um", "z_um") if name == "distance_um" else ("x_um", "z_um")
    at = np.column_stack([g.neuron_column(axis).to_numpy(float, na_value=np.nan) for axis in axes])
    apart: Floats = np.linalg.norm(at[pairs.pre] - at[pairs.post], axis=1)
    return apart


def _of_column(
    name: str, column: str, pairs: PairChunk, g: ConnectomeGraph, neurons: pd.DataFrame
) -> Any:
    if column not in neurons.columns:
        g.neuron_column(column)  # raises, and says which there are
        raise UnknownName(f"the neurons have no column {column!r}")
    values = neurons[column]
    if name == "same":
        codes, _ = pd.factorize(values)
        a, b = codes[pairs.pre], codes[pairs.post]
        return np.where((a < 0) | (b < 0), np.nan, (a == b).astype(float))
    numeric = pd.api.types.is_numeric_dtype(values.dtype)
    if name in ("pre", "post"):
        end = pairs.pre if name == "pre" else pairs.post
        if numeric:
            return values.to_numpy(float, na_value=np.nan)[end]
        return values.astype(object).where(values.notna(), None).to_numpy(object)[end]
    if not numeric:
        raise InvalidArgument(
            f"{name}({column}) needs numbers, and the column holds {values.dtype}; same({column}) "
            "compares any values"
        )
    numbers = values.to_numpy(float, na_value=np.nan)
    a, b = numbers[pairs.pre], numbers[pairs.post]
    if name == "product":
        return a * b
    return b - a if name == "signed_difference" else np.abs(b - a)
