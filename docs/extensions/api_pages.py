"""One reference page for each public module, written from its ``__all__`` before the build."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import connectome_graph

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = """\
# {title}

```{{eval-rst}}
{introduction}

.. currentmodule:: {module}

.. autosummary::
   :nosignatures:

{summary}

{entries}
```
"""


def page(module: ModuleType, path: str, names: list[str], *, title: str) -> str:
    """Return the page about some names of a module, by the path that users type."""
    return PAGE.format(
        title=title,
        module=path,
        introduction=f".. automodule:: {path}\n   :no-members:\n   :no-index:",
        summary="\n".join(f"   {name}" for name in names),
        entries="\n\n".join(entry(module, f"{path}.{name}", name) for name in names),
    )


def entry(module: ModuleType, path: str, name: str) -> str:
    """Return the directive that documents one name."""
    value = getattr(module, name)
    if inspect.isclass(value):
        return f".. autoclass:: {path}\n   :members:\n   :inherited-members: {bases(value)}"
    if callable(value):
        return f".. autofunction:: {path}"
    return f".. autodata:: {path}"


def bases(value: type) -> str:
    """Return the names of the bases whose members are not ours to document."""
    theirs = [each for each in value.__mro__ if not each.__module__.startswith("connectome_graph")]
    return ", ".join(each.__name__ for each in theirs)


def public_modules(
    owner: Any = connectome_graph, path: str = "connectome_graph"
) -> dict[str, ModuleType]:
    """Return the modules that ``__all__`` names, by the path that users type, with those inside."""
    found = {}
    for name in owner.__all__:
        value = getattr(owner, name)
        if isinstance(value, ModuleType):
            found[f"{path}.{name}"] = value
            if hasattr(value, "__all__"):
                found |= public_modules(value, f"{path}.{name}")
    return found


def plain_names(module: ModuleType) -> list[str]:
    """Return the names of ``__all__`` that are not modules themselves."""
    return [name for name in module.__all__ if not isinstance(getattr(module, name), ModuleType)]


def write(folder: Path) -> None:
    """Write the pages that changed, and remove those whose module went."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "connectome_graph.md": page(
            connectome_graph,
            "connectome_graph",
            plain_names(connectome_graph),
            title="The graph and its front doors",
        )
    }
    for path, module in public_modules().items():
        # Sphinx imports what it documents by the path that users type: weights live inside a wing.
        sys.modules.setdefault(path, module)
        if names := plain_names(module):
            title = path.removeprefix("connectome_graph.")
            texts[f"{title}.md"] = page(module, path, names, title=title)
    for old in folder.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages when a build begins."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "api" / "generated"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
