from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from mainstem.domain.reference import ReferenceId
from mainstem.frontier.page import page, trend
from mainstem.frontier.report import report
from tests.unit.frontier.conftest import FRONTIER, OTHER, THEIRS, bring, seen
from tests.unit.frontier.test_report import gain, moved
from tests.unit.plots.reading import outside, texts

if TYPE_CHECKING:
    from tests.unit.engine.conftest import World


def parsed(text: str) -> ET.Element:
    """The page as a tree: it is well-formed."""
    body = text.removeprefix("<!DOCTYPE html>\n")
    body = re.sub(r"<meta ([^>]*)>", r"<meta \1/>", body).replace("<br>", "<br/>")
    return ET.fromstring(body)  # noqa: S314  # our own text


def test_the_page_shows_what_the_report_holds(world: World) -> None:
    """Gap, picture, references with what keeps them apart, prospects and claims."""
    bring(world, "muon", 0.3)
    world.propose("bad")
    world.integrate(budget=30)
    found = report(seen(world))
    text = page(found)
    root = parsed(text)
    words = " ".join("".join(root.itertext()).split())
    assert "the trunk is behind" in words
    assert "evaluated by <script>x</script>, ours by eval.py" in words
    assert "muon" in words
    assert "The runs behind each" in words
    forms = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(forms) == 2
    for picture in forms:
        assert outside(picture) == []
        named = texts(picture)
        assert any(said.startswith("theirs ") for said in named)
        assert not any(said.startswith("other ") for said in named)


@pytest.mark.parametrize("where", ["id", "source", "note", "harness", "version"])
def test_hostile_text_is_shown_as_text(world: World, where: str) -> None:
    """Wherever it stands: no element and no attribute comes of it."""
    hostile = '"><script>alert(1)</script><a href="javascript:x" onload=y>&amp;'
    bad = replace(OTHER, harness="eval.py") if where == "version" else OTHER
    bad = replace(bad, **{where: hostile})
    good = replace(THEIRS, **{where: hostile}) if where in {"note", "source", "id"} else THEIRS
    world.propose("bad")
    world.integrate(budget=12)
    references = (good, replace(bad, id=ReferenceId("b")) if where != "id" else bad)
    text = page(report(seen(world, replace(FRONTIER, references=references))))
    root = parsed(text)
    tags = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert "script" not in tags
    assert not {"onload"} & {key for one in root.iter() for key in one.attrib}
    hrefs = [one.get("href") for one in root.iter() if one.get("href")]
    assert all(href and href.startswith("https://") for href in hrefs)
    assert hostile in "".join(root.itertext())


def test_the_trend_goes_back_by_what_was_confirmed(world: World) -> None:
    """From what the trunk is measured at now; times are of the record."""
    world.propose("muon")
    world.integrate(budget=12)
    was = moved(seen(world, now="2024-01-02T00:00:00Z"), 3, {"loss": gain(0.1)})
    found = report(was)
    one = found["objectives"][0]
    steps, until_s = trend(found, one)
    values = [value for _, value in steps]
    now = one["trunk"]["mean"]
    assert values == pytest.approx([now + 0.3, now + 0.2, now + 0.1, now])
    assert steps[0][0] == 0.0
    assert until_s == pytest.approx(86400.0, abs=60.0)


def test_without_references_or_runs_there_is_a_page(world: World) -> None:
    """No picture, and words that say why."""
    text = page(report(seen(world)))
    assert "<svg" not in text
    assert "<code>mainstem check</code> makes some" in text
    parsed(text)
    parsed(page(report(seen(world, replace(FRONTIER, references=())))))
