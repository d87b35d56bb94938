from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.reference import Claim, Frontier, Obtained, Reference, ReferenceId

ONE = Reference(
    id=ReferenceId("one"),
    objective="loss",
    metric="loss",
    value=2.0,
    unit="nats",
    date=dt.date(2026, 1, 2),
    source="https://example.org/a",
    obtained=Obtained.PUBLISHED,
    scale={"steps": 5, "params": 9},
)


@pytest.mark.parametrize("gain", [0.0, -1.0, math.nan, math.inf])
def test_a_claim_is_a_gain(gain: float) -> None:
    """Nothing, a loss or no number is no claim."""
    with pytest.raises(ValueError, match="above 0"):
        Claim(reference=ReferenceId("r"), objective="loss", gain=gain)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_no_claim_is_borne_out_by_nothing(gain: float, margin: float) -> None:
    """The least effect is above 0, within a margin of the claim and at least half of it."""
    least = Claim(reference=ReferenceId("r"), objective="loss", gain=gain).least(margin)
    assert 0.0 < least < gain
    assert least >= gain - margin - 1e-9 * gain
    assert least >= 0.5 * gain * (1 - 1e-12)


def test_one_result_is_told_from_another() -> None:
    """By what was measured, how and where it stands; not by its name, note or order of keys."""
    same = replace(ONE, id=ReferenceId("two"), note="again", scale={"params": 9, "steps": 5})
    assert same.stated == ONE.stated
    for other in (
        replace(ONE, value=2.1),
        replace(ONE, source="https://example.org/b"),
        replace(ONE, version="2"),
        replace(ONE, scale={"steps": 6, "params": 9}),
    ):
        assert other.stated != ONE.stated


def test_a_reference_is_found_by_its_id() -> None:
    """None for any other name."""
    frontier = Frontier(references=(ONE,))
    assert frontier.reference("one") is ONE
    assert frontier.reference("two") is None


@pytest.mark.parametrize("how", Obtained)
def test_how_a_value_came_here_can_be_said(how: Obtained) -> None:
    """In words for every kind, those made up included."""
    assert how.said
    assert ("made up" in how.said) is (how is Obtained.MADE)
