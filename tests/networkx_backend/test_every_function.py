"""Every public function of networkx that takes a graph, called on ours and on networkx's own."""

from __future__ import annotations

import inspect
import itertools
import pickle
import subprocess
import sys
import types
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from networkx.utils.backends import _dispatchable

import connectome_graph as cg
from connectome_graph.border.networkx_names import plain_functions
from connectome_graph.errors import InvalidArgument
from connectome_graph.networkx_backend import ConversionWarning

#: Names under which networkx asks for its graph.
GRAPHS = ("G", "graph", "Gbunch", "G_to_add_to", "G1", "T", "graphs", "H", "C", "B", "flowG")
#: What its functions ask for besides.
GIVEN: dict[str, Any] = {
    "H": "other", "G2": "other", "source": 1, "target": 4, "sources": [1], "targets": [4], "u": 1,
    "v": 4, "n": 1, "node": 1, "nodes": [1, 2], "nbunch": [1, 2], "S": {1, 2}, "s": 1, "t": 4,
    "_s": 1, "_t": 4, "start": 1, "root": 1, "path": [1, 2, 4], "edges": [(1, 2)], "edge": (1, 2),
    "pos": {k: (k, k * k % 3) for k in range(1, 6)}, "attribute": "kind", "weight": "weight",
    "k": 2, "distance": 1, "mapping": {1: 11}, "partition": [{1, 2}, {3, 4, 5}],
    "matching": {(1, 2)}, "cover": {1, 2}, "values": 1, "name": "kind", "center_nodes": {1, 4},
    "x": {1}, "y": {4}, "z": set(), "stretch": 2, "alpha": 0.5, "threshold": 2,
    "node_attributes": ["kind"], "value": lambda node: node, "flowDict": {}, "time_delta": 1,
    "nodes_for_path": [1, 2],
    "nodes_for_star": [1, 2], "nodes_for_cycle": [1, 2], "src_attr": "x", "dest_attr": "y",
    "map": None, "l": 2, "nbunch1": [1, 2], "num_colors": 3, "radius": 1, "C": [1, 2],
    "walk_length": 2, "node1": 1, "node2": 4,
}  # fmt: skip
#: Why a function is not called here.
NOT_CALLED = {
    "config": "takes no graph",
    "generate_random_paths": "draws from a global seed when its index map is filled",
    "graph_edit_distance": "networkx takes minutes",
    "optimal_edit_paths": "networkx takes minutes",
    "optimize_graph_edit_distance": "networkx takes minutes",
    "optimize_edit_paths": "networkx takes minutes",
    "is_frozen": "a graph of ours never changes, so that the answer is always yes",
}


def functions() -> dict[str, tuple[Any, list[str]]]:
    """Return every public function of networkx whose first parameter is a graph."""
    found = {}
    for name in sorted(dir(nx)):
        function = getattr(nx, name)
        known = isinstance(function, _dispatchable) or inspect.isfunction(function)
        if name.startswith("_") or not known or name in NOT_CALLED:
            continue
        parameters = inspect.signature(function).parameters
        if next(iter(parameters), "") in GRAPHS:
            needed = [
                key
                for key, each in parameters.items()
                if each.default is inspect.Parameter.empty
                and each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            ]
            found[name] = (function, needed)
    return found


EVERY = functions()


def graph(*, shift: int = 0) -> cg.ConnectomeGraph:
    wires = np.array(
        [[0, 1, 1, 0, 0], [0, 0, 2, 0, 0], [0, 0, 0, 3, 0], [1, 0, 0, 0, 1], [0, 1, 0, 0, 0]]
    )
    cells = {"root_id": np.arange(1, 6) + shift, "kind": [1, 2, 1, 2, 1], "subset": [0, 0, 1, 1, 2]}
    return cg.from_adjacency(wires, pd.DataFrame(cells))


@pytest.fixture(scope="module")
def graphs() -> dict[str, Any]:
    """Return our graph and one with other ids, and both as networkx's own."""
    ours, other = graph(), graph(shift=5)
    plain, second = (cg.export.to_networkx(g, weight="count") for g in (ours, other))
    return {"ours": ours, "other": other, "plain": plain, "second": second}


def outcome(name: str, first: Any, second: Any, folder: Path) -> Any:
    """Return what a function gives, in comparable form, or the kind of its refusal."""
    function, needed = EVERY[name]
    parameters = inspect.signature(function).parameters
    lists = next(iter(parameters)) == "graphs"
    given: list[Any] = [[first, second] if lists else first]
    for key in needed[1:]:
        value = GIVEN[key]
        if name.startswith("write") and key == "path":
            value = str(folder / "written")
        given.append(second if isinstance(value, str) and value in ("other", "tree") else value)
    options = {"seed": 1} if "seed" in parameters else {}
    if name in ("display", "describe", "write_network_text"):
        options = {}
    try:
        result = comparable(function(*given, **options))
    except Exception as refusal:  # noqa: BLE001 (networkx's own refusals are outcomes)
        return type(refusal).__name__
    finally:
        plt.close("all")
    if name == "k_edge_subgraphs":  # in the order of a set of sets
        return sorted(result)
    if name.startswith("write") and (folder / "written").exists():
        return (folder / "written").read_bytes()
    return result


