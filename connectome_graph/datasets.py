"""Registered real connectomes, and a generated V1 column, as graphs with one call.

Two small ones ship with the package, so ``datasets.load("celegans-cook2019")`` needs no network;
the others are fetched. ``datasets.available()`` lists them, ``datasets.load(name)`` makes a graph,
``datasets.fetch(name)`` hands out the checked files. Files are looked for in the folder that
the environment variable ``CONNECTOME_GRAPH_DATA`` names, else in the user's cache; a missing
one is downloaded once, and every one is checked against its registered hash.

``datasets.verify(files)`` holds the files of a public release that a user has against what is
published of them.

``datasets.synthetic_column()`` needs no files: it is generated, and it is not data.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Seed, generator, recorded_seed
from connectome_graph.border.doors import guarded
from connectome_graph.build.assembler import Request, assembled
from connectome_graph.build.edges import edge_story
from connectome_graph.build.tables import table_story
from connectome_graph.errors import choice
from connectome_graph.model.columns import column_names
from connectome_graph.model.provenance import Step
from connectome_graph.sources import registry
from connectome_graph.sources.published import READERS, PublishedTables
from connectome_graph.sources.releases.families import FAMILIES
from connectome_graph.sources.releases.given import Source, looked_at
from connectome_graph.sources.releases.verified import verified
from connectome_graph.sources.synthetic import synthetic_tables

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

Mask: TypeAlias = npt.NDArray[np.bool_]

__all__ = [
    "available",
    "fetch",
    "load",
    "synthetic_column",
    "synthetic_proximities",
    "verify",
]


def available() -> pd.DataFrame:
    """Return the registered datasets, one row each, indexed by ``name``.

    Returns
    -------
    pandas.DataFrame
        ``title``, ``species``, ``variants`` (comma-separated, the default first), ``megabytes``
        (missing where sizes are not registered), ``shipped`` (whether the files are inside this
        package), ``on_this_machine`` (whether every file is in the folder), ``licence``,
        ``citation``, ``repository``, ``commit``, ``folder``.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> cg.datasets.available().loc["celegans-cook2019", "variants"]
    'chemical, electrical, all'
    """
    rows = [
        {
            "name": dataset.name,
            "title": dataset.title,
            "species": dataset.species,
            "variants": ", ".join(dataset.variants),
            "megabytes": _megabytes(dataset),
            "shipped": dataset.shipped is not None,
            "on_this_machine": all((dataset.home / file.name).is_file() for file in dataset.files),
            "licence": dataset.licence,
            "citation": dataset.citation,
            "repository": dataset.repository,
            "commit": dataset.commit,
            "folder": dataset.folder,
        }
        for dataset in registry.datasets().values()
    ]
    return pd.DataFrame(rows).set_index("name")


def _megabytes(dataset: registry.Dataset) -> float:
    sizes = [file.n_bytes for file in dataset.files]
    return round(sum(size or 0 for size in sizes) / 1e6, 2) if None not in sizes else float("nan")


def fetch(name: str, *, variant: str | None = None) -> Path:
    """Return the folder of a dataset, every file in it there and checked.

    Parameters
    ----------
    name
        One of :func:`available`.
    variant
        Only the files this variant needs; None: all of them.

    Raises
    ------
    UnknownName
        When no dataset has that name.
    InvalidArgument
        When the dataset has no such variant.
    UnreadableFile
        When a file is missing and cannot be downloaded, or its content is not the registered
        one. The message says which file, its address, and which folder was looked in.
    """
    dataset = registry.find(name)
    if variant is not None:
        choice(variant, dataset.variants, name="variant")
    for file in dataset.files_for(variant):
        registry.fetch_file(dataset, file)
    return dataset.home


def load(name: str, *, variant: str | None = None) -> ConnectomeGraph:
    """Return a registered dataset as a graph; its provenance names source, commit and variant.

    Parameters
    ----------
    name
        One of :func:`available`.
    variant
        Which part or kind, where a dataset has several; None: the first, as :func:`available`
        lists them.

    Returns
    -------
    ConnectomeGraph
        With the domain that the source set out to see.

    Raises
    ------
    UnknownName
        When no dataset has that name.
    InvalidArgument
        When the dataset has no such variant.
    UnreadableFile
        When a file is missing and cannot be downloaded, or its content is not the registered
        one.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> worm = cg.datasets.load("celegans-cook2019")
    >>> worm.n_neurons, worm.n_edges
    (473, 4841)
    >>> cg.datasets.load("celegans")
    Traceback (most recent call last):
    connectome_graph.errors.UnknownName: there is no dataset 'celegans'. ...
    """
    dataset = registry.find(name)
    chosen = next(iter(dataset.variants)) if variant is None else variant
    choice(chosen, dataset.variants, name="variant")
    paths = {file.name: registry.fetch_file(dataset, file) for file in dataset.files_for(chosen)}
    tables = READERS[name](paths, chosen)
    which = (
        f", variant {chosen!r} ({dataset.variants[chosen]})" if len(dataset.variants) > 1 else ""
    )
    note = f" {tables.note}" if tables.note else ""
    step = Step(
        "datasets.load",
        f"The tables are the dataset {name!r}{which}, from {dataset.repository} at commit "
        f"{dataset.commit[:7]}.{note}",
        {
            "dataset": name,
            "variant": chosen,
            "repository": dataset.repository,
            "commit": dataset.commit,
            "licence": dataset.licence,
            "citation": dataset.citation,
            **({"depth": tables.depth} if tables.depth else {}),
        },
    )
    g = _built(tables, step)
    return g if tables.sources is None and tables.targets is None else _on_domain(g, tables)


def verify(source: Source, kind: str | None = None) -> pd.DataFrame:
    """Hold the files of a public release against the numbers that are published of them.

    A download that broke off, another version, or another threshold shows as another number of
    rows or of synapses.

    Parameters
    ----------
    source
        The files, as in :func:`connectome_graph.from_release`.
    kind
        As there.

    Returns
    -------
    pandas.DataFrame
        A row for each file of which numbers are published (of a worm, for each layer): ``file``,
        ``kind``, ``release``, ``n_rows`` and ``n_rows_published``, ``total`` and
        ``total_published`` (synapses, or serial sections for Cook et al.; missing where none is
        published), ``agrees``.

    Raises
    ------
    UnreadableFile
        When a file is missing or damaged, or none is of a layout that is known.
    InvalidArgument
        When files of several kinds lie together and none is named.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> neurons = pd.DataFrame({"bodyId": [1, 2], "type": ["KC", "MBON"]})
    >>> rows = pd.DataFrame({"bodyId_pre": [1], "bodyId_post": [2], "weight": [3]})
    >>> found = cg.datasets.verify({"traced-neurons": neurons, "traced-total-connections": rows})
    >>> found[["file", "n_rows", "n_rows_published", "total", "agrees"]]
                           file  n_rows  n_rows_published  total  agrees
    0            traced-neurons       2             21739   <NA>   False
    1  traced-total-connections       1           3550403      3   False
    """
    if kind is not None:
        choice(kind, FAMILIES, name="kind")
    with looked_at(source) as given:
        return verified(given, kind)


def _built(tables: PublishedTables, step: Step) -> ConnectomeGraph:
    story = edge_story if "count" in column_names(tables.synapses) else table_story
    request = Request(
        synapses=tables.synapses,
        neurons=tables.neurons,
        unknown=tables.unknown,
        invalid_neurons=tables.invalid_neurons,
        resolution_nm=tables.resolution_nm,
        zero="missing",
    )
    return assembled(request, lambda facts: (*story(facts), step))


def _on_domain(g: ConnectomeGraph, tables: PublishedTables) -> ConnectomeGraph:
    def seen(neurons: pd.DataFrame) -> tuple[Mask, Mask]:
        masks = []
        for selection in (tables.sources, tables.targets):
            mask = np.full(len(neurons), selection is None)
            if selection is not None:
                mask[g.positions(selection)] = True
            masks.append(mask)
        return masks[0], masks[1]

    seen.__name__ = tables.policy
    return g.observed(seen)


def synthetic_column(*, seed: Seed = 0, scale: float = 1.0) -> ConnectomeGraph:
    """Return a generated V1 column: the marginals of public MICrONS data, and nothing else of it.

    **It is generated, not data.** At ``scale=1`` it has 1,355 neurons of 11 types in a square of
    100 um from pia to white matter, 146,711 synapses and 78,928 connected pairs: the numbers
    that the public tutorial of materialization version 1718 prints for the V1 column. Which
    numbers are published and which are assumed is listed in
    :mod:`connectome_graph.sources.synthetic.marginals`. Use it to learn, to test and to time;
    do not read results about the brain off it.

    Parameters
    ----------
    seed
        Whole number, SeedSequence or Generator; the same seed gives the same graph.
    scale
        Multiplies synapses and edges (0.01 to 200). Above 1 the column grows sideways and has
        `scale` times the neurons; below 1 it is a sample of its neurons at the same density.

    Returns
    -------
    ConnectomeGraph
        Neurons carry ``cell_type broad_type x_um y_um z_um`` (y is depth) and proofreading
        status and strategy; synapses carry ``synapse_id size target distance_to_root_um
        x_um y_um z_um``. No autapses.

    Raises
    ------
    InvalidArgument
        When `scale` is out of range or `seed` cannot seed.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0)
    >>> g.n_neurons, g.n_synapses, g.n_edges
    (1355, 146711, 78928)
    """
    rng = generator(seed)
    told = recorded_seed(rng)
    neurons, synapses = synthetic_tables(seed=rng, scale=scale)
    scale = float(scale)
    step = Step(
        "datasets.synthetic_column",
        f"The tables were generated (seed {told}, scale {scale:g}) with the marginals of the "
        "MICrONS V1 column; they are not data.",
        {"seed": told, "scale": scale, "generated": True, "depth": "y"},
    )
    request = Request(synapses=synapses, neurons=neurons)
    return assembled(request, lambda facts: (*table_story(facts), step))


def synthetic_proximities(g: ConnectomeGraph, *, seed: Seed = 0) -> pd.DataFrame:
    """Return which neurons of a generated column came close, in agreement with its wiring.

    **It is generated, not data.** Every connected pair has met; about three pairs met in vain
    for each that is connected, where an axon passes the neighbours of a neuron that it reaches.
    Pairs with more synapses travelled further together.

    Parameters
    ----------
    g
        A generated column, or any graph whose neurons have positions.
    seed
        Whole number, SeedSequence or Generator; the same seed gives the same table.

    Returns
    -------
    pandas.DataFrame
        ``pre post`` (root ids), ``n_proximities`` (int64) and ``co_travel_um`` (float64), as
        :func:`connectome_graph.skeletons.proximities` gives them for skeletons.

    Raises
    ------
    UnknownName
        When the neurons have no positions.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(scale=0.02)
    >>> met = g.within(cg.datasets.synthetic_proximities(g), exposure="co_travel_um")
    >>> met.n_edges == g.n_edges, met.domain.n_pairs > 3 * g.n_edges
    (True, True)
    """
    from connectome_graph.sources.synthetic.proximities import PER_EDGE, draw_proximities

    axes = ("x_um", "y_um", "z_um")
    xyz = np.column_stack([g.neuron_column(axis).to_numpy(float) for axis in axes])
    pre, post = (codes.astype(np.int64) for codes in g.edge_codes)
    edges = pre, post, g.edge_counts
    table = draw_proximities(generator(seed), xyz, edges, round(PER_EDGE * g.n_edges))
    for end in ("pre", "post"):
        table[end] = g.ids[table[end].to_numpy()]
    return table


guarded(globals(), __all__)
