from __future__ import annotations

import re

import pytest

from mainstem.board.report_markdown import MOST, markdown, plain
from tests.unit.board.report_material import HOSTILE, PROPOSALS, material, renamed


def test_a_summary_then_tables_then_what_is_folded() -> None:
    """What a reviewer sees first is what was decided; the rest is a click away."""
    text = markdown(material())
    assert text.startswith("## toy: campaign c1\n\n**2 of 6 proposals wait to be merged together")
    places = [text.index(part) for part in ("### Objectives", "### Verdicts", "<details>")]
    assert places == sorted(places)
    assert text.count("<details>") == text.count("</details>") > 3
    for row in material()["show"]["proposals"]:
        assert f"| **{row['verdict']}** | {plain(row['id'])} |" in text
    assert f"`{material()['ledger']['hash']}`" in text
    assert len(text) < MOST


def test_tables_are_tables() -> None:
    """Every row of a table has as many cells as its head."""
    for block in re.findall(r"(?:^\|.*\n?)+", markdown(material()), flags=re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line) for line in block.splitlines()]
        assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>*x*</b> & y", r"&lt;b&gt;\*x\*&lt;/b&gt; &amp; y"),
        ("a|b `c` [d](e)", r"a\|b \`c\` \[d\](e)"),
        ("ask @ada about #12", "ask <span>@</span>ada about <span>#</span>12"),
        ("https://evil.example www.evil.example", "https&#58;//evil.example www&#46;evil.example"),
        ("- item", "&#8203;- item"),
        ("1. item", "&#8203;1. item"),
        ("two\nlines\x1b", "two lines\\\\x1b"),
    ],
)
def test_text_of_others_means_nothing(text: str, shown: str) -> None:
    """To Markdown, to HTML, or to GitHub, which would call people and link issues."""
    assert plain(text) == shown


def test_hostile_names_break_nothing() -> None:
    """The same tables with the same cells, no element of theirs, nobody is called."""
    text = markdown(renamed(material(), "muon", HOSTILE))
    assert "<script" not in text
    assert "@ada" not in text
    assert "\x1b" not in text
    for block in re.findall(r"(?:^\|.*\n?)+", text, flags=re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line) for line in block.splitlines()]
        assert len({len(row) for row in rows}) == 1
    assert len(text) < MOST


@pytest.mark.parametrize("most", [MOST, 9000])
def test_what_does_not_fit_is_said(most: int) -> None:
    """Thousands of proposals: rows are left out until it fits, and the reader is told."""
    row = material()["show"]["proposals"][2]
    rows = [{**row, "id": f"p{k}", "reason": "because " * 100} for k in range(3000)]
    found = {**material(), "show": {**material()["show"], "proposals": rows}}
    text = markdown(found, most=most)
    assert len(text) <= most
    assert re.search(r"\*\d+ more did not fit here: `mainstem report` has all of it\.\*", text)
    assert text.count("<details>") == text.count("</details>")
    assert len(markdown(material())) > 4000
    assert "did not fit" not in markdown(material())
    assert all(proposal in markdown(material()) for proposal in PROPOSALS)


def test_before_anything_ran_it_is_short() -> None:
    """A note and the list of what waits."""
    text = markdown(material(budget=None))
    assert "> **Note**: Nothing ran yet: 6 proposals on record" in text
    assert "### Objectives" not in text
    assert text.count("**open**") == 6
