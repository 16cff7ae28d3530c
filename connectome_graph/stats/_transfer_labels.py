"""Labels for neurons that have none, from the labelled neurons with the most similar partners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Seed, generator, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._circuit import chosen
from connectome_graph.stats._labels import type_codes
from connectome_graph.stats._sampling import neuron_index
from connectome_graph.stats._similarity import Metric, Of, similarity

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.selection import Selection

__all__ = ["LabelTransfer", "transfer_labels"]


@dataclass(frozen=True)
class LabelTransfer:
    """Labels carried over to neurons without one, and how well that works on those with one.

    Attributes
    ----------
    labels
        Indexed by ``root_id``, a row for each neuron without a label: ``label`` (missing where
        abstained), ``share`` of the similarity of the neighbours that stands behind it,
        ``similarity`` to the nearest of them, ``n_neighbours``.
    accuracy
        Of labelled neurons whose label was hidden: ``accuracy`` (correct over those given a
        label), ``coverage`` (given a label over all), ``n_labelled``, ``n_given``, ``n_correct``.
    by_type
        The same for every label, with ``precision`` (correct over all given this label).
    """

    labels: pd.DataFrame
    accuracy: pd.Series
    by_type: pd.DataFrame


def transfer_labels(  # noqa: PLR0913
    g: ConnectomeGraph,
    by: By,
    *,
    of: Of = "both",
    metric: Metric = "cosine",
    profile_by: By | None = None,
    candidates: Selection | None = None,
    n_neighbours: int = 5,
    min_similarity: float | None = None,
    min_share: float = 0.5,
    folds: int = 10,
    seed: Seed = 0,
) -> LabelTransfer:
    """Give neurons without a label that of the labelled neurons with the most similar profiles.

    Each of the `n_neighbours` most similar labelled neurons votes with its similarity. A label is
    given when its share of the votes is at least `min_share` and the nearest neuron that bears
    it is at least `min_similarity` alike; otherwise the function abstains. Its accuracy is that
    on labelled neurons, each of which was predicted with its own fold hidden.

    Parameters
    ----------
    g
        The graph.
    by
        Neuron column of the labels; missing where a neuron has none.
    of, metric
        As in :func:`similarity`.
    profile_by
        Column of the partners' types that profiles are made of; None for single partners. When
        it is `by` itself, the labels of a hidden fold are hidden from the profiles too.
    candidates
        Labelled neurons that may vote, such as those of another hemisphere.
    n_neighbours
        Number of neurons that vote.
    min_similarity, min_share
        Below these no label is given.
    folds
        Parts of the cross-validation, at least 2.
    seed
        Whole number or Generator for the folds.

    Returns
    -------
    LabelTransfer
        ``labels accuracy by_type``.

    Raises
    ------
    InvalidArgument
        When there are fewer labelled neurons than folds, or an argument is out of range.

    References
    ----------
    Cover & Hart 1967, IEEE Trans Inf Theory 13:21 (nearest neighbours).

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": range(1, 7), "type": ["A", "A", "A", None, "B", "B"]})
    >>> wires = [[0, 0, 0, 0, 5, 0]] * 4 + [[1, 1, 1, 1, 0, 0]] * 2
    >>> found = cg.stats.transfer_labels(cg.from_adjacency(wires, cells), "type", folds=2)
    >>> found.labels["label"].tolist()
    ['A']
    """
    least = 0.0 if min_similarity is None else min_similarity
    _check(n_neighbours, least, min_share)
    codes, names = type_codes(g, by)
    may_vote = np.zeros(g.n_neurons, bool)
    may_vote[chosen(g, candidates, name="candidates")] = True
    labelled = np.flatnonzero(codes >= 0)
    whole(folds, name="folds", least=2)
    if len(labelled) < folds:
        raise InvalidArgument(
            f"folds={folds} needs as many labelled neurons; {by!r} labels {len(labelled):,}"
        )

    def predicted(asked: npt.NDArray[Any], known: npt.NDArray[np.bool_]) -> pd.DataFrame:
        shown = g
        if profile_by == by:
            # A neuron that misses one of several columns has no label.
            column = by if isinstance(by, str) else by[0]
            hidden = g.neuron_column(column).where(known)
            shown = g.annotate(hidden.to_frame(column), overwrite=True)
        return _voted(
            shown, asked, np.where(known & may_vote, codes, -1), names, of=of, metric=metric,
            by=profile_by, n_neighbours=int(n_neighbours), limits=(least, min_share),
        )  # fmt: skip

    missing = np.flatnonzero(codes < 0)
    labels = predicted(missing, codes >= 0)
    fold = np.empty(len(labelled), np.int64)
    fold[generator(seed).permutation(len(labelled))] = np.arange(len(labelled)) % folds
    parts = []
    for part in range(folds):
        known = codes >= 0
        known[labelled[fold == part]] = False
        parts.append(predicted(labelled[fold == part], known))
    guessed = pd.concat(parts).reindex(neuron_index(g)[labelled])["label"]
    return LabelTransfer(labels, *_scores(guessed, codes[labelled], names))


def _check(n_neighbours: Any, min_similarity: float, min_share: float) -> None:
    whole(n_neighbours, name="n_neighbours")
    for name, value in (("min_similarity", min_similarity), ("min_share", min_share)):
        if not 0 <= value <= 1:
            raise InvalidArgument(f"{name} needs a number from 0 to 1; found {value!r}")


def _voted(
    g: ConnectomeGraph,
    asked: npt.NDArray[Any],
    codes: npt.NDArray[np.int64],
    names: pd.Index,
    *,
    of: Any,
    metric: Any,
    by: By | None,
    n_neighbours: int,
    limits: tuple[float, float],
) -> pd.DataFrame:
    index = neuron_index(g)[asked]
    label = np.full(len(asked), -1)
    share, nearest = np.full(len(asked), np.nan), np.full(len(asked), np.nan)
    number = np.zeros(len(asked), np.int64)
    if len(asked) and (codes >= 0).any():
        table = similarity(
            g, of=of, by=by, metric=metric, top=n_neighbours,
            neurons=g.ids[asked], candidates=g.ids[codes >= 0],
        )  # fmt: skip
        row = index.get_indexer(table.index.get_level_values("root_id"))
        vote = codes[neuron_index(g).get_indexer(table.index.get_level_values("match"))]
        votes = np.zeros((len(asked), len(names)))
        closest = np.zeros((len(asked), len(names)))
        alike = table["similarity"].to_numpy()
        np.add.at(votes, (row, vote), alike)
        np.maximum.at(closest, (row, vote), alike)
        number = np.bincount(row, minlength=len(asked))
        at = np.flatnonzero(number)
        best = votes[at].argmax(axis=1)
        share[at] = votes[at, best] / votes[at].sum(axis=1)
        nearest[at] = closest[at, best]
        given = (nearest[at] >= limits[0]) & (share[at] >= limits[1] - 1e-12)
        label[at[given]] = best[given]
    told = pd.Series(names.take(np.maximum(label, 0)), index=index, dtype=object)
    return pd.DataFrame(
        {
            "label": told.where(label >= 0, None),
            "share": share,
            "similarity": nearest,
            "n_neighbours": number,
        },
        index=index,
    )


def _scores(
    guessed: pd.Series, codes: npt.NDArray[np.int64], names: pd.Index
) -> tuple[pd.Series, pd.DataFrame]:
    given = names.get_indexer(pd.Index(guessed, dtype=object))
    given = np.where(guessed.isna(), -1, given)
    right = given == codes
    counted = [
        np.bincount(each, minlength=len(names))
        for each in (codes, codes[given >= 0], codes[right], given[given >= 0])
    ]
    labelled, answered, correct, named = counted
    with np.errstate(invalid="ignore", divide="ignore"):
        by_type = pd.DataFrame(
            {
                "accuracy": correct / answered,
                "coverage": answered / labelled,
                "precision": correct / named,
                "n_labelled": labelled,
                "n_given": answered,
                "n_correct": correct,
            },
            index=pd.Index(names, name="label"),
        )
        total = pd.Series(
            {
                "accuracy": correct.sum() / answered.sum() if answered.sum() else np.nan,
                "coverage": answered.sum() / labelled.sum(),
                "n_labelled": labelled.sum(),
                "n_given": answered.sum(),
                "n_correct": correct.sum(),
            },
            dtype=float,
            name="transfer_labels",
        )
    return total, by_type
