"""The registry of datastacks."""

from __future__ import annotations

import pytest

from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.sources.cave import DATASTACKS, Datastack, datastack

SIX = [
    "minnie65_public",
    "v1dd_public",
    "flywire_fafb_public",
    "brain_and_nerve_cord_public",
    "fanc_production_mar2021",
    "h01_c3_flat",
]


def test_the_six_datastacks_are_registered() -> None:
    assert list(DATASTACKS) == SIX


@pytest.mark.parametrize("name", SIX)
def test_every_entry_can_be_asked_for_cells(name: str) -> None:
    entry = DATASTACKS[name]
    assert entry.server.startswith("https://")
    assert entry.cells
    assert entry.resolution_nm is not None
    assert all(scale > 0 for scale in entry.resolution_nm)
    for each in entry.proofreading:
        assert 0 <= each.axon_trust <= 2
        assert 0 <= each.dendrite_trust <= 2


def test_overrides_replace_fields_and_leave_the_registry_alone() -> None:
    own = datastack("v1dd_public", targets=("mine",), server="http://127.0.0.1:9/")
    assert own.targets == ("mine",)
    assert own.server == "http://127.0.0.1:9"
    assert DATASTACKS["v1dd_public"].targets == ("synapse_target_predictions_ssa",)
    assert datastack(own) == own


def test_a_wrong_name_or_field_is_answered_with_the_right_one() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'flywire_fafb_public'"):
        datastack("flywire_fafb_publik")
    with pytest.raises(InvalidArgument, match="Did you mean 'targets'"):
        datastack("v1dd_public", target="x")


def test_an_unregistered_datastack_is_an_entry_of_ones_own() -> None:
    own = Datastack(name="mine", server="https://cave.example.org")
    assert datastack(own) == own
