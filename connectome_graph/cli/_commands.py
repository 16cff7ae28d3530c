"""Commands made from the public functions of the library: options from signatures.

``add(app, "stats", "density")`` makes ``connectome-graph stats density GRAPH``. What a command
needs first (a graph, a table, cells, a folder of edges) stands as an argument; all else are
options. Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from connectome_graph.cli import _public as public
from connectome_graph.cli._results import AsCsv, AsJson, Output, Overwrite, Rows, show
from connectome_graph.cli._values import LIST, converted, null_model, statistic

__all__ = ["MADE", "Reading", "add", "selected", "signature"]

#: Parameters that have no place on a command line, and why.
LEFT_OUT = {
    "ax": "a figure is written to a file",
    "executor": "a pool of one's own is an object of Python",
    "progress": "a bar shows at a terminal",
}
#: The module of commands that are made, so that they are told from those written by hand.
MADE = "made from a public function"
_GRAPHS = ("ConnectomeGraph", "ConnectomeGraph | Mapping[str, ConnectomeGraph]")
_NULLS = ("NullModel | NullFunction", "TradingNull")
_ONE_CELL = ("Skeleton", "Skeleton | SkeletonGraph")
_CELLS = ("Iterable[Any]", "Iterable[Skeleton]", *_ONE_CELL)
#: Common options of what reads a graph: a narrower graph, before anything is computed.
_NARROW: dict[str, tuple[Any, str]] = {
    "policy": (str, "Proofreading policy: strict, permissive or all; else that of the file."),
    "min_synapses": (int, "Leave out connections of fewer synapses."),
    "neurons": (str, "Keep the neurons that this query selects."),
    "synapses": (str, "Keep the synapses that this query selects."),
}
_LOADING = ("units", "missing_soma", "disconnected", "duplicate_edges")

Reading = dict[str, Any]


def selected(arguments: Sequence[str], group: str, names: Callable[[], Sequence[str]]) -> list[str]:
    """Return the names whose commands are needed: the one that is asked for, else all.

    Examples
    --------
    >>> known = ["density", "rich_club"]
    >>> selected(["stats", "rich-club", "x.connectome"], "stats", lambda: known)
    ['rich_club']
    >>> selected(["stats", "--help"], "stats", lambda: known)
    ['density', 'rich_club']
    """
    if not arguments or arguments[0] != group:
        return []
    asked = arguments[1].replace("-", "_").lower() if len(arguments) > 1 else ""
    known = list(names())
    return [name for name in known if name.lower() == asked] or known


def add(
    app: typer.Typer,
    package: str,
    name: str,
    *,
    command: str | None = None,
    run: Callable[[public.Function, Reading], None] | None = None,
    extra: Sequence[inspect.Parameter] = (),
) -> None:
    """Add the command of one public function.

    Parameters
    ----------
    app
        Where to.
    package, name
        The function.
    command
        What it is called; by default by its name.
    run
        What to do with the values read; by default the result is shown.
    extra
        Further options, which `run` finds among the values.
    """
    function = public.described(package, name)
    # A function's own parameter of that name comes first, such as the `top` of similarity.
    shown = [] if run else [each for each in _showing() if not function.parameter(each.name)]

    def callback(**given: Any) -> None:
        if run is not None:
            run(function, given)
        else:
            compute(function, given)

    parameters = [*signature(function), *extra, *shown]
    called(callback, parameters, name)
    app.command(command or name.replace("_", "-"), help=function.summary)(callback)


def called(function: Callable[..., None], parameters: list[inspect.Parameter], name: str) -> None:
    """Give a function of keywords the signature that typer reads."""
    arguments = [p for p in parameters if p.default is inspect.Parameter.empty]
    options = [p for p in parameters if p.default is not inspect.Parameter.empty]
    function.__name__, function.__module__ = name, MADE
    function.__signature__ = inspect.Signature([*arguments, *options])  # type: ignore[attr-defined]
    function.__annotations__ = {p.name: p.annotation for p in [*arguments, *options]}


_SHOWN = ("as_json", "as_csv", "output", "overwrite", "shown_rows")


def _showing() -> list[inspect.Parameter]:
    return [
        keyword("as_json", AsJson, default=False),
        keyword("as_csv", AsCsv, default=False),
        keyword("output", Output, default=None),
        keyword("overwrite", Overwrite, default=False),
        keyword("shown_rows", Rows, default=30),
    ]


def keyword(name: str, annotation: Any, *, default: Any) -> inspect.Parameter:
    """Return an option by name."""
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def argument(name: str, help: str, kind: Any = str) -> inspect.Parameter:  # noqa: A002
    """Return an argument by name."""
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind, typer.Argument(help=help, show_default=False)],
    )


def signature(function: public.Function) -> list[inspect.Parameter]:
    """Return the arguments and options of a function's command."""
    found: dict[str, inspect.Parameter] = {}
    for place, each in enumerate(function.parameters):
        if each.name in LEFT_OUT:
            continue
        for made in _options(each, function, first=place == 0 and function.name.islower()):
            found.setdefault(made.name, made)
    if any(each.annotation in _GRAPHS for each in function.parameters):
        for name, (kind, told) in _NARROW.items():
            found.setdefault(name, _option(name, kind, told))
    if any(each.annotation in _CELLS for each in function.parameters):
        for loading in _LOADING:
            own = public.described("skeletons", "load").parameter(loading)
            assert own is not None
            found.setdefault(loading, _options(own, function, first=False)[0])
    return list(found.values())


