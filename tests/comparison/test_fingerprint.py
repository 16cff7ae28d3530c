"""A checkpoint knows its statistic by what it computes, or refuses it."""

from __future__ import annotations

import functools
import io
import operator
import sys
import types
from dataclasses import dataclass

import numba as nb
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.comparison import compare
from connectome_graph.comparison._fingerprint import fingerprint
from connectome_graph.errors import InvalidArgument

LEVEL = 1


def number(thing):
    return fingerprint(thing, name="statistic")


def made(source, **given):
    """Return the function `f` that a text defines, with globals of its own."""
    scope = {"np": np, "pd": pd, "__name__": "__main__", **given}
    exec(source, scope)
    return scope["f"]


def closed(value):
    return lambda g: (value, g)


def counts(g, *, level=1):
    return {"edges": g.n_edges * level}


@dataclass
class Statistic:
    weights: object

    def __call__(self, g):
        return {"edges": g.n_edges}


class Plain:
    def __init__(self, value):
        self.value = value

    def __call__(self, g):
        return {"edges": g.n_edges}

    def method(self, g):
        return {"edges": g.n_edges}


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __call__(self, g):
        return {"edges": g.n_edges}


MAKERS = [
    closed,
    Statistic,
    Plain,
    Slotted,
    lambda value: Plain(value).method,
    lambda value: functools.partial(counts, level=value),
    lambda value: functools.partial(counts, value),
    lambda value: made("def f(g, x=[VALUE]): return g", VALUE=value).__class__(
        counts.__code__, {}, "f", (value,)
    ),
    lambda value: made("def f(g): return VALUE", VALUE=value),
    lambda value: made("f = lambda g: (lambda: VALUE)()", VALUE=value),
]
PAIRS = [
    (1, 2),
    (1, 1.0),
    (1, True),
    ("1", 1),
    (None, "None"),
    (np.zeros(5_000), np.r_[np.zeros(2_500), 1, np.zeros(2_499)]),
    (np.zeros(4), np.zeros((2, 2))),
    (np.zeros(2), np.zeros(2, np.float32)),
    (np.array(["a", None], object), np.array(["a", "b"], object)),
    (pd.Series([1, 2]), pd.Series([1, 2], index=[1, 2])),
    (pd.Series(["a", "b"], dtype="category"), pd.Series(["a", "c"], dtype="category")),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
    (scipy.sparse.csr_array(np.eye(3)), scipy.sparse.csr_array(np.eye(3)[::-1])),
    ([1, [2]], [1, [3]]),
    ({"a": 1}, {"a": 2}),
    ({1, 2}, {1, 3}),
    ((1, 2), [1, 2]),
    (np.mean, np.median),
    (len, sorted),
    (operator.itemgetter(1), operator.itemgetter(2)),
    (cg.stats.density, cg.stats.dyads),
    (cg.from_adjacency([[0, 1], [0, 0]]), cg.from_adjacency([[0, 1], [1, 0]])),
    (nb.njit(lambda x: x + 1), nb.njit(lambda x: x + 2)),
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_a_function_holds_is_part_of_it(make, one, other):
    assert number(make(one)) == number(make(one))
    assert number(make(one)) != number(make(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(g): return g.n_edges + 1", "def f(g): return g.n_edges + 2"),
        ("def f(g): return g.n_edges", "def f(g): return g.n_nodes"),
        ("def f(g, x=1): return x", "def f(g, x=2): return x"),
        ("def f(g, *, x=1): return x", "def f(g, *, x=2): return x"),
        ("def f(g): return h(g)\ndef h(g): return 1", "def f(g): return h(g)\ndef h(g): return 2"),
        (
            "def f(g): return [x + 1 for x in g]",
            "def f(g): return [x + 2 for x in g]",
        ),
        (
            "class A:\n    def run(self, g): return 1\ndef f(g): return A().run(g)",
            "class A:\n    def run(self, g): return 2\ndef f(g): return A().run(g)",
        ),
    ],
)
def test_edited_code_is_another_function(one, other):
    assert number(made(one)) == number(made(one))
    assert number(made(one)) != number(made(other))


def test_what_is_not_looked_up_is_no_part_of_it():
    assert number(made("def f(g): return g.edges", edges=1)) == number(
        made("def f(g): return g.edges", edges=io.StringIO())
    )


def test_what_was_kept_of_a_computation_is_no_part_of_it():
    class Lazy(Plain):
        @functools.cached_property
        def double(self):
            return self.value * 2

    one, other = Lazy(1), Lazy(1)
    assert other.double == 2
    assert number(one) == number(other) != number(Lazy(2))


def test_functions_that_call_one_another_have_a_number():
    source = "def f(g): return h(g)\ndef h(g): return f(g) if g else {}"
    assert number(made(source.format(1))) != number(made(source.format(2)))


def test_a_module_of_ones_own_is_known_by_its_text(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    numbers = []
    for value in (1, 2):
        (tmp_path / "own_statistics.py").write_text(f"def total(g):\n    return {value}\n")
        sys.modules.pop("own_statistics", None)
        module = types.ModuleType("own_statistics")
        module.__file__ = str(tmp_path / "own_statistics.py")
        numbers.append(number(made("def f(g): return own.total(g)", own=module)))
    assert numbers[0] != numbers[1]


@pytest.mark.parametrize(
    "unknown",
    [
        lambda: np.random.default_rng(0),
        io.StringIO,
        object,
        lambda: (each for each in [1]),
        lambda: iter([1]),
        lambda: memoryview(b"x"),
    ],
)
def test_what_cannot_be_known_is_refused(unknown, random_graph, tmp_path):
    statistic = Plain(unknown())
    with pytest.raises(InvalidArgument, match="cannot be known by its content"):
        compare(
            random_graph,
            statistic,
            null=nulls.Configuration(),
            n=2,
            seed=1,
            checkpoint=tmp_path / "run.npz",
        )
    assert not list(tmp_path.iterdir())
    assert compare(random_graph, statistic, null=nulls.Configuration(), n=2, seed=1) is not None


def test_a_run_does_not_go_on_with_another_statistic_or_null_of_the_same_name(
    random_graph, tmp_path
):
    def run(statistic, null=nulls.Configuration()):  # noqa: B008
        path = tmp_path / "run.npz"
        return compare(random_graph, statistic, null=null, n=3, seed=1, checkpoint=path)

    run(functools.partial(counts, level=1))
    run(functools.partial(counts, level=1))
    with pytest.raises(InvalidArgument, match="statistic: "):
        run(functools.partial(counts, level=2))
    with pytest.raises(InvalidArgument, match="null: "):
        run(functools.partial(counts, level=1), lambda g, rng: g)


def test_numbers_do_not_change_with_the_process():
    # addresses and the order of hashes differ between processes, content does not
    import subprocess

    code = (
        "from connectome_graph.comparison._fingerprint import fingerprint\n"
        "def f(g, x={'b', 'a', 'c'}): return sorted(x), frozenset('abc')\n"
        "class A:\n    pass\n"
        "print(fingerprint((f, A(), {'x': object}), name='s'))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1
