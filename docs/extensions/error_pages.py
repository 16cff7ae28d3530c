"""The page on errors, written from the source before the build: what is said, where, and why."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import connectome_graph
from connectome_graph import errors

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PACKAGE = Path(connectome_graph.__file__).parent
TOP = """\
# Errors and what they mean

Every error that the library raises on purpose is a `ConnectomeError`, and also the built-in class
that a caller would expect. Its message says what was found, what was needed and what to do. This
page is written from the source: each class with its meaning, then every sentence it is raised
with, by the part of the library that says it. `…` stands for what was found.

On a command line an error is one line and the exit code is 2. Anything else that is raised is a
defect: please report it.

"""


def classes() -> list[type[errors.ConnectomeError]]:
    """Return the classes of errors that anyone meets, in the order of their file."""
    found = [value for value in vars(errors).values() if inspect.isclass(value)]
    return [each for each in found if issubclass(each, errors.ConnectomeError)]


def sentences() -> Iterator[tuple[str, str, str]]:
    """Yield class, place and sentence of every error raised in the package."""
    names = {each.__name__ for each in classes()}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).parts[0].removesuffix(".py").lstrip("_")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in names and node.args and (said := text(node.args[0])):
                yield node.func.id, place, said


def text(node: ast.expr) -> str:
    """Return the words of a message, `…` in place of what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text(part) or "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text(node.left) + (text(node.right) or "…")
    if isinstance(node, ast.IfExp):
        return text(node.body)
    return ""


def page() -> str:
    """Return the page."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, place, said in sentences():
        told = found.setdefault(name, {}).setdefault(place, [])
        plain = " ".join(said.split())
        if len(plain) > 20 and plain not in told:
            told.append(plain)
    parts = [TOP]
    for each in classes():
        summary = (inspect.getdoc(each) or "").split("\n\n")[0].replace("\n", " ")
        builtin = [b.__name__ for b in each.__bases__ if b.__module__ == "builtins"]
        also = f" Also a `{builtin[0]}`." if builtin and builtin[0] != "Exception" else ""
        parts.append(f"## {each.__name__}\n\n{summary}{also}\n")
        for place, told in sorted(found.get(each.__name__, {}).items()):
            quoted = "\n".join(f"- {_code(said)}" for said in told)
            parts.append(f"**{place}**\n\n{quoted}\n")
    return "\n".join(parts)


def _code(said: str) -> str:
    fence = "``" if "`" in said else "`"
    return f"{fence}{said}{fence}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the page when a build begins."""

    def write(app: Sphinx) -> None:
        path = Path(app.srcdir) / "api" / "generated" / "errors_and_what_they_mean.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = page()
        if not path.exists() or path.read_text(encoding="utf-8") != new:
            path.write_text(new, encoding="utf-8")

    # After the reference has cleared away the pages it does not know.
    app.connect("builder-inited", write, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
