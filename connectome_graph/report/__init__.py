"""Self-contained pages about a graph: a report to read, and a page to look around in."""

from connectome_graph.border.doors import guarded
from connectome_graph.report._describe import Description, describe
from connectome_graph.report._explore import explore
from connectome_graph.report._page import to_html, write

__all__ = ["Description", "describe", "explore", "to_html", "write"]

guarded(globals(), __all__)
