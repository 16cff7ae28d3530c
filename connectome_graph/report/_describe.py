"""Table 1 of a paper: the dozen numbers that say what a graph is, with their denominators."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from connectome_graph import stats

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Description", "describe"]


@dataclass(frozen=True, eq=False)
class Description:
    """The numbers of a graph's table 1; prints as text, in a notebook as a table.

    Attributes
    ----------
    table
        Indexed by ``quantity``: ``value``, and ``of``, what it is out of or over.
    caption
        One sentence: the domain and where the graph came from.
    """

    table: pd.DataFrame
    caption: str

    def __repr__(self) -> str:
        return f"{self.caption}\n{self._shown().to_string(na_rep='missing')}"

    def _repr_html_(self) -> str:
        import html

        table: str = self._shown().to_html(na_rep="missing")
        return f"<p>{html.escape(self.caption)}</p>{table}"

    def to_latex(self) -> str:
        r"""Return the table as LaTeX (booktabs), ready for a manuscript.

        Examples
        --------
        >>> import connectome_graph as cg
        >>> text = cg.describe(cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])).to_latex()
        >>> r"\toprule" in text, "density" in text
        (True, True)
        """
        marks = {letter: f"\\{letter}" for letter in "&%_#${}"}
        marks |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}

        def plain(text: object) -> str:
            return "".join(marks.get(letter, letter) for letter in str(text))

        rows = [
            f"{plain(name)} & {plain(row['value'])} & {plain(row['of'])} \\\\"
            for name, row in self._shown().iterrows()
        ]
        body = "\n".join(rows)
        return (
            "\\begin{table}\n\\centering\n\\begin{tabular}{lrl}\n\\toprule\n"
            f"quantity & value & of \\\\\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}\n"
            f"\\caption{{{plain(self.caption)}}}\n\\end{{table}}\n"
        )

    def _shown(self) -> pd.DataFrame:
        return self.table.assign(value=[_number(value) for value in self.table["value"]])


def describe(g: ConnectomeGraph) -> Description:
    """Return the dozen numbers of a paper's table 1, each with what it is out of.

    Parameters
    ----------
    g
        The graph.

    Returns
    -------
    Description
        ``.table`` (``value`` and ``of`` by quantity), ``.caption``, ``.to_latex()``. Reciprocity,
        clustering and components are of graphs without self-pairs.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> found = cg.describe(cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]]))
    >>> float(found.table.loc["density", "value"]), found.table.loc["density", "of"]
    (0.5, '3 edges of 6 observable ordered pairs')
    """
    domain = g.domain
    n_synapses = int(g.edge_counts.sum())
    rows: dict[str, tuple[float, str]] = {
        "neurons": (g.n_neurons, f"{domain.n_sources:,} sources, {domain.n_targets:,} targets"),
        "synapses": (g.n_synapses, f"{n_synapses:,} on the domain"),
        "edges": (g.n_edges, f"{domain.n_pairs:,} observable ordered pairs"),
        "connected pairs outside": (g.n_edges_outside, "seen, and not on the domain"),
        "autapses": (g.n_autapses, "neurons onto themselves, no edges"),
        "density": (
            g.n_edges / domain.n_pairs if domain.n_pairs else float("nan"),
            f"{g.n_edges:,} edges of {domain.n_pairs:,} observable ordered pairs",
        ),
        "synapses per edge": (_ratio(n_synapses, g.n_edges), f"{g.n_edges:,} edges"),
        "mean out-degree": (_ratio(g.n_edges, domain.n_sources), f"{domain.n_sources:,} sources"),
        "mean in-degree": (_ratio(g.n_edges, domain.n_targets), f"{domain.n_targets:,} targets"),
    }
    if not domain.diagonal:
        rows |= _structure(g)
    index = pd.Index(list(rows), name="quantity")
    table = pd.DataFrame(
        {"value": [value for value, _ in rows.values()], "of": [of for _, of in rows.values()]},
        index=index,
    )
    return Description(table, f"Domain {domain.policy}. {g.provenance}")


def _structure(g: ConnectomeGraph) -> dict[str, tuple[float, str]]:
    """Return reciprocity, clustering and components, over the neurons seen both ways."""
    dyads, groups = stats.dyads(g), stats.components(g)
    clustering = stats.clustering(g)
    core = f"{g.domain.n_core:,} neurons that are source and target"
    pairs = f"{dyads['n_pairs']:,.0f} pairs seen both ways"
    return {
        "reciprocity": (dyads["reciprocity"], f"{dyads['mutual']:,.0f} mutual of {pairs}"),
        "reciprocity over density": (dyads["r_over_p"], pairs),
        "transitivity": (clustering["transitivity"], core),
        "largest strong component": (groups["largest_strong"], core),
    }


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom else float("nan")


def _number(value: float) -> str:
    if math.isnan(value):
        return "missing"
    return f"{value:,.0f}" if value == int(value) else f"{value:.4g}"
