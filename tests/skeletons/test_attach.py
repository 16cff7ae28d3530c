"""Attaching: which synapse gets which vertex, and what happens to the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skeletons.trees_at_random import random_cell

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName

BIG = 864691135000000001


def cells_and_table(seed, n_cells=4, n_inputs=15):
    """Return cells with inputs whose ids are 18 digits long, and the table of all synapses."""
    rng = np.random.default_rng(seed)
    cells, tables = [], []
    for number in range(n_cells):
        first = BIG + 1000 * number
        cell = random_cell(rng, 30, root_id=BIG + number, n_inputs=n_inputs, first_synapse=first)
        cells.append(cell)
        table = cell.inputs.drop(columns="vertex")
        table["post"] = BIG + number
        table["pre"] = BIG + rng.integers(0, n_cells, n_inputs)
        table["true_distance"] = cell.distance_to_root_um[cell.inputs["vertex"]]
        table["post_node"] = cell.node_id[cell.inputs["vertex"]]
        tables.append(table)
    return cells, pd.concat(tables, ignore_index=True).sample(frac=1, random_state=seed)


def the_graph(table, *, without=()):
    return cg.from_tables(table.drop(columns=list(without)), unknown="add")


@settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_every_way_of_joining_gives_the_same_distances(seed):
    cells, table = cells_and_table(seed)
    others = {
        "by_synapse_id": the_graph(table, without=["post_node"]),
        "by_node": the_graph(table, without=["synapse_id"]),
        "by_position": the_graph(table, without=["synapse_id", "post_node"]),
    }
    for way, g in others.items():
        h = skeletons.attach(g, cells, within_um=0.001)
        column = h.synapse_column("distance_to_root_um")
        np.testing.assert_allclose(column, h.synapse_column("true_distance"), rtol=1e-12)
        assert h.provenance.fact("post")[f"n_{way}"] == len(table)
        assert h.provenance.fact("post")["n_unattached"] == 0


def test_compartment_branch_order_and_strahler_are_those_of_the_vertex():
    cells, table = cells_and_table(1)
    h = skeletons.attach(the_graph(table), cells)
    rows = h.synapses
    for cell in cells:
        nodes = skeletons.graph(cell).nodes
        mine = rows.loc[rows["post"] == cell.root_id]
        expected = nodes.loc[mine["post_node"]]
        for name in ("compartment", "branch_order", "strahler"):
            assert mine[name].tolist() == expected[name].tolist()


def test_sides_are_told_apart():
    cells, table = cells_and_table(2)
    g = the_graph(table.assign(pre_node=0))
    both = skeletons.attach(g, cells, side="both")
    post, pre = skeletons.attach(g, cells), skeletons.attach(g, cells, side="pre")
    assert "pre_distance_to_root_um" not in post.synapse_columns
    assert "distance_to_root_um" not in pre.synapse_columns
    at_node_0 = {cell.root_id: cell.distance_to_root_um[0] for cell in cells}
    expected = [at_node_0[neuron] for neuron in g.synapse_column("pre")]
    np.testing.assert_array_equal(both.synapse_column("pre_distance_to_root_um"), expected)
    for one in (pre, post):
        for name in set(one.synapse_columns) - set(g.synapse_columns):
            pd.testing.assert_series_equal(one.synapses[name], both.synapses[name])


def test_the_graph_given_is_not_changed():
    cells, table = cells_and_table(3)
    g = the_graph(table)
    before = g.synapses
    skeletons.attach(g, cells)
    pd.testing.assert_frame_equal(g.synapses, before)


def test_unattached_synapses_are_missing_and_counted():
    cells, table = cells_and_table(4)
    sites = cells[0].inputs
    sites.loc[[0, 1], "vertex"] = -1
    table = table.drop(columns="post_node")
    lame = random_cell(np.random.default_rng(0), 30, root_id=cells[0].root_id)
    lame = type(lame)(**{**vars_of(cells[0]), "sites": {"pre": cells[0].outputs, "post": sites}})
    g = the_graph(table)
    h = skeletons.attach(g, [lame, *cells[1:3]])
    rows = h.synapses.set_index("synapse_id")
    lost = sites["synapse_id"][:2]
    assert rows.loc[lost, "distance_to_root_um"].isna().all()
    assert rows.loc[lost, "compartment"].isna().all()
    assert rows.loc[lost, "branch_order"].isna().all()
    facts = h.provenance.fact("post")
    assert facts["n_on_cells"] == 45
    assert facts["n_unattached"] == 2
    on_no_cell = rows["post"] == cells[3].root_id
    assert rows.loc[on_no_cell, "distance_to_root_um"].isna().all()
    assert rows["distance_to_root_um"].notna().sum() == 43
    assert "43 of 45 postsynaptic sites on 3 skeletons" in str(h.provenance)


def vars_of(cell):
    return {name: getattr(cell, name) for name in cell.__dataclass_fields__}


def test_position_is_the_fall_back_and_only_within_the_distance():
    cells, table = cells_and_table(5)
    table = table.drop(columns="post_node")
    ids = cells[0].inputs["synapse_id"][:3]
    renamed = table["synapse_id"].isin(ids)
    table["synapse_id"] = table["synapse_id"].where(~renamed, table["synapse_id"] + 500)
    far = table["synapse_id"] == ids[0] + 500
    table.loc[far, "x_um"] += 1000
    g = the_graph(table)
    assert skeletons.attach(g, cells).provenance.fact("post")["n_unattached"] == 3
    h = skeletons.attach(g, cells, within_um=0.5)
    facts = h.provenance.fact("post")
    assert (facts["n_by_synapse_id"], facts["n_by_position"], facts["n_unattached"]) == (57, 2, 1)
    near = h.synapses["distance_to_root_um"].notna()
    rows = h.synapses.loc[near]
    np.testing.assert_allclose(rows["distance_to_root_um"], rows["true_distance"], rtol=1e-12)


def test_side_positions_win_over_the_centre():
    cells, table = cells_and_table(6)
    for axis in "xyz":
        table[f"post_{axis}_um"] = table[f"{axis}_um"]
        table[f"{axis}_um"] += 3000
    g = the_graph(table, without=["synapse_id", "post_node"])
    h = skeletons.attach(g, cells, within_um=0.001)
    assert h.provenance.fact("post")["n_by_position"] == len(table)


def test_a_synapse_whose_site_is_on_another_cell_does_not_attach():
    cells, table = cells_and_table(7)
    table = table.drop(columns="post_node")
    row = table.index[0]
    table.loc[row, "post"] = BIG + (table.loc[row, "post"] - BIG + 1) % 4
    h = skeletons.attach(the_graph(table), cells)
    assert h.provenance.fact("post")["n_unattached"] == 1


def test_attaching_in_parts_is_attaching_at_once():
    cells, table = cells_and_table(8)
    g = the_graph(table.assign(pre_node=0))
    parts = skeletons.attach(skeletons.attach(g, cells[:2], side="both"), cells[2:], side="both")
    assert parts.equals(skeletons.attach(g, cells, side="both"))


def test_cells_that_are_no_neurons_are_counted_or_refused():
    cells, table = cells_and_table(9)
    stranger = random_cell(np.random.default_rng(0), 5, root_id=12)
    g = the_graph(table)
    h = skeletons.attach(g, [*cells, stranger])
    assert h.provenance.fact("n_cells_not_in_graph") == 1
    with pytest.raises(UnknownName, match="materialization version"):
        skeletons.attach(g, [stranger])
    with pytest.raises(InvalidArgument, match="more than one cell"):
        skeletons.attach(g, [cells[0], cells[0]])
    with pytest.raises(InvalidArgument, match="Skeleton objects"):
        skeletons.attach(g, ["cell.swc"])


def test_no_way_to_join_is_an_error():
    cells, table = cells_and_table(10)
    g = the_graph(table, without=["synapse_id", "post_node"])
    with pytest.raises(InvalidArgument, match="within_um"):
        skeletons.attach(g, cells)
    bare = the_graph(table[["pre", "post"]])
    with pytest.raises(InvalidArgument, match="no x_um, y_um, z_um"):
        skeletons.attach(bare, cells, within_um=1)


def test_repeated_synapse_ids_are_refused():
    cells, table = cells_and_table(11)
    sites = pd.concat([cells[0].inputs, cells[0].inputs[:1]], ignore_index=True)
    double = type(cells[0])(**{**vars_of(cells[0]), "sites": {"pre": sites[:0], "post": sites}})
    with pytest.raises(InvalidTable, match="more than one postsynaptic site"):
        skeletons.attach(the_graph(table), [double])


@pytest.mark.parametrize("kind", ["float64", "Float64"])
def test_float_synapse_ids_are_refused(kind):
    cells, table = cells_and_table(12)
    sites = cells[0].inputs.astype({"synapse_id": kind})
    cell = type(cells[0])(**{**vars_of(cells[0]), "sites": {"pre": sites[:0], "post": sites}})
    with pytest.raises(InvalidTable, match="integers"):
        skeletons.attach(the_graph(table), [cell])


def test_nullable_and_text_ids_join_exactly():
    cells, table = cells_and_table(13)
    nullable = [
        type(cell)(
            **{
                **vars_of(cell),
                "sites": {"pre": cell.outputs, "post": cell.inputs.astype({"synapse_id": "Int64"})},
            }
        )
        for cell in cells
    ]
    g = the_graph(table, without=["post_node"])
    assert skeletons.attach(g, nullable).equals(skeletons.attach(g, cells))
    text = [
        type(cell)(
            **{
                **vars_of(cell),
                "root_id": f"n{cell.root_id}",
                "sites": {"pre": cell.outputs, "post": cell.inputs.astype({"synapse_id": str})},
            }
        )
        for cell in cells
    ]
    words = table.drop(columns="post_node").astype({"synapse_id": str})
    for end in ("pre", "post"):
        words[end] = "n" + words[end].astype(str)
    h = skeletons.attach(the_graph(words), text)
    np.testing.assert_allclose(
        h.synapse_column("distance_to_root_um"), h.synapse_column("true_distance"), rtol=1e-12
    )
    with pytest.raises(InvalidTable, match="text"):
        skeletons.attach(the_graph(table.astype({"synapse_id": str})), cells)


def test_distance_and_compartment_are_columns_like_any_other():
    cells, table = cells_and_table(14)
    g = skeletons.attach(the_graph(table), cells)
    near = g.filter_synapses("distance_to_root_um < 100 and compartment == 'dendrite'").synapses
    whole = g.synapses
    expected = (whole["distance_to_root_um"] < 100) & (whole["compartment"] == "dendrite")
    assert len(near) == expected.sum() > 0


def test_a_graph_with_no_synapse_on_the_cells_attaches_nothing():
    cells, table = cells_and_table(15)
    g = the_graph(table.loc[table["post"] != cells[0].root_id, ["pre", "post"]])
    if cells[0].root_id in set(g.ids):
        h = skeletons.attach(g, cells[:1])
        assert h.synapses["distance_to_root_um"].isna().all()
