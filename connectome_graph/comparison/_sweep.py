"""How much does a result depend on the choices? One call over thresholds, policies and graphs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectome_graph.border.arguments import shown
from connectome_graph.errors import ConnectomeError, InvalidArgument

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.nulls._base import Statistic

__all__ = ["sweep"]

Choices = Sequence[Any] | None


def sweep(
    g: ConnectomeGraph | Mapping[str, ConnectomeGraph],
    statistic: Statistic,
    *,
    min_synapses: Choices = None,
    policy: Choices = None,
    synapses: Choices = None,
    neurons: Choices = None,
) -> pd.DataFrame:
    """Return a statistic under every combination of choices, as one tidy table.

    For each combination the graph is cut down in this order: ``subgraph(neurons)``,
    ``filter_synapses(synapses)``, ``threshold(min_synapses)``, ``observed(policy)``.

    Parameters
    ----------
    g
        A graph, or a mapping of names to graphs, such as the versions of a dataset; the names
        then fill a column ``graph``.
    statistic
        A function of a graph that returns a number, a Series, a mapping, or a DataFrame. A
        Series or mapping becomes one row, its entries the columns; a DataFrame keeps its rows.
    min_synapses
        Least numbers of synapses of a connection.
    policy
        Proofreading policies (:mod:`connectome_graph.policies`).
    synapses, neurons
        Queries over the synapse and the neuron columns; ``None`` among them keeps all.

    Returns
    -------
    pandas.DataFrame
        A column for each choice that was given, ``n_edges`` and ``n_pairs`` of the graph, then
        what the statistic returned (a number in ``value``).

    Raises
    ------
    InvalidArgument
        When nothing is varied, a choice is a lone value, or the statistic returns something
        else. An error of the library inside a combination says which one it was.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 2, 1], [5, 0, 0], [0, 0, 0]])
    >>> sweep(g, lambda g: cg.stats.dyads(g)["reciprocity"], min_synapses=[1, 2, 5])
       min_synapses  n_edges  n_pairs     value
    0             1        3        6  0.666667
    1             2        2        6  1.000000
    2             5        1        6  0.000000
    """
    given = {"neurons": neurons, "synapses": synapses, "min_synapses": min_synapses,
             "policy": policy}  # fmt: skip
    choices = {name: _listed(name, values) for name, values in given.items() if values is not None}
    several = isinstance(g, Mapping)
    graphs: dict[str, Any] = {**g} if isinstance(g, Mapping) else {"": g}
    for label, each in graphs.items():
        if not hasattr(each, "domain"):
            raise InvalidArgument(f"g[{label!r}]={shown(each)}; it must be a ConnectomeGraph")
    if not choices and not several:
        raise InvalidArgument(
            "a sweep needs something to vary: min_synapses=, policy=, synapses=, neurons=, or a "
            "mapping of names to graphs"
        )
    tables = []
    for label, graph in graphs.items():
        for values in itertools.product(*choices.values()):
            combination = dict(zip(choices, values, strict=True))
            told = {**({"graph": label} if several else {}), **combination}
            try:
                cut = _cut(graph, combination)
                rows = _rows(statistic(cut))
            except ConnectomeError as error:
                where = ", ".join(f"{name}={value!r}" for name, value in told.items())
                raise type(error)(f"at {where}: {error}") from error
            for position, (name, value) in enumerate(_columns(told, cut, rows)):
                rows.insert(position, name, [value] * len(rows))
            tables.append(rows)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _listed(name: str, values: Any) -> list[Any]:
    if isinstance(values, str) or callable(values) or not hasattr(values, "__iter__"):
        raise InvalidArgument(
            f"{name} needs a list of choices; found {values!r}: write [{values!r}]"
        )
    return list(values)


def _cut(g: Any, combination: dict[str, Any]) -> ConnectomeGraph:
    """Return the graph under one combination; every step is in its provenance."""
    graph: ConnectomeGraph = g
    if combination.get("neurons") is not None:
        graph = graph.subgraph(combination["neurons"])
    if combination.get("synapses") is not None:
        graph = graph.filter_synapses(combination["synapses"])
    if combination.get("min_synapses") is not None:
        graph = graph.threshold(min_synapses=combination["min_synapses"])
    if combination.get("policy") is not None:
        graph = graph.observed(combination["policy"])
    return graph


def _rows(result: Any) -> pd.DataFrame:
    """Return what a statistic gave as rows of a table."""
    if isinstance(result, pd.DataFrame):
        plain = isinstance(result.index, pd.RangeIndex)
        return result.reset_index(drop=plain)
    if isinstance(result, pd.Series | Mapping):
        return pd.DataFrame([dict(result)])
    if pd.api.types.is_number(result) or pd.api.types.is_bool(result):
        return pd.DataFrame({"value": [result]})
    raise InvalidArgument(
        f"a statistic returns a number, a Series, a mapping or a DataFrame; found "
        f"{type(result).__name__}"
    )


def _columns(
    told: dict[str, Any], g: ConnectomeGraph, rows: pd.DataFrame
) -> Iterator[tuple[str, Any]]:
    """Return what is put in front of the rows; what the statistic itself gave is kept."""
    for name, value in told.items():
        plain = value is None or isinstance(value, str | int | float)
        yield name, value if plain else _name_of(value)
    for name, size in (("n_edges", g.n_edges), ("n_pairs", g.domain.n_pairs)):
        if name not in rows:
            yield name, size


def _name_of(value: Any) -> str:
    return str(getattr(value, "name", None) or getattr(value, "__name__", None) or value)