def _options(
    each: public.Parameter, function: public.Function, *, first: bool
) -> list[inspect.Parameter]:
    """Return what stands for one parameter: an argument, an option, or several."""
    kind = each.annotation
    if kind in _GRAPHS:
        several = list[Path] if "Mapping" in kind else Path
        return [argument(each.name, "A .connectome bundle or .graphml file.", several)]
    if kind in _CELLS:
        one = kind in _ONE_CELL
        told = "A skeleton file" if one else "Skeleton files, or folders of them"
        kinds = str if one else list[str]
        return [argument(each.name, f"{told} (.osy, .swc, .json).", kinds)]
    if kind in _NULLS:
        return _null_options(each)
    if kind == "Statistic":
        made = (
            argument(each.name, "A function of a graph, such as stats.density.")
            if each.required
            else _option(each.name, str, each.help)
        )
        with_ = typer.Option("--with", help="An argument of the statistic: NAME=VALUE, again.")
        return [made, keyword("with_", Annotated[list[str], with_], default=[])]
    if first or (each.required and kind not in ("Bins", "float") and each.name != "k"):
        if kind == "By":
            return [_option(each.name, list[str], each.help, required=True)]
        return [argument(each.name, each.help, list[str] if kind in LIST else str)]
    chosen = public.choices(kind, function.module)
    told = each.help if chosen is None else f"{each.help} [{' | '.join(map(str, chosen))}]"
    kinds = _kind(kind)
    return [
        _option(each.name, kinds, told, default=each.default, required=each.required, chosen=chosen)
    ]


def _kind(annotation: str) -> Any:
    plain = {"int": int, "float": float, "Level": float, "bool": bool}
    if annotation in plain:
        return plain[annotation]
    return list[str] if annotation in LIST else str


def _option(
    name: str,
    kind: Any,
    told: str,
    *,
    default: Any = None,
    required: bool = False,
    chosen: tuple[Any, ...] | None = None,
) -> inspect.Parameter:
    """Return an option; what the library takes by default is left to the library."""
    if isinstance(default, bool | int | float | str) and default != "":
        told = f"{told} By default {default}." if kind is not bool else told
    flag = f"--{name.replace('_', '-')}"
    flags = f"{flag}/--no-{flag[2:]}" if kind is bool else flag
    text = typer.Option(
        flags,
        help=told,
        show_default=False,
        autocompletion=public.completing(*chosen) if chosen else None,
    )
    if required:
        return keyword(name, Annotated[kind, text], default=...)
    return keyword(name, Annotated[kind | None, text], default=None)


