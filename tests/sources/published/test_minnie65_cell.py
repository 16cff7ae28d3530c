"""Synapse tables in .osy files: against ossify, and when the file is not what it should be."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from connectome_graph.errors import InvalidTable, UnreadableFile
from connectome_graph.sources.published.minnie65_cell import read_synapses


@pytest.fixture
def path(data: Path) -> Path:
    return data / "minnie65_cell" / "864691135336055529.osy"


@pytest.mark.extras
@pytest.mark.parametrize(("variant", "layer"), [("inputs", "post_syn"), ("outputs", "pre_syn")])
@pytest.mark.filterwarnings("default")
def test_ossify_reads_the_same_table(path: Path, variant: str, layer: str) -> None:
    ossify = pytest.importorskip("ossify", reason="the second witness is the extra 'skeletons'")
    cell = ossify.load_cell(str(path))
    witness = getattr(cell.annotations, layer).nodes
    root_id, soma, table = read_synapses(path, variant=variant)
    assert root_id == cell.name
    np.testing.assert_array_equal(table["id"], witness.index)
    np.testing.assert_array_equal(table["size"], witness["size"])
    np.testing.assert_allclose(np.array(soma) * 1e3, cell.skeleton.root_location)


def test_a_truncated_file_is_unreadable(path: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.osy"
    short.write_bytes(path.read_bytes()[:500_000])
    with pytest.raises((UnreadableFile, InvalidTable), match=r"short\.osy"):
        read_synapses(short, variant="inputs")


def test_a_file_that_is_no_archive_is_unreadable(tmp_path: Path) -> None:
    text = tmp_path / "text.osy"
    text.write_text("not an archive")
    with pytest.raises(UnreadableFile, match="could not be read"):
        read_synapses(text, variant="inputs")
    with pytest.raises(UnreadableFile, match=r"absent\.osy"):
        read_synapses(tmp_path / "absent.osy", variant="inputs")


def test_an_archive_without_synapses_is_refused(path: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.osy"
    with tarfile.open(path) as source, tarfile.open(bare, "w") as target:
        for member in source.getmembers():
            if not member.name.startswith("annotations"):
                target.addfile(member, source.extractfile(member))
    with pytest.raises(InvalidTable, match="annotations/post_syn"):
        read_synapses(bare, variant="inputs")
