from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from mainstem.board.report import page
from mainstem.board.report_pictures import pictures
from mainstem.plots.svg import said
from tests.unit.board.report_material import HOSTILE, PROPOSALS, material, renamed


class Outline(HTMLParser):
    """The elements of a page, and whether each that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remembers it."""
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "rect", "path", "circle"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It must be the one that was opened last."""
        if tag not in {"rect", "path", "circle"}:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def html() -> str:
    """The page of a campaign whose set was confirmed."""
    found = material()
    return page(found, pictures(found))


def test_it_needs_nothing_else(html: str) -> None:
    """No script, no address, no file: what it refers to is in it, and its policy allows no more."""
    outline = Outline(html)
    assert outline.open == []
    names = {tag for tag, _ in outline.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    for _, attributes in outline.tags:
        assert not any(name.startswith("on") or name in {"src", "style"} for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert "default-src 'none'" in html
    assert "url(" not in html
    assert len(html.encode()) < 200_000


def test_everything_is_told(html: str) -> None:
    """Every proposal with its verdict and reason, every objective, every trial, and the hash."""
    found = material()
    for row in found["show"]["proposals"]:
        assert said(row["reason"]) in html
    assert [row["id"] for row in found["show"]["proposals"]] == list(PROPOSALS)
    for trial in found["trials"]:
        assert f"<bdi>{trial['trial']}</bdi>" in html
    assert found["ledger"]["hash"] in html
    for name in ("Every proposal", "What each proposal does alone", "How it was done"):
        assert f"<h2>{name}" in html
    keys = re.findall(r'<section id="([a-z]+)"', html)
    assert re.findall(r'<a href="#([a-z]+)"', html) == keys
    assert keys[-2:] == ["limits", "trials"]
    assert html.index('class="lead"') < html.index("<table")


def test_it_prints(html: str) -> None:
    """Page numbers, heads of tables on every page, no figure or row cut, headings kept."""
    style = html[html.index("<style>") : html.index("</style>")]
    paper = style[style.index("@page") :]
    assert "counter(page)" in paper
    assert "table-header-group" in style
    assert re.search(r"figure[^{]*\{[^}]*break-inside: avoid", paper)
    assert re.search(r"h2[^{]*\{[^}]*break-after: avoid", paper)


def test_a_name_is_text(html: str) -> None:
    """Markup, escapes and turns of direction of a name mean nothing; a long one is cut."""
    found = renamed(material(), "muon", HOSTILE)
    hostile = page(found, pictures(found))
    outline = Outline(hostile)
    assert "<script" not in hostile
    assert "\x1b" not in hostile
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in hostile
    assert "x&lt;script&gt;" in hostile
    assert [tag for tag, _ in outline.tags] == [tag for tag, _ in Outline(html).tags]
    assert len(hostile) < 2 * len(html)


def test_before_anything_ran_it_says_so() -> None:
    """What waits, and what to do; no picture, no number out of nothing."""
    found = material(budget=None)
    assert pictures(found) == []
    html = page(found, [])
    Outline(html)
    assert "Nothing ran yet: 6 proposals on record, and no campaign." in html
    assert "no trial yet: run `mainstem integrate`" in html
    assert 'id="trials"' not in html


def test_names_are_only_under_credit() -> None:
    """The page is blind, but for whose part in the gain is whose."""
    credit = {
        "authors": {"muon": {"grace": 1.0}},
        "in_all": None,
        "objectives": [
            {
                "objective": "loss",
                "total": {"mean": 1.0, "low": 0.9, "high": 1.1, "unit": "nats"},
                "members": [{"id": "muon", "value": None, "percent": 100.0}],
            }
        ],
    }
    html = page({**material(), "credit": credit}, [])
    start = html.index('<section id="credit"')
    assert [hit.start() > start for hit in re.finditer("grace", html)] == [True]


def test_on_paper_only_what_stands_above_something_stays_with_it() -> None:
    """A figure's words stand below it: kept with what follows, they would chain all figures.

    A chain that does not fit on what is left of a page leaves that empty.
    """
    html = page(material(), pictures(material()))
    style = html[html.index("<style>") : html.index("</style>")]
    kept = re.findall(r"([^{}]*)\{[^{}]*break-after: avoid", style)
    names = {name.strip() for rule in kept for name in rule.split(",")}
    assert names == {"h1", "h2", "h3", "caption"}
    assert re.search(r"figure[^{}]*\{ break-inside: avoid", style)
    assert html.index("<figcaption>") > html.index("<figure>\n<div")
