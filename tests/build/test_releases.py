"""Every layout of a public release: the right graph, and a sentence for each kind of fault."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from definitions_of_releases import BODIES, FLY, IDS, TEXTS, facts, pairs

import connectome_graph as cg
from connectome_graph.errors import (
    InvalidArgument,
)
from docs import made_other_releases as other
from docs import made_releases as made

# -- FlyWire -------------------------------------------------------------------------------


def test_codex(tmp_path):
    g = cg.from_release(made.codex(tmp_path))
    assert pairs(g) == FLY
    assert g.synapses["neuropil"].tolist() == ["MB_ML_L", "MB_CA_L", "MB_CA_R", "MB_CA_L"]
    assert g.synapses["nt_type"].tolist() == ["ACH", "ACH", "ACH", "GABA"]
    neurons = g.neurons
    assert neurons["cell_type"].tolist() == ["KCg", "KCg", "APL", "MBON01"]
    assert neurons["side"].tolist() == ["left", "right", "left", "right"]
    assert neurons["nt_type"].tolist()[:3] == ["ACH", "ACH", "GABA"]
    assert neurons["nt_type"].isna().tolist()[3]
    assert neurons["nt_gaba"].tolist() == [0.1] * 4
    assert neurons["x_um"].tolist() == [400.0, 402.0, 403.0, 404.0]
    told = facts(g)
    assert told["kind"] == "flywire"
    assert told["n_dropped_unknown"] == 1
    assert told["n_repeated_rows coordinates.csv.gz"] == 1
    assert told["n_stale_rows consolidated_cell_types.csv.gz"] == 1
    assert "CC BY-NC" in told["licence"]
    assert "Dorkenwald" in told["citation"]
    assert "flywire" in str(g.provenance)


def test_a_neuropil_has_a_density_of_its_own(tmp_path):
    g = cg.from_release(made.codex(tmp_path))
    calyx = g.filter_synapses("neuropil == 'MB_CA_R'", neurons="touched")
    assert calyx.n_neurons == 4
    assert calyx.domain.n_pairs == 2
    assert cg.stats.density(calyx)["density"] == 0.5
    assert g.filter_synapses("neuropil == 'MB_CA_R'").domain.n_pairs == 12
    with pytest.raises(InvalidArgument, match="neurons='some'"):
        g.filter_synapses("count > 1", neurons="some")


def test_codex_without_a_header(tmp_path):
    made.codex(tmp_path)
    frame = made.codex_connections()
    (tmp_path / "connections.csv.gz").unlink()
    frame.to_csv(tmp_path / "no_threshold_connections.csv.gz", index=False, header=False)
    assert pairs(cg.from_release(tmp_path)) == FLY


def test_the_princeton_synapses_get_their_first_digits_back(tmp_path):
    made.codex(tmp_path)
    g = cg.from_release(made.codex_princeton(tmp_path))
    assert pairs(g) == FLY  # a row per synapse, and the connections are not added to them
    assert g.synapses["x_um"].iloc[0] == 100.0
    assert facts(g)["files_left_out"] == ["connections.csv.gz"]


def test_zenodo_and_the_annotations(tmp_path):
    g = cg.from_release(made.zenodo(tmp_path))
    assert pairs(g) == FLY
    assert g.neurons["x_um"].tolist() == [8.0, 4.0, 8.0, 8.0]
    assert g.neurons["nt_type"].tolist()[:3] == ["acetylcholine", "acetylcholine", "gaba"]
    assert "nt_gaba" in g.synapse_columns


def test_shiu(tmp_path):
    g = cg.from_release(made.shiu(tmp_path))
    assert pairs(g) == {(IDS[0], IDS[3]): 9, (IDS[2], IDS[0]): 9}
    assert g.n_neurons == 4
    assert g.neurons["sign"].tolist()[0] == 1
    assert g.neurons["sign"].tolist()[2] == -1
    assert "MIT" in facts(g)["licence"]


# -- neuPrint ------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
def test_hemibrain(tmp_path, packed):
    folder = made.hemibrain(tmp_path)
    if not packed:
        shutil.unpack_archive(next(folder.iterdir()), folder, filter="data")
        next(folder.glob("*.tar.gz")).unlink()
    g = cg.from_release(folder)
    assert pairs(g) == BODIES  # the regions, not the regions and the totals
    assert len(g.synapses) == 4
    assert g.neurons["side"].tolist() == ["left", "right", "left", "right"]
    assert facts(g)["files_left_out"] == ["traced-total-connections.csv"]
    assert "Scheffer" in facts(g)["citation"]


def test_manc(tmp_path):
    g = cg.from_release(made.manc(tmp_path))
    assert pairs(g) == BODIES
    assert g.neurons["side"].tolist() == ["left", "right", "center", "right"]
    assert "NotPrimary" in g.synapses["neuropil"].tolist()
    assert g.neurons["nt_type"].isna().tolist() == [False, False, False, True]


def test_a_list_of_traced_neurons_says_which_there_are(tmp_path):
    made.manc(tmp_path)
    traced = pd.DataFrame({"bodyId": [11, 12, 14], "type": "t", "instance": "i"})
    traced.to_csv(tmp_path / "traced-neurons.csv", index=False)
    g = cg.from_release(tmp_path)
    assert g.ids.tolist() == [11, 12, 14]
    assert g.neurons["side"].tolist() == ["left", "right", "right"]
    assert facts(g)["n_stale_rows manc-v1.0-neuron-properties.feather"] == 1


@pytest.mark.parametrize("engine", [None, "duckdb"])
def test_male_cns(tmp_path, engine):
    g = cg.from_release(made.male_cns(tmp_path), engine=engine)
    assert pairs(g) == BODIES
    assert g.n_neurons == 4
    assert g.neurons["side"].tolist() == ["left", "right", "center", "right"]
    assert g.neurons["nt_type"].tolist()[:3] == ["acetylcholine", "acetylcholine", "gaba"]
    assert facts(g)["n_bodies_without_superclass"] == 1


def test_male_cns_partners(tmp_path):
    g = cg.from_release(made.male_cns(tmp_path, partners=True))
    assert pairs(g) == BODIES
    assert g.synapses["x_um"].iloc[0] == 10.0
    assert cg.from_release(tmp_path, resolution_nm=(4, 4, 4)).synapses["x_um"].iloc[0] == 5.0


def test_frames_of_neuprint_python():
    g = cg.from_release(made.fetched_adjacencies())
    assert pairs(g) == BODIES
    neurons, counts = made.fetched_neurons()
    h = cg.from_release((neurons, counts, made.fetched_synapses()))
    assert pairs(h) == BODIES
    assert h.synapses["neuropil"].tolist()[0] in ("MB_ML_L", "MB_CA_L")
    assert h.neurons["x_um"].round(3).tolist()[0] == 8.0
    assert h.neurons["cropped"].tolist()[1]


# -- BANC and kin --------------------------------------------------------------------------


def test_banc(tmp_path):
    g = cg.from_release(made.banc(tmp_path))
    assert pairs(g) == TEXTS
    assert g.n_neurons == 5
    assert set(g.synapses["compartment"]) == {"dendrite"}
    assert g.neurons["proofread"].tolist()[:3] == [True, True, False]
    assert g.neurons["side"].isna().tolist()[4]
    assert facts(g)["files_left_out"] == ["banc_746_simple_edgelist.feather"]
    simple = cg.from_release(tmp_path, connections="simple")
    assert pairs(simple) == TEXTS


def test_banc_synapses(tmp_path):
    g = cg.from_release(made.banc_synapses(tmp_path))
    assert pairs(g) == TEXTS
    assert g.synapses["z_um"].iloc[0] == 3.0


# -- worms ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [other.witvliet, other.white])
def test_tables_of_worms(tmp_path, make):
    folder = make(tmp_path)
    g = cg.from_release(folder)
    assert pairs(g) == {("AVAL", "AVAR"): 2, ("AVAL", "DA1"): 5}
    both = cg.from_release(folder, layer="all")
    assert both.synapses["layer"].tolist() == ["chemical", "chemical", "electrical"]
    assert pairs(cg.from_release(folder, layer="electrical")) == {("AVAR", "AVAL"): 3}


def test_several_animals_are_never_added_up(tmp_path):
    other.witvliet(tmp_path, number=7)
    other.witvliet(tmp_path, number=8)
    with pytest.raises(InvalidArgument, match="never added up"):
        cg.from_release(tmp_path)
    assert cg.from_release(tmp_path, connections="2020_8").n_edges == 2


def test_numbers_of_sections_are_sizes(tmp_path):
    g = cg.from_release(other.worm_edges(tmp_path))
    assert g.edges["size"].tolist() == [2, 5]
    assert g.edges["count"].tolist() == [1, 1]
    assert g.ids.tolist() == ["AVAL", "AVAR", "DA1"]
    assert "serial sections" in str(g.provenance)


def test_cook(tmp_path):
    g = cg.from_release(other.cook(tmp_path))
    assert g.edges["size"].tolist() == [4, 9]
    assert g.domain.n_sources == 2
    assert g.domain.n_targets == 3
    assert g.neurons["group"].tolist() == ["INTERNEURONS", "INTERNEURONS", "MUSCLES"]
    assert cg.from_release(tmp_path, layer="electrical").edges["size"].tolist() == [3, 3]
    assert cg.from_release(tmp_path, connections="male").edges["size"].tolist() == [1]
    assert cg.from_release(tmp_path, layer="all").n_synapses == 4


# -- SONATA, CAVE's dumps, edge lists ------------------------------------------------------


def test_sonata(tmp_path):
    g = cg.from_release(other.sonata(tmp_path))
    assert pairs(g) == {("v1:0", "v1:1"): 3, ("v1:0", "v1:2"): 1, ("v1:2", "v1:0"): 2}
    assert g.neurons["ei"].tolist() == ["e", "e", "i"]
    assert g.neurons["y_um"].tolist() == [10.0, 11.0, 12.0]


def test_a_dump_of_cave(tmp_path):
    g = cg.from_release(other.cave_dump(tmp_path))
    assert pairs(g) == {(other.MINNIE, other.MINNIE + 1): 2}
    assert g.edges["size"].tolist() == [300]
    assert g.n_neurons == 2  # the root of two cells is neither
    assert g.synapses["x_um"].tolist() == [4.0, 4.0]
    assert g.neurons["status_dendrite"].tolist() == [True, False]
    assert facts(g)["n_rows_read"] == 4


def test_aggregated_connections_of_a_dump(tmp_path):
    g = cg.from_release(other.cave_dump(tmp_path, aggregated=True))
    assert pairs(g) == {(other.MINNIE, other.MINNIE + 1): 2}
    assert g.edges["size"].tolist() == [500]


@pytest.mark.parametrize("header", [True, False])
def test_edge_lists(tmp_path, header):
    g = cg.from_release(other.edge_list(tmp_path, header=header))
    assert pairs(g) == {(1, 2): 3, (2, 3): 4}
    assert "was read as the number of synapses" in str(g.provenance)


def test_the_number_of_rows_is_held_against_the_published_one(tmp_path):
    told = str(cg.from_release(other.witvliet(tmp_path)).provenance)
    assert "The published number of rows is 2,202 (Witvliet et al., 7); this file has 2." in told


@pytest.mark.parametrize(("weights", "said"), [([3.0, 4.0], "number of"), ([0.5, 4.0], "a size")])
def test_graphml_of_igraph(tmp_path, weights, said):
    import igraph

    graph = igraph.Graph([(0, 1), (1, 2)], directed=True)
    graph.vs["name"], graph.es["weight"] = ["a", "b", "c"], weights
    graph.write_graphml(str(tmp_path / "cat.graphml"))
    for source in (tmp_path, tmp_path / "cat.graphml", [str(tmp_path / "cat.graphml")]):
        g = cg.from_release(source)
        assert g.ids.tolist() == ["a", "b", "c"]
        assert g.edges["count" if weights[0] == 3 else "size"].tolist() == weights
        assert said in str(g.provenance)


def test_ones_own_graphml_is_read_as_ever(tmp_path):
    g = cg.from_adjacency([[0, 3], [1, 0]])
    assert cg.from_release(cg.export.write_graphml(g, tmp_path / "own.graphml")).equals(g)
