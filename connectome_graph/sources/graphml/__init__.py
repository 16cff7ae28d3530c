"""GraphML as a file format: documents of nodes, edges and attributes, read and written."""
