"""The public doors: what a user passes is held against the annotation before anything runs.

``guarded(globals(), __all__)`` at the end of a public package puts a door before each of its
functions. Inside, functions call each other without doors: validated once, trusted after. A door
looks at the kind of a value only (a graph, a whole number, one of the choices); what a value says
is the function's own matter. What an annotation leaves open (``Any``, ``ArrayLike``) passes.
"""

from __future__ import annotations

import ast
import functools
import inspect
import types
import typing
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from connectome_graph.border import arguments
from connectome_graph.border.arguments import is_number, is_whole, shown
from connectome_graph.border.regular import is_path
from connectome_graph.errors import ConnectomeError, InvalidArgument, choice

__all__ = ["guard", "guard_made", "guard_methods", "guarded"]

F = TypeVar("F", bound=Callable[..., Any])

#: Largest whole number that a parameter takes: what an index can hold.
_MOST = 2**63 - 1
#: What is looked at where it is used, with a sentence of its own.
_OPEN = (
    "Any", "Seed", "By", "Choices", "Policy", "Motif", "Selection", "Table",
    "TableOrPath",
)  # fmt: skip
#: What makes an object of a class, told when another kind is passed.
_MAKERS = {
    "ConnectomeGraph": "cg.from_tables(...) makes one",
    "Session": "cg.cave.connect(...) makes one",
    "Skeleton": "cg.skeletons.load(...) makes them",
    "DataFrame": "a pandas table",
    "Axes": "matplotlib's, such as plt.gca()",
}


class Kind(NamedTuple):
    """One alternative of an annotation: whether a value is one, and what to call it."""

    accepts: Callable[[Any], bool]
    name: str
    option: Any = None


def guarded(namespace: dict[str, Any], names: Iterable[str]) -> None:
    """Put a door before every function among the public names of a package.

    The package then also lists those names alone where a user completes with the tab key.

    Parameters
    ----------
    namespace
        The package's ``globals()``.
    names
        Its ``__all__``.
    """
    for name in names:
        value = namespace.get(name)
        if inspect.isfunction(value):
            namespace[name] = guard(value, module=namespace["__name__"])
    public = sorted(names)
    namespace["__dir__"] = lambda: list(public)


def guard_methods(owner: type) -> None:
    """Put a door before every public method of a class."""
    for name, value in list(vars(owner).items()):
        if name.startswith("_"):
            continue
        if inspect.isfunction(value):
            setattr(owner, name, guard(value, module=value.__module__))
        elif isinstance(value, classmethod):
            inner = guard(value.__func__, module=value.__func__.__module__)
            setattr(owner, name, classmethod(inner))


def guard_made(owner: type) -> None:
    """Put a door before what makes objects of a class of ours, and before their methods.

    Those that it has from other classes of ours are included.
    """
    for each in owner.__mro__:
        if not each.__module__.startswith("connectome_graph."):
            continue
        guard_methods(each)
        made = vars(each).get("__init__")
        if inspect.isfunction(made):
            setattr(each, "__init__", guard(made, module=each.__module__))  # noqa: B010


def guard(function: F, *, module: str) -> F:
    """Return a function that looks at its arguments before it runs.

    Parameters
    ----------
    function
        What is guarded.
    module
        Where users find it, which also is where pickle looks for it.

    Examples
    --------
    >>> def twice(n: int) -> int:
    ...     return 2 * n
    >>> guard(twice, module=__name__)(3)
    6
    """
    if hasattr(function, "__guarded__") or getattr(function, "__isabstractmethod__", False):
        return function

    @functools.wraps(function)
    def door(*args: Any, **given: Any) -> Any:
        # A traceback keeps the locals of its frames, and a token may be among the arguments: what
        # is refused is raised here, and the arguments are let go of.
        refused = _refused(_kinds_of(function), args, given)
        try:
            if refused is not None:
                raise refused
            return function(*args, **given)
        except BaseException:
            del args, given
            raise

    door.__module__ = module
    door.__guarded__ = True  # type: ignore[attr-defined]
    return typing.cast("F", door)


class Asked(NamedTuple):
    """What a parameter takes: its kinds (none for anything), and its default."""

    kinds: tuple[Kind, ...]
    default: Any


@functools.cache
def _kinds_of(function: Callable[..., Any]) -> dict[str, Asked]:
    """Return what each parameter takes, in order."""
    found = {}
    for name, each in inspect.signature(function).parameters.items():
        plain = each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        text = each.annotation if isinstance(each.annotation, str) and plain else "Any"
        kinds = _alternatives(text, vars(inspect.getmodule(function)) | function.__globals__)
        found[name] = Asked(kinds, each.default)
    return found


