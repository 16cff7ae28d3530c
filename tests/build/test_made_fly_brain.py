"""The files of the FlyWire tutorial: read as Codex's are, with nothing lost."""

from __future__ import annotations

import pandas as pd
import pytest

import connectome_graph as cg
from docs import made_fly_brain as made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.codex(tmp_path_factory.mktemp("codex"))


def test_every_row_and_neuron_is_read(folder):
    rows = pd.read_csv(folder / "connections.csv.gz")
    cells = pd.read_csv(folder / "classification.csv.gz").set_index("root_id")
    g = cg.from_release(folder)
    assert set(g.ids) == set(cells.index)
    assert g.n_synapses == rows["syn_count"].sum()
    pairs = rows.groupby(["pre_root_id", "post_root_id"])["syn_count"].sum()
    ours = g.edges.set_index(["pre", "post"])["count"]
    assert ours.sort_index().tolist() == pairs.sort_index().tolist()
    assert (g.neurons["side"] == cells["side"].reindex(g.neurons.index)).all()
    assert g.neurons["cell_type"].value_counts()["KCg-m"] == 2 * made.TYPES["KCg-m"][0]


def test_it_has_the_threshold_and_the_sides_it_says(folder):
    rows = pd.read_csv(folder / "connections.csv.gz")
    assert rows["syn_count"].min() == made.THRESHOLD
    assert set(rows["neuropil"].str[-1]) == {"L", "R"}
    assert str(rows["pre_root_id"].min()).startswith("720575940")


def test_the_same_seed_gives_the_same_files(folder, tmp_path):
    again = made.codex(tmp_path)
    for path in folder.iterdir():
        assert pd.read_csv(path).equals(pd.read_csv(again / path.name)), path.name
