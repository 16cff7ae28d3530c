"""The recipes of CONTRIBUTING: a step that was left out fails here and is named."""

from __future__ import annotations

import functools
import inspect
import re
from pathlib import Path

import pytest

import connectome_graph as cg
from connectome_graph.sources import registry
from connectome_graph.sources.published import READERS

ROOT = Path(__file__).resolve().parent.parent
#: What a fast algorithm may be held against: our slow definitions, or another library.
WITNESSES = (
    "definitions", "networkx", "igraph", "scipy", "statsmodels", "dotmotif", "leidenalg", "ossify",
)  # fmt: skip


@functools.cache
def pages() -> dict[str, str]:
    """Return the pages that people read, by name."""
    found = [path for path in (ROOT / "docs").rglob("*.md") if "generated" not in path.parts]
    return {path.stem: path.read_text(encoding="utf-8") for path in found}


@functools.cache
def written(folder: str) -> dict[str, str]:
    """Return the tests of a folder, by path."""
    files = (ROOT / "tests" / folder).rglob("test_*.py")
    return {path.name: path.read_text(encoding="utf-8") for path in files}


#: Functions without a definition of their own, and why.
NO_WITNESS = {
    "partner_fractions": "its slow form stands inside its own test, in tests/graph",
    "parse": "reads the motif language; its grammar is tested against DotMotif's",
    "multisynapse_similarity": "its slow form stands inside its own test",
    "significance": "compares a census, which is held against its definition, with null models",
}


def functions(module) -> list[str]:
    return [name for name in module.__all__ if inspect.isfunction(getattr(module, name))]


def mentioned(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def on_a_page(name: str) -> bool:
    guide = {title: text for title, text in pages().items() if title not in ("changelog", "index")}
    return any(mentioned(name, text) for text in guide.values())


@pytest.mark.parametrize("wing", ["stats", "motifs", "skeletons"])
def test_a_statistic_has_its_page_and_its_tests(wing: str) -> None:
    names = functions(getattr(cg, wing))
    assert [name for name in names if not on_a_page(name)] == [], "tell of them in docs/"
    texts = [text for each in (wing, "sources", "graph") for text in written(each).values()]
    untested = [name for name in names if not any(mentioned(name, text) for text in texts)]
    assert untested == [], f"test them in tests/{wing}/"


@pytest.mark.parametrize("wing", ["stats", "motifs"])
def test_a_statistic_is_held_against_a_definition_or_another_library(wing: str) -> None:
    witnessed = [
        text
        for text in written(wing).values()
        if re.search(rf"^\s*(from|import) ({'|'.join(WITNESSES)})\b", text, re.MULTILINE)
    ]
    alone = [
        name
        for name in functions(getattr(cg, wing))
        if name not in NO_WITNESS and not any(mentioned(name, text) for text in witnessed)
    ]
    assert alone == [], f"write the slow version into tests/definitions/{wing}.py and compare"


def nulls() -> list[str]:
    found = [(name, getattr(cg.nulls, name)) for name in cg.nulls.__all__]
    base = cg.nulls.NullModel
    return [name for name, kind in found if inspect.isclass(kind) and issubclass(kind, base)]


@pytest.mark.parametrize("name", [name for name in nulls() if name != "NullModel"])
def test_a_null_model_is_on_its_page(name: str) -> None:
    assert mentioned(name, pages()["nulls"]), "docs/nulls.md has a row for every null model"
    # the models that every test of nulls goes through
    listed = (ROOT / "tests" / "null_models.py").read_text(encoding="utf-8")
    assert any(mentioned(name, text) for text in [*written("nulls").values(), listed])


@pytest.mark.parametrize("name", sorted(registry.datasets()))
def test_a_dataset_has_its_reader_licence_page_and_test(name: str) -> None:
    dataset = registry.datasets()[name]
    assert dataset.licence
    assert dataset.citation
    assert name in READERS
    assert f"`{name}`" in pages()["datasets"]
    texts = [*written("sources").values(), (ROOT / "tests" / "test_datasets.py").read_text()]
    assert any(name in text for text in texts)


def test_every_reader_belongs_to_a_registered_dataset() -> None:
    assert set(READERS) == set(registry.datasets())


@pytest.mark.parametrize("name", functions(cg.export))
def test_an_export_has_its_page_and_its_test(name: str) -> None:
    assert mentioned(name, pages()["export"]) or on_a_page(name)
    texts = [*written("export").values(), *written("skeletons").values()]
    assert any(mentioned(name, text) for text in texts)


@pytest.mark.parametrize(
    "name", [name for name in functions(cg) if name.startswith(("from_", "read"))]
)
def test_a_source_has_its_page_and_its_test(name: str) -> None:
    assert on_a_page(name)
    texts = [
        text for folder in ("build", "export", "sources", "") for text in written(folder).values()
    ]
    assert any(mentioned(name, text) for text in texts)


def test_the_recipes_are_written() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for what in ("a statistic", "a null model", "a dataset", "an export", "a source"):
        recipe = re.search(rf"^### Add {what}\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
        assert recipe, f"no recipe for {what}"
        named = re.findall(r"`((?:connectome_graph|tests|docs)/[\w./]+\w)`", recipe[1])
        assert named, "a recipe names its files"
        gone = [path for path in named if not (ROOT / path).exists()]
        assert not gone, "a recipe names files that are not there"