def _refused(
    kinds: dict[str, Any], args: tuple[Any, ...], given: dict[str, Any]
) -> ConnectomeError | None:
    """Return the error of the first argument that is not what its name takes; it has no frames."""
    try:
        for name, value in zip(kinds, args, strict=False):
            _look(name, value, kinds[name])
        for name, value in given.items():
            if name in kinds:
                _look(name, value, kinds[name])
    except ConnectomeError as error:
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)
    return None


def _look(name: str, value: Any, asked: Asked) -> None:
    """Refuse a value that is of no kind that the parameter takes.

    Raises
    ------
    InvalidArgument
        Naming what was found and what is needed.
    """
    if not asked.kinds or value is asked.default:
        return
    if any(kind.accepts(value) for kind in asked.kinds):
        return
    options = [kind.option for kind in asked.kinds if kind.option is not None]
    if options and all(kind.option is not None or kind.name == "None" for kind in asked.kinds):
        choice(value, options, name=name)
    names = list(dict.fromkeys(kind.name for kind in asked.kinds))
    needed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    raise InvalidArgument(f"{name}={shown(value)}; it must be {needed}")


def _alternatives(text: str, names: Mapping[str, Any]) -> tuple[Kind, ...]:
    """Return the kinds of an annotation; none where one of them takes anything."""
    kinds: list[Kind] = []
    if text.replace(" | None", "") == "int | str":  # an id: which may be what is told elsewhere
        return ()
    for part in _parts(text):
        found = _kind(part, names)
        if not found:
            return ()
        kinds += found
    if any(kind.name == "a path" for kind in kinds):
        kinds = [kind for kind in kinds if kind.name != "text"]
    return tuple(kinds)


def _parts(text: str) -> list[str]:
    """Return the alternatives of ``a | b | c``."""
    node: ast.expr = ast.parse(text, mode="eval").body
    parts: list[str] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.insert(0, ast.unparse(node.right))
        node = node.left
    return [ast.unparse(node), *parts]


def _kind(text: str, names: Mapping[str, Any]) -> list[Kind]:
    """Return the kinds of one alternative; an empty list means that anything passes."""
    if text in _PLAIN:
        return [_PLAIN[text]]
    if text.startswith("Literal["):
        return _choices(ast.literal_eval(text.removeprefix("Literal")))
    if text.startswith("Sequence[Sequence["):
        return []
    if text.startswith(("tuple[", "Mapping[")):
        return [(_tuple if text.startswith("tuple[") else _mapping)(text, names)]
    for start, kind in _GENERIC.items():
        if text.startswith(start):
            return [kind]
    if text in _BY_NAME:
        return [_instance(_BY_NAME[text])]
    if not text.isidentifier() or text in _OPEN:
        return []
    value = names.get(text, getattr(arguments, text, None))
    return [] if value is None else _of_alias(value, names)


def _tuple(text: str, names: Mapping[str, Any]) -> Kind:
    """Return the kind of ``tuple[str, ...]`` or ``tuple[float, float]``; lists are as good."""
    inner = [ast.unparse(each) for each in _arguments(text)]
    if inner[-1:] == ["..."]:
        one = _alternatives(inner[0], names)
        listed = _are(lambda value: not one or any(kind.accepts(value) for kind in one))
        told = " or ".join(dict.fromkeys(kind.name for kind in one)) or "values"
        return Kind(listed, f"several of: {told}")
    kinds = [_alternatives(each, names) for each in inner]

    def accepts(value: Any) -> bool:
        if not _is_several(value) or not hasattr(value, "__len__") or len(value) != len(kinds):
            return False
        return all(
            not own or any(kind.accepts(each) for kind in own)
            for each, own in zip(value, kinds, strict=True)
        )

    names_of = (" or ".join(kind.name for kind in own) or "a value" for own in kinds)
    return Kind(accepts, f"({', '.join(names_of)})")


def _mapping(text: str, names: Mapping[str, Any]) -> Kind:
    """Return the kind of ``Mapping[str, int]``: what its keys and values are is looked at too."""
    keys, values = (_alternatives(ast.unparse(each), names) for each in _arguments(text))

    def accepts(value: Any) -> bool:
        return isinstance(value, Mapping) and all(
            not own or any(kind.accepts(each) for kind in own)
            for pair in value.items()
            for each, own in zip(pair, (keys, values), strict=True)
        )

    told = [" or ".join(dict.fromkeys(k.name for k in own)) for own in (keys, values)]
    inner = f" of {told[0] or 'anything'} to {told[1]}" if told[1] else ""
    return Kind(accepts, f"a mapping{inner}")


def _arguments(text: str) -> list[ast.expr]:
    """Return what stands between the brackets of an annotation."""
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Subscript)
    inner = node.slice
    return list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]


