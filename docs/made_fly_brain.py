"""A made-up piece of fly brain in the layout of Codex downloads, for the FlyWire tutorial.

The files have the names and columns that Codex gives them, the neurons have names that exist in a
fly, and everything else is drawn at random by the rules below: no number in them is data.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FIRST_ID = 720575940_600000000
#: Type: cells on each side, transmitter, super class, class, and where its soma lies (nm).
TYPES = {
    "ORN_DA1": (40, "ACH", "sensory", "olfactory", (80, 260, 60)),
    "lLN2F": (6, "GABA", "central", "ALLN", (110, 240, 70)),
    "DA1_lPN": (8, "ACH", "central", "ALPN", (120, 230, 80)),
    "KCg-m": (150, "ACH", "central", "Kenyon_Cell", (170, 120, 200)),
    "APL": (1, "GABA", "central", "MBIN", (190, 160, 110)),
    "PAM01": (12, "DA", "central", "DAN", (240, 170, 70)),
    "MBON01": (2, "GLUT", "central", "MBON", (230, 150, 90)),
    "LHAV4a1": (10, "GABA", "central", "LHLN", (90, 150, 130)),
    "LHAD1g1": (14, "ACH", "central", "LHON", (100, 140, 150)),
    "DNp44": (1, "ACH", "descending", "", (250, 320, 90)),
}
#: From type, onto type, neuropil, share of pairs connected, synapses of a connection on average.
RULES = (
    ("ORN_DA1", "DA1_lPN", "AL", 0.95, 22), ("ORN_DA1", "lLN2F", "AL", 0.8, 8),
    ("lLN2F", "ORN_DA1", "AL", 0.6, 6), ("lLN2F", "DA1_lPN", "AL", 0.7, 9),
    ("DA1_lPN", "lLN2F", "AL", 0.6, 6), ("lLN2F", "lLN2F", "AL", 0.5, 6),
    ("DA1_lPN", "KCg-m", "MB_CA", 0.07, 9), ("KCg-m", "APL", "MB_CA", 0.9, 6),
    ("APL", "KCg-m", "MB_CA", 0.9, 7), ("DA1_lPN", "LHAV4a1", "LH", 0.8, 9),
    ("DA1_lPN", "LHAD1g1", "LH", 0.75, 12), ("LHAV4a1", "LHAD1g1", "LH", 0.4, 7),
    ("LHAV4a1", "DA1_lPN", "LH", 0.2, 6), ("LHAD1g1", "LHAD1g1", "LH", 0.15, 6),
    ("KCg-m", "KCg-m", "MB_ML", 0.02, 6), ("KCg-m", "MBON01", "MB_ML", 0.95, 14),
    ("KCg-m", "PAM01", "MB_ML", 0.35, 6), ("PAM01", "KCg-m", "MB_ML", 0.35, 6),
    ("PAM01", "MBON01", "MB_ML", 0.7, 8), ("APL", "MBON01", "MB_ML", 0.9, 9),
    ("MBON01", "LHAD1g1", "SMP", 0.3, 7), ("LHAD1g1", "DNp44", "SMP", 0.6, 8),
    ("MBON01", "DNp44", "SMP", 0.9, 16), ("LHAV4a1", "DNp44", "SMP", 0.3, 6),
)  # fmt: skip
#: How much rarer a connection onto the other side is.
ACROSS = 0.15
#: Codex lists the connections of at least so many synapses.
THRESHOLD = 5


def codex(folder: str | Path, *, seed: int = 0) -> Path:
    """Write the downloads into a folder and return it."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    cells = _cells(rng)
    tables = {
        "connections": _connections(cells, rng),
        "neurons": _neurons(cells),
        "classification": _classification(cells),
        "consolidated_cell_types": pd.DataFrame(
            {"root_id": cells["root_id"], "primary_type": cells["type"], "additional_type(s)": ""}
        ),
        "coordinates": _coordinates(cells),
    }
    for name, table in tables.items():
        table.to_csv(place / f"{name}.csv.gz", index=False)
    return place


def _cells(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (name, side, transmitter, super_class, kind, *where)
        for name, (n, transmitter, super_class, kind, where) in TYPES.items()
        for side in ("left", "right")
        for _ in range(n)
    ]
    columns = ["type", "side", "nt_type", "super_class", "class", "x", "y", "z"]
    cells = pd.DataFrame(rows, columns=columns)
    # the middle of the brain is at 520 µm; the right side is the left one's mirror image
    cells["x"] = np.where(cells["side"] == "left", 520 + cells["x"], 520 - cells["x"])
    for axis in "xyz":
        cells[axis] = (1000 * (cells[axis] + rng.normal(0, 9, len(cells)))).astype(int)
    ids = FIRST_ID + rng.choice(10**8, len(cells), replace=False)
    cells.insert(0, "root_id", np.sort(ids))
    return cells


def _connections(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    groups = {key: group["root_id"].to_numpy() for key, group in cells.groupby(["type", "side"])}
    for pre, post, neuropil, share, mean in RULES:
        for side in ("left", "right"):
            for onto in ("left", "right"):
                chance = share if side == onto else ACROSS * share
                a, b = groups[pre, side], groups[post, onto]
                i, j = np.nonzero(rng.random((len(a), len(b))) < chance)
                kept = a[i] != b[j]
                name = f"{neuropil}_{onto[0].upper()}"
                counts = THRESHOLD + rng.geometric(1 / (mean - THRESHOLD + 1), kept.sum()) - 1
                rows += zip(a[i][kept], b[j][kept], [name] * kept.sum(), counts, strict=True)
    table = pd.DataFrame(rows, columns=["pre_root_id", "post_root_id", "neuropil", "syn_count"])
    return table.assign(nt_type=table["pre_root_id"].map(cells.set_index("root_id")["nt_type"]))


def _neurons(cells: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({"root_id": cells["root_id"], "group": cells["class"]})
    table = table.assign(nt_type=cells["nt_type"], nt_type_score=0.9)
    for name in ("DA", "SER", "GABA", "GLUT", "ACH", "OCT"):
        table[f"{name.lower()}_avg"] = np.where(cells["nt_type"] == name, 0.9, 0.02)
    return table


def _classification(cells: pd.DataFrame) -> pd.DataFrame:
    flow = cells["super_class"].map({"sensory": "afferent", "descending": "efferent"})
    return pd.DataFrame(
        {
            "root_id": cells["root_id"],
            "flow": flow.fillna("intrinsic"),
            "super_class": cells["super_class"],
            "class": cells["class"],
            "sub_class": "",
            "hemilineage": "",
            "side": cells["side"],
            "nerve": np.where(cells["super_class"] == "sensory", "AN", ""),
        }
    )


def _coordinates(cells: pd.DataFrame) -> pd.DataFrame:
    where = [f"[{x} {y} {z}]" for x, y, z in cells[["x", "y", "z"]].itertuples(index=False)]
    return pd.DataFrame(
        {"root_id": cells["root_id"], "position": where, "supervoxel_id": range(len(cells))}
    )
