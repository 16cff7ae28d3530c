"""Every statistic, motif, null, comparison and figure of the library, from the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import typer
from matplotlib import pyplot as plt

import connectome_graph as cg
from connectome_graph.cli import _public as public
from connectome_graph.cli import main
from connectome_graph.cli._commands import LEFT_OUT
from connectome_graph.cli._run import _modules, application
from connectome_graph.cli.engine import NAMES as ENGINE
from connectome_graph.cli.plot import PRODUCERS
from connectome_graph.cli.skeletons import statistics as of_skeletons


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with a graph, one with skeletons, a table, numbers and edges on disk."""
    folder = tmp_path_factory.mktemp("shell")
    g = cg.datasets.synthetic_column(scale=0.01)
    cg.write(g, folder / "g.connectome")
    cg.write(g.threshold(min_synapses=2), folder / "h.connectome")
    met = g.edges[["pre", "post", "count"]].rename(columns={"count": "area"})
    cg.write(g.within(met, exposure="area"), folder / "e.connectome")
    cg.stats.connection_by_distance(g).to_csv(folder / "distance.csv", index=False)
    null = cg.nulls.Configuration()
    cg.stats.rich_club(g, null=null, n=5).reset_index().to_csv(folder / "club.csv", index=False)
    cg.stats.type_matrix(g, "broad_type", n=5).to_csv(folder / "types.csv", index=False)
    cg.stats.similarity(g).to_csv(folder / "similar.csv")
    cg.stats.degrees(g).to_csv(folder / "degrees.csv")
    vertices = np.array([[0, 0, 0], [0, 10, 0], [10, 10, 0], [0, 20, 0]], float)
    inputs = pd.DataFrame({"synapse_id": [1, 2, 3], "vertex": [1, 2, 3]})
    cell = cg.skeletons.from_arrays(
        vertices, [[1, 0], [2, 1], [3, 1]], root=0, root_id=10, compartment=[1, 3, 3, 3],
        inputs=inputs,
    )  # fmt: skip
    cg.skeletons.write_swc(cell, folder / "10.swc")
    axon = cg.skeletons.from_arrays(
        vertices + 1, [[1, 0], [2, 1], [3, 1]], root=0, root_id=20, compartment=[1, 2, 2, 2]
    )
    cg.skeletons.write_swc(axon, folder / "20.swc")
    cells = pd.DataFrame(
        {"root_id": [10, 11, 12], "broad_type": ["excitatory", "excitatory", "inhibitory"],
         "cell_type": ["A", "B", "C"]}
    )  # fmt: skip
    synapses = pd.DataFrame({"pre": [11, 12, 12], "post": 10, "synapse_id": [1, 2, 3]})
    synapses = synapses.assign(x_um=[0.0, 10.0, 0.0], y_um=[10.0, 10.0, 20.0], z_um=0.0)
    cg.write(cg.skeletons.attach(cg.from_tables(synapses, cells), [cell]), folder / "s.connectome")
    synapses.to_parquet(folder / "synapses.parquet")
    cg.engine.edges_to_parquet(folder / "synapses.parquet", cells, folder=folder / "edges")
    return folder


def run(capsys, *arguments):
    code = main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    assert code == 0, err
    return out