def comparable(value: Any) -> Any:  # noqa: C901, PLR0911 (one line a kind)
    if isinstance(value, nx.Graph):
        return sorted(map(str, value.nodes)), sorted(map(str, value.edges))
    if isinstance(value, Mapping):
        return {str(key): comparable(each) for key, each in value.items()}
    if isinstance(value, pd.DataFrame):
        return value.to_numpy().tolist()
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, np.ndarray):
        numbers = value.dtype.kind in "iufb"
        return np.round(value.astype(float), 8).tolist() if numbers else str(value)
    if isinstance(value, float | np.floating):
        # One zero, and a nan that equals itself.
        return str(round(float(value), 8) + 0.0)
    if isinstance(value, set | frozenset):
        return sorted(str(comparable(each)) for each in value)
    if isinstance(value, types.GeneratorType | itertools.islice) or (
        hasattr(value, "__next__") or isinstance(value, list | tuple)
    ):
        return [comparable(each) for each in itertools.islice(value, 40)]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(float(value))
    if isinstance(value, str | bytes | bool | type(None)):
        return value
    return type(value).__name__


@pytest.mark.parametrize("name", sorted(EVERY))
def test_it_runs_on_our_graph_as_on_networkx_s_own(
    name: str, graphs: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = [key for key in EVERY[name][1][1:] if key not in GIVEN]
    assert not missing, f"give {missing} of nx.{name} a value, or say why it is not called"
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir()
    theirs.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = outcome(name, graphs["plain"].copy(), graphs["second"].copy(), theirs)
        said = capsys.readouterr().out
        found = outcome(name, graphs["ours"], graphs["other"], mine)
    if found == "InvalidArgument":
        function, needed = EVERY[name]
        with pytest.raises(InvalidArgument, match="does not change"):
            function(graphs["ours"], *(GIVEN[key] for key in needed[1:]))
        return
    assert found == wanted
    assert capsys.readouterr().out == said


def test_plain_functions_share_the_copy_and_say_so_where_they_were_called() -> None:
    g = graph()
    assert nx.number_of_nodes(g) == 5
    assert nx.number_of_edges(g) == g.n_edges
    with pytest.warns(ConversionWarning, match="nx.spring_layout runs in networkx") as said:
        found = nx.spring_layout(g, seed=1)
    assert said[0].filename == __file__
    # A second warning would be an error.
    assert dict(nx.degree(g)) == dict(cg.export.to_networkx(g, weight="count").degree())
    plain = nx.spring_layout(cg.export.to_networkx(g, weight="count"), seed=1)
    assert comparable(found) == comparable(plain)
    for change in (
        lambda: nx.spring_layout(g, store_pos_as="pos"),
        lambda: nx.add_path(g, [1, 2]),
        lambda: nx.add_path(G_to_add_to=g, nodes_for_path=[1, 2]),
    ):
        with pytest.raises(InvalidArgument, match="does not change"):
            change()
    nx.display(g)
    plt.close("all")
    assert all("pos" not in str(data) for _, data in nx.nodes(g).data())


def test_density_is_that_of_the_pairs_that_could_be_seen() -> None:
    part = graph().observed(lambda table: (table.index < 4, table.index > 0))
    assert nx.density(part) == part.n_edges / part.domain.n_pairs
    met = graph().within(pd.DataFrame({"pre": [1, 2, 3], "post": [2, 3, 4]}))
    assert nx.density(met) == met.n_edges / 3
    assert nx.density(cg.from_adjacency([[0]])) == 0
    types = graph().collapse("kind")
    with pytest.warns(ConversionWarning):
        assert nx.density(types) == nx.density(cg.export.to_networkx(types, weight="count"))


@pytest.mark.parametrize("first", ["networkx", "connectome_graph"])
def test_plain_functions_know_our_graphs_whichever_library_comes_first(first: str) -> None:
    second = "connectome_graph" if first == "networkx" else "networkx"
    code = (
        f"import sys, {first}, {second}, networkx as nx, connectome_graph as cg, importlib.util\n"
        "assert nx.density(cg.from_adjacency([[0, 1], [0, 0]])) == 0.5\n"
        "assert nx.density(nx.path_graph(3)) == nx.density.__wrapped__(nx.path_graph(3))\n"
        "assert not any('UponImport' in repr(each) for each in sys.meta_path)\n"
        "assert importlib.util.find_spec('networkx').origin == nx.__file__"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_plain_functions_pickle_and_keep_their_own_signature() -> None:
    names = set(plain_functions(nx))
    assert len(names) > 80
    for name in names:
        function = getattr(nx, name)
        assert pickle.loads(pickle.dumps(function)) is function
        assert function.__doc__ == function.__wrapped__.__doc__
        assert inspect.signature(function) == inspect.signature(function.__wrapped__)
