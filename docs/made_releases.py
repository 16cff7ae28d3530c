"""Small made-up files with exactly the columns of fly releases: for examples and tests.

Nothing in them is data. Every function writes into a folder and returns it.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pandas as pd

FLY = 720575940_600000000
#: Made neurons: id, type, side, transmitter.
CELLS = (
    (FLY + 1, "KCg", "left", "ACH"),
    (FLY + 2, "KCg", "right", "ACH"),
    (FLY + 3, "APL", "left", "GABA"),
    (FLY + 4, "MBON01", "right", "GLUT"),
)
#: Made rows: pre and post by number, region, synapses.
ROWS = ((0, 3, "MB_ML_L", 7), (0, 3, "MB_CA_L", 2), (1, 2, "MB_CA_R", 5), (2, 0, "MB_CA_L", 9))
IDS = [cell[0] for cell in CELLS]


def _made(folder: str | Path) -> Path:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    return place


def _text(path: Path, frame: pd.DataFrame, **options: object) -> None:
    frame.to_csv(path, index=False, **options)


def codex_connections() -> pd.DataFrame:
    rows = [(IDS[i], IDS[j], region, n, CELLS[i][3]) for i, j, region, n in ROWS]
    rows.append((IDS[0], FLY + 99, "MB_ML_L", 6, "ACH"))  # a partner that is no neuron
    columns = ["pre_root_id", "post_root_id", "neuropil", "syn_count", "nt_type"]
    return pd.DataFrame(rows, columns=columns)


def codex(folder: str | Path) -> Path:
    """Codex downloads: connections, neurons, classification, types, coordinates, statistics."""
    place = _made(folder)
    _text(place / "connections.csv.gz", codex_connections())
    scores = {f"{nt}_avg": [0.1] * 4 for nt in ("da", "ser", "gaba", "glut", "ach", "oct")}
    neurons = {
        "root_id": IDS,
        "group": ["MB_ML"] * 4,
        "nt_type": [c[3] for c in CELLS[:3]] + [""],
        "nt_type_score": [0.9] * 4,
    }
    _text(place / "neurons.csv.gz", pd.DataFrame({**neurons, **scores}))
    classification = {
        "root_id": IDS,
        "flow": ["intrinsic"] * 4,
        "super_class": ["central"] * 4,
        "class": ["Kenyon_Cell", "Kenyon_Cell", "", "MBON"],
        "sub_class": [""] * 4,
        "hemilineage": ["MBp4"] * 4,
        "side": [cell[2] for cell in CELLS],
        "nerve": [""] * 4,
    }
    _text(place / "classification.csv.gz", pd.DataFrame(classification))
    types = {
        "root_id": [*IDS, FLY + 50],
        "primary_type": [*(c[1] for c in CELLS), "old"],
        "additional_type(s)": [""] * 5,
    }
    _text(place / "consolidated_cell_types.csv.gz", pd.DataFrame(types))
    where = {
        "root_id": [IDS[0], IDS[0], *IDS[1:]],
        "position": [f"[{400000 + 1000 * i} 200000 80000]" for i in range(5)],
        "supervoxel_id": list(range(5)),
    }
    _text(place / "coordinates.csv.gz", pd.DataFrame(where))
    stats = {"root_id": IDS, "length_nm": [5e5] * 4, "area_nm": [1e9] * 4, "size_nm": [1e10] * 4}
    _text(place / "cell_stats.csv.gz", pd.DataFrame(stats))
    return place


def codex_princeton(folder: str | Path) -> Path:
    """The Princeton synapse table, whose ids lack the digits that stand in the column's name."""
    place = _made(folder)
    rows = [
        (*(100_000 + k, 200_000, 80_000) * 3, 40 + k, IDS[i] % 10**9, IDS[j] % 10**9, region)
        for k, (i, j, region, n) in enumerate(ROWS)
        for _ in range(n)
    ]
    axes = [f"{end}_{axis}" for end in ("pre", "ctr", "post") for axis in "xyz"]
    names = [*axes, "size", "pre_root_id_720575940", "post_root_id_720575940", "neuropil"]
    _text(place / "fafb_v783_princeton_synapse_table.csv.gz", pd.DataFrame(rows, columns=names))
    return place


