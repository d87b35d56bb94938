from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET

from mainstem.board.report_pictures import pictures
from tests.unit.board.report_material import HOSTILE, PROPOSALS, material, renamed


def test_every_picture_stands_by_itself() -> None:
    """Each is a whole SVG with its words, and its data are a table with the same rows."""
    drawn = pictures(material())
    assert [one.name for one in drawn] == [
        "course",
        "effects-loss",
        "effects-params",
        "interactions",
    ]
    for one in drawn:
        root = ET.fromstring(one.picture.svg)  # noqa: S314  # made here, a moment ago
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        rows = list(csv.reader(io.StringIO(one.picture.csv())))
        assert rows[0] == list(one.picture.columns)
        assert len(rows) == len(one.picture.rows) + 1


def test_data_have_every_proposal_with_its_numbers() -> None:
    """Also of a guard, whose picture shows only who moves it."""
    found = {one.name: one for one in pictures(material())}
    gains = material()["gains"]
    for objective in ("loss", "params"):
        one = found[f"effects-{objective}"]
        assert [row[0] for row in one.picture.rows] == list(PROPOSALS)
        for proposal, _, mean, low, high, _ in one.picture.rows:
            gain = gains[proposal]["alone"][objective]
            assert (mean, low, high) == (gain["mean"], gain["low"], gain["high"])
    assert all(proposal in found["effects-loss"].picture.svg for proposal in PROPOSALS)
    guard = found["effects-params"]
    assert "wide" in guard.picture.svg
    assert "rope" not in guard.picture.svg
    assert "5 proposals more change it by less than half a margin" in guard.caption


def test_what_never_succeeded_has_no_gain_in_a_picture() -> None:
    """It would be what other proposals' runs make of it."""
    found = material()
    shown = {row["id"]: row for row in found["show"]["proposals"]}
    shown["muon"]["measured"] = 0
    drawn = {one.name: one for one in pictures(found)}["effects-loss"]
    assert [row[0] for row in drawn.picture.rows] == [p for p in PROPOSALS if p != "muon"]


def test_the_course_ends_at_the_best_set() -> None:
    """Its steps are those of the campaign, up to the last trial."""
    one = pictures(material())[0]
    assert one.picture.rows[-1][0] == material()["show"]["trials"]["done"]
    assert one.picture.rows[-1][2] == "muon + rope"


def test_a_name_is_text_in_a_picture() -> None:
    """A picture stays XML, whatever a proposal is called."""
    for one in pictures(renamed(material(), "muon", HOSTILE)):
        ET.fromstring(one.picture.svg)  # noqa: S314  # made here, a moment ago
        assert "<script" not in one.picture.svg
