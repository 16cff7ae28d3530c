"""``python -m connectome_graph`` is the command ``connectome-graph``."""

import sys

from connectome_graph.cli import main

sys.exit(main())