def zenodo(folder: str | Path) -> Path:
    """The Zenodo deposit: proofread connections and the ids of the proofread neurons."""
    place = _made(folder)
    frame = codex_connections().drop(columns="nt_type")
    frame = frame.rename(columns={f"{e}_root_id": f"{e}_pt_root_id" for e in ("pre", "post")})
    for nt in ("gaba", "ach", "glut", "oct", "ser", "da"):
        frame[f"{nt}_avg"] = 0.1
    frame.to_feather(place / "proofread_connections_783.feather")
    np.save(place / "proofread_root_ids_783.npy", np.array(IDS))
    annotations = {"supervoxel_id": [1, 2, 3, 4], "root_id": IDS}
    annotations |= {f"{base}_{axis}": [1000.0] * 4 for base in ("pos", "soma") for axis in "xyz"}
    annotations["soma_x"] = [2000.0, np.nan, 2000.0, 2000.0]
    annotations |= {name: ["x"] * 4 for name in ("flow", "super_class", "cell_class")}
    annotations |= {
        "cell_type": [c[1] for c in CELLS],
        "top_nt": ["acetylcholine", "acetylcholine", "gaba", ""],
        "top_nt_conf": [0.9] * 4,
        "side": [c[2] for c in CELLS],
    }
    path = place / "Supplemental_file1_neuron_annotations.tsv"
    pd.DataFrame(annotations).to_csv(path, sep="\t", index=False)
    return place


def shiu(folder: str | Path) -> Path:
    """The parquet and csv of the brain model of Shiu et al."""
    place = _made(folder)
    rows = [(IDS[0], IDS[3], 0, 3, 9, 1, 9), (IDS[2], IDS[0], 2, 0, 9, -1, -9)]
    names = ["Presynaptic_ID", "Postsynaptic_ID", "Presynaptic_Index", "Postsynaptic_Index"]
    names += ["Connectivity", "Excitatory", "Excitatory x Connectivity"]
    pd.DataFrame(rows, columns=names).to_parquet(place / "Connectivity_783.parquet")
    completed = pd.Series([True] * 4, index=IDS, name="Completed")
    completed.to_csv(place / "Completeness_783.csv")
    return place


def _bodies() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "bodyId": [11, 12, 13, 14],
            "type": [c[1] for c in CELLS],
            "instance": [f"{c[1]}_{c[2][0].upper()}" for c in CELLS],
        }
    )


def _weights(ends: tuple[str, str], *, roi: bool) -> pd.DataFrame:
    rows = [(11 + i, 11 + j, region, n) for i, j, region, n in ROWS]
    frame = pd.DataFrame(rows, columns=[*ends, "roi", "weight"])
    if roi:
        return frame
    return frame.groupby(list(ends), as_index=False)["weight"].sum()


def hemibrain(folder: str | Path) -> Path:
    """The hemibrain export: one archive with neurons, totals, and the same by region."""
    place = _made(folder)
    inner = _made(place / "exported-traced-adjacencies-v1.2")
    _text(inner / "traced-neurons.csv", _bodies())
    ends = ("bodyId_pre", "bodyId_post")
    _text(inner / "traced-total-connections.csv", _weights(ends, roi=False))
    _text(inner / "traced-roi-connections.csv", _weights(ends, roi=True))
    archive = place / "exported-traced-adjacencies-v1.2.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(inner, inner.name)
    for file in inner.iterdir():
        file.unlink()
    inner.rmdir()
    return place


def manc(folder: str | Path) -> Path:
    """The MANC export: connections per region and the properties of neurons."""
    place = _made(folder)
    ends = ("bodyId_pre", "bodyId_post")
    _text(place / "traced-connections.csv", _weights(ends, roi=False))
    per_roi = _weights(ends, roi=True)
    per_roi["roi"] = per_roi["roi"].replace("MB_CA_R", "NotPrimary")
    _text(place / "traced-connections-per-roi.csv", per_roi)
    frame = _bodies().drop(columns="instance")
    frame["class"] = "intrinsic neuron"
    frame["somaSide"] = ["LHS", "RHS", "Midline", None]
    frame["rootSide"] = [None, None, None, "RHS"]
    frame["predictedNt"] = ["acetylcholine", "acetylcholine", "gaba", "unknown"]
    frame.to_feather(place / "manc-v1.0-neuron-properties.feather")
    return place


