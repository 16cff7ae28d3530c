"""Any sequence of faults, kills among them, ends in the true tables or in an error."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from cave_server import TOKEN, Fault, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources.cave.conftest import loaded, same

from connectome_graph.errors import ConnectomeError
from connectome_graph.sources.cave import CaveTables, FetchOptions
from connectome_graph.sources.cave import _fetch as fetch_module

PATHS = (
    "synapses_pni_2/query", "predictions_ssa_v2/query", "aibs_cell_info/query",
    "proofreading_status_and_strategy/query", "slanted_ref/query", "coregistration_manual_v4/query",
    "/query$", "versions$", "tables$", "views$", "metadata$", "version/1718$", "info/",
)  # fmt: skip


def fewer(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[: len(frame) // 2]


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1.0, replace=True, random_state=0)


KINDS: tuple[dict[str, Any], ...] = (
    {}, {"status": 503}, {"status": 429, "retry_after": "1"}, {"cut": 0.5}, {"stale": True},
    {"cut": 0.6, "unframed": True}, {"rows": lambda frame: frame.iloc[:0]}, {"rows": fewer},
    {"rows": shuffled}, {"page": "<html>"}, {"json": []}, {"json": {}}, {"json": ["a", "b"]},
    {"raw": b"\xff\xff\xff\xff\x00\x00\x00\x00"}, {"status": 403}, {"kind": "text/plain"},
)  # fmt: skip

faults = st.builds(
    lambda path, kind, times: Fault(path, times=times, **kind),
    st.sampled_from(PATHS),
    st.sampled_from(KINDS),
    st.integers(1, 4),
)


class KillAt:
    """Ends a fetch as a kill would, when it comes to write for the nth time."""

    def __init__(self, at: int, write: Any) -> None:
        self.left, self.write = at, write

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return self.write(*args, **named)


schedules = st.fixed_dictionaries(
    {
        "faults": st.lists(faults, max_size=6),
        "row_limit": st.sampled_from([None, 19, 60]),
        "limit_header": st.booleans(),
        "kill": st.integers(0, 8),
    }
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(schedule=schedules)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_any_schedule_ends_in_the_truth_or_in_an_error(
    faulty: World, right: CaveTables, schedule: dict[str, Any]
) -> None:
    killer = KillAt(schedule.pop("kill"), fetch_module.remember)
    for name, value in {"token": TOKEN, **schedule}.items():
        setattr(faulty.cave, name, value)
    with tempfile.TemporaryDirectory() as folder:
        options = FetchOptions(
            cache_dir=Path(folder), backoff_s=0, attempts=3, chunk_size=5, workers=1, timeout_s=5,
            request_s=5,
        )  # fmt: skip
        with mock.patch.object(fetch_module, "remember", killer):
            for _ in range(3):
                try:
                    found = loaded(faulty, options, synapses="outputs")
                except (ConnectomeError, KeyboardInterrupt):
                    continue
                same(found, right)
        # whatever happened, the cache holds nothing but the truth
        faulty.cave.faults = []
        same(loaded(faulty, options, synapses="outputs"), right)
