"""Yes or no against a number."""

from __future__ import annotations

import numpy as np

from mainstem.plots import svg
from mainstem.plots.outcomes import Outcomes, outcomes
from tests.unit.plots.reading import sane, texts, ways


def draw(*groups: Outcomes) -> str:
    """A picture of groups."""
    return outcomes(groups, title="t", description="d", axis="gain", share="merged")


def group(name: str, at: list[float], yes: list[bool], *, curve: bool = True) -> Outcomes:
    """A group with a rising curve."""
    grid = np.linspace(-2.0, 2.0, 21) if curve else np.empty(0)
    return Outcomes(
        name=name,
        at=np.array(at),
        yes=np.array(yes, dtype=bool),
        curve_at=grid,
        curve=1.0 / (1.0 + np.exp(-grid)),
    )


def test_every_case_is_a_tick_above_or_below() -> None:
    """Above what came of it, at the number that it has."""
    picture = draw(group("a", [-1.0, 0.0, 2.0], [False, True, True]))
    ticks = sorted(w for w in ways(picture, svg.style(0).colour) if w[0][0] == w[1][0])
    assert len(ticks) == 3
    assert ticks[0][0][1] > ticks[1][0][1] == ticks[2][0][1]
    assert ticks[0][0][0] < ticks[1][0][0] < ticks[2][0][0]


def test_curves_rise_and_stay_inside() -> None:
    """Drawn for those who have one, in the style of the group."""
    picture = draw(group("a", [-2.0, 2.0], [False, True]), group("b", [0.0], [True], curve=False))
    [curve] = [way for way in ways(picture, svg.style(0).colour) if len(way) > 2]
    assert [y for _, y in curve] == sorted((y for _, y in curve), reverse=True)
    assert not [way for way in ways(picture, svg.style(1).colour) if len(way) > 2]
    sane(picture)
    assert {"a", "b", "gain", "merged"} <= set(texts(picture))


def test_a_diverged_case_leaves_room_for_the_others() -> None:
    """A thousand margins below: gains of one margin and of none are still apart."""
    picture = draw(group("a", [-1000.0, 0.0, 1.0], [False, False, True], curve=False))
    ticks = sorted(w for w in ways(picture, svg.style(0).colour) if w[0][0] == w[1][0])
    assert ticks[2][0][0] - ticks[1][0][0] > 40.0
    assert "\N{MINUS SIGN}1,000" in texts(picture)
