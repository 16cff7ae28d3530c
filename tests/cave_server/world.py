"""A small MICrONS-like world for the loopback server, with every trap of the real one in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cave_server.server import LoopbackCave
from cave_server.tables import Table, View
from connectome_graph.sources.cave import Datastack, datastack

TOKEN = "f00dfeedf00dfeedf00dfeedf00dfeed"
ROOT = 864_691_135_000_000_001  # odd and above 2**53: a float would change it


@dataclass
class World:
    """The server's tables, and what a correct reader must find in them.

    `cells` are the roots left when roots that are 0, missing or shared are dropped; `synapses`
    are the distinct rows of the synapse table with a root on both sides.
    """

    cave: LoopbackCave
    roots: list[int]
    cells: list[int]
    synapses: pd.DataFrame

    def stack(self, name: str = "minnie65_public", **overrides: Any) -> Datastack:
        """Return the registered datastack at the loopback server, in its own axes."""
        return datastack(name, **{"server": self.cave.url, "transform": None, **overrides})


def _nuclei(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return `n` nuclei: one with root 0, one without a root, two in one segment."""
    roots: list[int | None] = [ROOT + 2 * i for i in range(n)]
    roots[n - 4], roots[n - 3] = 0, None
    roots[n - 1] = roots[n - 2]
    position = rng.integers(100_000, 200_000, size=(n, 3))
    return pd.DataFrame(
        {
            "id": pd.array(range(1001, 1001 + n), dtype="Int64"),
            "valid": pd.array([True] * n, dtype="boolean"),
            "pt_supervoxel_id": pd.array(range(1, n + 1), dtype="Int64"),
            "pt_root_id": pd.array(roots, dtype="Int64"),
            **{f"pt_position_{axis}": position[:, i] for i, axis in enumerate("xyz")},
            "volume": pd.array(rng.random(n), dtype="Float64"),
        }
    )


def _types(nuclei: pd.DataFrame) -> pd.DataFrame:
    n = len(nuclei)
    broad = ["excitatory_neuron" if i % 3 else "inhibitory_neuron" for i in range(n)]
    fine = [["BC", "23P", "4P"][i % 3] for i in range(n)]
    return pd.DataFrame(
        {
            "id": pd.array(range(1, n + 1), dtype="Int64"),
            "valid": pd.array([True] * n, dtype="boolean"),
            "target_id": nuclei["id"],
            "classification_system": pd.array(broad, dtype="string"),
            "cell_type": pd.array(fine, dtype="string"),
        }
    )


