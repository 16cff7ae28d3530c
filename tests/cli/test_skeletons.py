"""connectome-graph skeletons: attach and plot from the command line."""

from __future__ import annotations

import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import storage
from connectome_graph.cli import main

BIG = 864691135000000001
SWC = "1 1 0 0 0 5 -1\n2 3 0 3 0 1 1\n3 3 4 3 0 1 2\n"


@pytest.fixture
def folder(tmp_path):
    table = pd.DataFrame(
        {"pre": BIG, "post": BIG + 2, "x_um": [0.1, 4.0], "y_um": [3.0, 3.0], "z_um": 0.0}
    )
    storage.write(cg.from_tables(table, unknown="add"), tmp_path / "g.connectome")
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / f"{BIG + 2}.swc").write_text(SWC)
    return tmp_path


def test_attach_writes_distances(folder, capsys):
    arguments = ["skeletons", "attach", str(folder / "g.connectome"), str(folder / "cells")]
    out = folder / "out.connectome"
    code = main([*arguments, "-o", str(out), "--units", "um", "--within-um", "1"])
    assert code == 0
    assert "2 of 2 postsynaptic sites" in capsys.readouterr().out
    assert storage.read(out).synapses["distance_to_root_um"].tolist() == [3.0, 7.0]


def test_cells_that_fail_are_told(folder, capsys):
    (folder / "cells" / "bad.swc").write_text("1 3 0 0 0 5 -1\n")
    arguments = ["skeletons", "attach", str(folder / "g.connectome"), str(folder / "cells")]
    options = ["-o", str(folder / "out.connectome"), "--units", "um", "--within-um", "1"]
    assert main([*arguments, *options]) == 2
    assert "1 of 2 cells" in capsys.readouterr().err
    assert main([*arguments, *options, "--errors", "collect"]) == 0
    assert "not loaded" in capsys.readouterr().err


def test_plot_writes_a_picture(folder, capsys):
    cell = str(folder / "cells" / f"{BIG + 2}.swc")
    out = folder / "cell.png"
    assert main(["skeletons", "plot", cell, "-o", str(out), "--units", "um"]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    options = ["--units", "um", "--projection", "xy", "--synapses", "post"]
    svg = folder / "cell.svg"
    extra = ["--compartment", "dendrite", "--color", "distance_to_root_um"]
    assert main(["skeletons", "plot", cell, "-o", str(svg), *options, *extra]) == 0
    assert "<svg" in svg.read_text()
    capsys.readouterr()
    assert main(["skeletons", "plot", cell, "-o", str(folder / "x.bmp"), "--units", "um"]) == 2
    assert ".png" in capsys.readouterr().err
    assert main(["skeletons", "plot", cell, "-o", str(out)]) == 2
    assert "unit" in capsys.readouterr().err
