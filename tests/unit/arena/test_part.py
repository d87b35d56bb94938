from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from arena import part, plots
from arena.part import BEGIN, END, Arena, write_page
from arena.runner import missing, play_and_keep

if TYPE_CHECKING:
    from pathlib import Path

    from arena.figures import Board


@pytest.fixture
def arena() -> Arena:
    """One cheap method, two repeats."""
    return Arena(landscapes=("pairwise-12",), methods=("greedy", "bocs"), repeats=2)


@pytest.fixture
def found(arena: Arena, tmp_path: Path) -> list[Board]:
    """The figures of what it plays."""
    plan = arena.plan(tmp_path / "kept", quick=False)
    for job in missing(plan):
        play_and_keep(job)
    return part.boards(plan)


def test_the_part_prints_what_it_has(
    arena: Arena, found: list[Board], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures come from the cache, and what is missing is printed first."""
    assert found
    figures = arena.measure(tmp_path / "kept", quick=False)
    assert "arena: 0 episodes missing" in capsys.readouterr().out
    assert figures["failures"] == []
    assert "greedy, keep if lower" in arena.table(figures)


def test_quick_is_small() -> None:
    """A quick run plays few repeats on two landscapes of twelve proposals."""
    plan = Arena().plan(part.TABLES, quick=True)
    assert (plan.repeats, plan.slow_repeats) == (6, 1)
    assert {spec.n for spec in plan.specs()} == {12}


def test_the_page_is_written_between_its_markers(
    found: list[Board], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What people wrote around the markers stays, and writing twice changes nothing more."""
    monkeypatch.setattr(plots, "draw", lambda *_: {"pairwise-12": "arena-pairwise-12.svg"})
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    write_page(page, found)
    once = page.read_text(encoding="utf-8")
    assert once.startswith(f"# Before\n\n{BEGIN}\n\n")
    assert once.endswith(f"{END}\n\nAfter.\n")
    assert "old" not in once
    assert "### Pairwise, n = 12, noise 1" in once
    write_page(page, found)
    assert page.read_text(encoding="utf-8") == once


def test_a_page_without_markers_is_left_alone(found: list[Board], tmp_path: Path) -> None:
    """It is named, and nothing is written."""
    page = tmp_path / "page.md"
    page.write_text("# Page\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.md has no line"):
        write_page(page, found)
    assert [file.name for file in tmp_path.glob("*.*")] == ["page.md"]


@pytest.mark.filterwarnings("ignore")
def test_pictures_are_drawn_and_repeat_themselves(found: list[Board], tmp_path: Path) -> None:
    """One per landscape and one of medians, with text as text and the same bytes each time."""
    pytest.importorskip("matplotlib")
    names = plots.draw(found, tmp_path)
    assert names == {"pairwise-12": "arena-pairwise-12.svg"}
    first = {file.name: file.read_bytes() for file in tmp_path.glob("*.svg")}
    assert set(first) == {"arena-pairwise-12.svg", "arena-medians.svg"}
    assert b"greedy, keep if lower" in first["arena-pairwise-12.svg"]
    plots.draw(found, tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.glob("*.svg")} == first
