"""A statistic of an observed graph against the same statistic of random graphs."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from connectome_graph.border.arguments import (
    Level,
    Progress,
    Seed,
    check_progress,
    level_between,
    seed_sequence,
    whole,
)
from connectome_graph.comparison._checkpoint import (
    Checkpoint,
    described,
    known,
    software,
    stored_entropy,
)
from connectome_graph.comparison._coded import Coding, Row, coded_matrix, coding_of, decoded
from connectome_graph.comparison._components import components
from connectome_graph.comparison._draws import Draw, Ensemble
from connectome_graph.comparison._ensemble import collect, matrix
from connectome_graph.comparison._fingerprint import graph_digest
from connectome_graph.comparison._refits import RefitEnsemble, recentred, tripled
from connectome_graph.comparison._result import Comparison, child
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import (
    NullFunction,
    NullModel,
    Outside,
    Statistic,
    n_outside,
    refuse_other_nulls,
    sampler,
)
from connectome_graph.nulls._soft import SoftNull
from connectome_graph.nulls._trading import compile_ahead, settle

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Statistic", "compare", "name_of", "root"]


@dataclass(frozen=True)
class NullEnsemble:
    """The components of random graphs drawn from a null model."""

    g: ConnectomeGraph
    statistic: Statistic
    null: NullModel | NullFunction
    outside: Outside = "raise"
    coding: Coding | None = None

    def prepare(self) -> Draw:
        """Return the function that draws one sample's components."""
        draw = sampler(self.g, self.null, outside=self.outside)
        if (coding := self.coding) is not None:
            return lambda rng: coding.count(draw(rng))
        name = name_of(self.statistic)
        return lambda rng: components(self.statistic(draw(rng)), name)