# What a command needs besides the graph; {0} is the folder.
NEEDED = {
    "agreement": ["1,1,2", "a,a,b"],
    "balance_profile": ["{0}/s.connectome"],
    "connection_by": ["y_um", "--how", "difference", "--bins", "100"],
    "connectivity_card": ["{0}/s.connectome", "broad_type == 'inhibitory'", "--depth", "y_um"],
    "conversion": ["{0}/e.connectome"],
    "count": ["A -> B; B -> C"],
    "distance_profile": ["{0}/s.connectome", "{0}/10.swc", "--units", "um"],
    "find": ["A -> B; B -> A", "--limit", "3"],
    "fit_distance": ["{0}/distance.csv"],
    "fit_distribution": ["{0}/degrees.csv:out_degree"],
    "labelled_census": ["--by", "broad_type"],
    "labelled_dyads": ["--by", "broad_type"],
    "labelled_reciprocity": ["--by", "broad_type", "--n", "5"],
    "multisynapse_similarity": ["--n", "5"],
    "neuron_balance": ["{0}/s.connectome"],
    "observability": ["A -> B; B -> C"],
    "pair_model": ["connected ~ distance_um"],
    "parse": ["A -> B; B -> C"],
    "proximities": ["{0}/10.swc", "{0}/20.swc", "--units", "um"],
    "rich_club": ["--null", "edges", "--n", "5"],
    "rich_club_members": ["--k", "3"],
    "rich_club_range": ["{0}/club.csv"],
    "shared_volumes": ["{0}/10.swc", "{0}/20.swc", "0:50,0:50,-5:50", "--units", "um"],
    "significance": ["--n", "5"],
    "small_world": ["--n", "2", "--sources", "5"],
    "cascade": ["cell_type == '23P'", "--n", "3"],
    "cluster_similarity": ["{0}/similar.csv", "--n-clusters", "2"],
    "edge_agreement": ["{0}/h.connectome"],
    "effective_connectivity": ["cell_type == '23P'", "--targets", "cell_type == 'BC'"],
    "flow": ["cell_type == '23P'", "--by", "cell_type"],
    "influence": ["cell_type == '23P'"],
    "layers": ["cell_type == '23P'"],
    "partner_fractions": ["--by", "cell_type"],
    "recall_needed": ["--reaches", "0.05"],
    "shortest_paths": ["cell_type == 'BC'", "--targets", "cell_type == 'MC'"],
    "similarity_matrix": ["{0}/similar.csv"],
    "transfer_labels": ["--by", "cell_type"],
    "to_matrix": ["{0}/types.csv", "probability"],
    "type_matrix": ["--by", "broad_type", "--n", "5"],
    "wilson": ["5,6", "10,10"],
    "density": ["--n", "5"],
}
# Commands whose first argument is not the graph.
FREE = {"agreement", "cluster_similarity", "similarity_matrix",
        "fit_distance", "fit_distribution", "parse", "rich_club_range", "to_matrix",
        "recall_tiers", "wilson", "balance_profile", "connectivity_card", "distance_profile",
        "neuron_balance", "proximities", "conversion", "shared_volumes"}  # fmt: skip


def arguments_of(name, files):
    given = [each.format(files) for each in NEEDED.get(name, [])]
    return given if name in FREE else [files / "g.connectome", *given]


@pytest.mark.parametrize(
    ("group", "name"),
    [(group, name) for group in ("stats", "motifs") for name in public.names(group)]
    + [("skeletons", name) for name in of_skeletons()],
)
def test_every_statistic_is_reachable(group, name, files, capsys):
    words = [group, name.replace("_", "-"), *arguments_of(name, files)]
    assert run(capsys, *words)
    said = json.loads(run(capsys, *words, "--json"))
    assert "result" in said
    rows = list(csv.reader(io.StringIO(run(capsys, *words, "--csv"))))
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("name", public.names("plot"))
def test_every_figure_is_reachable(name, files, tmp_path, capsys):
    producer = PRODUCERS.get(name, ("", ""))[1]
    given = {
        "distribution": [f"{files}/degrees.csv:out_degree"],
        "morphology": [files / "10.swc", "--units", "um"],
        "motif": ["A -> B; B -> C"],
        "neuron_synapses": [files / "s.connectome", files / "10.swc", "--units", "um"],
        "synapse_sites": [files / "10.swc", "post", "--units", "um"],
        "triad": ["030T"],
        "proximity": [files / "20.swc", files / "10.swc", "--units", "um"],
        "type_colors": ["BC", "MC"],
    }.get(name, [files / "g.connectome"])
    words = [
        "plot",
        name.replace("_", "-"),
        *(arguments_of(producer, files) if producer else given),
    ]
    if name == "type_colors":
        assert run(capsys, *words)
        return
    path = tmp_path / "figure.png"
    said = json.loads(run(capsys, *words, "-o", path, "--json"))
    assert path.read_bytes().startswith(b"\x89PNG")
    assert said["path"] == str(path)


