"""Survival curves by group."""

from __future__ import annotations

import itertools

import numpy as np

from mainstem.plots import svg
from mainstem.plots.waits import Wait, waits
from tests.unit.plots.reading import SVG, parsed, sane, texts, ways

NAN = float("nan")


def a_wait(name: str = "staff") -> Wait:
    """Two of four judged, one lost, one that still waits."""
    return Wait(
        name=name,
        times=np.array([1.0, 2.0, 3.0, 8.0]),
        waiting=np.array([0.75, 0.75, 0.375, 0.375]),
        low=np.array([0.3, 0.3, 0.1, 0.1]),
        high=np.array([0.9, 0.9, 0.7, 0.7]),
        left=np.array([2.0, 8.0]),
    )


def test_a_curve_is_a_staircase_from_one() -> None:
    """Down at each time, level between, and cut where the axis ends."""
    picture = waits([a_wait()], until=4.0, title="t", description="d", axis="days")
    colour = svg.style(0).colour
    [stairs] = [way for way in ways(picture, colour) if len(way) > 2]
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(stairs))
    heights = [y for _, y in stairs]
    assert heights == sorted(heights)
    per_share = (heights[-1] - heights[0]) / (1.0 - 0.375)
    assert abs(stairs[2][1] - heights[0] - 0.25 * per_share) < 0.2
    sane(picture)
    ticks = [way for way in ways(picture, colour) if way[0][0] == way[-1][0]]
    [tick] = ticks  # the other one left after the end of the axis
    assert abs(0.5 * (tick[0][1] + tick[1][1]) - stairs[2][1]) < 0.2


def test_groups_are_named() -> None:
    """Each with a line and a mark in its legend, below one another."""
    picture = waits(
        [a_wait("staff"), a_wait("<students>")], until=9.0, title="t", description="d", axis="days"
    )
    assert {"staff", "<students>", "days", "share that still waits"} <= set(texts(picture))
    sane(picture)


def test_where_no_interval_is_known_there_is_no_band() -> None:
    """Before the first verdict, and after the last one's."""
    one = a_wait()
    blank = np.full(4, NAN)
    picture = waits(
        [
            Wait(
                name="a", times=one.times, waiting=one.waiting, low=blank, high=blank, left=one.left
            )
        ],
        until=9.0,
        title="t",
        description="d",
        axis="days",
    )
    assert not [p for p in parsed(picture).iter(f"{SVG}path") if p.get("fill-opacity")]
    assert "nan" not in picture
