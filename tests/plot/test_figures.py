"""What figures show: extents, marks, labels, legends and hatches."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName


def words(ax):
    legend = ax.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def pixels(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)


@pytest.fixture(scope="module")
def small():
    """Return a tenth of the column."""
    return cg.datasets.synthetic_column(seed=1, scale=0.1)


def test_every_figure_is_in_the_gallery():
    page = (Path(__file__).parents[2] / "docs" / "gallery.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"cg\.plot\.(\w+)", page))
    assert set(cg.plot.__all__) <= drawn


@pytest.mark.parametrize("projection", ["xy", "zy", "xz"])
def test_positions_are_where_the_neurons_are(small, ax, projection):
    cg.plot.positions(small, projection=projection, ax=ax)
    drawn = np.concatenate([dots.get_offsets() for dots in ax.collections])
    wanted = small.neurons[[f"{axis}_um" for axis in projection]].to_numpy()
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(wanted, axis=0))
    assert ax.yaxis_inverted() == (projection[1] == "y")
    assert ax.get_aspect() == 1


def test_positions_tell_how_many_axons_are_in_which_state(ax, random_graph):
    n = int(random_graph.neurons["status_axon"].sum())
    cg.plot.positions(random_graph, ax=ax)
    assert words(ax) == [f"axon not proofread ({60 - n})", f"axon proofread ({n})"]


def test_positions_need_positions(ax):
    with pytest.raises(UnknownName, match="x_um, y_um"):
        cg.plot.positions(cg.from_adjacency([[0, 1], [0, 0]]), ax=ax)


def test_a_matrix_is_black_where_edges_are(ax):
    edges = [[0, 1, 0], [0, 0, 0], [1, 1, 0]]
    cg.plot.matrix(cg.from_adjacency(edges), ax=ax)
    picture = pixels(ax.figure)
    height = picture.shape[0]
    for i in range(3):
        for j in range(3):
            x, y = ax.transData.transform((j + 0.5, i + 0.5)).astype(int)
            assert (picture[height - 1 - y, x].mean() < 50) == bool(edges[i][j])


@pytest.mark.parametrize("weight", ["binary", "count"])
def test_a_single_edge_among_60_000_targets_can_be_seen(ax, weight):
    cells = pd.DataFrame({"root_id": np.arange(1, 60_001), "cell_type": "BC"})
    edge = pd.DataFrame({"pre": [1_000], "post": [43_210]})
    g = cg.from_tables(edge, cells).between(pre=list(range(1, 2001)))
    cg.plot.matrix(g, weight, ax=ax)
    picture = pixels(ax.figure)
    x, y = ax.transData.transform((43_209.5, 999.5))
    near = picture[int(len(picture) - 1 - y) - 1 :, int(x) - 1 :][:4, :4].mean(axis=2)
    assert near.min() < 225
    assert (near < 225).sum() <= 2


def test_a_matrix_names_its_types_and_counts(small, ax):
    g = small.between(pre="broad_type == 'inhibitory'")
    cg.plot.matrix(g, "count", sort_by="broad_type", ax=ax)
    n = small.neurons["broad_type"].value_counts()
    a, b = n["excitatory"], n["inhibitory"]
    assert sorted(words(ax)) == [f"excitatory (0 → {a})", f"inhibitory ({b} → {b})"]
    assert ax.get_xlabel() == f"{g.domain.n_targets} targets (postsynaptic)"
    assert ax.get_ylabel() == f"{b} sources (presynaptic)"
    assert {text.get_text() for text in ax.texts} == {"excitatory", "inhibitory"}


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
@pytest.mark.parametrize("dpi", [37, 100, 300])
def test_a_matrix_can_be_saved_at_any_resolution(small, ax, tmp_path, kind, dpi):
    cg.plot.matrix(small, sort_by="cell_type", ax=ax)
    path = tmp_path / f"matrix.{kind}"
    ax.figure.savefig(path, dpi=dpi, bbox_inches="tight")
    assert path.stat().st_size > 5_000


def test_a_matrix_without_sources_says_so(small, ax):
    with pytest.raises(InvalidArgument, match="has 0 and 0"):
        cg.plot.matrix(small.between(pre=[], post=[]), ax=ax)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("weight", ["count", "sum", "mean"])
def test_weight_histograms_hold_every_edge(small, ax, weight, scale):
    cg.plot.weights(small, weight, scale=scale, by="broad_type", ax=ax)
    heights = [steps.get_data().values.sum() for steps in ax.patches]
    assert sum(heights) == small.n_edges
    told = [int(re.search(r"\(([\d,]+)\)", text)[1].replace(",", "")) for text in words(ax)]
    assert told == heights


def test_whole_weights_have_bins_around_whole_numbers(small, ax):
    cg.plot.weights(small, ax=ax)
    data = ax.patches[0].get_data()
    np.testing.assert_array_equal(data.edges % 1, 0.5)
    counts = pd.Series(small.edge_counts).value_counts().sort_index()
    np.testing.assert_array_equal(data.values[data.values > 0], counts)


def test_too_many_pairs_of_types_are_refused(small, ax):
    with pytest.raises(InvalidArgument, match="choose with pairs"):
        cg.plot.weights(small, by="cell_type", ax=ax)
    cg.plot.weights(small, by="cell_type", pairs=[("BC", "4P")], ax=ax)
    assert [text.split(" (")[0] for text in words(ax)] == ["BC → 4P"]


def test_thousands_of_types_are_pixels_without_names(ax):
    rng = np.random.default_rng(0)
    pre, post = rng.integers(0, 3000, (2, 20_000))
    table = pd.DataFrame({"pre_type": pre, "post_type": post, "probability": rng.random(20_000)})
    table = table.drop_duplicates(["pre_type", "post_type"])
    table = table.assign(n_pairs=rng.integers(0, 9, len(table)), n_edges=1)
    cg.plot.type_matrix(table, ax=ax)
    drawn = ax.images[0].get_array()
    assert max(drawn.shape) <= 800
    assert len(ax.texts) == 0
    assert ax.get_xlabel().endswith("postsynaptic types")
    seen = table[table["n_pairs"] > 0]
    assert drawn.max() <= seen["probability"].max()


def test_unobservable_blocks_are_hatched_and_empty_ones_are_not(ax):
    cells = pd.DataFrame({"root_id": [1, 2, 3, 4], "cell_type": ["E", "E", "I", "I"]})
    g = cg.from_adjacency(np.eye(4, k=1, dtype=int), cells).between(pre=[1, 2])
    table = cg.stats.type_matrix(g, by="cell_type", interval="wilson")
    cg.plot.type_matrix(table, ax=ax)
    boxes = [each for each in ax.collections if each.get_hatch()]
    hatched = {
        tuple(path.vertices[:-1].mean(axis=0)) for each in boxes for path in each.get_paths()
    }
    assert hatched == {(0, 1), (1, 1)}
    notes = {text.get_position(): text.get_text().splitlines() for text in ax.texts}
    assert notes[0, 0][0] == "0.5"
    assert notes[0, 0][2] == "1 / 2"
    assert notes[1, 0][2] == "1 / 4"
    assert len(notes) == 2


def test_a_type_matrix_of_reciprocity_and_of_an_unknown_column(small, ax):
    table = cg.stats.labelled_reciprocity(small, by="broad_type", interval="wilson")
    cg.plot.type_matrix(table, value="reciprocity", ax=ax)
    assert "of " in ax.texts[0].get_text()
    with pytest.raises(UnknownName, match="Did you mean 'reciprocity'"):
        cg.plot.type_matrix(table, value="reciprocty", ax=ax)


def test_distributions_show_every_value_and_the_best_fits(small, ax):
    fits = cg.stats.fit_synapse_counts(small)
    cg.plot.distribution(small.edge_counts, fits=fits, best=2, ax=ax)
    k, share = ax.lines[0].get_data()
    for value, part in zip(k, share, strict=True):
        assert part == (small.edge_counts >= value).mean()
    curve = ax.lines[1].get_ydata()
    assert curve[0] == 1
    assert (np.diff(curve[np.isfinite(curve)]) < 0).all()
    assert words(ax)[1].startswith(fits.index[0].replace("_", " "))
    assert len(ax.lines) == 3


def test_distances_show_estimate_band_and_fits(small, ax):
    table = cg.stats.connection_by_distance(small)
    fit = cg.stats.fit_distance(table)
    cg.plot.connection_by_distance(table, fit=fit, mutual=True, ax=ax)
    middle, p = ax.lines[0].get_data()
    np.testing.assert_allclose(middle, (table["low_um"] + table["high_um"]) / 2)
    np.testing.assert_allclose(p, table["probability"])
    band = ax.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(band[:, 1].max(), table["wilson_high"].max())
    assert ax.get_xlabel() == "distance between somata (µm)"
    assert any("exponential, length" in text for text in words(ax))


def test_a_census_draws_each_class_once_with_its_ratio(small, ax):
    found = cg.compare(
        small, cg.motifs.triad_census, null=cg.nulls.Configuration(), n=19, seed=1, progress=False
    )
    cg.plot.triad_census(found, ax=ax)
    table = found.table.loc["021D":]
    shown = table[(table["observed"] > 0) & (table["mean"] > 0)]
    dots = np.concatenate([dots.get_offsets() for dots in ax.collections])
    np.testing.assert_allclose(np.sort(dots[:, 1]), np.sort(shown["ratio"]))
    assert [text.get_text().split("\n")[0] for text in ax.texts] == list(table.index)
    # The inset axes hold three nodes each.
    assert [len(inset.collections) for inset in ax.child_axes] == [3] * 13


def test_classes_that_were_not_tested_are_drawn_as_such(small, ax):
    found = cg.motifs.significance(small, n=19, seed=1, progress=False)
    cg.plot.triad_census(found.table, ax=ax)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "observed, not tested" in labels
    marks = {each.get_label(): len(each.get_offsets()) for each in ax.collections}
    open_classes = found.table.loc[["021D", "021U", "021C", "111D", "111U", "201"]]
    assert marks["observed, not tested"] == open_classes["p"].isna().sum() == 6


def test_a_census_without_triads_is_refused(ax):
    table = pd.DataFrame({"observed": [1.0], "mean": [1.0]}, index=["density"])
    with pytest.raises(InvalidArgument, match="none of the rows is a triad"):
        cg.plot.triad_census(table, ax=ax)


def test_motifs_show_forbidden_edges_and_conditions(ax):
    cg.plot.motif('A -> B [count >= 3]; B !> A; B.cell_type in ["BC", "MC"]', ax=ax)
    arrows = [text for text in ax.texts if hasattr(text, "arrow_patch")]
    dashes = [arrow.arrow_patch.get_linestyle() for arrow in arrows]
    assert len(arrows) == 2
    assert sum(dash != "-" for dash in dashes) == 1
    texts = {text.get_text() for text in ax.texts} - {""}
    assert texts == {"A", "B", "count ≥ 3", "cell type in BC, MC"}


def test_triads_have_an_arrow_for_each_connected_pair(ax):
    arrows = {}
    for name in ("003", "030T", "201", "300"):
        ax.clear()
        cg.plot.triad(name, ax=ax)
        arrows[name] = len(ax.texts)
    assert arrows == {"003": 0, "030T": 3, "201": 2, "300": 3}
    with pytest.raises(InvalidArgument, match="031"):
        cg.plot.triad("031", ax=ax)


def test_rich_clubs_show_phi_and_its_null(small, ax):
    table = cg.stats.rich_club(small, null=cg.nulls.Configuration(), n=9, seed=1)
    cg.plot.rich_club(table, normalised=True, ax=ax)
    shown = table[table["n_members"] >= 10]
    np.testing.assert_allclose(ax.lines[-1].get_ydata(), shown["phi_norm"])
    assert (ax.lines[0].get_ydata() == 1).all()
    with pytest.raises(InvalidArgument, match="needs a null"):
        cg.plot.rich_club(table[["n_members", "phi"]], normalised=True, ax=ax)


def test_profiles_and_cards_show_their_tables(small, ax):
    card = cg.skeletons.connectivity_card(
        small, "cell_type == 'BC'", by="broad_type", strata=("target",), n=99
    )
    cg.plot.connectivity_card(card, ax=ax)
    dots = np.concatenate([dots.get_offsets() for dots in ax.collections[1:]])
    np.testing.assert_allclose(np.sort(dots[:, 0]), np.sort(card.table["ratio"]))
    ax.clear()
    profile = pd.DataFrame(
        {"low_um": [0.0, 10.0], "high_um": [10.0, 20.0], "cable_um": [5.0, 4.0],
         "per_um": [1.0, 0.5], "null_low": [1, 1], "null_high": [5, 4]}
    )  # fmt: skip
    cg.plot.distance_profile(profile, ax=ax)
    np.testing.assert_array_equal(ax.patches[0].get_data().values, [1.0, 0.5])
    np.testing.assert_array_equal(ax.patches[1].get_data().values, [1.0, 1.0])
    assert words(ax) == ["observed", "uniform over cable, 95 %"]


def test_skeletons_keep_the_colors_of_compartments_and_types(ax):
    cell = cg.skeletons.from_arrays(
        [[0, 0, 0], [0, 5, 0], [4, 0, 0]], [[1, 0], [2, 0]], root_id=1, root=0,
        compartment=[1, 2, 3],
        inputs=pd.DataFrame({"synapse_id": [7, 8], "vertex": [2, 0]}),
    )  # fmt: skip
    cg.plot.morphology(cell, ax=ax)
    assert words(ax) == ["axon", "dendrite"]
    synapses = pd.DataFrame({"pre": [2, 3], "post": [1, 1], "synapse_id": [7, 8]})
    cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["23P", "BC", None]})
    g = cg.skeletons.attach(cg.from_tables(synapses, cells), [cell])
    ax.clear()
    cg.plot.neuron_synapses(g, cell, color_by="cell_type", ax=ax)
    assert words(ax) == ["BC (1)", "not known (1)"]
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), [[4, 0]])


def test_a_new_figure_is_made_when_no_axes_are_given(small):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    ax = cg.plot.positions(small)
    assert ax.figure.number not in before
    plt.close(ax.figure)
    assert plt.get_fignums() == before


@pytest.mark.parametrize("name", ["matrix", "triads", "types"])
def test_pictures_look_as_they_did(ax, name, same_picture):
    rng = np.random.default_rng(3)
    kinds = np.repeat(["23P", "BC", "MC"], [40, 12, 8])
    cells = pd.DataFrame({"root_id": np.arange(1, 61), "cell_type": kinds})
    matrix = (rng.random((60, 60)) < 0.15) * rng.integers(1, 9, (60, 60))
    np.fill_diagonal(matrix, 0)
    g = cg.from_adjacency(matrix, cells).between(pre="cell_type != 'MC'")
    if name == "matrix":
        cg.plot.matrix(g, "count", sort_by="cell_type", ax=ax)
    elif name == "types":
        cg.plot.type_matrix(cg.stats.type_matrix(g, by="cell_type", interval="wilson"), ax=ax)
    else:
        table = pd.DataFrame({"observed": np.arange(16) * 10.0, "mean": 75.0}, index=list(
            cg.motifs.triad_census(g).index))  # fmt: skip
        table = table.assign(low=60.0, high=90.0, p_max_t=0.01, n=99)
        cg.plot.triad_census(table, ax=ax)
    same_picture(ax.figure, f"{name}.png")


def mpl_axes():
    from matplotlib.figure import Figure

    return Figure().subplots()


def test_pictures_of_triads_follow_the_rule_of_the_text():
    rng = np.random.default_rng(3)
    g = cg.from_adjacency((rng.random((30, 30)) < 0.2) * (1 - np.eye(30, dtype=int)))
    kept = {}
    for name, null in (
        ("reciprocal", cg.nulls.ReciprocalConfiguration()),
        ("degrees", cg.nulls.Configuration()),
    ):
        found = cg.compare(g, cg.motifs.triad_census, null=null, n=19, seed=1)
        ax = cg.plot.triad_census(found, ax=mpl_axes())
        kept[name] = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "observed, not tested" in kept["reciprocal"]
    assert "observed, not tested" not in kept["degrees"]
    ax = cg.plot.triad_census(cg.motifs.significance(g, n=19, seed=1), ax=mpl_axes())
    assert "observed, not tested" in [text.get_text() for text in ax.get_legend().get_texts()]
