"""Slow and plain definitions that the fast code is compared with, one file a topic."""
