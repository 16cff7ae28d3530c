"""What the made releases hold, and how a graph of them is looked at."""

from __future__ import annotations

from docs import made_releases as made

IDS = made.IDS


def facts(g):
    return g.provenance.steps[0].facts


def pairs(g):
    return {(a, b): n for a, b, n in g.edges[["pre", "post", "count"]].itertuples(index=False)}


FLY = {(IDS[0], IDS[3]): 9, (IDS[1], IDS[2]): 5, (IDS[2], IDS[0]): 9}
BODIES = {(11, 14): 9, (12, 13): 5, (13, 11): 9}
TEXTS = {(str(a), str(b)): n for (a, b), n in FLY.items()}
