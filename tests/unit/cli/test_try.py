"""What is missing for a verdict, in words; the numbers come from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from mainstem.cli import try_


def report(outlook: str, **needed: float | None) -> dict[str, Any]:
    """As much of a report as the sentence is made of."""
    pairs = dict.fromkeys(("expected", "fewest", "most")) | needed
    loss = {"gain": {"high": -0.2}, "margin": 0.1}
    return {
        "outlook": outlook,
        "confirm_rung": "full",
        "candidate": {"pairs": pairs},
        "objectives": {"loss": loss},
    }


SURE: dict[str, float | None] = {"expected": 9.4, "fewest": 6.2, "most": 40.0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (report("enough", **SURE), "these pairs would do for a candidate; a campaign would take"),
        (report("small", **SURE), "no gain as large as a margin, the smallest change that matters"),
        (report("no-gain"), "the intervals leave no gain at all: it would not be merged"),
        (report("loses"), "worse by more than its margin on loss: it would not be merged"),
        (report("open"), "nothing speaks for a gain with every margin kept yet"),
        (report("open", fewest=12.0), "by these means it would not be merged; at the upper ends"),
        (report("open", expected=7.0), "about 7 fresh pairs at rung full if its gains are these"),
        (
            report("open", **SURE),
            "at the intervals' upper ends 6, at their lower ends it would take 40",
        ),
        (
            report("open", expected=9.0, fewest=6.0),
            "at their lower ends it would never prove it",
        ),
        (report("open", expected=400.0), "which is more than the 150 that a candidate is given"),
    ],
)
def test_the_sentence_says_what_is_known(given: dict[str, Any], said: str) -> None:
    """Nothing is promised that no number stands for."""
    assert said in try_._outlook(given)
