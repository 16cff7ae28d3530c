"""A loopback CAVE for tests: the real ``caveclient`` talks to it over HTTP on this machine.

It serves the info, materialization and segmentation routes that the library uses, in the
encoding of MaterializationEngine 5.26 (Arrow streams, nullable columns, row limit announced by a
``Warning: 201`` header), and it can fail on purpose in the ways a real server does.
"""

from cave_server.server import Fault, LoopbackCave
from cave_server.tables import Table, View
from cave_server.world import TOKEN, World, make_world

__all__ = ["TOKEN", "Fault", "LoopbackCave", "Table", "View", "World", "make_world"]
