"""One language for selections and filters, read the same by every engine."""
