"""Each registered datastack against a server that holds the tables its entry names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cave_server import TOKEN, Table, View, World

from connectome_graph.sources.cave import DATASTACKS, Datastack, FetchOptions, load_tables


def annotations(nuclei: pd.DataFrame, systems: list[str]) -> pd.DataFrame:
    """Return a row for each cell and system of labels."""
    rows = [
        (int(cell), system, f"{system} of {cell}") for cell in nuclei["id"] for system in systems
    ]
    frame = pd.DataFrame(rows, columns=["target_id", "classification_system", "cell_type"])
    frame.insert(0, "id", range(1, len(frame) + 1))
    return frame


def holds(world: World, entry: Datastack) -> None:
    """Give the server the tables that an entry names, and nothing else."""
    old = world.cave.tables
    nuclei = old["nucleus_detection_v0"].frame.drop(columns="volume")
    types = old["aibs_metamodel_celltypes_v661"].frame
    reference = old["allen_v1_column_types_slanted_ref"]
    cells = nuclei.assign(
        cell_type=types["cell_type"], classification_system=types["classification_system"]
    )
    tables = {
        source.name: Table(cells.assign(**{source.cell_id: cells["id"]} if source.cell_id else {}))
        for source in entry.cells
        if source.kind == "table"
    }
    world.cave.views = {source.name: View(cells) for source in entry.cells if source.kind == "view"}
    if entry.labels is not None:
        rows = annotations(nuclei, list(entry.labels.systems))
        tables[entry.labels.name] = Table(rows, reference=entry.cells[0].name)
    for name in [*([entry.column] if entry.column else []), *entry.coregistration]:
        tables[name] = reference
    proofread = old["proofreading_status_and_strategy"].frame
    for each in entry.proofreading:
        listed = proofread[["id", "pt_root_id", "valid_id"]].iloc[:3]
        if each.flag is not None:
            # the fourth is listed, and not proofread
            listed = proofread[["id", "pt_root_id", "valid_id"]].iloc[:4]
            listed = listed.assign(**{each.flag: pd.array([True] * 3 + [False], dtype="boolean")})
        if each.name not in tables:
            tables[each.name] = Table(proofread if each.rule == "status" else listed)
    synapses = old["synapses_pni_2"].frame
    if entry.synapses is None:
        tables["synapses_of_the_server"] = Table(synapses)
        world.cave.synapse_table = "synapses_of_the_server"
    else:
        own = synapses.drop(columns="size").rename(columns=lambda c: c.replace("ctr_pt", "pre_pt"))
        world.cave.views[entry.synapses[1]] = View(own)
    for name in entry.targets[:1]:
        tables[name] = old["synapse_target_predictions_ssa_v2"]
    world.cave.tables, world.cave.datastack = tables, entry.name


@pytest.mark.parametrize("name", DATASTACKS)
def test_every_registered_datastack_loads(either: World, options: FetchOptions, name: str) -> None:
    entry = DATASTACKS[name]
    holds(either, entry)
    found = load_tables(either.stack(name), version=1718, token=TOKEN, options=options)
    assert found.facts["datastack"] == name
    neurons = found.neurons.set_index("root_id")
    assert neurons.index.tolist() == sorted(either.cells)
    ids = set(either.cells)
    truth = either.synapses
    inside = truth["pre_pt_root_id"].isin(ids) & truth["post_pt_root_id"].isin(ids)
    assert found.synapses["synapse_id"].tolist() == truth["id"][inside].tolist()
    assert ("target" in found.synapses) == bool(entry.targets)
    assert ("size" in found.synapses) == (entry.synapses is None)
    assert {"x_um", "y_um", "z_um"} <= set(neurons) & set(found.synapses)
    assert ("is_column" in neurons) == (entry.column is not None)
    assert ("coreg" in neurons) == bool(entry.coregistration)
    if entry.labels is not None:
        first = int(neurons["cell_id"].iloc[0])
        assert neurons["broad_type"].iloc[0] == f"super_class of {first}"
    check_trust(neurons, entry, either.cells)


def check_trust(neurons: pd.DataFrame, entry: Datastack, cells: list[int]) -> None:
    """Compare trust with what the entry's tables say about the first three and the last cell."""
    trust = neurons.loc[[*cells[:3], cells[-1]], ["axon_trust", "dendrite_trust"]].to_numpy()
    if entry.proofreading[0].rule == "status":
        expected = [[2, 2], [1, 1], [1, 1], [0, 1]]
    elif entry.proofreading[0].name == entry.cells[0].name:
        expected = [[1, 1]] * 4  # the list of cells is the list of proofread cells
    else:
        level = max(each.axon_trust for each in entry.proofreading)
        expected = [[level] * 2, [level] * 2, [level - 1] * 2, [0, 0]]
    assert np.array_equal(trust, expected)


def test_the_synapse_table_of_h01_is_checked_like_any_other(
    either: World, options: FetchOptions
) -> None:
    """At version 269 the server named a synapse table that was not among its tables."""
    holds(either, DATASTACKS["h01_c3_flat"])
    either.cave.tables["synapses"] = either.cave.tables.pop("synapses_of_the_server")
    either.cave.synapse_table = "synapses_using_sample_voxel_coords"
    stack = either.stack("h01_c3_flat")
    with pytest.raises(KeyError, match="synapses_using_sample_voxel_coords"):
        load_tables(stack, version=1718, token=TOKEN, options=options)
    own = either.stack("h01_c3_flat", synapses=("table", "synapses"))
    found = load_tables(own, version=1718, token=TOKEN, options=options)
    assert len(found.synapses) > 0
