"""Graphs that are hard to write down: every kind of column, hostile text, long ids, a domain."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.graph.equality import same_values

BASE = 864691135000000001

HOSTILE = (
    "<cell & 'co\">",
    "]]> <!-- x -->",
    " outer blanks ",
    "line\nbreak\r\nand\ttab\r",
    "",
    "é 中 \U0001f9e0 \u2028",
    "&amp; &#65; %s {0}",
    "None",
    "nan",
)

#: Text that XML can carry.
xml_text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r\t<&>\"' ")
).filter(lambda text: not set(text) & {"\ufffe", "\uffff"})


def every_kind(n: int = 12, *, seed: int = 3, text_ids: bool = False) -> cg.ConnectomeGraph:
    """Return a graph with a column of every kind the library can carry, on a part of its pairs."""
    rng = np.random.default_rng(seed)
    ids = [f"{HOSTILE[i % len(HOSTILE)]}{i}" for i in range(n)] if text_ids else BASE + np.arange(n)
    gaps = [1, None] * (n // 2)
    dates = pd.Series(pd.to_datetime(["2026-01-02 03:04:05.678901", None] * (n // 2)))
    neurons = pd.DataFrame(
        {
            "root_id": ids,
            "cell_type": rng.choice(["23P", "BC"], n),
            "note": [HOSTILE[i % len(HOSTILE)] if i % 4 else None for i in range(n)],
            "nucleus_id": pd.array([BASE + i if i % 3 else None for i in range(n)], dtype="Int64"),
            "supervoxel": np.array([2**63 + i for i in range(n)], np.uint64),
            "id": np.arange(n, dtype=np.int16),
            "name": "x",
            "is_source": rng.random(n) < 0.6,
            "proofread": pd.array([True, None] * (n // 2), dtype="boolean"),
            "share": pd.array([0.1, None] * (n // 2), dtype="Float64"),
            "depth": rng.choice([0.1, np.nan, np.inf, -np.inf, -0.0, 1e-300], n),
            "single": rng.random(n).astype(np.float32),
            "layer": pd.Categorical(
                [["L4", "L23", None][i % 3] for i in range(n)],
                categories=["L23", "L4", "L5"],
                ordered=True,
            ),
            "rank": pd.Categorical(
                [BASE if i % 2 else None for i in range(n)], categories=[7, BASE]
            ),
            "bin": pd.cut(rng.uniform(0, 9, n), 3),
            "seen": dates,
            "seen_in": dates.dt.tz_localize("Europe/Zurich"),
            "took": pd.to_timedelta(gaps, unit="s"),
            "box": pd.Series([[1, 2.5, "x"], None] * (n // 2), dtype=object),
            "empty": pd.Series([None] * n, dtype=object),
        }
    )
    m = 6 * n
    ends = rng.integers(0, n, (2, m))
    synapses = pd.DataFrame(
        {
            "pre": neurons["root_id"].to_numpy()[ends[0]],
            "post": neurons["root_id"].to_numpy()[ends[1]],
            "synapse_id": 2**60 + rng.permutation(m),
            "size": rng.choice([3.25, np.nan, 1e300], m),
            "target": rng.choice(np.array(["spine", "sh<a>ft", None], object), m),
            "key": np.ones(m, np.int8),
            "supervoxel": pd.array([BASE + i if i % 5 else None for i in range(m)], dtype="Int64"),
        }
    )
    g = cg.from_tables(synapses, neurons)
    return g.observed(lambda table: (table["is_source"], table["depth"] > 0))


def difference(a: cg.ConnectomeGraph, b: cg.ConnectomeGraph) -> list[str]:
    """Return in what two graphs differ: values, kinds of columns, domain, provenance."""
    found = [] if a.equals(b) else ["equals"]
    if a.provenance != b.provenance:
        found.append("provenance")
    for name in a.neurons.columns:
        found += _differing(f"neurons.{name}", a.neurons[name].array, b.neurons[name].array)
    for name in a.synapse_columns:
        found += _differing(f"synapses.{name}", a.synapse_column(name), b.synapse_column(name))
    return found


def _differing(name: str, ours, theirs) -> list[str]:
    text = pd.api.types.is_string_dtype(theirs.dtype) and not isinstance(
        theirs.dtype, pd.CategoricalDtype
    )
    found = [] if same_values(ours, theirs) else [name]
    # Text may come back as pandas' own text instead of objects.
    return found if text or ours.dtype == theirs.dtype else [*found, f"{name}.dtype"]
