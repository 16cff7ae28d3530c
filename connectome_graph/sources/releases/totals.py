"""Published totals of releases: a file that is whole has as many rows."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

__all__ = ["TOTALS", "Total", "held_against"]


class Total(NamedTuple):
    """How many rows a file of a release has, and how many synapses (or sections) they add up to."""

    kind: str
    file: str
    title: str
    rows: int
    total: int | None = None


_WITVLIET = (
    (775, 1296), (986, 1895), (1012, 2128), (1136, 2777),
    (1515, 4116), (1525, 4456), (2202, 7467), (2186, 7970),
)  # fmt: skip

#: The totals, by a pattern of the file's name.
TOTALS: tuple[Total, ...] = (
    Total("flywire", r"princeton_synapse", "FlyWire v783, Princeton synapses", 80_215_790),
    Total("flywire", r"^connections_princeton\.csv", "FlyWire v783, Princeton", 5_342_446,
          50_666_648),
    Total("flywire", r"^connections_no_threshold|proofread_connections_783", "FlyWire v783",
          16_847_997, 54_492_922),
    Total("flywire", r"^connections\.csv", "FlyWire v783", 3_869_878),
    Total("flywire", r"^connections\.csv", "FlyWire v630", 3_794_615, 32_970_606),
    Total("shiu", r"630", "Shiu et al., v630", 14_687_178, 52_793_639),
    Total("shiu", r"783", "Shiu et al., v783", 15_091_983, 54_492_922),
    Total("neuprint", r"traced-total-connections", "hemibrain v1.2", 3_550_403, 14_329_229),
    Total("neuprint", r"weights-male-cns", "male CNS v1.0", 151_856_684, 311_833_243),
    Total("sjcabs", r"banc_746_simple", "BANC 746", 113_981_973),
    Total("sjcabs", r"banc_888.*simple", "BANC 888", 11_752_828),
    Total("sjcabs", r"fafb_783_simple", "FAFB 783", 15_023_799),
    Total("sjcabs", r"fafb_783_split", "FAFB 783, split", 15_867_088),
    Total("sjcabs", r"manc_121_simple", "MANC 1.2.1", 5_305_354, 30_943_884),
    Total("sjcabs", r"hemibrain_121_simple", "hemibrain 1.2.1", 4_679_482),
    Total("sjcabs", r"malecns_09_simple", "male CNS 0.9", 142_881_142, 301_131_971),
    Total("worm chemical", r"MOESM9", "Cook et al. 2019", 4_879, 28_113),
    Total("worm electrical", r"MOESM9", "Cook et al. 2019, gap junctions", 2_881, 21_801),
    Total("worm chemical", r"herm_full_edgelist", "Cook et al. 2019", 4_681, 27_019),
    Total("worm electrical", r"herm_full_edgelist", "Cook et al. 2019", 2_698, 12_683),
    *(
        Total("worm chemical", rf"witvliet_2020_{number}\b", f"Witvliet et al., {number}", *numbers)
        for number, numbers in enumerate(_WITVLIET, 1)
    ),
    Total("worm electrical", r"witvliet_2020_7\b", "Witvliet et al., 7", 291),
    Total("cave-dump", r"synapses_with_axon_proofreading", "MICrONS v1507", 2_089_627),
)  # fmt: skip


def held_against(kind: str, file: str, *, rows: int) -> tuple[str, dict[str, Any]]:
    """Return what the published number of rows says of a file, and the fact; "" where none is.

    Parameters
    ----------
    kind
        The family; of a worm with its layer, ``"worm chemical"``.
    file
        The file's name.
    rows
        How many rows were read.

    Examples
    --------
    >>> held_against("worm chemical", "witvliet_2020_1 L1.xlsx", rows=775)[0]
    'It has the 775 rows that are published for Witvliet et al., 1.'
    >>> held_against("worm chemical", "witvliet_2020_1 L1.xlsx", rows=700)[1]
    {'n_rows_published': [775]}
    """
    known = [t for t in TOTALS if t.kind == kind and re.search(t.file, file, re.IGNORECASE)]
    # the first patterns are the narrower ones
    known = [total for total in known if total.file == known[0].file]
    if not known:
        return "", {}
    facts: dict[str, Any] = {"n_rows_published": [total.rows for total in known]}
    same = next((total for total in known if total.rows == rows), None)
    if same is not None:
        facts |= {} if same.total is None else {"total_published": same.total}
        return f"It has the {rows:,} rows that are published for {same.title}.", facts
    told = " or ".join(f"{total.rows:,} ({total.title})" for total in known)
    return f"The published number of rows is {told}; this file has {rows:,}.", facts
