"""The page as text: what it says, that nothing from a graph is markup, that ids stay exact."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import connectome_graph as cg
from connectome_graph.cli import main
from connectome_graph.report._picture import picture
from strategies import graphs

BASE = 864691135000000001
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>&amp;'\""


class Page(html.parser.HTMLParser):
    """Elements, text and embedded data of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.scripts: list[str] = []
        self.in_script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
            self.in_script = True

    def handle_endtag(self, tag):
        del tag
        self.in_script = False

    def handle_data(self, data):
        if self.in_script:
            self.scripts[-1] += data
        else:
            self.said.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.said))

    @property
    def data(self):
        return json.loads(self.scripts[0])


def cells(n: int, **columns) -> pd.DataFrame:
    return pd.DataFrame({"root_id": BASE + np.arange(n), **columns})


def small(**columns) -> cg.ConnectomeGraph:
    synapses = pd.DataFrame(
        {
            "pre": BASE + np.array([0, 0, 1, 2, 3, 3, 1]),
            "post": BASE + np.array([1, 1, 2, 0, 3, 1, 0]),
            "size": [5, 7, 2, 1, 9, 4, 3],
        }
    )
    return cg.from_tables(synapses, cells(4, **columns))


def unpacked(text: str) -> list[int]:
    return np.frombuffer(base64.b64decode(text), "<u4").tolist()


def test_a_page_says_what_the_graph_is(column: cg.ConnectomeGraph) -> None:
    page = Page(cg.report.to_html(column.observed("strict"), n=19, title="One column"))
    assert "1,355" in page.text
    assert "317 sources \u00d7 1,355 targets" in page.text
    assert str(column.provenance.steps[0].sentence) in page.text
    assert "These tables were generated" in page.text
    assert "45,978 connected pairs lie outside the domain" in page.text
    assert "19 random graphs (seed 0)" in page.text
    assert "connectome-graph" in page.text
    headings = {attributes.get("id") for tag, attributes in page.tags if tag == "section"}
    assert headings >= {"what", "seen", "matrix", "types", "weights", "degrees", "distance"}


