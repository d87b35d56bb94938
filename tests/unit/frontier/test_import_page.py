"""The page of an import: whole by itself, well formed, and text stays text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mainstem.frontier import import_words as words, leaderboard, supported
from mainstem.frontier.import_page import page
from mainstem.frontier.records import records_of
from mainstem.frontier.runs import Reading, runs_of
from mainstem.frontier.table import parse_table, read_table
from tests.unit.plots.reading import outside

FILE = Path(__file__).parents[3] / "examples" / "contest" / "records.json"
HOSTILE = "<script>alert(1)</script>\u001b[2J"
VOID = {"meta", "rect", "path", "circle", "br"}


class Outline(HTMLParser):
    """Tags that are closed in order, those that were seen, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens one; nothing is fetched from elsewhere."""
        assert not any(name in {"src", "href"} for name, _ in attrs)
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes the one that was opened last."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keeps text."""
        self.said += data


def outline(html: str) -> Outline:
    """A page, read."""
    found = Outline()
    found.feed(html)
    assert found.open == []
    assert "script" not in found.seen
    return found


def pictures(html: str) -> list[str]:
    """The pictures in it."""
    return ["<svg" + part.split("</svg>")[0] + "</svg>" for part in html.split("<svg")[1:]]


def of_records(found: dict[str, Any]) -> dict[str, Any]:
    """The report of a JSON file with this content."""
    table = parse_table(f"{HOSTILE}.json", json.dumps(found).encode())
    return supported.report(table, records_of(table, None), supported.Asked())


def test_the_contest_s_page_has_every_number_and_a_picture() -> None:
    """Each tested record with its p-values; the words of the answer; how it was asked."""
    table = read_table(FILE)
    asked = supported.Asked(nats=0.005, tokens_per_byte=(0.411, 0.268))
    report = supported.report(table, records_of(table, None), asked)
    html = page(report)
    found = outline(html)
    for row in report["rows"]:
        assert row["label"] in found.said
        assert f"{row['mean']:.6g}" in found.said
    assert all(line in found.said for line in words.records(report))
    broad, narrow = pictures(html)
    assert [outside(broad), outside(narrow)] == [[], []]
    assert "the best of all records before it" in found.said
    assert "record 43" in found.said


def test_hostile_text_is_shown_as_text() -> None:
    """Of files, labels, contributors and what a file says of itself."""
    records = [
        {"record": k, "date": f"2026-01-0{k}", "values": [2.0 - k, 2.1 - k], "label": HOSTILE,
         "contributor": HOSTILE}
        for k in range(1, 4)
    ]  # fmt: skip
    found = outline(page(of_records({"records": records, "about": HOSTILE})))
    assert r"<script>alert(1)</script>\x1b[2J" in found.said
    assert "\u001b" not in found.said


def test_records_without_anything_to_test_have_a_page_too() -> None:
    """It says so."""
    said = outline(page(of_records({"records": [{"record": 1, "value": 1}]}))).said
    assert "nothing here can be tested" in said


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """A few runs with a hostile change."""
    rows = [
        {"changes": [change] if change else [], "seed": seed, "loss": 2.0 - gain - 0.001 * seed}
        for change, gain in (("", 0.0), (HOSTILE, 0.1), ("worse", -0.2))
        for seed in range(2)
    ]
    table = parse_table("runs.json", json.dumps({"runs": rows}).encode())
    found = runs_of(table, Reading(objectives=({"name": "loss", "margin": "0.01"},)))
    return leaderboard.report(table, found, seed=0, ask=2)


def test_runs_have_wins_effects_and_what_comes_next(report: dict[str, Any]) -> None:
    """A picture per objective, in two forms, and hostile names as text."""
    html = page(report)
    found = outline(html)
    shown = r"<script>alert(1)</script>\x1b[2J"
    assert shown in found.said
    for part in ("The recorded wins", "Effects on loss", "What to run next", "supported"):
        assert part in found.said
    assert [outside(picture) for picture in pictures(html)] == [[], []]
    assert words.curse(report) in found.said


@pytest.mark.parametrize(
    ("value", "said"),
    [(2000.4, "+2,000"), (-0.01234, "-0.0123"), (0.0, "0"), (1.0, "+1")],
)
def test_amounts_as_people_read_them(value: float, said: str) -> None:
    """A sign, three digits, thousands apart."""
    assert words.amount(value) == said


def test_a_p_value_has_few_digits_and_is_never_nothing() -> None:
    """Four decimals below a tenth."""
    said = [words.p_value(p) for p in (0.5, 0.01234, 1e-9, 1.0)]
    assert said == [".50", ".0123", "<.0001", "1.00"]