def _proofreading(roots: list[int]) -> pd.DataFrame:
    """Return statuses of five roots: the third changed since, the last has no nucleus."""
    thalamic = ROOT + 1_000_000
    rows = [
        (roots[0], roots[0], True, True, "dendrite_extended", "axon_fully_extended"),
        (roots[1], roots[1], True, True, "dendrite_clean", "axon_partially_extended"),
        (roots[2], roots[2] - 2_000_000, True, True, "dendrite_clean", "axon_fully_extended"),
        (roots[3], roots[3], True, False, "dendrite_clean", "none"),
        (thalamic, thalamic, False, True, "none", "axon_partially_extended"),
    ]
    columns = ["pt_root_id", "valid_id", "status_dendrite", "status_axon"]
    columns += ["strategy_dendrite", "strategy_axon"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(0, "id", range(1, len(rows) + 1))
    for axis in "xyz":
        table[f"pt_position_{axis}"] = 100_000
    kinds = {"id": "Int64", "pt_root_id": "Int64", "valid_id": "Int64"}
    kinds |= {"status_dendrite": "boolean", "status_axon": "boolean"}
    kinds |= {"strategy_dendrite": "string", "strategy_axon": "string"}
    return table.astype(kinds)


def _synapses(roots: list[int], n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return `n` synapses among `roots` and an unknown partner, with zeros, NA and autapses."""
    partners = np.array([*roots, ROOT + 900_000], dtype=np.int64)
    pre = pd.array(rng.choice(partners, n), dtype="Int64")
    post = pd.array(rng.choice(partners, n), dtype="Int64")
    post[0], post[1], pre[2] = 0, pd.NA, 0
    post[3] = pre[3]
    position = rng.integers(100_000, 200_000, size=(n, 3))
    return pd.DataFrame(
        {
            "id": pd.array(range(500_001, 500_001 + n), dtype="Int64"),
            "valid": pd.array([True] * n, dtype="boolean"),
            "pre_pt_supervoxel_id": pd.array(range(n), dtype="Int64"),
            "pre_pt_root_id": pre,
            "post_pt_supervoxel_id": pd.array(range(n), dtype="Int64"),
            "post_pt_root_id": post,
            "size": pd.array(rng.integers(50, 9_000, n), dtype="Int64"),
            **{f"ctr_pt_position_{axis}": position[:, i] for i, axis in enumerate("xyz")},
        }
    )


def _targets(synapses: pd.DataFrame) -> pd.DataFrame:
    """Return target tags: every fourth synapse untagged, the fifth with two tags."""
    tagged = synapses["id"][np.arange(len(synapses)) % 4 != 0].tolist()
    ids = [*tagged, tagged[4]]
    tags = [["spine", "shaft", "soma"][i % 3] for i in range(len(tagged))] + ["soma"]
    values = [0.7] * len(tagged) + [0.9]
    return pd.DataFrame(
        {
            "id": pd.array(range(1, len(ids) + 1), dtype="Int64"),
            "target_id": pd.array(ids, dtype="Int64"),
            "tag": pd.array(tags, dtype="string"),
            "value": pd.array(values, dtype="Float64"),
        }
    )


def make_world(*, n_cells: int = 16, n_synapses: int = 400, seed: int = 0) -> World:
    """Return a loopback server that has not been started yet, and what it holds."""
    rng = np.random.default_rng(seed)
    nuclei = _nuclei(n_cells, rng)
    types = _types(nuclei)
    roots = [int(root) for root in nuclei["pt_root_id"].dropna() if root]
    cells = [root for root in roots if roots.count(root) == 1]
    synapses = _synapses(sorted(set(roots)), n_synapses, rng)
    half = nuclei["id"][: n_cells // 2].reset_index(drop=True)
    reference = pd.DataFrame(
        {"id": pd.array(range(1, len(half) + 1), dtype="Int64"), "target_id": half}
    )
    info = nuclei.merge(types[["target_id", "cell_type"]], left_on="id", right_on="target_id")
    broad = types["classification_system"].str.removesuffix("_neuron")
    info = info.drop(columns=["target_id", "volume"]).assign(broad_type=broad)
    cave = LoopbackCave(
        tables={
            "nucleus_detection_v0": Table(nuclei),
            "aibs_metamodel_celltypes_v661": Table(
                types, "cell_type_reference", reference="nucleus_detection_v0"
            ),
            "allen_v1_column_types_slanted_ref": Table(
                reference, "cell_type_reference", reference="nucleus_detection_v0"
            ),
            "coregistration_manual_v4": Table(
                reference.iloc[::2], "coregistration", reference="nucleus_detection_v0"
            ),
            "proofreading_status_and_strategy": Table(
                _proofreading(cells), "compartment_proofread_status_strategy"
            ),
            "synapses_pni_2": Table(synapses, "synapse"),
            "synapse_target_predictions_ssa_v2": Table(
                _targets(synapses), "reference_tag_float", reference="synapses_pni_2"
            ),
        },
        views={"aibs_cell_info": View(info)},
        current_roots=set(roots),
        successors={roots[0] - 1_000: [roots[0]], roots[1] - 1_000: [roots[1], roots[2]]},
    )
    whole = synapses.dropna(subset=["pre_pt_root_id", "post_pt_root_id"])
    whole = whole[(whole["pre_pt_root_id"] != 0) & (whole["post_pt_root_id"] != 0)]
    return World(cave, roots, cells, whole.reset_index(drop=True))
