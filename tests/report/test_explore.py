"""The page to look around in, in a real browser: by pointer, by keyboard, and at brain size."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from browser import chromium

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName

BASE = 864691135000000001
HOSTILE = "</script><img src=x onerror=\"document.title='taken'\"><b>&amp;"


@pytest.fixture(scope="module")
def driver():
    with chromium() as running:
        running.set_window_size(1300, 1500)
        yield running


@pytest.fixture(scope="module")
def graph() -> cg.ConnectomeGraph:
    """Return 30 neurons of three types, one with a hostile name, on a rectangular domain."""
    rng = np.random.default_rng(3)
    ids = BASE + rng.permutation(10**6)[:30]
    ends = rng.choice(ids, (2, 400))
    synapses = pd.DataFrame({"pre": ends[0], "post": ends[1]})
    kinds = [["BC", "23P", HOSTILE][i % 3] for i in range(29)] + [None]
    neurons = pd.DataFrame({"root_id": ids, "cell_type": kinds, "status_axon": [True, False] * 15})
    return cg.from_tables(synapses, neurons).between(pre="status_axon")


@pytest.fixture
def page(driver: Any, graph: cg.ConnectomeGraph, tmp_path: Path):
    path = cg.explore(graph, tmp_path / "explore.html", title=HOSTILE)
    driver.get_log("browser")
    driver.get(path.as_uri())
    yield driver
    assert driver.get_log("browser") == []
    assert driver.title == HOSTILE


def texts(page: Any, where: str) -> list[str]:
    return [each.text for each in page.find_elements("css selector", where)]


def choose(page: Any, name: str) -> None:
    page.find_element("css selector", f'.node[aria-label^="{name}, "] circle').click()


def test_a_click_on_a_type_shows_partners_and_neurons(page, graph) -> None:
    choose(page, "BC")
    assert page.find_element("id", "chosen").text == "BC (10 cells)"
    table = cg.stats.type_matrix(graph, by="cell_type", interval="wilson")
    onto = table.loc[(table["post_type"] == "BC") & (table["n_edges"] > 0)]
    shown = dict(
        zip(texts(page, "#inputs td:nth-child(1)"), texts(page, "#inputs td:nth-child(3)"),
            strict=True)
    )  # fmt: skip
    assert shown == {r.pre_type: f"{r.n_synapses:,}" for r in onto.itertuples()}
    members = graph.neurons.index[graph.neurons["cell_type"] == "BC"]
    assert texts(page, "#neurons td:nth-child(2)") == [str(each) for each in members]
    choose(page, "BC")
    assert page.find_element("id", "chosen").text == "nothing yet"
    assert page.find_element("id", "listed").text.startswith("1 to 30 of 30 neurons")


def test_what_could_not_be_seen_is_not_zero(page, graph) -> None:
    outs = texts(page, "#neurons td:nth-child(5)")
    assert [text == "not observable" for text in outs] == (~graph.domain.sources).tolist()


def test_the_keyboard_reaches_everything(page) -> None:
    from selenium.webdriver.common.keys import Keys

    node = page.find_element("css selector", ".node")
    page.execute_script("arguments[0].focus()", node)
    node.send_keys(Keys.ENTER)
    assert page.find_element("id", "chosen").text != "nothing yet"
    assert page.switch_to.active_element.get_attribute("aria-pressed") == "true"
    cell = page.find_element("css selector", '.cell[tabindex="0"]')
    page.execute_script("arguments[0].focus()", cell)
    cell.send_keys(Keys.ARROW_DOWN)
    page.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    active = page.switch_to.active_element
    assert (active.get_attribute("data-row"), active.get_attribute("data-column")) == ("1", "1")
    assert "pairs connected" in active.get_attribute("aria-label")
    assert page.find_element("id", "tip").is_displayed()


def test_filters_keep_the_strong_and_the_named(page, graph) -> None:
    least = page.find_element("id", "least")
    least.clear()
    least.send_keys("20")
    table = cg.stats.type_matrix(graph, by="cell_type", interval="wilson")
    strong = table.loc[table["n_synapses"] >= 20]
    rows = list(csv.DictReader(io.StringIO(page.execute_script("return connectome.blockTable()"))))
    assert {(r["pre_type"], r["post_type"], int(r["n_synapses"])) for r in rows} == {
        (r.pre_type, r.post_type, r.n_synapses) for r in strong.itertuples()
    }
    assert len(page.find_elements("css selector", ".arrow")) == len(strong)
    page.find_element("id", "named").send_keys("23")
    assert len(page.find_elements("css selector", ".node")) == 1


def test_selected_ids_are_exact_in_csv_and_link(page, graph) -> None:
    page.find_element("id", "id").send_keys(str(graph.ids[4]))
    page.find_element("id", "all").click()
    assert page.execute_script("return connectome.chosenIds()") == [str(graph.ids[4])]
    rows = list(csv.DictReader(io.StringIO(page.execute_script("return connectome.neuronTable()"))))
    assert [row["root_id"] for row in rows] == [str(graph.ids[4])]
    link = page.find_element("id", "link")
    assert link.get_attribute("aria-disabled") == "true"
    page.find_element("id", "segmentation").send_keys("precomputed://somewhere")
    state = page.execute_script("return decodeURIComponent(arguments[0].hash.slice(2))", link)
    assert json.loads(state)["layers"][0]["segments"] == [str(graph.ids[4])]
    page.find_element("id", "none").click()
    assert page.execute_script("return connectome.chosenIds()") == []


def test_the_picture_is_an_svg_of_its_own(page) -> None:
    sheet = ET.fromstring(page.execute_script("return connectome.picture()"))
    marks = [each.tag.split("}")[1] for each in sheet.iter()]
    assert marks.count("circle") == 3
    assert marks.count("rect") == 9


def test_it_is_dark_and_light(page) -> None:
    def paper():
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    first = paper()
    page.find_element("id", "theme").click()
    assert paper() != first
    page.find_element("id", "theme").click()
    assert paper() == first


def test_it_loads_nothing_and_names_its_only_script(graph, tmp_path) -> None:
    text = cg.explore(graph, tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.count("<script") == 2
    assert "default-src 'none'" in text
    assert "<img" not in text
    with pytest.raises(UnknownName, match="no_such"):
        cg.explore(graph, tmp_path / "page.html", by="no_such")


def test_a_whole_brain_fits_and_opens(driver, tmp_path) -> None:
    n, m, n_types = 139_000, 400_000, 1_000
    rng = np.random.default_rng(0)
    edges = pd.DataFrame({"pre": rng.integers(1, n, m), "post": rng.integers(1, n, m), "count": 2})
    edges = edges.drop_duplicates(["pre", "post"])
    cells = pd.DataFrame({"root_id": BASE + np.arange(n)})
    cells["cell_type"] = [f"type {i}" for i in rng.zipf(1.3, n) % n_types]
    edges[["pre", "post"]] += BASE - 1
    path = cg.explore(cg.from_edges(edges, cells), tmp_path / "brain.html")
    assert path.stat().st_size < 10e6
    driver.get(path.as_uri())
    assert "smallest types are taken together" in driver.find_element("tag name", "main").text
    driver.find_element("id", "more").click()
    assert len(driver.find_elements("css selector", ".node")) == 200
    assert driver.find_element("id", "listed").text.startswith("1 to 100 of 139,000 neurons")
    driver.find_element("id", "on").click()
    assert driver.find_element("id", "listed").text.startswith("101 to 200")


def test_a_report_opens_it_at_a_type_and_at_a_neuron(driver, graph, tmp_path) -> None:
    folder = tmp_path / "pages & more #1"
    folder.mkdir()
    report = folder / "report.html"
    cg.report.write(graph, report, n=0, explore=folder / "to look around.html")
    hub = cg.stats.degrees(graph)[["out_degree", "in_degree"]].fillna(0).sum(axis=1).idxmax()
    for where, heading, shown in (
        ("#type-matrix tbody th a", HOSTILE, None),
        (f"#hubs a[href$='{hub}']", "nothing yet", str(hub)),
    ):
        driver.get(report.as_uri())
        links = driver.find_elements("css selector", where)
        link = next((each for each in links if each.text == heading), links[0])
        driver.execute_script("arguments[0].click()", link)
        assert driver.find_element("id", "chosen").text.startswith(heading)
        if shown is not None:
            assert texts(driver, "#neurons td:nth-child(2)") == [shown]
            assert driver.execute_script("return connectome.chosenIds()") == [shown]
    assert driver.get_log("browser") == []


def test_an_address_of_a_type_that_is_not_there_says_so(page) -> None:
    page.execute_script("location.hash = '#type=' + encodeURIComponent('<b>none</b>')")
    assert page.find_element("id", "told").text.startswith("There is no type <b>none</b> here")


def test_a_page_to_look_around_in_needs_types_and_a_file_of_its_own(tmp_path) -> None:
    g = cg.from_adjacency([[0, 1], [0, 0]])
    with pytest.raises(InvalidArgument, match="needs types"):
        cg.report.write(g, tmp_path / "r.html", explore=tmp_path / "e.html")
    cells = pd.DataFrame({"root_id": [1, 2], "cell_type": ["BC", "MC"]})
    g = cg.from_adjacency([[0, 1], [0, 0]], cells)
    with pytest.raises(InvalidArgument, match="the report itself"):
        cg.report.write(g, tmp_path / "r.html", n=0, explore=tmp_path / "r.html")


def test_whatever_can_be_used_has_a_name_for_screen_readers(page) -> None:
    choose(page, "BC")
    tree = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    used = {"button", "link", "gridcell", "searchbox", "combobox", "spinbutton", "checkbox",
            "textbox", "grid", "rowheader", "columnheader"}  # fmt: skip
    found: dict[str, list[str]] = {}
    for node in tree:
        role = node.get("role", {}).get("value")
        if role in used and not node.get("ignored"):
            found.setdefault(role, []).append(node.get("name", {}).get("value", ""))
    assert len(found["gridcell"]) == 9
    assert {"button", "grid", "columnheader", "rowheader", "checkbox"} <= set(found)
    assert [role for role, names in found.items() if not all(names)] == []
