from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rungs
from arena.rungs.bench import missing, play_and_keep
from arena.rungs.figures import boards
from rungs import BEGIN, END, Rungs, write_page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def part(tables: Path, monkeypatch: pytest.MonkeyPatch) -> Rungs:
    """One cheap method, two repeats, on a small table."""
    monkeypatch.setattr(rungs, "TABLES", tables)
    return Rungs(landscapes=("tiny3",), methods=("screened_greedy",), repeats=2)


def test_the_part_plays_what_is_missing_and_prints_it(
    part: Rungs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is said first; a second call finds everything there."""
    figures = part.measure(tmp_path / "kept", quick=False)
    assert "rungs: 2 episodes missing" in capsys.readouterr().out
    assert figures["failures"] == []
    assert "greedy, screened at the small rung" in part.table(figures)
    again = part.measure(tmp_path / "kept", quick=False)
    assert "rungs: 0 episodes missing" in capsys.readouterr().out
    assert again == figures


def test_quick_is_small(tmp_path: Path) -> None:
    """Few repeats of ours and of rivals that take no time, on the real table and a spoilt one."""
    plan = Rungs().plan(tmp_path, quick=True)
    assert plan.repeats == 2
    assert [spec.kind for spec in plan.specs()] == ["real", "spoilt"]
    assert set(plan.methods) >= {"mainstem", "mainstem_top"}
    assert Rungs().plan(tmp_path, quick=False).repeats == 50


def test_the_page_is_written_between_its_markers(part: Rungs, tmp_path: Path) -> None:
    """What people wrote around the markers stays, and writing twice changes nothing more."""
    plan = part.plan(tmp_path / "kept", quick=False)
    for job in missing(plan):
        play_and_keep(job)
    found = boards(plan)
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    write_page(page, found)
    once = page.read_text(encoding="utf-8")
    assert once.startswith(f"# Before\n\n{BEGIN}\n\n")
    assert once.endswith(f"{END}\n\nAfter.\n")
    assert "old" not in once
    assert "### Rungs: Real runs: tiny3" in once
    write_page(page, found)
    assert page.read_text(encoding="utf-8") == once
    page.write_text("# Page\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.md has no line"):
        write_page(page, found)
