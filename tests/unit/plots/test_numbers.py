from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.plots import numbers as words


@given(text=st.text(max_size=80), most=st.integers(8, 60))
def test_a_brief_text_is_one_line_that_fits(text: str, most: int) -> None:
    """Whatever a trial printed; what fits is kept but for its white space."""
    brief = words.brief(text, most)
    assert len(brief.splitlines()) <= 1
    assert len(brief) <= most
    plain = " ".join(text.split())
    assert brief == plain or (len(plain) > most and brief.endswith("..."))
    assert plain.startswith(brief.removesuffix("...").rstrip())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "-"), (0.016, "16 ms"), (4.24, "4.2 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_durations_as_people_read_them(seconds: float | None, said: str) -> None:
    """Milliseconds to hours, each in the unit that fits; a dash where nothing is known."""
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.5, "50% sure"), (0.994, "99% sure"), (0.9999, "over 99% sure"), (1.0, "over 99% sure")],
)
def test_nothing_that_is_believed_is_certain(probability: float, said: str) -> None:
    """A posterior of finitely many samples may be 1; no reader should take that for proof."""
    assert words.sure(probability) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.11, 0.136, "+0.123 [+0.110, +0.136] nats"),
        (0.123, 0.123, "+0.12300 nats exactly"),
        (0.1230001, 0.1230002, "+0.12300 nats in every run"),
        (None, None, "+0.123 nats"),
    ],
)
def test_an_estimate_has_its_interval(low: float | None, high: float | None, said: str) -> None:
    """As many digits as the interval allows, a sign, and the unit."""
    assert words.estimate({"mean": 0.123, "low": low, "high": high, "unit": "nats"}) == said


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (
            -1067336059.0,
            -1322843494.0,
            -868723467.0,
            "-1,070,000,000 [-1,320,000,000, -870,000,000]",
        ),
        (-840359.0, -163860842.0, 153213775.0, "0 [-160,000,000, +150,000,000]"),
        (3066.0, 2946.0, 3171.0, "+3,066 [+2,946, +3,171]"),
        (150003.0, 150000.0, 150006.0, "+150,003 [+150,000, +150,006]"),
        (-96.0, -96.00000000001, -95.99999999999, "-96 in every run"),
        (1234567.0, 1234567.0, 1234567.0, "+1,234,567 exactly"),
    ],
)
def test_long_numbers_have_the_digits_that_are_known(
    value: float, low: float, high: float, said: str
) -> None:
    """Two digits of what they are uncertain by; what is known to the last digit has all."""
    assert words.estimate({"mean": value, "low": low, "high": high}, unit=False) == said


@pytest.mark.parametrize(
    ("part", "said"), [(None, ""), (-0.2, "0%"), (23.6, "24%"), (-3194.4, "-3,194%")]
)
def test_parts_are_whole_percentages(part: float | None, said: str) -> None:
    """Nothing is less than nothing."""
    assert words.percent(part) == said


def test_parts_that_cancel_are_told() -> None:
    """One alone is more than the whole; the whole itself is not."""
    assert words.cancels([120.0, -20.0])
    assert not words.cancels([100.2, -0.2, None])


def test_parts_of_a_loss_are_no_parts_of_a_gain() -> None:
    """Whoever is told to have 80% should know of what."""
    assert words.of_total({"mean": 0.2}) == "of the gain"
    assert words.of_total({"mean": -0.2}) == "of the loss"
