"""Files of public connectome releases: recognised by their columns and names, and read as tables.

``layouts`` is the one table of what is known; each family (``flywire``, ``neuprint``, ...) says in
one file how its parts become a synapse table and a neuron table. To add a release: a row per file
in ``layouts``, a module with a function ``read``, its name in ``families``, and a test with a small
file of exactly that layout.
"""
