"""No bare traceback: whatever is put into a public function, it answers or raises our error."""

from __future__ import annotations

import inspect
import sys
import warnings
from typing import Any

import fuzzed
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_values import attacked, called
from test_packaging import FUNCTIONS

import connectome_graph as cg
from connectome_graph.border.doors import guard
from connectome_graph.cli import main
from connectome_graph.errors import InvalidArgument

# One door for each function, by the shortest path; methods come with their objects.
DOORS: dict[str, Any] = {}
for path, function in sorted(FUNCTIONS.items(), key=lambda item: len(item[0])):
    short = path.removeprefix("connectome_graph.")
    plain = short.count(".") < 2 and not short.split(".")[-2:][0][:1].isupper()
    if plain and function not in DOORS.values():
        DOORS[short] = function
FUZZED = [n for n, f in DOORS.items() if inspect.signature(f).parameters and fuzzed.valid(n, f)]

NULLS = [
    name
    for name in cg.nulls.__all__
    if isinstance(getattr(cg.nulls, name), type) and hasattr(getattr(cg.nulls, name), "sample")
    and not inspect.isabstract(getattr(cg.nulls, name))
]  # fmt: skip
METHODS = sorted({
    ".".join(path.split(".")[-2:])
    for path, method in FUNCTIONS.items()
    if path.split(".")[-2] in fuzzed.objects()
    and set(inspect.signature(method).parameters) - {"self"}
})  # fmt: skip


def test_every_public_function_is_fuzzed() -> None:
    free = {name for name, each in DOORS.items() if not inspect.signature(each).parameters}
    known = {*FUZZED, *free}
    left_out = [n for n in DOORS if n not in known and not n.startswith(fuzzed.ELSEWHERE)]
    assert not left_out, "tests/fuzzed.py needs a valid call of each"


@pytest.fixture(autouse=True)
def _quiet(tmp_path, monkeypatch):
    """Odd paths lie in a folder of their own; warnings are no answer that is looked at here."""
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    if "matplotlib" in sys.modules:
        from matplotlib import pyplot as plt

        plt.close("all")


@pytest.mark.parametrize("name", FUZZED)
def test_wrong_values_get_our_error_or_a_result(name: str) -> None:
    valid = fuzzed.valid(name, DOORS[name])
    assert valid is not None
    attacked(DOORS[name], valid)


@pytest.mark.parametrize("name", NULLS)
def test_wrong_values_in_null_models_get_our_error_or_a_sample(name: str) -> None:
    null, own = getattr(cg.nulls, name), fuzzed.null_arguments().get(name, {})
    g = fuzzed.null_graph(name)

    def made_and_sampled(**given: Any) -> Any:
        return null(**given).sample(g, seed=0)

    made_and_sampled(**own)
    attacked(made_and_sampled, own, like=null)
    attacked(null(**own).sample, {"g": g, "seed": 0})


@pytest.mark.parametrize("name", METHODS)
def test_wrong_values_in_methods_get_our_error_or_a_result(name: str) -> None:
    owner, _, method = name.rpartition(".")
    bound = getattr(fuzzed.objects()[owner], method)
    valid = fuzzed.valid(name, bound)
    assert valid is not None, "tests/fuzzed.py needs a valid call of each"
    called(bound, valid)
    attacked(bound, valid)


def test_an_unknown_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        cg.stats.dyads(fuzzed.world()["g"], wrong=1)


def test_the_error_names_what_was_found_and_what_is_needed() -> None:
    for call, told in (
        (lambda: cg.stats.dyads(pd.DataFrame()), r"g=.*must be a ConnectomeGraph \(cg.from_tables"),
        (lambda: cg.stats.density(fuzzed.world()["g"], interval="wilsn"), "Did you mean 'wilson'"),
        (lambda: cg.stats.density(fuzzed.world()["g"], n=1.5), "n=1.5; it must be a whole number"),
        (lambda: cg.read(3), "path=3; it must be a path"),
        (lambda: fuzzed.world()["g"].threshold(min_synapses="2"), "min_synapses='2'"),
    ):
        with pytest.raises(InvalidArgument, match=told):
            call()


def test_a_door_stands_once_and_keeps_the_signature() -> None:
    assert guard(cg.stats.dyads, module="elsewhere") is cg.stats.dyads
    assert inspect.signature(cg.stats.dyads) == inspect.signature(inspect.unwrap(cg.stats.dyads))
    assert cg.stats.dyads.__module__ == "connectome_graph.stats"


def test_numpy_values_are_numbers_too() -> None:
    g = fuzzed.world()["g"]
    null = cg.nulls.ErdosRenyi()
    found = cg.stats.rich_club(g, null=null, n=np.int64(3), seed=np.uint8(3))
    assert found.equals(cg.stats.rich_club(g, null=null, n=3, seed=3))


WORDS = st.sampled_from(
    ["--n", "--by", "--null", "--seed", "--level", "--json", "--policy", "--min-synapses", "-1",
     "nan", "x", "", "--with", "level=x", "--bins", "a,b", "--weight", "size:none", "a\x01b",
     "--neurons", "cell_type ==", "cell_type == 3", "--interval", "--source-weights", "A -> B",
     "--csv", "0"]
)  # fmt: skip
GROUPS = st.sampled_from(
    [["stats", "density"], ["stats", "type-matrix"], ["stats", "rich-club"], ["motifs", "count"],
     ["compare"], ["nulls", "check"], ["stats"], ["motifs"], ["info"], ["sweep"],
     ["stats", "connection-by-distance"], ["stats", "wilson"]]
)  # fmt: skip


@settings(max_examples=60, derandomize=True, deadline=None, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(GROUPS, st.lists(WORDS, max_size=4))
def test_the_command_line_tells_mistakes_in_one_line(capsys, group, words) -> None:
    path = str(fuzzed.world()["place"] / "g.connectome")
    code = main([*group, path, *words])
    err = capsys.readouterr().err
    assert code in (0, 2), err
    assert "a defect" not in err
    if code == 2:
        assert err.startswith("error: ")
        assert err.count("\n") == 1


def test_a_notebook_ends_in_one_sentence(monkeypatch) -> None:
    with pytest.raises(InvalidArgument) as caught:
        cg.stats.dyads(3)
    shown = caught.value._render_traceback_()
    assert shown[-1].startswith("InvalidArgument: g=3; it must be a ConnectomeGraph")
    assert shown[:-2]
    assert all("doors.py" not in line for line in shown)
    monkeypatch.setenv("CONNECTOME_GRAPH_DEBUG", "1")
    assert any("doors.py" in line for line in caught.value._render_traceback_())
