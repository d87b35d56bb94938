"""Words that several pages say."""

from __future__ import annotations

import pytest

from mainstem.board import words
from mainstem.domain.verdict import VerdictKind


def test_every_verdict_is_explained() -> None:
    """For somebody who has never seen one."""
    assert set(words.MEANING) == set(VerdictKind)


def test_amounts_have_their_unit() -> None:
    """And two digits."""
    assert words.amount(0.04, "bits/byte") == "0.040 bits/byte"
    assert words.amount(4214.4) == "4,214"


@pytest.mark.parametrize(
    ("value", "text"),
    [(84288.0, "84,288"), (3.7121634, "3.71216"), (1e300, "1e+300"), (-2.0, "-2")],
)
def test_a_measured_value_is_told_as_it_is(value: float, text: str) -> None:
    """Counts whole, the rest with six digits."""
    assert words.raw(value) == text
