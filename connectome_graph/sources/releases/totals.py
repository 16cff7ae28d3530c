"""Published totals of releases: a file that is whole has as many rows, adding up to as much."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["TOTALS", "Total", "held_against", "known_totals"]


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
    Total("shiu", r"connectivity.*630", "Shiu et al., v630", 14_687_178, 52_793_639),
    Total("shiu", r"connectivity.*783", "Shiu et al., v783", 15_091_983, 54_492_922),
    Total("neuprint", r"traced-total-connections", "hemibrain v1.2", 3_550_403, 14_329_229),
    Total("neuprint", r"manc.*1\.2\.1", "MANC v1.2.1", 5_305_638, 30_934_610),
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
    # tables of neurons
    Total("flywire", r"^neurons\.csv|proofread_root_ids_783", "FlyWire v783", 139_255),
    Total("flywire", r"^coordinates\.csv", "FlyWire v783", 238_909),
    Total("shiu", r"completeness.*630", "Shiu et al., v630", 127_400),
    Total("shiu", r"completeness.*783", "Shiu et al., v783", 138_639),
    Total("neuprint", r"traced-neurons", "hemibrain v1.2", 21_739),
    Total("sjcabs", r"banc_746_meta", "BANC 746", 168_791),
    Total("sjcabs", r"banc_888_meta", "BANC 888", 188_508),
    Total("sjcabs", r"fafb_783_meta", "FAFB 783", 139_213),
    Total("sjcabs", r"manc_121_meta", "MANC 1.2.1", 23_650),
    Total("sjcabs", r"hemibrain_121_meta", "hemibrain 1.2.1", 25_397),
    Total("sjcabs", r"malecns_09_meta", "male CNS 0.9", 165_114),
    Total("cave-dump", r"^nucleus_detection", "MICrONS v1507", 144_120),
    Total("cave-dump", r"^proofreading_status", "MICrONS v1507", 2_182),
)  # fmt: skip


def known_totals(kind: str, file: str) -> list[Total]:
    """Return what is published of a file, several where versions have one name.

    Examples
    --------
    >>> [total.rows for total in known_totals("flywire", "connections.csv.gz")]
    [3869878, 3794615]
    """
    known = [t for t in TOTALS if t.kind == kind and re.search(t.file, file, re.IGNORECASE)]
    # the first patterns are the narrower ones
    return [total for total in known if total.file == known[0].file]


def held_against(
    kind: str, file: str, *, rows: int, total: Callable[[], int | None] = lambda: None
) -> tuple[str, dict[str, Any]]:
    """Return what the published numbers say of a file, and the facts; "" where none is known.

    Parameters
    ----------
    kind
        The family; of a worm with its layer, ``"worm chemical"``.
    file
        The file's name.
    rows
        How many rows were read.
    total
        Gives what its rows add up to; asked only where a published total is there to compare.

    Examples
    --------
    >>> name = "witvliet_2020_1 L1.xlsx"
    >>> held_against("worm chemical", name, rows=775, total=lambda: 1296)[0]
    'It has the 775 rows, adding up to 1,296, that are published for Witvliet et al., 1.'
    >>> held_against("worm chemical", name, rows=775, total=lambda: 1200)[0][-42:]
    'but they add up to 1,200 and not to 1,296.'
    >>> held_against("worm chemical", name, rows=700)[1]
    {'n_rows_published': [775]}
    """
    known = known_totals(kind, file)
    if not known:
        return "", {}
    facts: dict[str, Any] = {"n_rows_published": [each.rows for each in known]}
    same = next((each for each in known if each.rows == rows), None)
    if same is None:
        told = " or ".join(f"{each.rows:,} ({each.title})" for each in known)
        return f"The published number of rows is {told}; this file has {rows:,}.", facts
    found = None if same.total is None else total()
    told = f"It has the {rows:,} rows"
    if found is None:
        return f"{told} that are published for {same.title}.", facts
    facts |= {"total_published": same.total, "total_read": found}
    if found == same.total:
        return f"{told}, adding up to {found:,}, that are published for {same.title}.", facts
    told += f" published for {same.title}, but they add up to {found:,}"
    return f"{told} and not to {same.total:,}.", facts
