"""Two screeners."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as st

from mainstem.lab.scenarios import sah_stiglitz


@given(st.floats(0.0, 1.0))
def test_both_structures_by_counting_the_four_cases(p: float) -> None:
    """Each screener passes or not; a polyarchy never takes less than a hierarchy."""
    cases = list(itertools.product((True, False), repeat=2))
    weight = {case: (p if case[0] else 1 - p) * (p if case[1] else 1 - p) for case in cases}
    assert sah_stiglitz.hierarchy(p) == pytest.approx(weight[True, True])
    assert sah_stiglitz.polyarchy(p) == pytest.approx(1.0 - weight[False, False])
    assert sah_stiglitz.polyarchy(p) >= sah_stiglitz.hierarchy(p) - 1e-12


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_at_the_even_share_both_earn_the_same(good: float, bad: float) -> None:
    """Good projects earn 1, bad ones lose 1; a bit more good ones favour the polyarchy."""

    def earned(structure: object, part: float) -> float:
        assert callable(structure)
        return part * structure(good) - (1.0 - part) * structure(bad)

    both = (sah_stiglitz.polyarchy, sah_stiglitz.hierarchy)
    even = sah_stiglitz.even(good, bad)
    poly, hier = (earned(structure, even) for structure in both)
    assert poly == pytest.approx(hier)
    poly, hier = (earned(structure, even + 0.01) for structure in both)
    assert poly > hier
