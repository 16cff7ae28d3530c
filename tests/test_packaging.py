"""The shape of the library: what its import costs, and how its public names and files look."""

from __future__ import annotations

import functools
import inspect
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import connectome_graph

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WRITTEN = ("*.md", "*.toml", "*.txt", "*.cff", "Makefile", "LICENSE", ".ci/run", ".*.yaml")
FOLDERS = ("connectome_graph", "tests", "benchmarks", "calibration", "docs")
HEAVY = (
    "caveclient", "cloudvolume", "dask", "distributed", "duckdb", "igraph", "leidenalg",
    "matplotlib", "networkx", "nglui", "numba", "ossify", "pooch", "tqdm", "typer",
)  # fmt: skip


def public(
    owner: Any = connectome_graph, path: str = "connectome_graph"
) -> Iterator[tuple[str, Any]]:
    """Yield what a user can name: through ``__all__``, from the package down to its functions."""
    for name in owner.__all__:
        value = getattr(owner, name)
        yield f"{path}.{name}", value
        if isinstance(value, ModuleType) and hasattr(value, "__all__"):
            yield from public(value, f"{path}.{name}")
        elif inspect.isclass(value):
            yield from members(value, f"{path}.{name}")


def members(owner: type, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties that a class has from us."""
    ours = [each for each in owner.__mro__ if each.__module__.startswith("connectome_graph")]
    for name in {name: None for each in ours for name in vars(each) if not name.startswith("_")}:
        value = inspect.getattr_static(owner, name)
        if isinstance(value, property | functools.cached_property):
            yield f"{path}.{name}", value
        elif inspect.isroutine(value):
            yield f"{path}.{name}", getattr(owner, name)


PUBLIC = dict(public())
PROPERTIES = property | functools.cached_property
FUNCTIONS = {
    path: value
    for path, value in PUBLIC.items()
    # a cached property counts as a routine for inspect
    if inspect.isroutine(value) and not isinstance(value, PROPERTIES)
}
DOCUMENTED = {
    path: value
    for path, value in PUBLIC.items()
    if inspect.isroutine(value)
    or inspect.isclass(value)
    or isinstance(value, PROPERTIES | ModuleType)
}


def written() -> list[Path]:
    """Return every text file that people wrote: code, pages, settings."""
    files = [path for pattern in WRITTEN for path in ROOT.glob(pattern)]
    for folder in FOLDERS:
        for suffix in ("py", "md", "toml"):
            files += (ROOT / folder).rglob(f"*.{suffix}")
    made = {"_build", "generated", "jupyter_execute"}
    return sorted(path for path in files if not made & set(path.parts))


def test_import_loads_no_heavy_library() -> None:
    code = "import sys, json, connectome_graph; print(json.dumps(sorted(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert set(json.loads(shown.stdout)).isdisjoint(HEAVY)


def test_no_name_is_listed_twice() -> None:
    modules = [connectome_graph, *(v for v in PUBLIC.values() if isinstance(v, ModuleType))]
    for module in modules:
        assert len(set(module.__all__)) == len(module.__all__), module.__name__


def test_dir_shows_the_public_names_alone() -> None:
    modules = [connectome_graph, *(v for v in PUBLIC.values() if isinstance(v, ModuleType))]
    for module in modules:
        assert dir(module) == sorted(module.__all__), module.__name__


@pytest.mark.parametrize("path", DOCUMENTED)
def test_public_names_say_what_they_are(path: str) -> None:
    summary, *rest = (inspect.getdoc(DOCUMENTED[path]) or "").split("\n")
    assert summary.endswith((".", "?", ":")), f"no summary sentence: {summary!r}"
    assert not rest or not rest[0], "the summary takes one line, and an empty line follows"


@pytest.mark.parametrize("path", FUNCTIONS)
def test_public_functions_name_their_parameters(path: str) -> None:
    text = inspect.getdoc(FUNCTIONS[path]) or ""
    names = [
        name
        for name, parameter in inspect.signature(FUNCTIONS[path]).parameters.items()
        if name not in {"self", "cls", "g"} and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    missing = [name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)]
    assert not missing, f"parameters that the docstring does not mention: {missing}"


@pytest.mark.parametrize("path", FUNCTIONS)
def test_public_functions_take_at_most_two_positional_parameters(path: str) -> None:
    parameters = inspect.signature(FUNCTIONS[path]).parameters
    positional = [
        name
        for name, parameter in parameters.items()
        if parameter.kind
        in {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
        and name not in {"self", "cls"}
    ]
    # two graphs and what to compare them by, from whom to whom: the order is the one in which it
    # is said
    three = {
        "connectome_graph.compare_connectomes",
        "connectome_graph.compare_graphs",
        "connectome_graph.stats.effective_connectivity",
        "connectome_graph.stats.flow",
        "connectome_graph.stats.shortest_paths",
    }
    allowed = 3 if path in three else 2
    assert len(positional) <= allowed, f"make these keyword-only: {positional[allowed:]}"


@pytest.mark.parametrize("path", FUNCTIONS)
def test_nothing_random_starts_without_a_seed_argument(path: str) -> None:
    source = inspect.getsource(FUNCTIONS[path])
    assert "np.random.seed" not in source
    assert "default_rng()" not in source


#: Longer files, and why they are not cut.
LONG = {
    "connectome_graph/graph/graph.py": "a class is never cut in two",
    "connectome_graph/model/domain.py": "a class is never cut in two",
}


def test_files_are_short() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in written()}
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path, lines in lengths.items()
        if path.suffix == ".py" and lines > 420
    }
    assert set(long) - set(LONG) == set(), "a file this long holds two nouns"
    assert set(LONG) <= set(long), "an exception that is no longer needed"


@pytest.mark.parametrize(
    ("found", "pattern"),
    [
        ("an unfinished place", r"\b(TOD[O]|FIXM[E]|XX[X])\b"),
        ("a path of one machine", r"(?<![\w.~$}/])/(home|root|work|Users)/\w"),
    ],
)
def test_files_hold_nothing_that_stays_behind(found: str, pattern: str) -> None:
    places = {
        path.relative_to(ROOT).as_posix(): match.group()
        for path in written()
        if (match := re.search(pattern, path.read_text(encoding="utf-8")))
    }
    assert not places, found


@pytest.mark.parametrize("path", sorted(ROOT.glob("constraints*.txt")), ids=lambda path: path.name)
def test_constraints_hold_names_and_versions_only(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.!+]+", line)] == []


def test_the_version_is_told_once() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['project']['version']}\n" in citation


def own_modules(package: ModuleType) -> dict[str, Path]:
    """Return the files of a package, by name, that are not private."""
    folder = Path(package.__file__ or "").parent
    return {path.stem: path for path in folder.glob("*.py") if not path.stem.startswith("_")}


PACKAGES = {
    path: value
    for path, value in PUBLIC.items()
    if isinstance(value, ModuleType) and (value.__file__ or "").endswith("__init__.py")
}


@pytest.mark.parametrize("path", PACKAGES)
def test_public_packages_hold_private_modules(path: str) -> None:
    assert not own_modules(PACKAGES[path]), "public names come from __init__; begin these with _"


def test_every_public_module_is_in_the_reference() -> None:
    sys.path.insert(0, str(ROOT / "docs" / "extensions"))
    try:
        from api_pages import plain_names, public_modules
    finally:
        sys.path.pop(0)
    written = {module.__name__ for module in public_modules().values() if plain_names(module)}
    loose = {
        f"connectome_graph.{name}"
        for name, place in own_modules(connectome_graph).items()
        if name not in UNLISTED
    }
    public = {module.__name__ for module in PUBLIC.values() if isinstance(module, ModuleType)}
    assert public | loose <= written | {"connectome_graph"}


# Modules without an underscore whose names stand at the top of the package, and where.
UNLISTED = {
    "storage": "cg.read and cg.write",
    "__main__": "python -m connectome_graph",
}


def test_no_public_name_hides_a_module_of_its_own_name() -> None:
    hidden = []
    for path, package in {"connectome_graph": connectome_graph, **PACKAGES}.items():
        folder = Path(package.__file__ or "").parent
        modules = {each.stem for each in folder.glob("*.py")}
        modules |= {each.parent.name for each in folder.glob("*/__init__.py")}
        for name in package.__all__:
            value = getattr(package, name)
            if name in modules and not isinstance(value, ModuleType):
                hidden.append(f"{path}.{name}")
    assert not hidden
