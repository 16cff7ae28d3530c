"""Compiled kernels: arrays in, arrays out; they import nothing of the package."""