def _of_alias(value: Any, names: Mapping[str, Any]) -> list[Kind]:
    """Return the kinds of an alias: of each alternative that it stands for."""
    origin = typing.get_origin(value)
    if origin is typing.Literal:
        return _choices(typing.get_args(value))
    if origin in (typing.Union, types.UnionType):
        several = [_of_alias(each, names) for each in typing.get_args(value)]
        return [] if not all(several) else [kind for kinds in several for kind in kinds]
    if origin is not None:
        return _of_generic(value, origin, names)
    if value is Any or value is object or not inspect.isclass(value):
        return []
    if value.__name__ in _OPEN:
        return []
    if value is type(None):
        return [_PLAIN["None"]]
    return [_PLAIN.get(value.__name__) or _instance(value.__name__)]


def _of_generic(value: Any, origin: Any, names: Mapping[str, Any]) -> list[Kind]:
    """Return the kinds of ``Sequence[str]`` and the like, as an alias holds them."""
    if "Callable" in str(origin):
        return [_GENERIC["Callable["]]
    if not isinstance(origin, type):
        return []
    if issubclass(origin, Mapping):
        return [_GENERIC["Mapping["]]
    if origin.__name__ in ("Sequence", "Iterable"):
        return _kind(f"Sequence[{getattr(typing.get_args(value)[0], '__name__', 'Any')}]", names)
    return []


def _choices(values: Any) -> list[Kind]:
    listed = values if isinstance(values, tuple | list) else (values,)
    return [Kind(functools.partial(_same, each), repr(each), each) for each in listed]


def _same(option: Any, value: Any) -> bool:
    return isinstance(value, type(option)) and bool(value == option)


def _instance(name: str) -> Kind:
    """Return the kind of the objects of a class, told by name: nothing is imported for it."""
    maker = _MAKERS.get(name)
    article = "an" if name[0] in "AEIOU" else "a"
    told = f"{article} {name}" + (f" ({maker})" if maker else "")
    return Kind(lambda value: any(each.__name__ == name for each in type(value).__mro__), told)


def _is_several(value: Any) -> bool:
    if isinstance(value, str | bytes) or getattr(value, "ndim", 1) == 0:
        return False
    return isinstance(value, Iterable)


def _are(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return whether a value is several of a kind; generators are not looked into."""

    def all_are(value: Any) -> bool:
        if not _is_several(value) or isinstance(value, Mapping):
            return False
        return not hasattr(value, "__len__") or all(kind(each) for each in value)

    return all_are


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    return isinstance(value, Hashable)


_WHOLE = Kind(lambda value: is_whole(value) and abs(int(value)) <= _MOST, "a whole number")
_NUMBER = Kind(lambda value: is_number(value) or isinstance(value, float), "a number")
_PLAIN: dict[str, Kind] = {
    "None": Kind(lambda value: value is None, "None"),
    "int": _WHOLE,
    "float": _NUMBER,
    "Level": _NUMBER,
    "bool": Kind(lambda value: isinstance(value, bool) or type(value).__name__ == "bool_",
                 "True or False"),
    "str": Kind(_is_text, "text"),
    "Path": Kind(is_path, "a path"),
    "Progress": Kind(lambda value: value is None or isinstance(value, bool),
                     "True, False, or None for a bar where someone watches"),
    "Statistic": Kind(callable, "a function of a graph"),
    "NullFunction": Kind(callable, "a function of (graph, generator)"),
}  # fmt: skip
_GENERIC: dict[str, Kind] = {
    "Mapping[": Kind(lambda value: isinstance(value, Mapping), "a mapping"),
    "Callable[": Kind(callable, "a function"),
    "Sequence[str]": Kind(_are(_is_text), "a list of texts"),
    "Iterable[Hashable]": Kind(_are(_is_name), "a list of names"),
    "Iterable[str | Path]": Kind(_are(is_path), "several paths"),
    "Iterable[str]": Kind(_are(_is_text), "several texts"),
    "Sequence[float]": Kind(_are(is_number), "a list of numbers"),
    "Iterable[": Kind(_is_several, "several values, such as a list"),
    "Sequence[": Kind(_is_several, "a list"),
}
#: Classes that annotations name without the function's module importing them.
_BY_NAME = {
    "ConnectomeGraph": "ConnectomeGraph",
    "Skeleton": "Skeleton",
    "SkeletonGraph": "SkeletonGraph",
    "Comparison": "Comparison",
    "ConnectivityCard": "ConnectivityCard",
    "EdgeFolder": "EdgeFolder",
    "NullModel": "NullModel",
    "SwitchingNull": "SwitchingNull",
    "Axes": "Axes",
    "Executor": "Executor",
    "Client": "Client",
    "pd.DataFrame": "DataFrame",
    "pd.Series": "Series",
}
