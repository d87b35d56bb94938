from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

import lab
from lab import BEGIN, COLLECTIVE, END, KINDS, Lab
from mainstem.lab.compare import Outcome
from mainstem.lab.landscapes.pairwise import pairwise
from mainstem.lab.standings import standings

if TYPE_CHECKING:
    from pathlib import Path

KIND = lab.Kind(name="nk12", title="small", n=4, landscape=partial(pairwise, 4), marks=(2,))


def outcomes(policy: str, *scores: float) -> list[Outcome]:
    """Of campaigns whose best score is 1."""
    return [
        Outcome(
            number=number,
            policy=policy,
            score=score,
            best=1.0,
            breaks=False,
            merged=1,
            spent=8,
            time=2.0,
        )
        for number, score in enumerate(scores)
    ]


def figures(*played: list[Outcome]) -> dict[str, dict[str, list[dict[str, object]]]]:
    """As the part keeps them, of the first kind at 4n."""
    ranked = standings([o for some in played for o in some], reference=COLLECTIVE)
    return {KINDS[0].name: {"4": [asdict(s) for s in ranked]}}


def test_where_the_claim_fails_is_said() -> None:
    """A rival that is ahead in every campaign is named, one that is not told apart is too."""
    ours = outcomes(COLLECTIVE, 0.5, 0.6, 0.4)
    ahead, near = outcomes("greedy", 0.7, 0.8, 0.65), outcomes("silos", 0.2, 0.9, 0.45)
    said = lab.page(figures(ours, ahead, near))
    assert "- table tinylm10, 4n: greedy" in said
    behind = lab.page(figures(ours, near))
    assert "cannot be told from it, where none is ahead:\n\n- table tinylm10, 4n: silos" in behind
    won = lab.page(figures(ours, outcomes("greedy", 0.1, 0.2, 0.02)))
    assert "Ahead of all others: table tinylm10, 4n." in won
    assert "below 0:\n\nnowhere." in won


def test_campaigns_are_kept_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of four, then the fourth: the same as four at once; nothing is played twice."""
    monkeypatch.setattr(lab, "KINDS", (KIND,))
    monkeypatch.setattr(lab, "CONDITIONS", ())
    monkeypatch.setattr(lab, "ENGINE", lab.ENGINE[:1])
    monkeypatch.setattr(lab, "RIVALS", lab.RIVALS[:2])
    part = Lab(cheap=3, slow=1)
    part.measure(tmp_path, quick=False)
    four = replace(part, cheap=4)
    more = four.measure(tmp_path, quick=False)["standings"]
    assert four.measure(tmp_path / "once", quick=False)["standings"] == more
    assert replace(four, play=False).measure(tmp_path, quick=False)["standings"] == more
    assert {s["policy"] for s in more["nk12"]["2"]} == {
        COLLECTIVE,
        *(way.name for way in lab.RIVALS),
    }


def test_the_page_is_written_between_its_markers(tmp_path: Path) -> None:
    """What stands around them stays; a page without them is an error."""
    file = tmp_path / "lab.md"
    file.write_text(f"before\n{BEGIN}\nlast year\n{END}\nafter\n", encoding="utf-8")
    lab.write_page(file, figures(outcomes(COLLECTIVE, 0.5, 0.6)))
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}")
    assert text.endswith(f"{END}\nafter\n")
    assert "last year" not in text
    assert "0.55" in text
    file.write_text("no markers", encoding="utf-8")
    with pytest.raises(ValueError, match="no line"):
        lab.write_page(file, {})
