"""What a graph says of itself: one line, and a small table in a notebook."""

from __future__ import annotations

import base64
import html as markup
import struct
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from connectome_graph.model.domain import Domain

__all__ = ["Sizes", "html", "one_line", "picture"]

# Pixels along a side of the small picture.
_PIXELS = 60


class Sizes(NamedTuple):
    """How large a graph is."""

    n_neurons: int
    n_edges: int
    n_synapses: int
    n_autapses: int
    n_edges_outside: int


def _counted(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _parts(sizes: Sizes, domain: Domain) -> list[str]:
    parts = [
        _counted(sizes.n_neurons, "neuron"),
        _counted(sizes.n_edges, "edge"),
        _counted(sizes.n_synapses, "synapse"),
    ]
    if sizes.n_autapses and not domain.diagonal:
        parts.append(_counted(sizes.n_autapses, "autapse"))
    if sizes.n_edges_outside:
        parts.append(f"{_counted(sizes.n_edges_outside, 'connected pair')} outside the domain")
    return parts


def one_line(sizes: Sizes, domain: Domain) -> str:
    """Return the sizes of a graph and its domain in one line."""
    shape = (
        ""
        if domain.sources.all() and domain.targets.all()
        else f", {domain.n_sources:,} sources x {domain.n_targets:,} targets"
    )
    return (
        f"<ConnectomeGraph: {', '.join(_parts(sizes, domain))}; domain {domain.policy}{shape}, "
        f"{domain.said}>"
    )


def html(
    sizes: Sizes,
    domain: Domain,
    *,
    neuron_columns: Sequence[str],
    synapse_columns: Sequence[str],
    history: str,
    edges: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None,
) -> str:
    """Return the sizes, domain, columns and history of a graph as an HTML table."""
    rows = [
        ("", ", ".join(_parts(sizes, domain))),
        ("domain", repr(domain)),
        ("neuron columns", ", ".join(neuron_columns) or "none"),
        ("synapse columns", ", ".join(synapse_columns) or "none"),
        ("provenance", history),
    ]
    cells = "".join(
        f"<tr><th style='text-align:left'>{markup.escape(name)}</th>"
        f"<td style='text-align:left'>{markup.escape(text)}</td></tr>"
        for name, text in rows
    )
    table = f"<table><caption><b>ConnectomeGraph</b></caption><tbody>{cells}</tbody></table>"
    if edges is None or not sizes.n_edges:
        return table
    side_by_side = "display:flex;gap:1em;align-items:center"
    return f"<div style='{side_by_side}'>{table}{picture(domain, edges)}</div>"


def picture(domain: Domain, edges: tuple[npt.NDArray[Any], npt.NDArray[Any]]) -> str:
    """Return a small picture of the adjacency, sources down and targets across, as an image."""
    places = []
    for end, mask in zip(edges, (domain.sources, domain.targets), strict=True):
        n = int(mask.sum())
        rank = np.cumsum(mask) - 1
        places.append(rank[end] * min(_PIXELS, n) // n)
    shape = (min(_PIXELS, domain.n_sources), min(_PIXELS, domain.n_targets))
    counts = np.bincount(places[0] * shape[1] + places[1], minlength=shape[0] * shape[1])
    shade = np.log1p(counts.reshape(shape)) / np.log1p(counts.max())
    grey = np.round(255 * (1 - 0.85 * shade)).astype(np.uint8)
    data = base64.b64encode(_png(grey)).decode()
    told = "adjacency: sources down, targets across, darker where more pairs are connected"
    look = "image-rendering:pixelated;flex:none;border:1px solid #8886"
    return (
        f"<img alt='{told}' title='{told}' width='120' height='120' "
        f"style='{look}' src='data:image/png;base64,{data}'>"
    )


def _png(grey: npt.NDArray[np.uint8]) -> bytes:
    """Return a picture in shades of grey as a PNG file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    height, width = grey.shape
    rows = b"".join(b"\x00" + row.tobytes() for row in grey)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
