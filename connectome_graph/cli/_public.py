"""The public functions of the library as their source tells them, without importing them.

A command line has to know names, options and defaults before it knows whether anything heavy is
needed. Source text tells all three in milliseconds: names from a package's ``__init__``, options
from a signature, help from a docstring.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "Function",
    "Parameter",
    "choices",
    "classes",
    "completing",
    "described",
    "names",
    "summary",
]

_ROOT = Path(__file__).parent.parent
_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a public function.

    Attributes
    ----------
    name, annotation
        As the source writes them, the annotation without ``| None``.
    required
        Whether it has no default.
    default
        The default where it is a plain value, else None.
    help
        What the docstring says of it, on one line.
    """

    name: str
    annotation: str
    required: bool
    default: Any
    help: str


@dataclass(frozen=True)
class Function:
    """A public function, or a null model with its fields as parameters.

    Attributes
    ----------
    package, name
        Where users find it: ``stats``, ``density``.
    summary
        The first sentence of its docstring.
    parameters
        Its parameters, in order.
    module
        The module that holds it.
    """

    package: str
    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    module: str

    def parameter(self, name: str) -> Parameter | None:
        """Return a parameter by name, or None."""
        return next((each for each in self.parameters if each.name == name), None)


@functools.cache
def _tree(module: str) -> ast.Module:
    place = _ROOT.joinpath(*module.split(".")[1:])
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def _sources(package: str) -> dict[str, str]:
    """Return public name -> module, in the order of ``__all__``."""
    tree = _tree(f"connectome_graph.{package}")
    homes: dict[str, str] = {}
    listed: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            homes |= {each.asname or each.name: node.module for each in node.names}
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            listed = [str(ast.literal_eval(each)) for each in getattr(node.value, "elts", [])]
    return {name: homes[name] for name in listed if name in homes}


def _definition(package: str, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    for node in _tree(_sources(package)[name]).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    return None


def names(package: str) -> list[str]:
    """Return the public functions of a package.

    Examples
    --------
    >>> "density" in names("stats"), "Communities" in names("stats")
    (True, False)
    """
    # a class has capitals in its name, a constant has nothing else
    return [name for name in _sources(package) if name == name.lower()]


#: What the null models of the library derive from.
_NULLS = ("NullModel", "TradingNull", "SoftNull")


def classes(package: str) -> list[str]:
    """Return the null models of a package, without the abstract one.

    Examples
    --------
    >>> "Configuration" in classes("nulls"), "NullModel" in classes("nulls")
    (True, False)
    """
    found = []
    for name in _sources(package):
        node = None if name == name.lower() else _definition(package, name)
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        if any(getattr(base, "id", "") in _NULLS for base in bases):
            found.append(name)
    return found


def summary(package: str, name: str) -> str:
    """Return the first sentence of the docstring.

    Examples
    --------
    >>> summary("stats", "degrees")
    'Return the in- and out-degree of every neuron, with synapses, strength and exposure.'
    """
    node = _definition(package, name)
    text = ast.get_docstring(node) if node is not None else None
    return _plain((text or "").split("\n\n")[0])


def described(package: str, name: str) -> Function:
    """Return what the source says of a function or null model.

    Examples
    --------
    >>> density = described("stats", "density")
    >>> [each.name for each in density.parameters][:3]
    ['g', 'interval', 'level']
    >>> density.parameter("level").default
    0.95
    >>> [each.name for each in described("nulls", "TypedConfiguration").parameters]
    ['by', 'swaps_per_edge']
    """
    node = _definition(package, name)
    assert node is not None
    told = _parameter_help(ast.get_docstring(node) or "")
    found = _of_class(node, told) if isinstance(node, ast.ClassDef) else _of_function(node, told)
    return Function(package, name, summary(package, name), found, _sources(package)[name])


def _of_function(node: ast.FunctionDef, told: dict[str, str]) -> tuple[Parameter, ...]:
    plain = node.args.posonlyargs + node.args.args
    missing = [None] * (len(plain) - len(node.args.defaults))
    pairs = list(zip(plain, [*missing, *node.args.defaults], strict=True))
    pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return tuple(_parameter(each.arg, each.annotation, value, told) for each, value in pairs)


def _of_class(node: ast.ClassDef, told: dict[str, str]) -> tuple[Parameter, ...]:
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    return tuple(
        _parameter(str(getattr(each.target, "id", "")), each.annotation, each.value, told)
        for each in fields
    )


def _parameter(
    name: str, annotation: ast.expr | None, default: ast.expr | None, told: dict[str, str]
) -> Parameter:
    kind = "" if annotation is None else ast.unparse(annotation)
    kind = kind.replace(" | None", "").replace("None | ", "")
    value = None
    if default is not None:
        try:
            value = ast.literal_eval(default)
        except ValueError:
            value = None
    return Parameter(name, kind, default is None, value, told.get(name, ""))


def _parameter_help(docstring: str) -> dict[str, str]:
    """Return what the section Parameters (or Attributes) says of each name, on one line."""
    found: dict[str, str] = {}
    current: list[str] = []
    inside = False
    for line in docstring.split("\n"):
        if line in ("Parameters", "Attributes"):
            inside = True
        elif inside and line and set(line) == {"-"}:
            continue
        elif inside and line and not line.startswith(" "):
            if re.fullmatch(r"[A-Z]\w+", line):
                inside = False
                continue
            current = [each.strip(" *") for each in line.split(" : ")[0].split(",")]
            found |= dict.fromkeys(current, "")
        elif inside:
            for name in current:
                found[name] = f"{found[name]} {line.strip()}".strip()
    return {name: _plain(text) for name, text in found.items()}


def _plain(text: str) -> str:
    """Return prose without reST's marks."""
    text = _ROLE.sub(r"\1", " ".join(text.split()))
    return text.replace("``", "").replace("`", "").replace("**", "")


def choices(annotation: str, module: str) -> tuple[str, ...] | None:
    """Return the values of a ``Literal``, or None for any other annotation.

    Examples
    --------
    >>> choices("Interval", "connectome_graph.stats._density")
    ('two-way', 'bootstrap', 'wilson')
    >>> choices("int", "connectome_graph.stats._density") is None
    True
    """
    if annotation.startswith("Literal["):
        value = ast.literal_eval(annotation.removeprefix("Literal"))
        return tuple(value) if isinstance(value, list | tuple) else (value,)
    if not annotation.isidentifier():
        return None
    for node in _tree(module).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            alias = [each.name for each in node.names if (each.asname or each.name) == annotation]
            if alias and node.module.startswith("connectome_graph"):
                return choices(alias[0], node.module)
        target: Any = None
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign):
            target = node.target
        if getattr(target, "id", None) == annotation and node.value is not None:  # type: ignore[attr-defined]
            return choices(ast.unparse(node.value), module)  # type: ignore[attr-defined]
    return None


def completing(*values: Any) -> Callable[[str], list[str]]:
    """Return what a shell asks for the choices that begin as typed.

    Examples
    --------
    >>> completing("two-way", "bootstrap", "wilson")("w")
    ['wilson']
    """

    def found(incomplete: str) -> list[str]:
        return [str(value) for value in values if str(value).startswith(incomplete)]

    return found
