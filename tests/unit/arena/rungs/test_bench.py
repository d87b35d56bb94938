from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from arena.rungs.bench import Plan, absent, describe, missing, play_and_keep, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plan(tables: Path, tmp_path: Path) -> Plan:
    """Two cheap methods, two repeats, a table."""
    return Plan(
        folder=tmp_path / "kept",
        tables=tables,
        landscapes=("tiny3",),
        methods=("halving_random_8", "screened_greedy"),
        repeats=2,
    )


def test_what_was_played_is_not_played_again(plan: Plan) -> None:
    """A bench that stops goes on with what is missing, and only that."""
    jobs = missing(plan)
    assert [(job.method, job.repeat) for job in jobs] == [
        (method, repeat) for method in plan.methods for repeat in range(2)
    ]
    assert run(jobs[:1], processes=1) == []
    assert missing(plan) == jobs[1:]
    for job in jobs[1:]:
        play_and_keep(job)
    assert missing(plan) == []
    assert len(missing(replace(plan, repeats=3))) == 2


def test_a_kept_episode_comes_back(plan: Plan) -> None:
    """An entry for every tick of the budget, for every rule."""
    job = missing(plan)[0]
    play_and_keep(job)
    (spec,) = plan.specs()
    entrant = plan.entrants(spec)[0]
    kept = plan.kept(spec, entrant)
    assert list(kept) == [job.repeat]
    assert {len(gains) for gains in kept[job.repeat].gains.values()} == {240}
    assert set(kept[job.repeat].gains) == {"own", "seen", "model"}


def test_the_top_rung_alone_is_played_once_for_all_that_share_it(plan: Plan) -> None:
    """A spoilt small rung changes nothing for who does not look at it; rivals do not play there."""
    wide = replace(plan, landscapes=("tiny3", "tiny3-turned", "tiny3-shuffled"), methods=())
    jobs = [(job.landscape, job.method) for job in missing(replace(wide, repeats=1))]
    assert [land for land, method in jobs if method == "mainstem_top"] == ["tiny3"]
    assert {land for land, method in jobs if method == "mainstem"} == set(wide.landscapes)
    assert {land for land, method in jobs if method == "screened_greedy"} == {"tiny3"}
    assert jobs[:2] == [("tiny3", "mainstem"), ("tiny3", "mainstem_top")]


def test_settings_beyond_the_main_one_are_played_on_real_tables_alone(plan: Plan) -> None:
    """On drawn landscapes each family has one."""
    known = {spec.name: spec for spec in replace(plan, landscapes=()).specs()}
    every = replace(plan, methods=())
    real = [one.name for one in every.entrants(known["tiny3"])]
    drawn = [one.name for one in every.entrants(known["rugged-10-agreement-0.7"])]
    assert {"halving_random_4", "halving_random_8"} <= set(real)
    assert "halving_random_8" in drawn
    assert "halving_random_4" not in drawn


def test_a_failure_is_named_and_stays_missing(plan: Plan) -> None:
    """An episode that breaks does not stop the others."""
    jobs = missing(plan)[1:3]
    failures = run([replace(jobs[0], landscape="nowhere"), jobs[1]], processes=1)
    assert len(failures) == 1
    assert "halving_random_8 on nowhere, repeat 1: KeyError" in failures[0]
    assert jobs[1] not in missing(plan)


def test_what_is_missing_is_said(plan: Plan) -> None:
    """By landscape and method, with counts; unknown names with those that there are."""
    said = describe(missing(plan)).splitlines()
    assert said[0] == "rungs: 4 episodes missing"
    assert said[1].split(maxsplit=1) == ["tiny3", "halving_random_8 2, screened_greedy 2"]
    with pytest.raises(ValueError, match="no landscape moon; there are tiny3"):
        missing(replace(plan, landscapes=("moon",)))
    with pytest.raises(ValueError, match="no method magic; there are mainstem"):
        missing(replace(plan, methods=("magic",)))


def test_methods_without_their_packages_are_named(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not played."""
    monkeypatch.setattr("arena.rungs.methods.find_spec", lambda name: None if name == "smac" else 1)
    wide = replace(plan, methods=("smac_hyperband_8", "screened_greedy"))
    assert absent(wide) == {"Hyperband (SMAC3)": ("smac",)}
    assert {job.method for job in missing(wide)} == {"screened_greedy"}
