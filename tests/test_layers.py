"""No circle among the modules, imports that only serve type annotations included."""

from __future__ import annotations

import ast
from pathlib import Path

import networkx as nx

PACKAGE = Path(__file__).resolve().parent.parent / "connectome_graph"


def imports() -> nx.DiGraph:
    """Return which module of ours names which other in an import, wherever it stands."""
    names = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names[".".join(parts).removesuffix(".__init__")] = path
    found = nx.DiGraph()
    found.add_nodes_from(names)
    for name, path in names.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE.name):
                for each in node.names:
                    inner = f"{node.module}.{each.name}"
                    found.add_edge(name, inner if inner in names else node.module)
            elif isinstance(node, ast.Import):
                found.add_edges_from((name, each.name) for each in node.names if each.name in names)
    found.remove_edges_from(nx.selfloop_edges(found))
    # The top of the package names everything and is named by nothing below it that it needs.
    found.remove_node(PACKAGE.name)
    return found


def test_no_modules_import_each_other_in_a_circle() -> None:
    circles = [
        sorted(each) for each in nx.strongly_connected_components(imports()) if len(each) > 1
    ]
    assert circles == []


def test_at_most_eight_modules_stand_outside_the_wings() -> None:
    loose = [path.name for path in PACKAGE.glob("*.py") if path.stem != "__init__"]
    assert len(loose) <= 8, loose


def test_modules_of_public_packages_begin_with_an_underscore() -> None:
    internal = {"_kernels", "border", "build", "cli", "graph", "model", "sources"}
    shown = [
        path.relative_to(PACKAGE).as_posix()
        for folder in (*PACKAGE.iterdir(), PACKAGE / "sources/cave", PACKAGE / "sources/engine")
        if folder.is_dir() and folder.name not in internal
        for path in folder.glob("*.py")
        if not path.name.startswith("_")
    ]
    assert shown == [], "public names come from __init__; the modules behind them are private"