def compare(  # noqa: PLR0913 (one keyword for each choice)
    g: ConnectomeGraph,
    statistic: Statistic,
    *,
    null: NullModel | NullFunction,
    n: int = 1000,
    seed: Seed = 0,
    executor: Executor | Client | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress = None,
    absent: float = 0,
    level: Level = 0.95,
    outside: Outside = "raise",
) -> Comparison:
    """Hold a statistic of a graph against the same statistic of `n` random graphs.

    Sample ``i`` uses the child ``i`` of the seed, so the numbers are the same whatever runs
    them and however many workers there are. Ctrl-C returns what is done, marked as partial
    (`Comparison.complete`, and a `PartialResult` warning).

    Parameters
    ----------
    g
        The observed graph.
    statistic
        Function of a graph returning a number, a Series, a DataFrame, or a dict of these. A
        column of text in a DataFrame labels its rows.
    null
        A null model, or a function of (graph, Generator) that returns a graph.
    n
        Number of random graphs. The smallest two-sided p is ``2 / (n + 1)``.
    seed
        Whole number, SeedSequence or Generator; ``None`` takes fresh randomness, or with a
        `checkpoint` goes on with the file's own seed. The provenance records it.
    executor
        Who does the work: by default a thread per processor (the kernels release the GIL). Give a
        ProcessPoolExecutor for a statistic written in Python (`statistic` and `null` must then be
        importable functions), or a ``dask.distributed.Client`` for a cluster: the graph is sent
        to each worker once, samples come back one by one, and a worker that dies costs only the
        samples it was drawing.
    checkpoint
        A file that keeps finished samples, so that a run that was killed can go on; the result
        is that of a run in one go. Refused when it belongs to another run. With ``seed=None``
        the file's own seed is taken up; with a larger `n` samples are added.
    progress
        Whether to show a bar; by default on a terminal.
    absent
        The value of a component that a graph does not report: 0 suits sparse tables of counts,
        NaN leaves such samples out.
    level
        Coverage of the percentile interval.
    outside
        What happens when a sample has edges outside the domain where `g` has none: ``"raise"``
        names the first of them; ``"drop"`` leaves them out, which the provenance records with
        the number that the first sample lost.

    Returns
    -------
    Comparison
        ``.table`` (a row per component), ``.samples``, ``.observed``, ``.provenance``.

    Warns
    -----
    NotMixedWarning
        When the null model trades edges and its chain does not forget the observed graph; the
        column ``mixed`` of the table is then false.

    Raises
    ------
    InvalidArgument
        When an argument is out of range, when a sample has other neurons, another domain or new
        edges outside it, or when the checkpoint belongs to another run.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 1, 0]])
    >>> def mutual(g):
    ...     matrix = g.adjacency("binary")
    ...     return (matrix * matrix.T).sum() / 2
    >>> found = compare(g, mutual, null=cg.nulls.Configuration(), n=99, seed=1)
    >>> float(found.table.loc["mutual", "observed"])
    2.0
    """
    n, level = whole(n, name="n"), level_between(level)
    progress = check_progress(progress)
    refuse_other_nulls(null)
    compile_ahead(g, null)
    path = None if checkpoint is None else Path(checkpoint)
    streams = root(seed, path)
    name = name_of(statistic)
    about = {}
    if path is not None:  # before the first call: a statistic may change what it holds
        about = {"graph": graph_digest(g), "null": known(null, name="null model")}
        about |= {} if outside == "raise" else {"outside": outside}
        about |= run_facts(statistic, streams)
    soft = isinstance(null, SoftNull)
    coding = None if soft or absent != 0 else coding_of(statistic, g)
    row: Row = components(statistic(g), name) if coding is None else coding.count(g)
    observed = decoded(coding, row)
    found = settle(g, null)
    if found.mixing is not None:
        found.mixing.warn(type(null).__name__)
    ensemble: Ensemble = NullEnsemble(g, statistic, found.null, outside, coding)
    if isinstance(null, SoftNull):
        ensemble = RefitEnsemble(g, statistic, null, name)
    first = tripled(observed) if soft else observed
    kept = None if path is None else Checkpoint(path, about, first, coding)
    rows = collect(ensemble, streams, n, executor=executor, checkpoint=kept, progress=progress)
    table = coded_matrix(coding, row, rows)
    if table is None:
        labelled = {number: decoded(coding, each) for number, each in rows.items()}
        table = matrix(observed, recentred(labelled, observed) if soft else labelled, absent)
    observed, samples = table
    sentence = f"{name} was held against {len(rows):,} random graphs ({described(null)})."
    facts: dict[str, Any] = {"outside": outside, **found.facts}
    if isinstance(null, SoftNull):
        sentence += f" Each was held against {null.refits} graphs of its own fit."
    if outside == "drop":
        lost = n_outside(g, null, np.random.default_rng(child(streams, 0)))
        facts["n_outside_first_sample"] = lost
        sentence += (
            " Connections that a sample made outside the domain were left out "
            f"({lost:,} in the first sample)."
        )
    provenance = g.provenance.then(
        "compare", sentence,
        statistic=described(statistic), null=described(null), n_samples=len(rows),
        n_requested=n, entropy=str(streams.entropy), spawn_key=list(streams.spawn_key),
        keeps={} if not isinstance(null, NullModel) else dict(null.preserves), **facts,
    )  # fmt: skip
    return Comparison(observed, samples, n, level, streams, provenance, mixed=found.mixed)


def run_facts(statistic: Statistic, streams: np.random.SeedSequence) -> dict[str, str]:
    """Return what a checkpoint must agree in besides the graph: statistic, seed and version."""
    return {
        "statistic": known(statistic, name="statistic"),
        "entropy": str(streams.entropy),
        "spawn_key": str(tuple(streams.spawn_key)),
        "software": software(),
    }


def name_of(statistic: Any) -> str:
    """Return what a statistic is called.

    Raises
    ------
    InvalidArgument
        When it is not a function.
    """
    if not callable(statistic):
        raise InvalidArgument(
            f"statistic={statistic!r} is not a function; give a function of a graph that returns "
            "a number, a Series, a DataFrame, or a dict of these"
        )
    return described(statistic).partition("(")[0].rpartition(".")[2]


def root(seed: Seed, checkpoint: Path | None = None) -> np.random.SeedSequence:
    """Return the seed sequence whose children are the samples' streams.

    Without a seed, that of the checkpoint where there is one.
    """
    if seed is None and checkpoint is not None:
        return np.random.SeedSequence(stored_entropy(checkpoint))
    return seed_sequence(seed)
