"""``connectome-graph fetch``: a pinned version of a CAVE datastack, written as a bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from connectome_graph.cli._public import completing
from connectome_graph.cli._results import AsCsv, AsJson, Overwrite, facts_as

__all__ = ["fetch"]


def fetch(
    datastack: Annotated[str, typer.Argument(help="Such as minnie65_public or v1dd_public.")],
    *,
    version: Annotated[
        str, typer.Option(help="Materialization version, such as 1718, or 'latest'.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The bundle to write.")],
    neurons: Annotated[
        str | None, typer.Option(help='A query on the cell table, such as "status_axon".')
    ] = None,
    synapses: Annotated[
        str,
        typer.Option(
            help="'between' the neurons, all their 'outputs', or 'inputs'.",
            autocompletion=completing("between", "outputs", "inputs"),
        ),
    ] = "between",
    rows: Annotated[
        str,
        typer.Option(
            help="'synapses', or 'pairs' with the server's own counts.",
            autocompletion=completing("synapses", "pairs"),
        ),
    ] = "synapses",
    cell_table: Annotated[
        str | None, typer.Option(help="Another table of cells than the registered one.")
    ] = None,
    unknown: Annotated[
        str,
        typer.Option(
            help="Partners outside the cell table: 'drop', 'add' or 'raise'.",
            autocompletion=completing("drop", "add", "raise"),
        ),
    ] = "drop",
    target_tags: Annotated[
        str,
        typer.Option(
            help="Spine, shaft and soma tags: 'auto', 'require' or 'skip'.",
            autocompletion=completing("auto", "require", "skip"),
        ),
    ] = "auto",
    space: Annotated[
        str | None,
        typer.Option(
            help="Positions: 'standard' or 'native'.",
            autocompletion=completing("standard", "native"),
        ),
    ] = None,
    server: Annotated[str | None, typer.Option(help="Another global server.")] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file holding a token; else the stored one is used.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Requests at once, 1 to 8.")] = 2,
    cache: Annotated[Path | None, typer.Option(help="Folder of fetched tables.")] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Fetch neurons and synapses of a CAVE datastack; an interrupted fetch goes on."""
    import connectome_graph as cg
    from connectome_graph.sources.cave import FetchOptions
    from connectome_graph.sources.cave import datastack as registered

    choices: dict[str, Any] = {"unknown": unknown, "rows": rows, "cell_table": cell_table}
    g = cg.from_cave(
        registered(datastack, **({"server": server} if server else {})),
        version=int(version) if version.isdecimal() else version,
        neurons=neurons,
        synapses=synapses,
        target_tags=target_tags,
        space=space,
        token=_token(token_file),
        options=FetchOptions(workers=workers, cache_dir=cache),
        **choices,
    )
    path = cg.write(g, output, overwrite=overwrite)
    counts = {"neurons": g.n_neurons, "edges": g.n_edges, "synapses": g.n_synapses}
    said = {"path": str(path), **counts, **g.domain.describe()}
    if not facts_as(said, as_json=as_json, as_csv=as_csv):
        print(f"{path}: {g.n_neurons:,} neurons, {g.n_edges:,} edges, {g.n_synapses:,} synapses")
        print(g.provenance)


def _token(path: Path | None) -> str | None:
    """Return the token in a file: the whole text, or the entry ``token`` of a JSON object.

    A file, because an option on the command line ends up in the shell's history.
    """
    from connectome_graph.errors import UnreadableFile

    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UnreadableFile(f"cannot read the token file {path} ({error.strerror})") from None
    if not text.startswith("{"):
        return text
    try:
        return str(json.loads(text)["token"])
    except (ValueError, KeyError, TypeError):
        text = ""  # an error keeps the names of its frames, and this one may hold a secret
    raise UnreadableFile(
        f"the token file {path} is JSON without an entry 'token'; caveclient's cave-secret.json "
        f"has one"
    )
