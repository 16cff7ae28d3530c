"""Synapse tables to connectome graphs, on what could be observed."""
