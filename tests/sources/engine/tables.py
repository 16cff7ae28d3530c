"""Tables that the engine tests scan: known neurons, orphans, loops and parallel rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather

import strategies


def rows(n=5000, seed=0, *, orphans=True):
    """Return synapses among 40 neurons and some orphans, with gaps, loops and parallel rows."""
    rng = np.random.default_rng(seed)
    ids = np.array(strategies.root_ids(60 if orphans else 40))
    return pd.DataFrame(
        {
            "id": np.arange(n) + strategies.BASE_ID,
            "pre_pt_root_id": rng.choice(ids, n),
            "post_pt_root_id": rng.choice(ids, n),
            "size": rng.integers(1, 100, n),
            "tag": rng.choice(["spine", "shaft"], n),
            "ctr_pt_position_x": rng.integers(0, 1000, n),
            "ctr_pt_position_y": rng.integers(0, 1000, n),
            "ctr_pt_position_z": rng.integers(0, 100, n),
        }
    )


CELLS = pd.DataFrame({"pt_root_id": strategies.root_ids(40)})
COMMON = {"unknown": "drop", "resolution_nm": (4, 4, 40)}


def written(tmp_path, table, ending, pieces=3):
    for i in range(pieces):
        piece = table.iloc[i * len(table) // pieces : (i + 1) * len(table) // pieces]
        path = tmp_path / f"part{i}.{ending}"
        if ending == "parquet":
            piece.to_parquet(path, index=False, row_group_size=400)
        elif ending == "feather":
            pyarrow.feather.write_feather(pa.Table.from_pandas(piece, preserve_index=False), path)
        else:
            piece.to_csv(path, index=False)
    return str(tmp_path / f"part*.{ending}")
