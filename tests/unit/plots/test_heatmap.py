"""A heatmap of pairs."""

from __future__ import annotations

import gzip
import re

import pytest
from hypothesis import given, settings, strategies as st

from mainstem.plots import colours
from mainstem.plots.heatmap import Cell, Item, heatmap
from tests.unit.plots import anything
from tests.unit.plots.reading import SVG, links, parsed, sane, texts, tips

ITEMS = [
    Item(label="muon", group="optimizer", href="/p/muon"),
    Item(label="rope", group="architecture"),
    Item(label="adamw", group="optimizer"),
]


def draw(items: list[Item], cells: dict[tuple[int, int], Cell], margin: float = 1.0) -> str:
    """A picture of them."""
    return heatmap(items, cells, margin=margin, title="t", description="d", unit="nats")


def place(picture: str, tip: str) -> tuple[float, float, str]:
    """Where the cell with a tooltip lies, and what it is filled with."""
    for one in [*parsed(picture).iter(f"{SVG}g"), *parsed(picture).iter(f"{SVG}a")]:
        title, box = one.find(f"{SVG}title"), one.find(f"{SVG}rect")
        if title is not None and box is not None and (title.text or "").startswith(tip):
            return float(box.get("x") or 0), float(box.get("y") or 0), box.get("fill") or ""
    raise AssertionError(tip)


def test_groups_stand_together_and_a_pair_has_one_cell() -> None:
    """In the order in which groups first come; the same cell whichever way the pair is given."""
    one = draw(ITEMS, {(0, 2): Cell(value=3.0), (1, 0): Cell(value=-3.0)})
    other = draw(ITEMS, {(2, 0): Cell(value=3.0), (0, 1): Cell(value=-3.0)})
    names = [text for text in texts(one) if text in {"muon", "rope", "adamw"}]
    assert names[::2] == ["muon", "adamw", "rope"]
    near, far = place(one, "adamw and muon"), place(one, "rope and muon")
    assert near[0] == far[0]
    assert near[1] < far[1]
    assert near[2] == colours.GAINS[2].light
    assert far[2] == colours.LOSSES[2].light
    assert [place(other, tip)[:2] for tip in ("adamw and muon", "rope and muon")] == [
        near[:2],
        far[:2],
    ]


def test_what_was_tried_and_failed_is_told_from_what_was_not() -> None:
    """By strokes the other way as well, a key for them, and words; else none of that is there."""
    usual = draw(ITEMS, {(0, 1): Cell(value=0.5, tried=False)})
    failed = draw(ITEMS, {(0, 1): Cell(value=0.5, tried=False, failed=True, note="2 failed")})
    assert "rope and muon: +0.5 nats; only ever failed together; 2 failed" in tips(failed)
    assert "rope and muon: +0.5 nats; never ran together" in tips(usual)
    key = "both ways: only failed together"
    assert (key in texts(failed), key in texts(usual)) == (True, False)
    hatches = [picture.count('pointer-events="none"') for picture in (usual, failed)]
    assert hatches == [2, 5]  # a cell and a key; the other way too, and a key for both ways
    sane(failed)


def test_every_cell_says_what_it_is_and_leads_to_its_runs() -> None:
    """In its tooltip; without a colour too, by its sign."""
    cell = Cell(value=-3.0, low=-4.0, high=-2.0, note="12 runs", href="/runs?of=muon+rope")
    picture = draw(ITEMS, {(0, 1): cell})
    minus = "\N{MINUS SIGN}"
    said = f"rope and muon: {minus}3.0 [{minus}4.0, {minus}2.0] nats; 12 runs"
    assert links(picture) == {said: "/runs?of=muon+rope", "muon": "/p/muon"}
    assert texts(picture).count(2 * minus) == 1 + 2  # and twice in the legend


def test_what_was_never_tried_and_what_cannot_be_are_told_apart() -> None:
    """Hatched, and crossed out; neither has a frame."""
    tried = draw(ITEMS, {(0, 1): Cell(value=3.0, low=2.0, high=4.0)})
    guess = draw(ITEMS, {(0, 1): Cell(value=3.0, low=2.0, high=4.0, tried=False)})
    never = draw(ITEMS, {(0, 1): Cell(value=None, conflict=True)})
    assert "never ran together" in " ".join(tips(guess))
    assert "cannot be merged together" in " ".join(tips(never))
    hatches = [len(re.findall('pointer-events="none"', one)) for one in (tried, guess, never)]
    assert hatches == [1, 2, 1]  # one is the legend's
    assert texts(never).count("\N{MULTIPLICATION SIGN}") == 2
    frames = [
        one.count(f'stroke="{colours.INK.light}" stroke-width="1.4"') for one in (tried, guess)
    ]
    assert frames == [2, 1]


def test_sixty_proposals_are_light_enough() -> None:
    """All pairs with links and tooltips, compressed, are a third of what a page may weigh."""
    items = [Item(label=f"proposal-{k}", group=f"g{k % 5}", href=f"/p/{k}") for k in range(60)]
    cells = {
        (a, b): Cell(value=0.01 * (a * 7 % 11 - b % 5), low=-0.1, high=0.2, href=f"/runs?{a}+{b}")
        for a in range(60)
        for b in range(a)
    }
    picture = draw(items, cells, margin=0.01)
    assert len(links(picture)) == 1770 + 60
    assert len(gzip.compress(picture.encode())) < 100_000
    assert sum(one.get("tabindex") == "-1" for one in parsed(picture).iter(f"{SVG}a")) == 1770


def test_without_proposals_there_are_words() -> None:
    """And no frame around nothing."""
    assert "There are no proposals yet." in texts(draw([], {}))


@pytest.mark.parametrize("count", [1, 2, 13])
@settings(max_examples=15)
@given(data=st.data())
def test_anything_has_a_sane_picture(count: int, data: st.DataObject) -> None:
    """Whatever the cells hold, and whatever is missing."""
    items = data.draw(
        st.lists(
            st.builds(Item, label=anything.words, group=anything.words, href=anything.hrefs),
            min_size=count,
            max_size=count,
        )
    )
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    cell = st.builds(
        Cell,
        value=anything.maybe,
        low=anything.maybe,
        high=anything.maybe,
        tried=st.booleans(),
        conflict=st.booleans(),
        note=anything.words,
        href=anything.hrefs,
    )
    cells = data.draw(st.dictionaries(pairs, cell, max_size=6))
    sane(draw(items, cells, data.draw(anything.margins)))
