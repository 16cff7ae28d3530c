"""Pages from templates: everything escaped, one script, and nothing that is loaded."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from connectome_graph.border.replaced import marked

__all__ = ["OWN_PAGE", "as_script", "rendered"]

#: What tells a page of ours.
OWN_PAGE = marked(b"<!doctype html", mark='name="generator" content="connectome-graph')


def rendered(name: str, content: Mapping[str, Any], *, data: Any) -> str:
    """Return a page; its policy lets no script run but ours, and nothing be loaded.

    Parameters
    ----------
    name
        Of the template, the script and the style in this folder, which follow the shared ones.
    content
        What the template shows; it escapes all of it.
    data
        What the script reads, as JSON types.
    """
    folder = resources.files("connectome_graph.report")

    def joined(suffix: str) -> str:
        parts = (folder / f"{part}.{suffix}" for part in ("shared", name))
        return "".join(part.read_text(encoding="utf-8") for part in parts)

    script, style = joined("js"), joined("css")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.from_string((folder / f"{name}.html").read_text(encoding="utf-8"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return template.render(
        **content,
        data=as_script(data),
        # Ours, from package files, and nothing of the graph in it.
        script=Markup(script),  # noqa: S704
        style=Markup(style),  # noqa: S704
        script_hash=digest,
    )


def as_script(value: Any) -> Markup:
    r"""Return JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> as_script("</script>")
    Markup('"\\u003c/script\\u003e"')
    """
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - no character that HTML reads is left
