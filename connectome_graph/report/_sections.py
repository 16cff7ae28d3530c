"""The numbers of the page, a function a section: computed by the library, shown by the template."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph import motifs, stats
from connectome_graph.border.arguments import By, Progress, Seed
from connectome_graph.errors import NotMixedWarning
from connectome_graph.graph import weights
from connectome_graph.plot._describe import by_distance, number, triad_ratios
from connectome_graph.report import _chart as chart
from connectome_graph.report._table import Column, Table, cell, from_frame

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.domain import Domain

__all__ = ["counts", "degrees", "distance", "dyads", "triads", "weight_table"]

#: Neurons that the table of hubs lists.
N_HUBS = 100
QUANTILES = {"min": 0.0, "5%": 0.05, "median": 0.5, "mean": None, "95%": 0.95, "max": 1.0}


def counts(g: ConnectomeGraph) -> list[tuple[str, str, str]]:
    """Return name, number and meaning of the sizes of a graph.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> counts(cg.from_adjacency([[0, 2], [0, 0]]))[1][:2]
    ('synapses', '2')
    """
    domain = g.domain
    return [
        ("neurons", number(g.n_neurons), "rows of the neuron table, connected or not"),
        ("synapses", number(g.n_synapses), "all of them, autapses and unobserved pairs included"),
        ("edges", number(g.n_edges), "ordered pairs of the domain with at least one synapse"),
        ("observable pairs", number(domain.n_pairs), _pairs_told(domain)),
        ("sources", number(domain.n_sources), "neurons whose outputs are believed"),
        ("targets", number(domain.n_targets), "neurons whose inputs are believed"),
        ("autapses", number(g.n_autapses), "neurons with a synapse onto themselves"),
        ("pairs outside", number(g.n_edges_outside), "connected pairs outside the domain"),
    ]


def _pairs_told(domain: Domain) -> str:
    if domain.pairs is None:
        return "sources x targets without self-pairs"
    if domain.pairs.exposure is None:
        return "pairs of a source and a target that could have met"
    return f"pairs that could have met; {domain.pairs.name} {number(domain.exposure)} in all"


def dyads(g: ConnectomeGraph) -> Table:
    """Return density and reciprocity with their denominators."""
    density = stats.density(g)
    bounds = _bounds(density, "")
    of = f"{bounds}; {g.n_edges:,} edges of {g.domain.n_pairs:,} pairs"
    rows: list[tuple[str, Any, str]] = [("density", density["density"], of)]
    if not g.domain.diagonal:
        found = stats.dyads(g)
        pairs = f"over {number(found['n_pairs'])} unordered pairs observed both ways"
        rows += [
            ("mutual pairs", found["mutual"], pairs),
            ("one-way pairs", found["asymmetric"], pairs),
            ("unconnected pairs", found["null"], pairs),
            (
                "reciprocity r",
                found["reciprocity"],
                f"{_bounds(found, 'reciprocity_')}; P(j → i given i → j)",
            ),
            (
                "r / p",
                found["r_over_p"],
                (
                    f"{_bounds(found, 'r_over_p_')}; how many times likelier "
                    "a connection is when answered"
                ),
            ),
            ("rho", found["rho"], "(r - p) / (1 - p), Garlaschelli & Loffredo 2004"),
        ]
    columns = [Column("quantity", "text"), Column("value", "number"), Column("of", "text")]
    return Table(
        columns, [[cell(n, "text"), cell(v), cell(of, "text")] for n, v, of in rows],
        "Density and reciprocity",
    )  # fmt: skip


def _bounds(found: pd.Series, name: str) -> str:
    low, high = found[f"{name}low"], found[f"{name}high"]
    if np.isnan(low):
        return "too few neurons for an interval"
    return f"{number(low)} to {number(high)} (95 %, two-way over neurons)"


def weight_table(g: ConnectomeGraph) -> dict[str, Any]:
    """Return quantiles of the weights of the edges, and histograms of counts and sizes."""
    series = {"synapses of an edge": weights.compute(g, "count").astype(float)}
    charts = [
        chart.histogram(g.edge_counts, title="Synapses of an edge", x_label="synapses",
                        y_label="edges", scale="log"),
    ]  # fmt: skip
    if "size" in g.synapse_columns:
        total = weights.compute(g, "sum").astype(float)
        series["total synapse size of an edge"] = total
        series["mean synapse size of an edge"] = weights.compute(g, "mean").astype(float)
        charts.append(
            chart.histogram(total, title="Total synapse size of an edge", x_label="size",
                            y_label="edges", scale="log")
        )  # fmt: skip
    return {
        "table": _quantiles(series, "weight", "Weights of the edges"),
        "charts": [each for each in charts if each is not None],
    }


def _quantiles(series: dict[str, pd.Series], what: str, caption: str) -> Table:
    columns = [Column(what, "text"), Column("known", "number", "how many have a value")]
    columns += [Column(name, "number") for name in QUANTILES]
    rows = []
    for name, values in series.items():
        known = values.dropna().to_numpy(float)
        shown = [
            np.nan if not len(known) else known.mean() if q is None else np.quantile(known, q)
            for q in QUANTILES.values()
        ]
        rows.append([cell(name, "text"), cell(len(known)), *map(cell, shown)])
    return Table(columns, rows, caption)


def degrees(g: ConnectomeGraph, *, by: By | None) -> dict[str, Any]:
    """Return degree quantiles, histograms, and the neurons with the largest degrees."""
    table = stats.degrees(g)
    shown = {
        "out-degree": table["out_degree"], "in-degree": table["in_degree"],
        "synapses out": table["out_synapses"], "synapses in": table["in_synapses"],
    }  # fmt: skip
    numbers = {name: column.astype("Float64").astype(float) for name, column in shown.items()}
    charts = [
        chart.histogram(numbers[name], title=title, x_label=name, y_label="neurons")
        for name, title in (("out-degree", "Out-degree of the sources"),
                            ("in-degree", "In-degree of the targets"))
    ]  # fmt: skip
    total = table["out_degree"].fillna(0).to_numpy(float) + table["in_degree"].fillna(0).to_numpy(
        float
    )
    order = np.argsort(-total, kind="stable")[:N_HUBS]
    hubs = table.iloc[order].reset_index()
    if by is not None:
        hubs["type"] = g.labels(by, missing="own").per_neuron[order]
    headings = {
        "root_id": Column("neuron", "id", "root id"),
        "type": Column("type" if by is None else g.labels(by).title, "text"),
        "out_degree": Column("out-degree", "number", "targets contacted"),
        "in_degree": Column("in-degree", "number", "sources that contact it"),
        "out_synapses": Column("synapses out", "number"),
        "in_synapses": Column("synapses in", "number"),
        "in_exposure": Column("could be contacted by", "number", "observed sources"),
        "out_exposure": Column("could contact", "number", "observed targets"),
    }
    return {
        "table": _quantiles(numbers, "degree", "Degrees, where they were observable"),
        "charts": [each for each in charts if each is not None],
        "hubs": from_frame(
            hubs, headings, caption=f"The {len(order):,} neurons with the most partners"
        ),
    }


def distance(g: ConnectomeGraph) -> dict[str, Any] | None:
    """Return connection probability against distance, or None without positions."""
    columns = set(map(str, g.neurons.columns))
    if not {"x_um", "y_um", "z_um"} <= columns or g.domain.diagonal:
        return None
    table = stats.connection_by_distance(g)
    if not table["n_pairs"].sum():
        return None
    drawn = chart.curve(
        by_distance(table), title="Connection probability against distance between somata"
    )
    headings = {
        "low_um": Column("from (µm)", "number"),
        "high_um": Column("to (µm)", "number"),
        "n_pairs": Column("pairs", "number", "ordered pairs of the domain"),
        "n_edges": Column("edges", "number"),
        "probability": Column("probability", "number"),
        "wilson_low": Column("low", "number", "Wilson, 95 %"),
        "wilson_high": Column("high", "number", "Wilson, 95 %"),
        "n_mutual": Column("mutual pairs", "number"),
        "mutual_probability": Column("p(mutual)", "number", "of pairs observed both ways"),
        "expected_mutual": Column("p squared", "number", "if directions were independent"),
    }
    return {
        "charts": [drawn],
        "table": from_frame(table, headings, caption="Connection probability by distance"),
    }


def triads(g: ConnectomeGraph, *, samples: int, seed: Seed, progress: Progress) -> dict[str, Any]:
    """Return the triad census, and with samples how it compares with the reciprocal null."""
    census = motifs.triad_census(g)
    frame = census.rename("observed").rename_axis("triad").reset_index()
    headings = {
        "triad": Column("triad", "text"),
        "observed": Column("observed", "number"),
    }
    n_triples = int(sum(census))
    told = f"{n_triples:,} triples of the {g.domain.n_core:,} neurons that are source and target."
    if not samples or g.domain.n_core < 3:
        return {"table": from_frame(frame, headings, caption="Triad census"), "charts": [],
                "told": told, "samples": 0}  # fmt: skip
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NotMixedWarning)
        found = motifs.significance(g, n=samples, seed=seed, progress=progress)
    table = found.table.rename_axis("triad").reset_index()
    merged = frame.merge(table.drop(columns="observed"), on="triad", how="left")
    headings |= {
        "mean": Column("null mean", "number", "mean of the random graphs"),
        "low": Column("null low", "number", "2.5th percentile of the random graphs"),
        "high": Column("null high", "number", "97.5th percentile"),
        "ratio": Column("ratio", "number", "observed / null mean"),
        "p": Column("p", "number", "two-sided, (1 + b) / (1 + R) counted on both sides"),
        "p_max_t": Column("p (max-T)", "number", "adjusted for all classes tested"),
    }
    drawn = chart.ratios(
        triad_ratios(found.table),
        title="Triads against the reciprocal null",
        x_label="observed / null mean",
    )
    told += (
        f" Held against {found.comparison.n:,} random graphs (seed {seed}) that keep the in-, out- "
        "and mutual degree of every neuron. Under this null the open classes follow from the "
        f"{found.n_tests} closed ones, which alone are tested; the others are drawn faintly. The "
        f"smallest p that {found.comparison.n:,} samples can give is "
        f"{number(2 / (found.comparison.n + 1))}."
    )
    # A warning on the screen of whoever made the page would not reach its reader.
    unmixed = [each.message for each in caught if issubclass(each.category, NotMixedWarning)]
    told += "".join(f" {message}." for message in dict.fromkeys(map(str, unmixed)))
    return {
        "table": from_frame(merged, headings, caption="Triad census against the reciprocal null"),
        "charts": [drawn] if drawn is not None else [],
        "told": told,
        "samples": found.comparison.n,
    }
