"""Regression on pairs: statsmodels on a table made by loops, sampling, and formulas that attack."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import connectome_graph as cg
from connectome_graph.errors import ConnectomeError, InvalidArgument, UnknownName
from connectome_graph.stats import connection_by, pair_model


@pytest.fixture(scope="module")
def graph() -> cg.ConnectomeGraph:
    """Return 60 neurons of which 40 are sources, with planted effects and one missing value."""
    rng = np.random.default_rng(5)
    n = 60
    cells = pd.DataFrame({"root_id": 100 + np.arange(n), "cell_type": rng.choice(["E", "I"], n)})
    cells["tuning"] = rng.normal(size=n)
    for axis in "xyz":
        cells[f"{axis}_um"] = rng.uniform(0, 200, n)
    at = cells[["x_um", "y_um", "z_um"]].to_numpy()
    apart = np.linalg.norm(at[:, None] - at[None], axis=2)
    like = np.abs(cells["tuning"].to_numpy()[:, None] - cells["tuning"].to_numpy()[None])
    hub = rng.normal(scale=0.4, size=n)
    chance = 1 / (1 + np.exp(-(0.8 - 0.015 * apart - 0.6 * like + hub[:, None])))
    pre, post = np.nonzero((rng.random((n, n)) < chance) & ~np.eye(n, dtype=bool))
    counts = 1 + rng.poisson(1.0, len(pre))
    edges = pd.DataFrame({"pre": 100 + pre, "post": 100 + post, "count": counts})
    cells.loc[7, "tuning"] = np.nan
    return cg.from_edges(edges, cells).between(pre=list(range(100, 140)))


def table_by_loops(g: cg.ConnectomeGraph) -> pd.DataFrame:
    """Return one row per pair of the domain, by the definition."""
    neurons = g.neurons
    counts = {(row.pre, row.post): row.count for row in g.edges.itertuples(index=False)}
    rows = []
    for i, j in itertools.product(g.ids[g.domain.sources], g.ids[g.domain.targets]):
        if i == j:
            continue
        a, b = neurons.loc[i], neurons.loc[j]
        rows.append(
            {
                "pre": i, "post": j, "count": counts.get((i, j), 0),
                "distance_um": np.sqrt(sum((a[k] - b[k]) ** 2 for k in ("x_um", "y_um", "z_um"))),
                "same": float(a["cell_type"] == b["cell_type"]),
                "difference": abs(a["tuning"] - b["tuning"]),
                "signed": b["tuning"] - a["tuning"], "product": b["tuning"] * a["tuning"],
                "inhibitory": float(a["cell_type"] == "I"),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("family", ["logistic", "poisson", "negative_binomial"])
def test_it_is_the_regression_of_statsmodels_with_two_way_clusters(graph, family) -> None:
    left = "connected" if family == "logistic" else "count"
    formula = f"{left} ~ log(distance_um) + same(cell_type) + difference(tuning) + pre(cell_type)"
    found = pair_model(graph, formula, family=family)
    table = table_by_loops(graph)
    assert found.attrs["n_missing"] == table["difference"].isna().sum() > 0
    table = table.dropna()
    design = pd.DataFrame(
        {"one": 1.0, "log": np.log(table["distance_um"]), "same": table["same"],
         "difference": table["difference"], "pre": table["inhibitory"]}
    )  # fmt: skip
    options = {"cov_type": "cluster", "cov_kwds": {"groups": table[["pre", "post"]].to_numpy()}}
    if family == "negative_binomial":
        wanted = sm.NegativeBinomial(table["count"], design).fit(disp=0, maxiter=200, **options)
        assert found.attrs["alpha"] == pytest.approx(wanted.params["alpha"], rel=1e-4)
    else:
        kind = sm.families.Binomial() if family == "logistic" else sm.families.Poisson()
        y = (table["count"] > 0).astype(float) if family == "logistic" else table["count"]
        wanted = sm.GLM(y, design, family=kind).fit(**options)
    np.testing.assert_allclose(found["estimate"], wanted.params[:5], rtol=1e-5)
    np.testing.assert_allclose(found["se"], wanted.bse[:5], rtol=1e-4)
    assert found.index.tolist() == [
        "Intercept", "log(distance_um)", "same(cell_type)", "difference(tuning)",
        "pre(cell_type)[I]",
    ]  # fmt: skip


def test_interactions_products_and_no_intercept(graph) -> None:
    found = pair_model(graph, "connected ~ signed_difference(tuning) * product(tuning) - 1")
    table = table_by_loops(graph).dropna()
    design = pd.DataFrame({"s": table["signed"], "p": table["product"]})
    design["sp"] = design["s"] * design["p"]
    wanted = sm.GLM(table["count"] > 0, design, family=sm.families.Binomial()).fit()
    np.testing.assert_allclose(found["estimate"], wanted.params, rtol=1e-6)
    assert found.index[-1] == "signed_difference(tuning):product(tuning)"


def test_sampled_controls_are_corrected_exactly(graph) -> None:
    whole = pair_model(graph, "connected ~ distance_um")
    parts = [
        pair_model(graph, "connected ~ distance_um", n_nonedges=800, seed=k) for k in range(25)
    ]
    assert parts[0].attrs["n_nonedges"] == 800
    means = np.mean([part["estimate"] for part in parts], axis=0)
    spread = np.std([part["estimate"] for part in parts], axis=0) / 5
    assert (np.abs(means - whole["estimate"]) < 4 * spread + 0.02).all()
    counted = pair_model(graph, "count ~ distance_um", family="poisson")
    few = pair_model(graph, "count ~ distance_um", family="poisson", n_nonedges=900, seed=1)
    assert few.loc["distance_um", "estimate"] == pytest.approx(
        counted.loc["distance_um", "estimate"], rel=0.25
    )
    every = graph.domain.n_pairs - graph.n_edges
    same = pair_model(graph, "connected ~ distance_um", n_nonedges=every)
    np.testing.assert_allclose(same["estimate"], whole["estimate"], rtol=1e-6)


def test_a_shuffled_property_has_a_p_of_its_own(graph) -> None:
    options = {"shuffle": "tuning", "n": 39, "seed": 2, "progress": False}
    found = pair_model(graph, "connected ~ difference(tuning) + distance_um", **options)
    assert found.loc["difference(tuning)", "p_shuffle"] == pytest.approx(1 / 40)
    assert np.isnan(found.loc["distance_um", "p_shuffle"])
    again = pair_model(
        graph, "connected ~ difference(tuning) + distance_um", within="cell_type", **options
    )
    assert again.loc["difference(tuning)", "p_shuffle"] <= 0.1


@pytest.mark.parametrize(
    "formula",
    [
        "connected ~ __import__('os').system('touch taken')",
        "connected ~ same(__import__('os'))",
        "connected ~ distance_um.__class__",
        "connected ~ {open('taken', 'w')}",
        "connected ~ log(9**9**9)",
        "connected ~ C(cell_type)",
        "connected ~ same(cell_type, 3)",
        "connected ~ (lambda: 1)()",
        "connected ~ " + "(" * 5000 + "distance_um" + ")" * 5000,
        "connected ~ distance_um" * 200,
        "connected",
        "",
        "other ~ distance_um",
        "count ~ distance_um",
    ],
)
def test_a_formula_runs_nothing(graph, formula, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidArgument):
        pair_model(graph, formula)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_fitted_says_so(graph) -> None:
    with pytest.raises(UnknownName, match="orientation"):
        pair_model(graph, "connected ~ difference(orientation)")
    with pytest.raises(InvalidArgument, match="numbers"):
        pair_model(graph, "connected ~ difference(cell_type)")
    excitatory = graph.subgraph("cell_type == 'E'")
    with pytest.raises(InvalidArgument, match="repeat each other"):
        pair_model(excitatory, "connected ~ same(cell_type)")
    with pytest.raises(InvalidArgument, match="exposure"):
        pair_model(graph, "connected ~ log(exposure)")
    with pytest.raises(InvalidArgument, match="fewer"):
        pair_model(graph, "connected ~ distance_um", n_nonedges=10**7)
    with pytest.raises(ConnectomeError):
        pair_model(graph, 7)  # type: ignore[arg-type]


# -- connection_by ------------------------------------------------------------------------------


def test_bins_hold_what_loops_count(graph) -> None:
    table = table_by_loops(graph)
    edges = [-3.0, -1.0, 0.0, 0.5, 4.0]
    found = connection_by(graph, "tuning", how="signed_difference", bins=edges)
    place = np.digitize(table["signed"], edges) - 1
    known = table["signed"].notna() & (place >= 0) & (place < 4)
    grouped = table[known].groupby(place[known])
    assert found["n_pairs"].tolist() == grouped.size().tolist()
    assert found["n_edges"].tolist() == grouped["count"].agg(lambda c: (c > 0).sum()).tolist()
    strength = grouped["count"].agg(lambda c: c[c > 0].mean())
    np.testing.assert_allclose(found["strength"], strength)
    assert found.attrs["n_pairs_without_value"] == (~known).sum()
    near = np.digitize(table["distance_um"], 25.0 * np.arange(30))
    rate = table[known].groupby(near[known])["count"].agg(lambda c: (c > 0).mean())
    wanted = pd.Series(rate.loc[near[known]].to_numpy()).groupby(place[known]).mean()
    np.testing.assert_allclose(found["expected"], wanted)


def test_the_interval_is_that_of_a_regression_on_the_bin(graph) -> None:
    table = table_by_loops(graph).dropna()
    found = connection_by(graph, "tuning", how="product", bins=[-9.0, 0.0, 9.0])
    inside = table[table["product"] < 0]
    model = sm.OLS((inside["count"] > 0).astype(float), np.ones(len(inside)))
    fit = model.fit(
        cov_type="cluster",
        cov_kwds={"groups": inside[["pre", "post"]].to_numpy(), "use_correction": False},
    )
    p, se = fit.params.iloc[0], fit.bse.iloc[0]
    row = found.iloc[0]
    assert row["probability"] == pytest.approx(p)
    reach = np.log(row["high"] / (1 - row["high"])) - np.log(p / (1 - p))
    assert reach * p * (1 - p) / 1.959964 == pytest.approx(se, rel=0.05)


def test_columns_matrices_and_tables_say_the_same(graph) -> None:
    x = graph.neurons["tuning"].to_numpy()
    apart = np.abs(x[:, None] - x[None])
    bins = [0.0, 0.5, 1.0, 5.0]
    first = connection_by(graph, "tuning", bins=bins)
    framed = pd.DataFrame(apart, index=graph.ids, columns=graph.ids)
    long = framed.rename_axis("pre").rename_axis("post", axis=1).stack().rename("x").reset_index()
    for values in (apart, framed, long):
        pd.testing.assert_frame_equal(connection_by(graph, values, bins=bins), first)
    vectors = connection_by(graph, ["x_um", "y_um", "z_um"], bins=50.0, distance_bins=1e9)
    near = cg.stats.connection_by_distance(graph, bins=50.0 * np.arange(8))
    assert vectors["n_pairs"].tolist() == near["n_pairs"].tolist()[: len(vectors)]


@pytest.mark.parametrize("shuffle", ["neurons", "pairs"])
def test_a_planted_likeness_is_found_and_chance_is_not(graph, shuffle) -> None:
    options = {"bins": [0.0, 0.5, 1.0, 5.0], "n": 99, "seed": 3, "shuffle": shuffle}
    found = connection_by(graph, "tuning", progress=False, **options)
    assert found["p"].iloc[0] <= 0.05
    assert found.attrs["p_floor"] == pytest.approx(0.02)
    again = connection_by(graph, "tuning", progress=False, **options)
    pd.testing.assert_frame_equal(found, again)


def test_values_of_another_kind_are_refused(graph) -> None:
    for values in ("cell_type", 3, np.zeros((2, 2)), pd.DataFrame({"pre": [1], "post": [2]})):
        with pytest.raises(ConnectomeError):
            connection_by(graph, values)
    with pytest.raises(InvalidArgument, match="three columns"):
        connection_by(graph, ["x_um", "y_um"], how="correlation")
    with pytest.raises(InvalidArgument, match="its own value"):
        connection_by(graph, np.zeros((60, 60)), how="product")


def test_a_negative_two_way_variance_gives_the_larger_one_way_error():
    met = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        matrix = (rng.random((8, 8)) < 0.4) & ~np.eye(8, dtype=bool)
        cells = pd.DataFrame({"root_id": np.arange(1, 9), "x": rng.normal(size=8)})
        g = cg.from_adjacency(matrix.astype(int), cells)
        pre, post = np.nonzero(~np.eye(8, dtype=bool))
        x = cells["x"].to_numpy()
        design = pd.DataFrame({"one": 1.0, "x": np.abs(x[pre] - x[post])})
        model = sm.GLM(matrix[pre, post].astype(float), design, family=sm.families.Binomial())
        ways = [
            np.asarray(model.fit(cov_type="cluster", cov_kwds={"groups": groups}).cov_params())
            for groups in (np.column_stack([pre, post]), pre, post)
        ]
        both, *alone = (np.diag(way) for way in ways)
        if not (both < 0).any():
            continue
        met.append(seed)
        found = cg.stats.pair_model(g, "connected ~ difference(x)")["se"].to_numpy()
        wanted = np.where(both < 0, np.maximum(*alone), both)
        np.testing.assert_allclose(found, np.sqrt(wanted), rtol=1e-6)
    assert met
