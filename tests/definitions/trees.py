"""Measures of a rooted tree as their definitions say, one vertex at a time."""

from __future__ import annotations

import itertools

import numpy as np


def path_to_root(parent, vertex):
    """Return the vertices from one to its root, both included."""
    path = [vertex]
    while parent[path[-1]] >= 0:
        path.append(int(parent[path[-1]]))
    return path


def path_distance(parent, points, vertex):
    """Return the length of the path to the root: the sum of its straight steps."""
    path = path_to_root(parent, vertex)
    return sum(float(np.linalg.norm(points[a] - points[b])) for a, b in itertools.pairwise(path))


def branch_order(parent, vertex):
    """Return the stems and branch points passed: 0 at the root, 1 on its stems."""
    path = path_to_root(parent, vertex)
    if len(path) == 1:
        return 0
    children = np.bincount(parent[parent >= 0], minlength=len(parent))
    return 1 + sum(children[between] > 1 for between in path[1:-1])


def strahler(parent, vertex):
    """Return 1 at a tip, else the largest of the children, plus one where two share it."""
    ranks = sorted(strahler(parent, child) for child in np.flatnonzero(parent == vertex))
    if not ranks:
        return 1
    return ranks[-1] + (len(ranks) > 1 and ranks[-1] == ranks[-2])


def cable_in(parent, points, distance, low, high):
    """Return the cable with path distance in [low, high), edges cut in a thousand pieces."""
    total = 0.0
    for vertex in np.flatnonzero(parent >= 0):
        length = float(np.linalg.norm(points[vertex] - points[parent[vertex]]))
        middles = distance[vertex] - length + length * (np.arange(1000) + 0.5) / 1000
        total += length * float(((middles >= low) & (middles < high)).mean())
    return total
