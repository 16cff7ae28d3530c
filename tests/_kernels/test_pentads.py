"""The ways in which five neurons can be connected, by definition."""

from __future__ import annotations

import numpy as np

from connectome_graph._kernels.pentads import PAIRS, pentads


def degrees(state):
    found = np.zeros((5, 3), int)
    for place, (i, j) in enumerate(PAIRS):
        code = state >> (2 * place) & 3
        for here, there, forward in ((i, j, 1), (j, i, 2)):
            found[here, 0] += code == forward
            found[there, 1] += code == forward
            found[here, 2] += code == 3
    return found.tobytes()


def test_states_are_grouped_by_their_degrees():
    classes = pentads()
    assert sorted(classes.members.tolist()) == list(range(4**10))
    sizes = classes.size[classes.members]
    starts = classes.start[classes.members]
    assert (starts[1:] == np.where(np.diff(starts), starts[:-1] + sizes[:-1], starts[:-1])).all()
    rng = np.random.default_rng(0)
    chosen = rng.choice(np.flatnonzero(classes.size > 1), 300)
    for state in chosen.tolist():
        span = slice(classes.start[state], classes.start[state] + classes.size[state])
        members = classes.members[span].tolist()
        assert members[classes.rank[state]] == state
        assert {degrees(other) for other in members} == {degrees(state)}
        before, after = span.start - 1, span.stop
        assert before < 0 or degrees(int(classes.members[before])) != degrees(state)
        assert after == 4**10 or degrees(int(classes.members[after])) != degrees(state)
