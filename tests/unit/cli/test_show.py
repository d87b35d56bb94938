from __future__ import annotations

from typing import Any

import pytest

from mainstem.cli import show


def estimate(mean: float, unit: str = "nats") -> dict[str, Any]:
    """An estimate that is uncertain by a tenth."""
    return {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "level": 0.9, "unit": unit}


def report(*front: tuple[str, float, float]) -> dict[str, Any]:
    """What `show` renders of a campaign without proposals, with these recipes on its front."""
    return {
        "stack": "tiny",
        "campaign": "c1",
        "measured_on": "abc",
        "trunk": {"commit": "abc", "objectives": {"loss": estimate(2.0), "size": estimate(5.0)}},
        "best": None,
        "front": [
            {
                "recipe": list(members),
                "objectives": {
                    "loss": estimate(loss),
                    "size": estimate(9),
                    "speed": estimate(fast),
                },
                "probability": 0.96,
                "runs": 12,
            }
            for members, loss, fast in front
        ],
        "hypervolume": estimate(7.5, "margins^2"),
        "improve": ["loss", "speed"],
        "proposals": [],
        "interactions": [],
        "conflicts": [],
        "not_repeatable": [],
        "margins": {},
        "trials": {"done": 9, "failed": 0, "running": 0},
    }


@pytest.mark.parametrize("columns", ["80", "100", ""])
def test_a_long_name_leaves_room_for_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """It is broken into lines, whole; nothing is cut, and the reason has a quarter of the width."""
    monkeypatch.setenv("COLUMNS", columns)
    long = "ada/feature/a-much-longer-warmup-with-cosine-decay-and-restarts-and-no-end-of-words"
    why = "no gain given the trunk: the interval of its gain holds nothing of a margin " * 3
    gain = {"loss": estimate(0.1)}
    row = {"id": long, "verdict": "shelve", "reason": why, "gain": gain, "measured": 3, "trials": 3}
    row |= {"superseded_by": None, "override": None, "merged": False}
    pair = {"objective": "loss", **estimate(0.9), "pair": [long, f"{long}-2"]}
    show.render({**report(), "proposals": [row], "interactions": [pair], "margins": {"loss": 0.1}})
    lines = capsys.readouterr().out.splitlines()
    head = next(k for k, line in enumerate(lines) if line.startswith("verdict"))
    blank = lines.index("", head)
    name, alone, last = (lines[head].index(one) for one in ("proposal", "loss", "why"))
    assert "".join(line[name:alone].strip() for line in lines[head + 1 : blank]) == long
    assert " ".join(line[last:].strip() for line in lines[head + 1 : blank]).split() == why.split()
    assert int(columns or 100) - last >= int(columns or 100) // 4
    assert "better together" in " ".join(" ".join(lines[blank:]).split())


def test_the_front_shows_what_there_is_to_choose_from(capsys: pytest.CaptureFixture[str]) -> None:
    """The improve objectives, how sure each set is to be unbeaten, its runs; not the guard."""
    show.render(report(("ab", 1.2, -0.4), ("b", 0.3, 2.5)))
    out = capsys.readouterr().out
    assert "loss gain" in out
    assert "speed gain" in out
    assert "size gain" not in out
    assert any("+0.30 [+0.20, +0.40]" in line and "96%" in line for line in out.splitlines())
    assert "hypervolume over the trunk: +7.500 [+7.400, +7.600] margins^2" in out


@pytest.mark.parametrize(
    ("weighed", "said"),
    [
        (None, ""),
        (
            {"line": 912, "trials": 780, "since": 1},
            "as of line 912 and 780 trials; trials since: 1",
        ),
        ({"line": None, "trials": 0, "since": 801}, "801 trials are not weighed"),
    ],
)
def test_figures_that_are_not_of_now_bear_their_date(
    capsys: pytest.CaptureFixture[str], weighed: dict[str, Any] | None, said: str
) -> None:
    """And how to have them of now; without a date there is nothing to say."""
    show.render({**report(), "weighed": weighed})
    out = " ".join(capsys.readouterr().out.split())
    assert said in out
    assert ("mainstem show --weigh" in out) == bool(said)


@pytest.mark.parametrize("front", [(), (("ab", 1.2, -0.4),)])
def test_one_recipe_is_no_choice(
    capsys: pytest.CaptureFixture[str], front: tuple[tuple[str, float, float], ...]
) -> None:
    """Where no objectives pull apart the best recipe has been told already."""
    show.render(report(*front))
    out = capsys.readouterr().out
    assert "Pareto" not in out
    assert "hypervolume" not in out


def test_a_long_front_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is in the JSON."""
    show.render(report(*((f"a{i}", 1.0 - i, float(i)) for i in range(8))))
    assert "and 2 recipes more (`mainstem show --json`)" in capsys.readouterr().out