def test_a_page_loads_nothing_and_lets_only_its_own_script_run(
    random_graph: cg.ConnectomeGraph,
) -> None:
    page = Page(cg.report.to_html(random_graph, n=0))
    for tag, attributes in page.tags:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form", "img"}
        assert not {"src", "srcset", "action", "background"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(
        attributes["content"] or ""
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    digest = base64.b64encode(hashlib.sha256(page.scripts[1].encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("where", ["type", "column", "title", "id", "provenance", "missing"])
def test_whatever_a_graph_is_called_stays_text(where: str) -> None:
    g = small(cell_type=["E", "E", HOSTILE, "I"])
    options = {"by": "cell_type", "title": "t", "n": 0}
    if where == "column":
        g = small(**{HOSTILE: ["a", "b", "b", None]})
        options["by"] = HOSTILE
    elif where == "title":
        options["title"] = HOSTILE
    elif where == "id":
        ids = [HOSTILE, "b"]
        g = cg.from_tables(
            pd.DataFrame({"pre": [ids[0]], "post": [ids[1]]}), pd.DataFrame({"root_id": ids})
        )
        options["by"] = None
    elif where == "provenance":
        quoted = HOSTILE.replace("\\", "").replace('"', "").replace("'", "")
        g = g.subgraph(f"cell_type != '{quoted}'")
    elif where == "missing":
        g = small(cell_type=[HOSTILE, None, None, None])
    text = cg.report.to_html(g, **options)
    plain = Page(cg.report.to_html(small(cell_type=["E", "E", "X", "I"]), n=0))
    page = Page(text)
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags} | {"dl", "div"}
    assert len(page.scripts) == 2
    assert "<img" not in text
    assert text.count("<script") == 2


def test_ids_keep_every_digit_and_are_text(random_graph: cg.ConnectomeGraph) -> None:
    page = Page(cg.report.to_html(random_graph, n=0))
    ids = [each for bin_ids in page.data["rows"]["ids"] for each in bin_ids]
    assert sorted(ids) == sorted(map(str, random_graph.ids.tolist()))
    shown = {
        attributes["data-key"] for _, attributes in page.tags if attributes.get("class") == "id"
    }
    assert shown == set(map(str, random_graph.ids.tolist()))


@given(graphs())
@settings(max_examples=25)
def test_the_picture_holds_every_edge_and_synapse(g: cg.ConnectomeGraph) -> None:
    found = picture(g, by="cell_type")
    if found is None:
        assert 0 in (g.domain.n_sources, g.domain.n_targets)
        return
    rows, columns = found["rows"], found["columns"] or found["rows"]
    pointers, places = unpacked(found["pointers"]), unpacked(found["places"])
    told = {
        (rows["ids"][row][0], columns["ids"][places[k]][0]): synapses
        for row in range(len(rows["n"]))
        for k, synapses in zip(
            range(pointers[row], pointers[row + 1]),
            unpacked(found["synapses"])[pointers[row] : pointers[row + 1]],
            strict=True,
        )
    }
    edges = g.edges
    pairs = zip(edges["pre"].astype(str), edges["post"].astype(str), strict=True)
    assert told == dict(zip(pairs, edges["count"].tolist(), strict=True))
    assert [found["labels"][k] for k in rows["label"]] == sorted(
        g.neurons["cell_type"][g.domain.sources]
    )


@given(graphs(max_neurons=4, max_synapses=6))
@settings(max_examples=15)
def test_small_and_empty_graphs_have_a_page(g: cg.ConnectomeGraph) -> None:
    page = Page(cg.report.to_html(g, n=2))
    assert f"{g.domain.n_sources:,} sources \u00d7 {g.domain.n_targets:,} targets" in page.text


def test_a_graph_without_neurons_has_a_page() -> None:
    nobody = cg.from_adjacency([[0, 1], [0, 0]]).subgraph([])
    assert "The domain has no pairs" in Page(cg.report.to_html(nobody)).text


def test_a_graph_of_types_has_a_page() -> None:
    types = small(cell_type=["E", "E", "I", "I"]).collapse("cell_type")
    page = Page(cg.report.to_html(types))
    assert "triads" not in {attributes.get("id") for _, attributes in page.tags}


def test_cautions_name_what_limits_a_graph() -> None:
    synapses = pd.DataFrame({"pre": [1, 1, 2, 9], "post": [1, 2, 1, 1], "size": [1, None, 3, 4]})
    neurons = pd.DataFrame(
        {
            "root_id": [1, 2, 3],
            "cell_type": ["E", None, "E"],
            "status_axon": [True, False, False],
            "strategy_axon": ["axon_fully_extended", "none", "none"],
        }
    )
    g = cg.from_tables(synapses, neurons, unknown="drop")
    text = Page(cg.report.to_html(g, n=0)).text
    assert "axons that nobody proofread: 2" in text
    assert "1 synapses had a partner outside the neuron table" in text
    assert "1 neuron has a synapse onto itself" in text
    assert "1 neuron has no edge" in text
    assert "1 neuron has no value of cell_type" in text
    assert "1 synapse has no size" in text
    observed = Page(cg.report.to_html(g.observed("strict").threshold(min_synapses=2), n=0)).text
    assert "fewer than 2 synapses" in observed
    assert "untrusted axons" not in observed


def test_many_types_are_taken_together() -> None:
    rng = np.random.default_rng(0)
    names = [f"type {k:03}" for k in range(60)]
    ends = BASE + rng.integers(0, 60, (2, 400))
    g = cg.from_tables(pd.DataFrame({"pre": ends[0], "post": ends[1]}), cells(60, cell_type=names))
    text = Page(cg.report.to_html(g, n=0)).text
    assert "The 31 smallest types are taken together" in text
    assert "all other types" in text


def test_the_same_seed_gives_the_same_page(random_graph: cg.ConnectomeGraph) -> None:
    pages = [cg.report.to_html(random_graph, n=9, seed=seed) for seed in (1, 1, 2)]
    assert pages[0] == pages[1]
    assert pages[0] != pages[2]


def test_wrong_arguments_are_named(random_graph: cg.ConnectomeGraph) -> None:
    with pytest.raises(cg.ConnectomeError, match="Did you mean 'cell_type'"):
        cg.report.to_html(random_graph, by="cel_type")
    with pytest.raises(cg.ConnectomeError, match="n=-1"):
        cg.report.to_html(random_graph, n=-1)


def test_the_command_writes_a_page(random_graph, tmp_path, capsys) -> None:
    bundle, output = tmp_path / "g.connectome", tmp_path / "report.html"
    cg.write(random_graph, bundle)
    assert main(["report", str(bundle), "-o", str(output), "--n", "0"]) == 0
    assert f"written to {output}" in capsys.readouterr().out
    assert output.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["report", str(bundle), "-o", str(output), "--n", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(output)
    assert main(["report", str(bundle), "-o", str(tmp_path / "no" / "r.html")]) == 2
    assert "the folder" in capsys.readouterr().err