def test_a_network_of_types_is_laid_out_by_layer_from_seeds(files, tmp_path, capsys):
    words = ["plot", "type-network", files / "g.connectome", "--by", "cell_type"]
    words += ["--interval", "wilson", "-o", tmp_path / "figure.svg", "--json"]
    run(capsys, *words, "--seeds", "cell_type == 'NGC'")
    by_layer = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    g = cg.read(files / "g.connectome")
    table = cg.stats.type_matrix(g, "cell_type", interval="wilson")
    layers = cg.stats.layers(g, "cell_type == 'NGC'", by="cell_type")
    wanted = cg.plot.type_network(table, layout="layer", layers=layers)
    size = wanted.figure.get_size_inches()
    plt.close("all")
    width, height = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', by_layer).groups()
    # the picture is cut to what is drawn, which spans the layers
    assert float(width) / float(height) == pytest.approx(size[0] / size[1], rel=0.35)
    run(capsys, *words)
    assert (tmp_path / "figure.svg").read_text(encoding="utf-8") != by_layer
    assert main([*map(str, words), "--layout", "layer"]) == 2
    assert "--seeds" in capsys.readouterr().err


FIELDS = {
    "by": ["--null-by", "broad_type"],
    "bins": ["--null-bins", "0,50,100,400"],
}


@pytest.mark.parametrize("name", public.classes("nulls"))
def test_every_null_is_reachable(name, files, tmp_path, capsys):
    out = tmp_path / "sample.connectome"
    graph = files / ("e.connectome" if name.startswith("Exposure") else "g.connectome")
    needed = [e.name for e in public.described("nulls", name).parameters if e.required]
    own = [word.replace("--null-", "--") for n in needed for word in FIELDS[n]]
    run(capsys, "nulls", name, graph, "-o", out, "--seed", 1, *own)
    assert cg.read(out).n_neurons == cg.read(graph).n_neurons
    named = [word for n in needed for word in FIELDS[n]]
    words = ["compare", graph, "stats.density", "--with", "interval=wilson"]
    said = json.loads(run(capsys, *words, "--null", name, *named, "--n", 2, "--json"))
    assert len(said["result"]["table"]) >= 1
    shown = run(capsys, "nulls", "check", graph, "--null", name, "--n", 3, *named)
    assert "holds" in shown


def test_nulls_are_all_there_are():
    kinds = [getattr(cg.nulls, name) for name in cg.nulls.__all__]
    models = [k for k in kinds if isinstance(k, type) and issubclass(k, cg.nulls.NullModel)]
    assert {k.__name__ for k in models} - {"NullModel"} == set(public.classes("nulls"))


def test_public_functions_are_all_there_are():
    for package in ("stats", "motifs", "plot", "nulls", "engine"):
        module = getattr(cg, package)
        functions = {n for n in module.__all__ if callable(getattr(module, n)) and n == n.lower()}
        assert functions == set(public.names(package)), package
    assert set(ENGINE) == set(public.names("engine")) - {"edges_to_parquet", "open_edges"}


def test_what_is_left_out_is_no_choice_of_science():
    assert set(LEFT_OUT) == {"ax", "executor", "progress"}


def test_comparisons_sweeps_and_diagnoses(files, capsys):
    g, h = files / "g.connectome", files / "h.connectome"
    words = ["compare-graphs", g, h, "dyads", "--n", 5]
    assert "two" not in run(capsys, *words)
    swept = run(
        capsys, "sweep", g, "stats.dyads", "--min-synapses", 1, "--min-synapses", 2, "--csv"
    )
    assert len(swept.splitlines()) == 3
    told = json.loads(
        run(capsys, "nulls", "diagnose", g, "--null", "configuration", "--chains", 2, "--longest",
            2, "--json")
    )  # fmt: skip
    assert 0 < told["result"]["acceptance"] <= 1


@pytest.mark.parametrize("name", ENGINE)
def test_edges_on_disk_are_reachable(name, files, capsys):
    by = ["--by", "cell_type"] if name == "type_matrix" else []
    assert json.loads(
        run(capsys, "engine", name.replace("_", "-"), files / "edges", *by, "--json")
    )["result"]


def test_results_are_written_to_files(files, tmp_path, capsys):
    for ending in ("csv", "tsv", "json", "parquet"):
        path = tmp_path / f"degrees.{ending}"
        run(capsys, "stats", "degrees", files / "g.connectome", "-o", path)
        assert path.stat().st_size > 100
    ids = pd.read_parquet(tmp_path / "degrees.parquet").index
    assert ids.equals(cg.read(files / "g.connectome").neurons.index)
    rows = json.loads((tmp_path / "degrees.json").read_text())["result"]
    assert [int(row["root_id"]) for row in rows] == ids.tolist()


