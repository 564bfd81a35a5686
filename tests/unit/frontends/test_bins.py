"""The discretizer of scikit-learn below 1.1, which pushes every value up before it compares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from augury.errors import UnsupportedError
from augury.frontends.arrays import Array
from augury.frontends.bins import find_threshold, read_k_bins_discretizer
from augury.frontends.columns import Coded, Column, Raw
from augury.frontends.fitted import Options
from augury.frontends.reading import Block, Reading
from augury.ir.nodes import Bin

EDGES = (-1e6, -37.5, -1.0, -1e-3, -1e-9, 0.0, 1e-9, 1e-8, 1e-7, 0.1, 1.0, 2.5, 61.0, 3320.75, 1e12, 1e300)


def push(values: np.ndarray) -> np.ndarray:
    """Do what KBinsDiscretizer.transform did in 0.20 to 1.0."""
    return values + (1.0e-8 + 1.0e-5 * np.abs(values))


@pytest.mark.parametrize("edge", EDGES)
def test_a_threshold_bins_as_the_push_did(edge: float) -> None:
    """Comparing with the threshold bins every double around it as the old version did, to the last bit."""
    threshold = find_threshold(edge)
    near = [threshold]
    for direction in (-math.inf, math.inf):
        value = threshold
        for _ in range(200):
            value = math.nextafter(value, direction)
            near.append(value)
    rng = np.random.default_rng(5)
    wide = edge + rng.normal(size=5_000) * (abs(edge) * 1e-4 + 1e-8)
    values = np.concatenate([near, wide, [edge, -edge, 0.0, -0.0]])
    assert np.array_equal(values >= threshold, np.digitize(push(values), [edge]) == 1)


def read(version: tuple[int, int], edges: tuple[float, ...], column: Column) -> Coded:
    """Read a discretizer of one column that answers the bin's number."""
    attributes = {"bin_edges_": Array((1,), (Array((len(edges),), edges, "f8"),), "O"), "encode": "ordinal"}
    block = read_k_bins_discretizer(attributes, Block([column]), Reading(Options(), version, {}))
    (made,) = block.columns
    assert isinstance(made, Coded)
    return made


def test_the_edges_are_those_of_the_version() -> None:
    """Version 1.0 compares pushed values with the edges, version 1.1 values as they are."""
    old, new = (read(version, (0.0, 10.0, 20.0), Raw("x")).source for version in ((1, 0), (1, 1)))
    assert isinstance(old, Bin)
    assert isinstance(new, Bin)
    assert new.edges == (10.0,)
    assert old.edges == (find_threshold(10.0),)
    assert 9.9998 < old.edges[0] < 10.0


def test_equal_edges_skip_a_bin() -> None:
    """A bin of no width, which old versions kept, is never answered."""
    made = read((1, 1), (0.0, 5.0, 5.0, 9.0), Raw("x"))
    assert isinstance(made.source, Bin)
    assert made.source.edges == (5.0,)
    assert [made.values.get(key, made.default) for key in made.keys] == [0.0, 2.0]


@pytest.mark.parametrize("edges", [(0.0, 7.0, 5.0, 9.0), (0.0, math.nan, 9.0), (0.0, math.inf, 9.0)])
def test_edges_that_do_not_increase_are_refused(edges: tuple[float, ...]) -> None:
    """Edges that are not finite and in order are refused."""
    with pytest.raises(UnsupportedError, match="the edges are not finite and increasing"):
        read((1, 9), edges, Raw("x"))
