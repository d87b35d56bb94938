"""The pictures of a replay."""

from __future__ import annotations

from mainstem.lab import pictures
from mainstem.lab.report import report
from tests.unit.lab import records
from tests.unit.plots.reading import outside, texts


def test_ends_are_in_order_and_panels_have_one_axis() -> None:
    """The best on top; every panel holds its way and the reference, with the same numbers."""
    found = report(records.question(), records.played(), stack="tiny", campaign="c1")
    ends = pictures.ends(found)
    assert outside(ends) == []
    order = sorted(found["policies"], key=lambda row: -row["gain"]["mean"])
    shown = [text for text in texts(ends) if text in {row["name"] for row in order}]
    assert shown == [row["name"] for row in order]
    drawn = pictures.panels(found)
    assert [name for name, _ in drawn] == ["one-at-a-time", "seniority-veto"]
    for name, picture in drawn:
        assert outside(picture) == []
        assert {name, "reference", "runs"} <= set(texts(picture))
    numbers = [[t for t in texts(p) if t[-1].isdigit()] for _, p in drawn]
    assert numbers[0] == numbers[1]


def test_there_is_no_tornado_where_nothing_was_varied() -> None:
    """Nothing is drawn of nothing."""
    found = report(records.question(), records.played(), stack="tiny", campaign="c1")
    assert pictures.assumptions(found) is None