def _null_options(each: public.Parameter) -> list[inspect.Parameter]:
    """Return --null, and an option for every field of any null model."""
    names = ", ".join(public.classes("nulls"))
    told = f"The null model: {names}; or reciprocal, configuration, typed, dyads, edges, ..."
    found = [_option(each.name, str, told, required=each.required)]
    fields: dict[str, tuple[Any, list[str], str]] = {}
    for name in public.classes("nulls"):
        for field in public.described("nulls", name).parameters:
            kind, owners, text = fields.get(field.name, (_kind(field.annotation), [], field.help))
            fields[field.name] = kind, [*owners, name], text
    return found + [
        _option(f"null_{name}", kind, f"{', '.join(owners)}: {text}")
        for name, (kind, owners, text) in fields.items()
    ]


def compute(function: public.Function, given: Reading) -> None:
    """Read what was typed, call the function, and show what it returns."""
    shown = {key: given.pop(key) for key in _SHOWN}
    g, values = read(function, given)
    found = getattr(importlib.import_module(f"connectome_graph.{function.package}"), function.name)
    show(found(**values), g=g, **shown)


def read(function: public.Function, given: Reading) -> tuple[Any, Reading]:
    """Return the (first) graph, and the values of all parameters that were typed.

    Parameters
    ----------
    function
        What is to be called.
    given
        What typer read; entries that are used are taken out.
    """
    narrow = {n: given.pop(n) for n in _NARROW if n in given and not function.parameter(n)}
    values: Reading = {}
    graph = None
    for each in function.parameters:
        if each.name in LEFT_OUT or (each.name not in given and each.annotation not in _NULLS):
            continue
        value = given.pop(each.name, None)
        if each.annotation in _GRAPHS and value is not None:
            value = _graphs(value, narrow)
            graph = graph or (value if not isinstance(value, dict) else None)
        elif each.annotation in _CELLS and value:
            value = _cells(value, function, given)
            value = value[0] if each.annotation in _ONE_CELL else value
        elif each.annotation in _NULLS:
            fields = {k.removeprefix("null_"): given.pop(k) for k in list(given) if "null_" in k}
            value = None if value is None else null_model(value, fields)
        elif each.annotation == "Statistic":
            value = None if value is None else statistic(value, given.pop("with_", []))
        else:
            value = converted(each, value)
        if value is not None and not (isinstance(value, list) and not value):
            values[each.name] = value
    return graph, values


def _graphs(value: Any, narrow: Reading) -> Any:
    """Return the graph of a path, or several by name, cut down as was asked."""
    from connectome_graph.cli._graphs import load

    if isinstance(value, list):
        several = {Path(path).stem: _narrowed(load(path), narrow) for path in value}
        return next(iter(several.values())) if len(several) == 1 else several
    return _narrowed(load(value), narrow)


def _narrowed(g: Any, narrow: Reading) -> Any:
    if narrow.get("neurons"):
        g = g.subgraph(narrow["neurons"])
    if narrow.get("synapses"):
        g = g.filter_synapses(narrow["synapses"])
    if narrow.get("min_synapses"):
        g = g.threshold(min_synapses=narrow["min_synapses"])
    return g.observed(narrow["policy"]) if narrow.get("policy") else g


def _cells(paths: Any, function: public.Function, given: Reading) -> Any:
    """Return the cells in skeleton files."""
    from connectome_graph import skeletons

    own = {n: given[n] for n in _LOADING if n in given and not function.parameter(n)}
    options: Any = {name: value for name, value in own.items() if value is not None}
    return skeletons.load(paths if isinstance(paths, list) else [paths], **options)
