"""The page of an audit: whole by itself, and readable without its pictures."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from mainstem.engine.record import fold
from mainstem.people import audit_pictures as pictures
from mainstem.people.audit import Audit, audited
from mainstem.people.audit_page import number, page
from mainstem.plots import svg
from tests.unit.people.planted import STACK, UNTIL, Lines, evidence, organisation
from tests.unit.plots.reading import texts, ways

VOID = {"meta", "rect", "path", "circle"}


@pytest.fixture(scope="module")
def found() -> Audit:
    """Sixty decisions, a kind of which joins another as it is too small to be spoken of."""
    planted = organisation(11, decisions=60, seniors_odds=3.0, people=12)
    return audited(
        planted.directory(),
        STACK,
        fold(planted.entries),
        planted.entries,
        until=UNTIL,
        seed=0,
        jain=0.9,
        who=lambda _: None,
    )


class Outline(HTMLParser):
    """Tags that are closed in order, ids, and links to them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens one."""
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links += [named["href"] or ""] if "href" in named else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes the one that was opened last."""
        if tag not in VOID:
            assert self.open.pop() == tag


def test_it_is_whole_by_itself(found: Audit) -> None:
    """Well-formed, nothing from elsewhere, no script; every link leads to a part of it."""
    text = page(found)
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    assert len(set(outline.ids)) == len(outline.ids)
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
    beyond = re.findall(r"https?://[^\"<\s]+", text)
    assert set(beyond) == {"http://www.w3.org/2000/svg"}
    assert "<script" not in text
    assert text.isascii() or 'charset="utf-8"' in text


def test_it_holds_every_word_of_the_report(found: Audit) -> None:
    """Answers, limits, and each estimate; in the order of the questions."""
    text = page(found).replace("&#x27;", "'").replace("&quot;", '"').replace("&lt;", "<")
    at = 0
    for row in found.report["questions"]:
        assert text.index(f'<section id="{row["id"]}">') > at
        at = text.index(f'<section id="{row["id"]}">')
        assert row["answer"] in text
        assert all(said in text for said in row["cannot_tell"])
        assert all(estimate["what"] in text for estimate in row["estimates"])
        assert f"n = {row['n']}, p " in text
    assert all(said in text for said in found.report["cannot_tell"])


def test_no_word_of_a_team_is_read_as_markup() -> None:
    """Kinds and teams are the team's own words."""
    planted = organisation(11, decisions=60)
    people = tuple(replace(one, kind=f"<i>{one.kind}", team="<u>") for one in planted.people)
    said = audited(
        replace(planted, people=people).directory(),
        STACK,
        fold(planted.entries),
        planted.entries,
        until=UNTIL,
        seed=0,
        jain=0.9,
        who=lambda _: None,
    )
    for row in said.report["questions"]:
        row["answer"] += " <i>"
    text = page(said)
    assert "&lt;i&gt;staff" in text
    assert "<i>" not in text
    assert "<u>" not in text


def test_the_curve_of_seniors_is_that_of_seniors() -> None:
    """Favoured, they are merged more often at every gain."""
    planted = organisation(3, decisions=100, seniors_odds=8.0)
    drawn = pictures.merging(
        audited(
            planted.directory(),
            STACK,
            fold(planted.entries),
            planted.entries,
            until=UNTIL,
            seed=0,
            jain=0.9,
            who=lambda _: None,
        )
    )
    assert drawn is not None
    assert [text for text in texts(drawn) if text in {"seniors", "others"}] == ["seniors", "others"]
    seniors, others = (
        next(way for way in ways(drawn, svg.style(k).colour) if len(way) > 90) for k in (0, 1)
    )
    assert all(up[1] < low[1] for up, low in zip(seniors, others, strict=True))


def test_each_picture_has_a_caption_and_words(found: Audit) -> None:
    """Three pictures, each of which says in text what can be seen, in each of its two forms."""
    text = page(found)
    assert text.count("<figure>") == text.count("<figcaption>") == 3
    assert text.count("<svg") == text.count("<title id=") == text.count("<desc id=") == 6
    assert "60 decisions, of which" in text
    assert "half waited" in text


ODD = {
    "nothing measured": lambda k: evidence(0.0 * k),
    "some diverged": lambda k: evidence(-1e6 if k % 5 == 0 else 1e5, belongs=0.5),
    "all alike but one": lambda k: evidence(float(k == 7), belongs=0.5),
    "exactly what is merged": lambda k: evidence(5.0 if k % 2 else -5.0),
}
"""Evidence of the k-th decision."""


@pytest.mark.parametrize("decisions", [1, 2, 25])
@pytest.mark.parametrize("people", [1, 4, 9])
@pytest.mark.parametrize("odd", ODD)
def test_odd_records_have_a_page_too(odd: str, people: int, decisions: int) -> None:
    """Without a warning, which is an error here, and with numbers that JSON knows."""
    planted = organisation(12, decisions=decisions, people=people)
    lines = Lines([])
    for k, entry in enumerate(planted.entries):
        kept = {"evidence": ODD[odd](k)} if entry.kind == "verdict" else {}
        lines.add(entry.kind, {**entry.body, **kept})
    said = audited(
        planted.directory(),
        STACK,
        fold(lines.entries),
        lines.entries,
        until=UNTIL,
        seed=0,
        jain=None,
        who=lambda _: None,
    )
    json.dumps(said.report, allow_nan=False)
    outline = Outline()
    outline.feed(page(said))
    assert outline.open == []
    assert "nan" not in page(said)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123, "0.012"), (0.1, "0.10"), (1.0, "1.00"), (12.34, "12.3"), (0.0, "0.000")],
)
def test_numbers_have_two_or_three_digits(value: float, text: str) -> None:
    """As many as anybody reads."""
    assert number(value) == text
