"""A generated V1 column with the marginals of the public MICrONS data: plain tables, no brain."""

from connectome_graph.sources.synthetic.column import synthetic_tables

__all__ = ["synthetic_tables"]
