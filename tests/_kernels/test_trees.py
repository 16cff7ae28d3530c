"""Tree kernels against their definitions, and against networkx."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph._kernels import trees
from definitions import trees as defined


def tree(seed, n):
    """Return points, a parent array in which parents need not come first, and the root."""
    rng = np.random.default_rng(seed)
    place = rng.permutation(n)
    parent = np.full(n, -1, dtype=np.int64)
    for k in range(1, n):
        parent[place[k]] = place[rng.integers(0, k)]
    return rng.uniform(0, 100, (n, 3)), parent, int(place[0])


def lengths(points, parent):
    step = np.linalg.norm(points - points[parent], axis=1)
    step[parent < 0] = 0
    return step


def as_networkx(points, parent):
    graph = nx.Graph()
    graph.add_nodes_from(range(len(parent)))
    for child, up in enumerate(parent):
        if up >= 0:
            graph.add_edge(child, int(up), length=float(np.linalg.norm(points[child] - points[up])))
    return graph


trees_drawn = given(seed=st.integers(0, 10**6), n=st.integers(1, 40))


@trees_drawn
def test_orient_finds_the_parents_from_shuffled_edges(seed, n):
    _, parent, root = tree(seed, n)
    rng = np.random.default_rng(seed)
    child = rng.permutation(np.flatnonzero(parent >= 0))
    edges = np.column_stack([child, parent[child]])
    flip = rng.random(len(edges)) < 0.5
    edges[flip] = edges[flip][:, ::-1]
    first, second = np.ascontiguousarray(edges.T.reshape(2, -1)).astype(np.int64)
    np.testing.assert_array_equal(trees.orient(n, first, second, root), parent)


@trees_drawn
def test_outward_order_puts_parents_first(seed, n):
    _, parent, _ = tree(seed, n)
    order = trees.outward_order(parent)
    place = np.argsort(order)
    assert sorted(order) == list(range(n))
    children = np.flatnonzero(parent >= 0)
    assert (place[parent[children]] < place[children]).all()


def test_outward_order_leaves_out_what_hangs_on_a_cycle():
    parent = np.array([-1, 0, 3, 4, 2, 1], dtype=np.int64)
    assert sorted(trees.outward_order(parent)) == [0, 1, 5]


@trees_drawn
def test_path_distance_is_the_sum_of_the_steps(seed, n):
    points, parent, root = tree(seed, n)
    got = trees.path_distance(
        parent, trees.outward_order(parent), lengths(points, parent), np.zeros(n)
    )
    by_definition = [defined.path_distance(parent, points, vertex) for vertex in range(n)]
    np.testing.assert_allclose(got, by_definition, rtol=1e-12)
    shortest = nx.single_source_dijkstra_path_length(
        as_networkx(points, parent), root, weight="length"
    )
    np.testing.assert_allclose(got, [shortest[vertex] for vertex in range(n)], rtol=1e-12)


def test_path_distance_starts_at_the_origin_of_each_piece():
    parent = np.array([-1, 0, -1, 2, -1], dtype=np.int64)
    origin = np.array([0.0, 99, 10, 99, np.nan])
    got = trees.path_distance(parent, trees.outward_order(parent), np.ones(5), origin)
    np.testing.assert_array_equal(got, [0, 1, 10, 11, np.nan])


@trees_drawn
def test_branch_order_and_strahler_follow_their_definitions(seed, n):
    _, parent, _ = tree(seed, n)
    order = trees.outward_order(parent)
    vertices = range(n)
    assert trees.branch_order(parent, order).tolist() == [
        defined.branch_order(parent, vertex) for vertex in vertices
    ]
    assert trees.strahler(parent, order).tolist() == [
        defined.strahler(parent, vertex) for vertex in vertices
    ]


def test_strahler_of_a_full_binary_tree_is_its_height():
    parent = np.array([-1, 0, 0, 1, 1, 2, 2], dtype=np.int64)
    assert trees.strahler(parent, trees.outward_order(parent)).tolist() == [3, 2, 2, 1, 1, 1, 1]


@trees_drawn
def test_descends_is_the_networkx_subtree(seed, n):
    points, parent, root = tree(seed, n)
    top = seed % n
    directed = nx.bfs_tree(as_networkx(points, parent), root)
    below = trees.descends(parent, trees.outward_order(parent), top)
    assert set(np.flatnonzero(below)) == {top, *nx.descendants(directed, top)}


@trees_drawn
def test_measuring_many_trees_is_measuring_each(seed, n):
    parts = [tree(seed + k, n + k)[:2] for k in range(3)]
    start = np.cumsum([0, *(len(parent) for _, parent in parts)])
    parent = np.concatenate([parent for _, parent in parts])
    length = np.concatenate([lengths(points, parent) for points, parent in parts])
    total = len(parent)
    origin = np.zeros(total)
    origin[start[1] : start[2]] = np.nan
    distance = np.empty(total)
    orders, ranks = np.empty(total, np.int32), np.empty(total, np.int32)
    trees.measure_trees(start, parent, length, origin, 0, 3, distance, orders, ranks)
    for k in (0, 2):
        own, (points, up) = slice(start[k], start[k + 1]), parts[k]
        order = trees.outward_order(up)
        zero = np.zeros(len(up))
        np.testing.assert_array_equal(
            distance[own], trees.path_distance(up, order, lengths(points, up), zero)
        )
        np.testing.assert_array_equal(orders[own], trees.branch_order(up, order))
        np.testing.assert_array_equal(ranks[own], trees.strahler(up, order))
    missing = slice(start[1], start[2])
    assert np.isnan(distance[missing]).all()
    assert (orders[missing] == -1).all()
    assert (ranks[missing] == -1).all()


@given(seed=st.integers(0, 10**6), n=st.integers(2, 12))
def test_binned_cable_is_the_cable_between_two_distances(seed, n):
    points, parent, _ = tree(seed, n)
    length = lengths(points, parent)
    order = trees.outward_order(parent)
    distance = trees.path_distance(parent, order, length, np.zeros(n))
    group = np.where(parent < 0, -1, 0).astype(np.int64)
    edges = np.array([0, 13, 60, 61, 150.0])
    got = trees.binned_cable(distance - length, length, group, edges, 1)[0]
    expected = [
        defined.cable_in(parent, points, distance, low, high)
        for low, high in itertools.pairwise(edges)
    ]
    np.testing.assert_allclose(got, expected, atol=1e-3 * length.sum())


def test_binned_cable_leaves_out_missing_distances_and_cable_outside_the_bins():
    start = np.array([np.nan, 0.0, 5.0, 8.0])
    length = np.array([1.0, 4.0, 10.0, 1.0])
    group = np.array([0, 0, 1, -1])
    got = trees.binned_cable(start, length, group, np.array([2.0, 6.0, 10.0]), 2)
    np.testing.assert_allclose(got, [[2, 0], [1, 4]])


def test_binned_cable_keeps_the_total():
    rng = np.random.default_rng(3)
    start, length = rng.uniform(0, 50, 200), rng.uniform(0, 9, 200)
    got = trees.binned_cable(start, length, np.zeros(200, np.int64), np.arange(0, 61.0), 1)
    assert got.sum() == pytest.approx(length.sum(), rel=1e-12)