def male_cns(folder: str | Path, *, partners: bool = False) -> Path:
    """The male CNS: weights between all segments, annotations, transmitters, synapse partners."""
    place = _made(folder)
    weights = _weights(("body_pre", "body_post"), roi=False)
    orphan = pd.DataFrame({"body_pre": [11], "body_post": [999], "weight": [1]})
    pd.concat([weights, orphan], ignore_index=True).to_feather(
        place / "connectome-weights-male-cns-v1.0-minconf-0.5.feather"
    )
    bodies = _bodies().drop(columns="instance")
    orphan_body = pd.DataFrame({"bodyId": [999], "type": [None]}, dtype=object)
    bodies = pd.concat([bodies.astype(object), orphan_body], ignore_index=True)
    bodies["bodyId"] = bodies["bodyId"].astype("int64")
    bodies["superclass"] = ["cb_intrinsic"] * 4 + [None]
    bodies["status"] = "Traced"
    bodies["somaSide"] = ["L", "R", "M", "R", None]
    bodies.to_feather(place / "body-annotations-male-cns-v1.0.feather")
    nts = pd.DataFrame({"body": [11, 12, 13], "predicted_nt": ["acetylcholine"] * 3})
    nts["predicted_nt_confidence"] = 0.9
    nts["consensus_nt"] = ["acetylcholine", "acetylcholine", "gaba"]
    nts.to_feather(place / "body-neurotransmitters-male-cns-v1.0.feather")
    if partners:
        rows = [(11 + i, 11 + j) for i, j, _, n in ROWS for _ in range(n)]
        data = {f"{axis}_pre": [1000] * len(rows) for axis in "xyz"}
        data["body_pre"] = np.array([i for i, _ in rows], np.uint64)
        data["conf_pre"] = [0.9] * len(rows)
        data |= {f"{axis}_post": [1250] * len(rows) for axis in "xyz"}
        data["body_post"] = np.array([j for _, j in rows], np.uint64)
        data |= {"conf_post": [0.9] * len(rows), "primary_post": ["MB"] * len(rows)}
        pd.DataFrame(data).to_feather(place / "syn-partners-male-cns-v1.0-minconf-0.5.feather")
    return place


def fetched_adjacencies() -> tuple[pd.DataFrame, pd.DataFrame]:
    """What neuprint-python's ``fetch_adjacencies`` returns."""
    return _bodies(), _weights(("bodyId_pre", "bodyId_post"), roi=True)


def fetched_neurons() -> tuple[pd.DataFrame, pd.DataFrame]:
    """What neuprint-python's ``fetch_neurons`` returns."""
    neurons = _bodies()
    neurons["pre"], neurons["post"] = 5, 6
    neurons["status"], neurons["cropped"] = "Traced", [False, True, False, None]
    neurons["somaLocation"] = [[1000, 2000, 3000], None, None, [1, 2, 3]]
    neurons["roiInfo"] = [{"MB": {"pre": 5}}] * 4
    counts = pd.DataFrame({"bodyId": [11], "roi": ["MB"], "pre": [5], "post": [6]})
    return neurons, counts


def fetched_synapses() -> pd.DataFrame:
    """What neuprint-python's ``fetch_synapse_connections`` returns."""
    rows = [(11 + i, 11 + j, region, region) for i, j, region, n in ROWS for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["bodyId_pre", "bodyId_post", "roi_pre", "roi_post"])
    for axis in "xyz":
        frame[f"{axis}_pre"], frame[f"{axis}_post"] = 1000, 1250
    frame["confidence_pre"] = frame["confidence_post"] = 0.9
    return frame


def banc(folder: str | Path, *, dataset: str = "banc_746") -> Path:
    """SJCABS tables: one edge list simple, one split, one row per synapse, and the neurons."""
    place = _made(folder)
    ids = [str(each) for each in IDS]
    rows = [(ids[i], ids[j], n) for i, j, _, n in ROWS]
    simple = pd.DataFrame(rows, columns=["pre", "post", "count"])
    simple = simple.groupby(["pre", "post"], as_index=False)["count"].sum()
    simple["norm"], simple["total_input"] = 0.1, 10
    simple.to_feather(place / f"{dataset}_simple_edgelist.feather")
    split = [(ids[i], "axon", ids[j], "dendrite", n, 0.1, 10) for i, j, _, n in ROWS]
    names = ["pre", "pre_label", "post", "post_label", "count", "norm", "compartment_input"]
    split_frame = pd.DataFrame(split, columns=names)
    split_frame.to_feather(place / f"{dataset}_split_edgelist.feather")
    meta = {
        f"{dataset}_id": [*ids, str(FLY + 9)],
        "region": ["brain"] * 5,
        "side": [*(c[2] for c in CELLS), "na"],
        "flow": ["intrinsic"] * 5,
        "super_class": ["central"] * 5,
        "cell_class": ["x"] * 5,
        "cell_type": [*(c[1] for c in CELLS), None],
        "neurotransmitter_predicted": ["acetylcholine", "acetylcholine", "gaba", "glutamate", "na"],
        "neurotransmitter_score": ["0.9"] * 5,
        "proofread": ["TRUE", "TRUE", "FALSE", "TRUE", ""],
    }
    pd.DataFrame(meta).to_feather(place / f"{dataset}_meta.feather")
    return place


def banc_synapses(folder: str | Path) -> Path:
    """SJCABS synapses, positions in nm."""
    place = banc(folder)
    rows = [(str(IDS[i]), str(IDS[j]), r) for i, j, r, n in ROWS for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["pre", "post", "neuropil"])
    frame["x"], frame["y"], frame["z"] = 1000.0, 2000.0, 3000.0
    frame["prepost"], frame["syn_top_nt"], frame["label"] = 1, "ACH", "axon"
    frame["connector_id"] = np.arange(len(frame))
    frame.to_parquet(place / "banc_746_synapses.parquet")
    return place
