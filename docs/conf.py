"""Sphinx settings: pages in Markdown, their code run while building, warnings are errors."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "connectome_graph"
author = "The connectome_graph developers"
project_copyright = "2026, the connectome_graph developers"
release = importlib.metadata.version("connectome-graph")
version = release

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_nb",
    "api_pages",
    "error_pages",
]
exclude_patterns = ["_build", "jupyter_execute", "extensions", "**/.ipynb_checkpoints"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = "connectome_graph"

# Pages with a Jupyter header run in the environment that builds them, anew in every build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True
# Pages show results, not bars.
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# The reference is written from docstrings; each public name in __all__ gets its entry.
autosummary_generate = False
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
