"""What a table is: columns, tables, index, domain, policies, selections, provenance (internal)."""
