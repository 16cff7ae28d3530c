"""The page in a real browser: it sorts, zooms, tells, prints, and takes nothing for markup."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import chromium

import connectome_graph as cg

BASE = 864691135000000001
HOSTILE = "</script><img src=x onerror=\"document.title='taken'\"><b>&amp;"
LARGE = 139_000


@pytest.fixture(scope="module")
def driver():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def graph() -> cg.ConnectomeGraph:
    """Return 30 neurons, one type of which has a hostile name, on a rectangular domain."""
    rng = np.random.default_rng(3)
    ids = BASE + rng.permutation(10**6)[:30]
    ends = rng.choice(ids, (2, 400))
    synapses = pd.DataFrame({"pre": ends[0], "post": ends[1], "size": rng.integers(1, 99, 400)})
    neurons = pd.DataFrame(
        {
            "root_id": ids,
            "cell_type": ["BC", "23P", HOSTILE] * 10,
            "status_axon": [True, False] * 15,
        }
    )
    return cg.from_tables(synapses, neurons).between(pre="status_axon")


@pytest.fixture
def page(driver: Any, graph: cg.ConnectomeGraph, tmp_path: Path):
    """Return the driver on a fresh page; after the test nothing may have gone wrong there."""
    path = cg.report.write(graph, tmp_path / "report.html", n=9)
    driver.get_log("browser")
    driver.get(path.as_uri())
    yield driver
    assert driver.get_log("browser") == []


def script(driver: Any, code: str, *arguments: Any) -> Any:
    return driver.execute_script(code, *arguments)


def settle(driver: Any) -> None:
    """Wait until what scrolling started is over."""
    driver.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
    )


def column_of(driver: Any, table: str, heading: str) -> list[str]:
    code = """
    const table = document.getElementById(arguments[0]);
    const at = [...table.tHead.rows[0].cells].findIndex((c) => c.textContent === arguments[1]);
    return [...table.tBodies[0].rows].map((row) => row.cells[at].textContent);"""
    return script(driver, code, table, heading)


def click_heading(driver: Any, table: str, heading: str) -> None:
    for button in driver.find_elements("css selector", f"#{table} th button"):
        if button.text == heading:
            script(driver, "arguments[0].scrollIntoView({block: 'center'})", button)
            button.click()
            return
    raise AssertionError(f"no heading {heading!r}")


def canvas_point(driver: Any, row: float, column: float) -> tuple[float, float]:
    """Return where the middle of a cell lies on the screen, as the whole picture shows it."""
    code = """
    const canvas = document.getElementById("adjacency");
    canvas.scrollIntoView({block: "start"});
    const box = canvas.getBoundingClientRect();
    const data = JSON.parse(document.getElementById("data").textContent);
    return [box.left, box.top, box.width, box.height,
            data.rows.n.length, (data.columns || data.rows).n.length];"""
    left, top, width, height, rows, columns = script(driver, code)
    settle(driver)
    bar = 14
    return (
        left + bar + (column + 0.5) / columns * (width - bar),
        top + bar + (row + 0.5) / rows * (height - bar),
    )


def mouse(driver: Any, kind: str, at: tuple[float, float], **options: Any) -> None:
    driver.execute_cdp_cmd(
        "Input.dispatchMouseEvent", {"type": kind, "x": at[0], "y": at[1], **options}
    )


def tip(driver: Any) -> str:
    return script(driver, "const t = document.getElementById('tip');"
                          "return t.hidden ? '' : t.textContent")  # fmt: skip


def cells(driver: Any) -> dict[tuple[int, int], int]:
    """Return the cells that the page holds: (row, column) to synapses."""
    data = json.loads(script(driver, "return document.getElementById('data').textContent"))
    unpack = {n: np.frombuffer(base64.b64decode(data[n]), "<u4") for n in
              ("pointers", "places", "synapses")}  # fmt: skip
    rows = np.repeat(np.arange(len(data["rows"]["n"])), np.diff(unpack["pointers"]))
    pairs = zip(rows.tolist(), unpack["places"].tolist(), strict=True)
    return dict(zip(pairs, unpack["synapses"].tolist(), strict=True))


def test_tables_sort_both_ways(page: Any) -> None:
    click_heading(page, "hubs", "out-degree")
    down = column_of(page, "hubs", "out-degree")
    known = [int(text) for text in down if text != "missing"]
    assert known == sorted(known, reverse=True)
    assert len(known) == 15
    assert down[15:] == ["missing"] * 15
    click_heading(page, "hubs", "out-degree")
    up = column_of(page, "hubs", "out-degree")
    assert [int(text) for text in up[:15]] == sorted(known)
    assert up[15:] == ["missing"] * 15


def test_ids_sort_by_every_digit(page: Any, graph: cg.ConnectomeGraph) -> None:
    click_heading(page, "hubs", "neuron")
    assert column_of(page, "hubs", "neuron") == [str(i) for i in sorted(graph.ids.tolist())]


def test_types_sort_as_text(page: Any) -> None:
    click_heading(page, "hubs", "cell_type")
    shown = column_of(page, "hubs", "cell_type")
    assert [name for k, name in enumerate(shown) if k == 0 or shown[k - 1] != name] in (
        [HOSTILE, "23P", "BC"], ["23P", "BC", HOSTILE],
    )  # fmt: skip


def test_a_hostile_name_stays_text(page: Any) -> None:
    assert page.title == "A connectome"
    assert page.find_elements("tag name", "img") == []
    assert HOSTILE in script(page, "return document.getElementById('legend').textContent")
    assert HOSTILE in script(page, "return document.getElementById('type-matrix').textContent")


def test_pointing_at_a_cell_tells_exact_ids(page: Any, graph: cg.ConnectomeGraph) -> None:
    by_type = graph.neurons["cell_type"]
    order = [sorted(graph.ids[end], key=lambda i: (by_type[i], list(graph.ids).index(i)))
             for end in (graph.domain.sources, graph.domain.targets)]  # fmt: skip
    counts = {(int(a), int(b)): n for a, b, n in
              zip(*(graph.edges[c] for c in ("pre", "post", "count")), strict=True)}  # fmt: skip
    filled = cells(page)
    assert len(filled) == graph.n_edges
    for row, column in list(filled)[::60]:
        mouse(page, "mouseMoved", canvas_point(page, row, column))
        said = tip(page)
        pre, post = int(order[0][row]), int(order[1][column])
        assert f"pre  {pre} ({by_type[pre]})" in said
        assert f"post {post} ({by_type[post]})" in said
        assert f", {counts[pre, post]} synapse" in said
        assert filled[row, column] == counts[pre, post]
    empty = next((r, c) for r in range(15) for c in range(30) if (r, c) not in filled)
    mouse(page, "mouseMoved", canvas_point(page, *empty))
    assert "no edge" in tip(page)


def test_a_click_lists_the_neurons(page: Any, graph: cg.ConnectomeGraph) -> None:
    at = canvas_point(page, *next(iter(cells(page))))
    mouse(page, "mousePressed", at, button="left", clickCount=1)
    mouse(page, "mouseReleased", at, button="left", clickCount=1)
    said = script(page, "return document.getElementById('chosen').textContent")
    ids = re.findall(r"\d{18}", said)
    assert len(ids) == 2
    assert {int(i) for i in ids} <= set(graph.ids.tolist())


def test_zoom_move_and_whole(page: Any) -> None:
    def view() -> str:
        return script(page, "return document.getElementById('view').textContent")

    def picture() -> str:
        return script(page, "return document.getElementById('adjacency').toDataURL()")

    everything, before = "rows 1 to 15 of 15, columns 1 to 30 of 30", picture()
    assert view() == everything
    canvas_point(page, 0, 0)
    page.find_element("id", "closer").click()
    nearer = view()
    assert nearer != everything
    assert picture() != before
    at = canvas_point(page, 7, 15)
    mouse(page, "mousePressed", at, button="left", buttons=1, clickCount=1)
    mouse(page, "mouseMoved", (at[0] + 150, at[1]), button="left", buttons=1)
    mouse(page, "mouseReleased", (at[0] + 150, at[1]), button="left", clickCount=1)
    assert view() != nearer
    moved = view()
    mouse(page, "mouseWheel", at, deltaX=0, deltaY=-120)
    assert view() != moved
    page.find_element("id", "whole").click()
    assert view() == everything
    assert picture() == before


def test_bars_dots_and_blocks_tell_their_numbers(page: Any) -> None:
    for css in (".bar", ".dot", "#type-matrix td"):
        code = """
        const told = document.querySelector(arguments[0]);
        told.scrollIntoView({block: "center"});
        const box = told.getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2, told.dataset.tip];"""
        x, y, expected = script(page, code, css)
        settle(page)
        mouse(page, "mouseMoved", (x, y))
        assert tip(page) == expected


def test_nothing_is_loaded(page: Any) -> None:
    page.get_log("performance")
    page.refresh()
    asked = [
        message["params"]["request"]["url"]
        for entry in page.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    assert asked == [page.current_url]


def test_it_prints(page: Any) -> None:
    printed = base64.b64decode(
        page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    )
    assert printed.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 5


def test_139_000_neurons_fit_on_a_page(driver: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    ids = 720575940000000000 + rng.permutation(10**8)[:LARGE]
    strength = rng.lognormal(sigma=0.9, size=LARGE)
    ends = rng.choice(LARGE, (2, 600_000), p=strength / strength.sum())
    edges = pd.DataFrame({"pre": ids[ends[0]], "post": ids[ends[1]], "count": 1})
    names = np.array([f"type {k}" for k in range(80)])
    neurons = pd.DataFrame({"root_id": ids, "cell_type": names[rng.integers(0, 80, LARGE)]})
    g = cg.from_edges(edges.groupby(["pre", "post"], as_index=False).sum(), neurons)
    path = cg.report.write(g, tmp_path / "report.html")
    assert path.stat().st_size < 10_000_000
    driver.get_log("browser")
    driver.get(path.as_uri())
    data = json.loads(script(driver, "return document.getElementById('data').textContent"))
    assert data["pooled"]
    listed = [each for bin_ids in data["rows"]["ids"] for each in bin_ids]
    assert sorted(listed) == sorted(map(str, ids.tolist()))
    assert sum(cells(driver).values()) == g.edge_counts.sum()
    mouse(driver, "mouseMoved", canvas_point(driver, *next(iter(cells(driver)))))
    assert re.search(r"pre  \d{18}, \d{18}, \d{18} and \d+ more \(type \d+\)", tip(driver))
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert base64.b64decode(printed).startswith(b"%PDF-")
    assert driver.get_log("browser") == []
