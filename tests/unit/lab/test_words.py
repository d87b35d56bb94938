"""What a careful scientist would write."""

from __future__ import annotations

from typing import Any

import pytest

from mainstem.lab import words


def row(name: str, gain: float, price: tuple[float, float, float] | None) -> dict[str, Any]:
    """A way that gains so much; its price with the interval of the mean."""
    cost = None
    if price is not None:
        mean, low, high = price
        cost = {"mean": mean, "mean_low": low, "mean_high": high, "ahead": 0.8 if mean > 0 else 0.1}
        cost["decided"] = low > 0.0 or high < 0.0
    return {
        "name": name,
        "campaigns": 50,
        "gain": {"mean": gain, "low": gain - 1.0, "high": gain + 1.0},
        "price": cost,
        "breaks_a_margin": 0.0,
        "extrapolated": {"trunks": 0.1, "runs": 0.3},
    }


def report(*rows: dict[str, Any], too_small: str | None = None) -> dict[str, Any]:
    """A report with what words are made of."""
    return {
        "stack": "tiny",
        "record": {"runs": 40, "recipes": 20, "proposals": list("abcd"), "too_small": too_small},
        "budget": 38,
        "level": 0.9,
        "reference": "collective",
        "policies": [row("collective", 5.0, None), *rows],
        "staff": {"people": 8, "students": 2, "judgement": 1.4},
    }


def test_a_price_is_said_with_its_interval_and_conditions() -> None:
    """What was claimed, by how much, how sure, on what record, and what is extrapolated."""
    said = " ".join(words.said(report(row("silos", 3.0, (2.0, 1.5, 2.5)))))
    assert "If the landscape is as 40 runs of 20 recipes of 4 proposals say" in said
    assert "collective gains +5.00 [+4.00, +6.00] margins with 38 runs" in said
    assert "silos +2.00 [+1.50, +2.50] (80%)" in said
    assert "10% of the trunks that collective ends with are recipes that nobody ever ran" in said
    assert "8 people, 2 of them students" in said
    assert "MORE" not in said
    assert said.startswith(
        "As far as the record of tiny tells, with 38 runs each: collective gains more than 1 of 1 "
        "other way, by +2.00 margins on average; none is shown to gain more than collective."
    )


def test_another_way_that_did_better_is_named_before_those_that_did_worse() -> None:
    """As plainly as the reverse."""
    rows = (row("silos", 3.0, (2.0, 1.5, 2.5)), row("greedy", 6.0, (-1.0, -1.4, -0.6)))
    said = words.said(report(*rows))
    better = next(one for one in said if "MORE" in one)
    assert better == (
        "Greedy gains MORE than collective with the same runs: by +1.00 on average [+0.60, +1.40], "
        "and in 90% of campaigns."
    )
    assert said[0].endswith(
        "collective gains more than 1 of 2 other ways, by +2.00 margins on average; greedy gains "
        "more than collective, by +1.00 margins on average."
    )
    assert said.index(better) < next(k for k, one in enumerate(said) if "silos +2.00" in one)


def test_a_difference_that_may_be_nothing_is_not_claimed() -> None:
    """It is said to be undecided, and that this is no proof of anything."""
    said = " ".join(words.said(report(row("greedy", 4.8, (0.2, -0.1, 0.5)))))
    assert (
        "Not told from collective by so many campaigns: greedy ([\N{MINUS SIGN}0.10, +0.50])"
        in (said)
    )
    assert "No way that was tried is shown to gain less than collective." in said
    assert "greedy +0.20" not in said
    assert "none is shown to gain more than collective; 1 is not told from it." in said


def test_a_record_that_is_too_small_concludes_nothing() -> None:
    """Whatever its figures are."""
    said = words.said(report(row("silos", 3.0, (2.0, 1.5, 2.5)), too_small="it has 3 runs"))
    assert said[0].startswith("The record of tiny is too small")
    assert "it has 3 runs. This concludes nothing" in said[0]
    assert "silos" not in " ".join(said)


def test_what_the_model_made_up_is_said_to_be_the_models() -> None:
    """From half of the trunks on; and trunks that break a margin are counted."""
    guess, bold = row("silos", 3.0, (2.0, 1.5, 2.5)), row("celebrity", 1.0, (4.0, 3.0, 5.0))
    guess["extrapolated"] = {"trunks": 0.7, "runs": 0.9}
    bold["breaks_a_margin"] = 0.25
    said = " ".join(words.said(report(guess, bold)))
    assert "With silos most gains are the model's word." in said
    bold["extrapolated"] = {"trunks": 0.6, "runs": 0.9}
    most = " ".join(words.said(report(guess, bold)))
    assert "Most of these gains are what the model says, not what anybody measured." in most
    assert "with the other ways 10% to 70% of trunks" in said
    assert "count as losses: celebrity in 25% of campaigns" in said


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(0.0, "0"), (0.004, "0"), (0.09, "+0.09"), (-3.126, "\N{MINUS SIGN}3.13"), (12.34, "+12.3")],
)
def test_amounts_are_short_and_signed(value: float, wanted: str) -> None:
    """With a true minus sign."""
    assert words.number(value) == wanted


@pytest.mark.parametrize(
    ("share", "wanted"),
    [(0.0, "0%"), (0.001, "under 1%"), (0.42, "42%"), (0.999, "over 99%"), (1.0, "100%")],
)
def test_shares_are_all_or_nothing_only_if_they_are(share: float, wanted: str) -> None:
    """Rounding makes nothing certain."""
    assert words.percent(share) == wanted
