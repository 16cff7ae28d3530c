"""What is typed on a command line, as the values that a function of the library takes.

Each kind of parameter is an annotation of the public interface. How it is typed:

=======================  ========================================================================
annotation               typed as
=======================  ========================================================================
``By``                   the option again for each column: ``--by side --by cell_type``
``Weight``               a name, or ``column:how`` such as ``size:median``
``Bins``                 a width, or edges: ``0,25,50``
``Seed``                 a whole number, or ``none`` for fresh randomness
``Selection``            a query, or ids: ``1,2,3``
arrays                   ``1,2,3``, or ``table.csv:column``
tables                   a file: .csv, .tsv, .parquet, .feather
cells                    skeleton files: .swc, .osy, .json
``null``                 ``--null NAME`` and ``--null-FIELD`` for each of its fields
statistics               ``stats.density``, and ``--with level=0.9`` for each of its arguments
=======================  ========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectome_graph.cli import _public as public
from connectome_graph.errors import InvalidArgument, UnreadableFile, choice

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FRIENDLY", "LIST", "bins", "converted", "null_model", "statistic", "table_of"]

#: Annotations that are typed as an option again and again.
LIST = ("By", "Sequence[str]", "Sequence[Model]", "Mapping[Any, str]", "Choices",
        "str | Sequence[str]", "str | Iterable[str]", "Sequence[tuple[Any, Any]]",
        "Iterable[Any]", "Iterable[Hashable]")  # fmt: skip
#: Short names of null models on the command line.
FRIENDLY = {
    "reciprocal": "ReciprocalConfiguration",
    "configuration": "Configuration",
    "typed": "TypedConfiguration",
    "dyads": "DyadErdosRenyi",
    "edges": "ErdosRenyi",
    "maxent": "MaxEntConfiguration",
    "spatial": "Spatial",
    "labels": "LabelShuffle",
    "weights": "WeightShuffle",
}
_IDS = re.compile(r"\s*\d+(\s*,\s*\d+)*\s*")


def converted(parameter: public.Parameter, value: Any) -> Any:
    """Return the value of a parameter from what was typed.

    Raises
    ------
    InvalidArgument
        When the text does not say such a value.

    Examples
    --------
    >>> make = lambda kind: public.Parameter("p", kind, False, None, "")
    >>> converted(make("Weight"), "size:median"), converted(make("Bins"), "0,25,50")
    (('size', 'median'), [0.0, 25.0, 50.0])
    >>> converted(make("By"), ["cell_type"]), converted(make("Seed"), "7")
    ('cell_type', 7)
    """
    if value is None:
        return None
    make = _MAKERS.get(parameter.annotation)
    if make is None and parameter.annotation in _NUMBER_OR_TEXT and isinstance(value, str):
        make = _number_or_text
    return value if make is None else make(value, f"--{parameter.name.replace('_', '-')}")


#: Annotations of what is a number or a word, such as ``swaps_per_edge``.
_NUMBER_OR_TEXT = ("Length", "int | Selection", "int | str", "int | Sequence[int]")


def _number_or_text(text: str, option: str) -> Any:
    """Return a number where it is one, several where commas stand between, else the text."""
    del option
    parts = text.split(",")
    try:
        numbers = [float(part) if "." in part else int(part) for part in parts]
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else numbers


def bins(text: str, option: str) -> Any:
    """Return a width, or a list of edges."""
    numbers = _numbers(text, option)
    return numbers[0] if len(numbers) == 1 else numbers


def _numbers(text: str, option: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InvalidArgument(f"{option} needs numbers such as 0,25,50; found {text!r}") from error


def _by(values: list[str], option: str) -> Any:
    del option
    return None if not values else values[0] if len(values) == 1 else list(values)


def _several(values: Iterable[str], option: str) -> Any:
    del option
    return list(values) or None


def _weight(text: str, option: str) -> Any:
    del option
    name, mark, how = text.rpartition(":")
    return (name, how) if mark else text


def _seed(text: str, option: str) -> int | None:
    if text.strip().lower() == "none":
        return None
    try:
        return int(text)
    except ValueError as error:
        raise InvalidArgument(f"{option} needs a whole number, or none; found {text!r}") from error


def _selection(text: str, option: str) -> Any:
    del option
    return [int(part) for part in text.split(",")] if _IDS.fullmatch(text) else text


def _array(text: str, option: str) -> Any:
    """Return numbers or words, or the column of a table."""
    path, mark, column = text.rpartition(":")
    if mark and Path(path).suffix:
        table = table_of(path, option)
        if column not in table:
            raise InvalidArgument(
                f"{option}: {path} has no column {column!r}; columns: "
                f"{', '.join(map(str, table.columns))}"
            )
        return table[column].to_numpy()
    parts = [part.strip() for part in text.split(",")]
    try:
        return [float(part) if "." in part else int(part) for part in parts]
    except ValueError:
        return parts


def table_of(path: str, option: str = "the table") -> pd.DataFrame:
    """Return the table in a file, by its ending.

    Raises
    ------
    UnreadableFile
        When there is no such file, or it is no table.
    """
    from connectome_graph.sources.files import read_table

    if not Path(path).exists():
        raise UnreadableFile(f"{option}: there is no file {path}")
    table: Any = read_table(path)
    frame: pd.DataFrame = table if hasattr(table, "iloc") else table.to_pandas()
    return frame


def _palette(values: list[str], option: str) -> dict[str, str] | None:
    pairs = [value.partition("=") for value in values or []]
    if any(not mark for _, mark, _ in pairs):
        raise InvalidArgument(f"{option} needs NAME=COLOUR, such as --palette BC=crimson")
    return {name: colour for name, _, colour in pairs} or None


def _pairs(values: list[str], option: str) -> list[tuple[str, str]] | None:
    pairs = [value.partition(":") for value in values or []]
    if any(not mark for _, mark, _ in pairs):
        raise InvalidArgument(f"{option} needs PRE:POST, such as --pairs 23P:BC")
    return [(pre, post) for pre, _, post in pairs] or None


def _choices(values: list[str], option: str) -> list[Any] | None:
    del option
    if not values:
        return None
    plain = [None if value.lower() == "none" else value for value in values]
    return [int(v) if isinstance(v, str) and v.isdecimal() else v for v in plain]


def _rows(text: str, option: str) -> Any:
    """Return a table of ours as it was before it was written: its index among its columns."""
    table = table_of(text, option)
    index = [name for name in ("root_id", "match") if name in table]
    return table.set_index(index) if len(index) == 2 else table


def _box(text: str, option: str) -> list[list[float]]:
    """Return a box from ``x0:x1,y0:y1,z0:z1``, in micrometres."""
    try:
        sides = [[float(end) for end in side.split(":")] for side in text.split(",")]
    except ValueError:
        sides = []
    if [len(side) for side in sides] != [2, 2, 2]:
        raise InvalidArgument(f"{option} needs a box in um, such as 0:100,0:500,0:100")
    return sides


def _motif(text: str, option: str) -> str:
    """Return a motif, read from a file where the text names one."""
    del option
    place = Path(text)
    return place.read_text(encoding="utf-8") if "->" not in text and place.is_file() else text


_MAKERS: dict[str, Callable[[Any, str], Any]] = {
    "By": _by,
    "Weight": _weight,
    "Bins": bins,
    "Seed": _seed,
    "Selection": _selection,
    "Selection | Mapping[str, Selection]": _selection,
    "pd.Series": _array,
    "npt.ArrayLike": _array,
    "npt.ArrayLike | pd.Series": _array,
    "pd.DataFrame": _rows,
    "Volumes": _box,
    "Sequence[str]": _several,
    "Sequence[Model]": _several,
    "Iterable[Hashable]": _several,
    "str | Sequence[str]": _by,
    "str | Iterable[str]": _by,
    "Mapping[Any, str]": _palette,
    "Sequence[tuple[Any, Any]]": _pairs,
    "Choices": _choices,
    "str | Motif": _motif,
}


def null_model(name: str, given: dict[str, Any]) -> Any:
    """Return a null model by name, with the fields that were typed.

    Parameters
    ----------
    name
        A class of ``nulls.__all__``, or one of its short names, in any case.
    given
        Field -> text; what is None was not typed.

    Raises
    ------
    InvalidArgument
        When there is no such null, a field is not one of its own, or one is missing.

    Examples
    --------
    >>> null_model("configuration", {"swaps_per_edge": 5.0})
    Configuration(swaps_per_edge=5.0)
    """
    known = {each.lower(): each for each in public.classes("nulls")}
    chosen = known.get(name.lower()) or FRIENDLY.get(name.lower())
    if chosen is None:
        choice(name, [*known.values(), *FRIENDLY], name="--null")
    assert chosen is not None
    function = public.described("nulls", chosen)
    fields = {key: value for key, value in given.items() if value not in (None, [], ())}
    own = [each.name for each in function.parameters]
    for field in fields:
        if field not in own:
            takes = ", ".join(f"--null-{each.replace('_', '-')}" for each in own) or "no options"
            raise InvalidArgument(
                f"--null-{field.replace('_', '-')} is no option of the null {name}, which takes "
                f"{takes}"
            )
    needed = [e.name for e in function.parameters if e.required and e.name not in fields]
    if needed:
        raise InvalidArgument(f"the null {chosen} needs --null-{needed[0].replace('_', '-')}")
    from connectome_graph import nulls

    values = {}
    for each in function.parameters:
        if each.name in fields:
            values[each.name] = converted(each, fields[each.name])
    return getattr(nulls, chosen)(**values)


def statistic(name: str, given: list[str]) -> Any:
    """Return a statistic by name, with arguments.

    Parameters
    ----------
    name
        Such as ``stats.density``, ``motifs.triad_census``, or ``density``.
    given
        Its arguments, each ``name=value``.

    Raises
    ------
    InvalidArgument
        When there is no such function of a graph, or it takes no such argument.

    Examples
    --------
    >>> statistic("stats.density", ["level=0.9"]).keywords
    {'level': 0.9}
    """
    import importlib

    package, _, function = name.rpartition(".")
    known = {
        f"{place}.{each}": (place, each)
        for place in ([package] if package in _STATISTICS else _STATISTICS)
        for each in public.names(place)
    }
    full = name if package else next((n for n in known if n.endswith(f".{function}")), name)
    if full not in known:
        choice(name, known, name="the statistic")
    spec = public.described(*known[full])
    values = {}
    for each in given:
        key, mark, text = each.partition("=")
        parameter = spec.parameter(key.strip().replace("-", "_"))
        if not mark or parameter is None:
            names = ", ".join(p.name for p in spec.parameters[1:])
            raise InvalidArgument(f"--with {each}: {full} takes NAME=VALUE with NAME in {names}")
        values[parameter.name] = converted(parameter, _typed(parameter, text))
    found = getattr(importlib.import_module(f"connectome_graph.{known[full][0]}"), known[full][1])
    if not values:
        return found
    import functools

    return functools.partial(found, **values)


#: Packages whose functions of a graph can be compared and swept.
_STATISTICS = ("stats", "motifs", "skeletons")


def _typed(parameter: public.Parameter, text: str) -> Any:
    """Return the text of an argument as an option would give it."""
    kind = parameter.annotation
    if kind in LIST:
        return text.split(",")
    plain: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "Level": float}
    if kind in plain:
        try:
            return plain[kind](text)
        except ValueError as error:
            raise InvalidArgument(f"--with {parameter.name}={text}: a number is needed") from error
    if kind in ("bool", "Progress"):
        return text.strip().lower() in ("true", "yes", "1")
    return text
