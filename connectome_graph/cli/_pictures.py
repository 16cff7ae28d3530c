"""Figures on the command line: written whole or not at all, and marked as ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["check_picture", "save_figure"]

_STARTS = {".png": b"\x89png", ".svg": b"<?xml", ".pdf": b"%pdf"}
_FIELDS = {".png": "Software", ".svg": "Creator", ".pdf": "Creator"}


def check_picture(output: Path, *, overwrite: bool) -> str:
    """Return the ending of a picture, before work is spent on what may not be written.

    Raises
    ------
    InvalidArgument
        When the ending is not known.
    UnreadableFile
        When another file is there.
    """
    from connectome_graph.border.replaced import check_place, marked
    from connectome_graph.errors import choice

    ending: str = choice(output.suffix.lower(), tuple(_STARTS), name="--output ending")
    check_place(output, marked(_STARTS[ending]), "picture", overwrite=overwrite)
    return ending


def save_figure(figure: Any, output: Path, *, overwrite: bool, **options: Any) -> None:
    """Write a figure; `options` as matplotlib's ``savefig`` takes them."""
    from connectome_graph.border.replaced import MARK, marked, replacing_own

    ending = check_picture(output, overwrite=overwrite)
    own = marked(_STARTS[ending])
    with replacing_own(output, own=own, what="picture", overwrite=overwrite) as temporary:
        figure.savefig(temporary, format=ending[1:], metadata={_FIELDS[ending]: MARK}, **options)
