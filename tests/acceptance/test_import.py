"""Results that somebody else made: read, judged, and a campaign on a real repository from them."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.acceptance.conftest import BRANCHES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conftest import Stack

GAINS = {"lr-high": 0.20, "clip": 0.15, "warmup-long": 0.02, "deeper": 0.25, "lr-low": -0.30}
SETS = (
    (),
    ("lr-high",),
    ("clip",),
    ("deeper",),
    ("lr-low",),
    ("warmup-long",),
    ("lr-high", "clip"),
    ("lr-low", "clip"),
    ("lr-high", "deeper"),
)


def measured(recipe: Sequence[str], seed: int) -> tuple[float, int]:
    """What somebody else's runs of the shell stack measure."""
    noise = np.random.default_rng([seed, *"".join(recipe).encode()]).normal(0.0, 0.01)
    weights = 6000 if "deeper" in recipe else 4000
    return 3.0 - sum(GAINS[change] for change in recipe) + noise, weights


def foreign(path: Path, *, shift: float = 0.0, more: Sequence[str] = (), seeds: int = 3) -> Path:
    """A file of runs of these sets, on some seeds each."""
    lines = ["run,machine,changes,seed,loss,weights"]
    for recipe in SETS:
        for seed in range(seeds):
            loss, weights = measured(recipe, seed)
            name = "-".join(recipe) or "base"
            lines.append(
                f"{name}.{seed},theirs,{' + '.join(recipe)},{seed},{loss + shift:.6f},{weights}"
            )
    file = path / "their runs.csv"
    file.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return file


def asked(stack: Stack) -> list[dict[str, Any]]:
    """Every trial that was asked for, in order."""
    return [trial for body in bodies(stack, "batch-asked") for trial in body["trials"]]


def bodies(stack: Stack, kind: str) -> list[dict[str, Any]]:
    """The lines of a kind."""
    with sqlite3.connect(stack.path / ".mainstem/ledger.sqlite") as store:
        rows = store.execute("SELECT body FROM entries WHERE kind = ? ORDER BY seq", [kind])
        return [json.loads(row[0]) for row in rows]