def test_the_graph_is_cut_down_before_anything_is_computed(files, capsys):
    g = cg.read(files / "g.connectome")
    words = ["--policy", "strict", "--min-synapses", "2", "--neurons", "broad_type == 'excitatory'"]
    said = json.loads(run(capsys, "stats", "dyads", files / "g.connectome", *words, "--json"))
    seen = g.subgraph("broad_type == 'excitatory'").threshold(min_synapses=2).observed("strict")
    assert said["result"]["mutual"] == cg.stats.dyads(seen)["mutual"]
    assert said["domain"]["policy"] == "strict"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["stats", "densty", "{0}/g.connectome"], "density"),
        (["stats", "density", "{0}/none.connectome"], "none.connectome"),
        (["stats", "density", "{0}/g.connectome", "--interval", "wilsn"], "wilson"),
        (["stats", "density", "{0}/g.connectome", "--seed", "x"], "--seed"),
        (["stats", "fit-distance", "{0}/none.csv"], "none.csv"),
        (["stats", "fit-distribution", "{0}/degrees.csv:none"], "no column"),
        (["compare", "{0}/g.connectome", "dyads", "--null", "configuraton"], "Configuration"),
        (["compare", "{0}/g.connectome", "dyad", "--null", "edges"], "dyads"),
        (
            ["compare", "{0}/g.connectome", "dyads", "--null", "edges", "--null-by", "x"],
            "no option",
        ),
        (["compare", "{0}/g.connectome", "dyads", "--null", "typed"], "--null-by"),
        (["compare", "{0}/g.connectome", "dyads", "--null", "edges", "--with", "x=1"], "--with"),
        (["plot", "matrix", "{0}/g.connectome", "-o", "{0}/x.gif"], ".png"),
        (["nulls", "Spatial", "{0}/g.connectome", "-o", "{0}/x.connectome", "--bins", "a"], "bins"),
    ],
)
def test_mistakes_take_one_line(words, told, files, capsys):
    assert main([each.format(files) for each in words]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["--help"], ["stats", "density", "x.connectome", "--wrong"]])
def test_help_and_mistakes_cost_little(words):
    code = (
        "import sys, time; from connectome_graph.cli import main; main(sys.argv[1:]);"
        "heavy = {'numpy', 'pandas', 'scipy', 'pyarrow', 'matplotlib', 'numba'} & set(sys.modules);"
        "print('HEAVY', sorted(heavy), time.process_time())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert "HEAVY []" in shown.stdout, shown.stdout + shown.stderr


def test_the_module_is_the_command():
    shown = subprocess.run(
        [sys.executable, "-m", "connectome_graph", "--version"], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert shown.stdout.startswith("connectome-graph ")


def test_the_shell_completes_names(monkeypatch, capsys):
    monkeypatch.setenv("_CONNECTOME_GRAPH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "connectome-graph stats den")
    monkeypatch.setenv("COMP_CWORD", "2")
    main([])
    assert "density" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("stats density g.connectome --interval w", {"wilson"}),
        ("fetch minnie65_public --synapses ", {"between", "outputs", "inputs"}),
        ("report g.connectome --policy s", {"strict"}),
    ],
)
def test_the_shell_completes_choices(typed, offered, monkeypatch, capsys):
    monkeypatch.setenv("_CONNECTOME_GRAPH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"connectome-graph {typed}")
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split(" "))))
    main([])
    assert set(capsys.readouterr().out.split()) == offered


def test_every_command_speaks_to_machines():
    found = {}
    for name in _modules():
        command = typer.main.get_command(application([name])).commands[name]
        waiting = [(name, command)]
        while waiting:
            path, each = waiting.pop()
            if hasattr(each, "commands"):
                waiting += [(f"{path} {sub}", inner) for sub, inner in each.commands.items()]
            else:
                found[path] = {option for p in each.params for option in getattr(p, "opts", ())}
    assert len(found) > 100
    assert [path for path, options in found.items() if not {"--json", "--csv"} <= options] == []


def test_table_one_is_told_and_exported(files, capsys):
    g = cg.read(files / "g.connectome")
    assert run(capsys, "describe", files / "g.connectome").rstrip() == repr(cg.describe(g))
    said = json.loads(run(capsys, "describe", files / "g.connectome", "--json"))
    assert said["result"]["table"][0]["value"] == g.n_neurons
    latex = run(capsys, "describe", files / "g.connectome", "--policy", "strict", "--latex")
    assert latex == cg.describe(g.observed("strict")).to_latex()
