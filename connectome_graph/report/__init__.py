"""One self-contained page about a graph: what it is, what could be seen, and what was found."""

from connectome_graph.report._page import html, write

__all__ = ["html", "write"]