def test_a_campaign_starts_from_runs_that_somebody_else_made(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    """It asks otherwise from the first batch, searches less, and confirms the same set by pairs.

    Pairs of its own: no imported run is part of any evidence beside a verdict's trials.
    """
    cold, warm = make_stack("cold"), make_stack("warm")
    for stack in (cold, warm):
        stack.mainstem("check")
        stack.mainstem("propose", *BRANCHES)
    file = foreign(tmp_path)
    said = warm.mainstem("import", str(file), "--into").out
    assert "taken in as i1: 27 runs" in said
    assert "another machine than ours, as far as anyone knows: theirs" in said
    shown = {}
    for stack in (cold, warm):
        shown[stack.path.name] = stack.mainstem("integrate", "--budget", "60", "--json").json
    alone, helped = asked(cold), asked(warm)
    assert [t["recipe"] for t in helped[:4]] != [t["recipe"] for t in alone[:4]]
    searched = [sum(t["purpose"] == "search" for t in trials) for trials in (alone, helped)]
    assert searched[1] < searched[0]
    best = {name: set(one["best"]["recipe"]) for name, one in shown.items()}
    assert best["cold"] == best["warm"] == {"lr-high", "clip"}
    assert shown["warm"]["best"]["confirmed"]
    (line,) = bodies(warm, "runs-imported")
    assert (line["file"], len(line["runs"])) == ("their runs.csv", 27)
    (opened,) = bodies(warm, "campaign-opened")
    rows = [row for row in opened["inherited"] if row.get("imported")]
    assert [row["trial"] for row in rows] == [run["run"] for run in line["runs"]]
    why = warm.mainstem("why", "clip", "--json").json
    assert (why["inherited"], why["imported"]) == (0, 9)
    assert all(not e["trial"].startswith("i") for e in why["evidence"])
    assert why["confirmation"]["pairs"]
    assert "whole" in warm.mainstem("verify").out


def test_runs_that_come_later_open_another_campaign(stack: Stack, tmp_path: Path) -> None:
    """What a campaign asked is read back as it was asked, so it never takes in a run half way."""
    stack.mainstem("propose", "clip", "lr-high", "deeper", "lr-low", "warmup-long")
    stack.mainstem("integrate", "--budget", "4")
    stack.mainstem("import", str(foreign(tmp_path)), "--into")
    stack.mainstem("integrate", "--budget", "40")
    first, second = bodies(stack, "campaign-opened")
    assert [first["campaign"], second["campaign"]] == ["c1", "c2"]
    own = [row["trial"] for row in second["inherited"] if not row.get("imported")]
    assert own == [f"c1.{k}" for k in range(1, 5)]
    assert sum(row.get("imported", False) for row in second["inherited"]) == 27
    seeds = [row["seed"] for row in second["inherited"]]
    fresh = {t["seed"] for t in bodies(stack, "batch-asked")[-1]["trials"]}
    assert not fresh & set(seeds)
    stack.mainstem("integrate", "--budget", "40")
    assert len(bodies(stack, "campaign-opened")) == 2


def test_what_is_taken_in_twice_or_of_another_baseline_is_refused(
    stack: Stack, tmp_path: Path
) -> None:
    """One line each, and no line of the ledger."""
    stack.mainstem("check")
    stack.mainstem("propose", "clip")
    file = foreign(tmp_path)
    said = stack.mainstem("import", str(file), "--into").out
    assert "left out: not of open proposals" in " ".join(said.split())
    before = stack.mainstem("verify", "--json").json["entries"]
    twice = stack.mainstem("import", str(file), "--into", code=2).err
    assert "is in the ledger already, as i1" in twice
    other = stack.mainstem("import", str(foreign(tmp_path, shift=0.4)), "--into", code=2).err
    assert "the baseline measures loss 3.4" in other
    assert "nothing was taken in" in other
    rung = "x,theirs,clip,99,2.9,4000"
    lines = foreign(tmp_path).read_text().splitlines()
    with_rung = [
        f"{line},{'rung' if at == 0 else 'huge'}" for at, line in enumerate([*lines, rung])
    ]
    (tmp_path / "r.csv").write_text("\n".join(with_rung))
    said = stack.mainstem("import", str(tmp_path / "r.csv"), "--into", code=2).err
    assert "made at rung huge, and this stack confirms at default" in said
    records = tmp_path / "records.csv"
    records.write_text("date,value\n2026-01-01,1\n")
    assert "holds records" in stack.mainstem("import", str(records), "--into", code=2).err
    assert stack.mainstem("verify", "--json").json["entries"] == before


def test_a_margin_in_percent_is_fixed_by_runs_that_were_made_here(
    stack: Stack, tmp_path: Path
) -> None:
    """Without runs of the trunk of our own, theirs do not count: pairs are held to that margin."""
    stack.mainstem("propose", "clip", "deeper")
    said = " ".join(stack.mainstem("import", str(foreign(tmp_path)), "--into").out.split())
    assert "the margin of weights is a percentage of what this trunk measures here" in said
    stack.mainstem("integrate", "--budget", "8")
    (opened,) = bodies(stack, "campaign-opened")
    assert opened["inherited"]
    assert all(row["recipe"] for row in opened["inherited"])


def test_changes_may_have_other_names(stack: Stack, tmp_path: Path) -> None:
    """A setting's value is a proposal; what names nothing is refused."""
    stack.mainstem("propose", "lr-high")
    file = tmp_path / "settings.json"
    rows = [
        {
            "config": {"lr": lr},
            "seed": seed,
            "metrics": {"loss": loss + seed / 100, "weights": 4000},
        }
        for seed in range(3)
        for lr, loss in (("normal", 3.0), ("high", 2.8))
    ]
    file.write_text(json.dumps({"baseline": {"lr": "normal"}, "runs": rows}))
    said = stack.mainstem("import", str(file), "--into", code=2).err
    assert "none of its changes is an open proposal here (lr=high)" in said
    said = stack.mainstem("import", str(file), "--into", "--call", "lr=low", "lr-high", code=2).err
    assert "the file has no such change" in said
    done = stack.mainstem(
        "import", str(file), "--into", "--call", "lr=high", "lr-high", "--json"
    ).json
    assert done["into"]["runs"] == 6
    (line,) = bodies(stack, "runs-imported")
    assert sorted({tuple(run["recipe"]) for run in line["runs"]}) == [(), ("lr-high",)]


@pytest.mark.parametrize("shape", ["text", "json", "html"])
def test_a_file_is_judged_without_a_repository(tmp_path: Path, stack: Stack, shape: str) -> None:
    """Anywhere, and nothing is written but the page that was asked for."""
    away = tmp_path / "away"
    away.mkdir()
    file, page = foreign(away), away / "page.html"
    words = ["-C", str(away), "import", file.name, "--objective", "loss,margin=0.03"]
    words += ["--objective", "weights,margin=10%,role=guard"]
    if shape == "html":
        words += ["--html", str(page)]
    done = stack.mainstem(*words, *(["--json"] if shape == "json" else []))
    if shape == "json":
        held = {tuple(w["recipe"]): w["verdict"] for w in done.json["wins"]}
        assert held["lr-high", "clip"] == "supported"
        assert held["deeper",] == "not supported"
    else:
        assert "lr-high + clip" in done.out
        assert "pairs of changes that never ran together" in " ".join(done.out.split())
    if shape == "html":
        assert "lr-high + clip" in page.read_text(encoding="utf-8")
    expected = {file.name} | ({page.name} if shape == "html" else set())
    assert {one.name for one in away.iterdir()} == expected
