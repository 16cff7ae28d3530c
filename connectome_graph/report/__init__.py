"""Self-contained pages about a graph: a report to read, and a page to look around in."""

from connectome_graph.report._explore import explore
from connectome_graph.report._page import html, write

__all__ = ["explore", "html", "write"]
