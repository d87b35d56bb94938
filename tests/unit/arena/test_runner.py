from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from arena import cache
from arena.methods import entrant
from arena.runner import Plan, absent, describe, missing, play_and_keep, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Two cheap methods, three repeats, one landscape."""
    return Plan(
        folder=tmp_path / "arena",
        tables=tmp_path,
        landscapes=("pairwise-12",),
        methods=("greedy", "one_at_a_time"),
        repeats=3,
    )


def test_what_was_played_is_not_played_again(plan: Plan) -> None:
    """A bench that stops goes on with what is missing, and only that."""
    jobs = missing(plan)
    assert [(job.method, job.repeat) for job in jobs] == [
        (method, repeat) for repeat in range(3) for method in ("one_at_a_time", "greedy")
    ]
    assert run(jobs[:2], processes=1) == []
    assert missing(plan) == jobs[2:]
    for job in jobs[2:]:
        play_and_keep(job)
    assert missing(plan) == []
    kept = next(plan.folder.rglob("*.json"))
    kept.unlink()
    assert len(missing(plan)) == 1


def test_more_repeats_and_other_seeds_add_to_what_is_there(plan: Plan) -> None:
    """Sets of repeats do not collide, and a longer plan keeps the shorter one's episodes."""
    for job in missing(plan):
        play_and_keep(job)
    assert len(missing(replace(plan, repeats=5))) == 4
    assert len(missing(replace(plan, seed0=1))) == 6


def test_a_kept_episode_comes_back(plan: Plan) -> None:
    """Gains, runs and seconds are read as they were written; another protocol's are not."""
    job = missing(plan)[0]
    play_and_keep(job)
    spec = plan.specs()[0]
    key = cache.Key.of(spec, entrant(job.method), job.seed0, job.repeat)
    found = cache.read(plan.folder, key)
    assert found is not None
    assert found.runs == 120
    assert len(found.gains["own"]) == 120
    assert cache.read(plan.folder, replace(key, method=f"{job.method}@other")) is None
    file = key.path(plan.folder)
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"protocol": 0}), "utf-8")
    assert cache.read(plan.folder, key) is None
    assert missing(plan)[0] == job


def test_a_failure_is_named_and_stays_missing(plan: Plan) -> None:
    """An episode that breaks does not stop the others, and no figure is made up for it."""
    jobs = missing(plan)[:2]
    broken = replace(jobs[0], landscape="nowhere")
    failures = run([broken, jobs[1]], processes=1)
    assert len(failures) == 1
    assert "one_at_a_time on nowhere, repeat 0: KeyError" in failures[0]
    assert jobs[1] not in missing(plan)


def test_what_is_missing_is_said(plan: Plan) -> None:
    """By landscape and method, with counts."""
    said = describe(missing(plan)).splitlines()
    assert said[0] == "arena: 6 episodes missing"
    assert said[1].split(maxsplit=1) == ["pairwise-12", "one_at_a_time 3, greedy 3"]


def test_unknown_landscapes_are_named(plan: Plan) -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match=r"no landscape moon; there are pairwise-12,"):
        missing(replace(plan, landscapes=("moon",)))


def test_the_limit_plays_only_where_there_is_a_structure(plan: Plan) -> None:
    """Slow methods get their own number of repeats and come last."""
    wider = replace(
        plan, methods=("told", "greedy"), landscapes=("rugged-12", "pairwise-12"), repeats=1
    )
    assert [(job.landscape, job.method) for job in missing(wider)] == [
        ("rugged-12", "greedy"),
        ("pairwise-12", "greedy"),
        ("pairwise-12", "told"),
    ]
    assert plan.repeats_of(entrant("smac_forest")) == 8


def test_methods_that_cannot_play_are_named(plan: Plan) -> None:
    """A package that is not installed leaves its method out, in words."""
    lacking = absent(replace(plan, methods=("greedy", "smac_forest")))
    assert lacking in ({}, {"SMAC3": ("smac",)})
