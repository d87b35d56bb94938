"""A campaign over two rungs: every trial, run and digest counts at its own rung only."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.domain.errors import TrunkFailedError
from mainstem.domain.stack import Rung
from mainstem.domain.trial import Purpose
from mainstem.engine.check import check
from mainstem.engine.record import fold, setup_digest
from mainstem.engine.restore import restore
from mainstem.engine.rungs import counted, same_question, setups
from mainstem.engine.verdicts import all_verdicts
from mainstem.engine.views import status, verdicts, why
from mainstem.engine.views.repeats import not_repeatable
from mainstem.integrator import Integrator
from mainstem.ledger.on_sqlite import SqliteLedger
from mainstem.tomlfiles.stack import parse_stack
from tests.acceptance.conftest import STACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conftest import World

RELEASED = Path(__file__).parents[1] / "ledger" / "released" / "sqlite-2.sqlite"
"""A ledger from before rungs: of the shell stack's campaign and what followed it."""

SMALL, LARGE = Rung(name="small", cost=1.0), Rung(name="large", cost=8.0)
PROPOSALS = ("muon", "rope", "bad")
EFFECTS = {"muon": 0.3, "rope": 0.2, "bad": -0.4}


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


def scaled(content: frozenset[str], seed: int, rung: str) -> Mapping[str, float] | str:
    """Half of every effect shows at the small rung; each recipe and rung has its own noise."""
    noise = np.random.default_rng([seed, len(rung), *"".join(sorted(content)).encode()])
    gain = sum(EFFECTS[p] for p in content) * (0.5 if rung == "small" else 1.0)
    return {"loss": 2.0 - gain + noise.normal(0.0, 0.02), "params": 1000.0}


@pytest.fixture
def climb(make: Callable[..., World]) -> Callable[[str], World]:
    """Makes worlds of two rungs, of which the larger one confirms."""

    def climb_one(name: str) -> World:
        world = make(name)
        world.stack = replace(world.stack, rungs=(SMALL, LARGE))
        world.at_rung = scaled
        return world

    return climb_one


@pytest.fixture
def ladder(climb: Callable[[str], World]) -> World:
    """One world of two rungs."""
    return climb("ladder")


def test_what_small_runs_suggest_is_confirmed_at_the_rung_that_decides(ladder: World) -> None:
    """Jobs, lines, spending and verdicts name the rung; no pair is run below."""
    ladder.propose(*PROPOSALS)
    found = ladder.integrate(budget=40)
    asked = list(found.campaign.asked())
    assert {a.trial.rung for a in asked} == {"small", "large"}
    assert {a.trial.rung for a in asked if a.trial.purpose is Purpose.CONFIRM} == {"large"}
    rung_of = {a.name: a.trial.rung for a in asked}
    assert all(job.rung == rung_of[job.trial] for job in found.jobs)
    assert found.state.integrator.recommend().confirmed
    assert found.verdicts() == {
        "muon": "merge",
        "rope": "merge",
        "bad": "shelve",
    }
    small, large = counted(found.campaign)
    assert (small["rung"], small["share"], large["rung"], large["share"]) == (
        "small",
        0.125,
        "large",
        1.0,
    )
    assert found.campaign.spent == small["done"] / 8 + large["done"]
    assert found.campaign.spent == pytest.approx(found.state.integrator.spent)
    told = status(found.record, found.campaign, found.state, progress={"slots": 2})
    assert (told["spent"], told["rungs"]) == (found.campaign.spent, [small, large])
    rows = why(ladder.stack, found.record, found.campaign, found.state, "muon")["evidence"]
    assert {row["trial"]: row["rung"] for row in rows}.items() <= rung_of.items()


@pytest.mark.parametrize("deaths", [[1], [3, 6, 2, 5]])
def test_a_killed_campaign_over_rungs_takes_the_course_of_the_undisturbed_one(
    climb: Callable[[str], World], deaths: list[int]
) -> None:
    """The same recipes, seeds and rungs are asked for, and the same verdicts follow."""
    calm, shot = climb("calm"), climb("shot")
    calm.propose(*PROPOSALS)
    shot.propose(*PROPOSALS)
    expected = calm.integrate(budget=24)
    for death in deaths:
        assert shot.integrate(budget=24, die_after=death).died
    rest = shot.integrate(budget=24)
    assert [a.trial for a in rest.campaign.asked()] == [a.trial for a in expected.campaign.asked()]
    assert rest.verdicts() == expected.verdicts()


def test_budgets_count_in_trials_of_the_rung_that_decides(ladder: World) -> None:
    """A cheaper one is a part of one; what is left pays for no whole trial any more."""
    ladder.propose(*PROPOSALS)
    found = ladder.integrate(budget=6)
    small, large = counted(found.campaign)
    assert small["done"] + large["done"] > 6
    assert 5.0 < found.campaign.spent <= 6.0
    assert found.campaign.left == 6 - found.campaign.spent
    assert not found.campaign.judged - {p for p, v in found.verdicts().items() if v != "open"}
    more = ladder.integrate(budget=8)
    assert more.campaign.id == "c1"
    assert 6.0 < more.campaign.spent <= 8.0


def test_one_rung_is_what_it_was(make: Callable[..., World], climb: Callable[[str], World]) -> None:
    """No line of a campaign at one rung names others, and its trials have none."""
    plain = make("plain")
    plain.propose("muon", "bad")
    one = plain.integrate(budget=30)
    alone = climb("alone")
    alone.stack = alone.stack.at(replace(LARGE, name="large"))
    alone.at_rung = None
    alone.propose("muon", "bad")
    same = alone.integrate(budget=30)
    assert same.asks() == one.asks()
    assert {a.trial.rung for a in same.campaign.asked()} == {None}
    assert (same.campaign.costs, same.campaign.rung) == ({}, "large")
    assert isinstance(same.campaign.spent, int)
    ledger = alone.ledger()
    opened = next(e.body for e in ledger.entries() if e.kind == "campaign-opened")
    ledger.close()
    assert "rungs" not in opened


def test_evidence_comes_back_at_its_own_rung(ladder: World) -> None:
    """Whichever rungs are in play for the next campaign, and for one at a single rung."""
    ladder.propose("muon", "bad")
    ledger = ladder.ledger()
    check(ladder.shop(ladder.executor(), ledger), runs=2)
    ledger.close()
    first = ladder.integrate(budget=12).campaign
    rungs = {str(a.name): a.trial.rung for a in first.asked()}
    rungs |= {"k1.1": "large", "k1.2": "large", "k1.4": "small", "k1.5": "small"}
    second = ladder.integrate(budget=4, seed=1).campaign
    assert {row["trial"]: row["rung"] for row in second.inherited} == rungs
    ladder.stack = ladder.stack.searching([])
    third = ladder.integrate(budget=4, seed=2).campaign
    large = {name for name, rung in rungs.items() if rung == "large"}
    assert {row["trial"] for row in third.inherited} == large | {
        str(a.name) for a in second.asked() if a.trial.rung == "large"
    }
    assert all("rung" not in row for row in third.inherited)


def test_a_campaign_from_before_rungs_goes_on_and_is_read_as_it_was(ladder: World) -> None:
    """A stack of two rungs ran at the one that confirms: its lines have no other in play."""
    every = ladder.stack
    ladder.stack = every.searching([])
    ladder.propose(*PROPOSALS)
    before = ladder.integrate(budget=14)
    assert before.campaign.setup == setup_digest(every.at(LARGE))
    ladder.stack = every
    assert same_question(every, before.campaign)
    state = restore(every, before.record, before.campaign)
    assert all_verdicts(state) == all_verdicts(before.state)
    assert state.integrator.ask(4) == before.state.integrator.ask(4)
    opened = ladder.integrate(budget=14).campaign
    assert opened.id == "c2"
    assert {row["rung"] for row in opened.inherited} == {"large"}
    assert len(opened.inherited) == len(before.campaign.finished)


def test_a_released_ledger_goes_on_as_it_was(tmp_path: Path) -> None:
    """Its trials have no rung, its digest is today's, and what follows is what followed then."""
    path = tmp_path / "ledger.sqlite"
    shutil.copy(RELEASED, path)
    ledger = SqliteLedger(path, StillClock())
    record = fold(ledger.entries())
    ledger.close()
    campaign = record.campaigns["c1"]
    stack = parse_stack(STACK, "mainstem.toml")
    assert same_question(stack, campaign)
    assert {(a.trial.rung, campaign.rung_of(a.trial)) for a in campaign.asked()} == {
        (None, "default")
    }
    assert (campaign.spent, campaign.costs, campaign.left) == (24, {}, 0)
    told = Integrator(
        proposals=campaign.proposals,
        objectives=stack.objectives,
        conflicts=[c.proposals for c in record.conflicts_on(campaign.trunk)],
        budget=24,
    )
    told.forbid({"deeper"})  # it was proposed again
    for batch in campaign.batches:
        told.resume(a.trial for a in batch)
        for asked in batch:
            told.tell(asked.trial, campaign.finished[asked.name].values)
    state = restore(stack, record, campaign)
    assert state.integrator.verdicts() == told.verdicts()
    assert state.integrator.recommend() == told.recommend()


def test_what_is_said_for_one_campaign_is_asked_with_its_rungs_later(ladder: World) -> None:
    """Settings that name other rungs for the next one do not put out what is shown of this one."""
    ladder.propose(*PROPOSALS)
    every = ladder.stack
    found = ladder.integrate(budget=20)
    for stack in (every, every.searching([]), every.searching(["small"])):
        assert same_question(stack, found.campaign)
        assert verdicts(found.record, restore(stack, found.record, found.campaign)) == verdicts(
            found.record, found.state
        )
    dearer = replace(every, rungs=(replace(SMALL, cost=2.0), LARGE))
    assert not same_question(dearer, found.campaign)
    assert not same_question(replace(every, rungs=(LARGE,)), found.campaign)
    changed = replace(every, rungs=(replace(SMALL, parameters={"steps": 3}), LARGE))
    assert not same_question(changed, found.campaign)
    assert setups(changed).keys() & setups(every).keys() == {setup_digest(every.at(LARGE))}


def test_equal_trees_share_runs_at_the_rung_they_ran_at(ladder: World) -> None:
    """A branch stacked on another counts for it too, and nowhere else than where it ran."""
    ladder.trees.changes = {"stacked": frozenset({"muon", "rope"})}
    ladder.propose("muon", "rope", "stacked")
    found = ladder.integrate(budget=30)
    observed = found.state.integrator._trials.observed
    told = {
        (a.trial.seed, a.trial.rung): found.campaign.finished[a.name].values
        for a in found.campaign.asked()
        if a.name in found.campaign.finished
    }
    shared = [result for _, result in observed]
    assert {result.rung for result in shared} >= {"small"}
    assert all(told[result.seed, result.rung] == result.values for result in shared)


def test_a_trunk_that_fails_at_a_small_rung_only_is_named_with_it(ladder: World) -> None:
    """It is the user's to mend; without the rung the campaign runs, and the failure is past."""

    def too_few(content: frozenset[str], seed: int, rung: str) -> Mapping[str, float] | str:
        return "RuntimeError: no step" if rung == "small" else scaled(content, seed, rung)

    ladder.at_rung = too_few
    ladder.propose("muon", "bad")
    with pytest.raises(TrunkFailedError, match=r"at rung 'small'.*search_rungs leaves it out"):
        ladder.integrate(budget=20)
    ledger = ladder.ledger()
    campaign = fold(ledger.entries()).campaigns["c1"]
    ledger.close()
    assert campaign.trunk_failure is not None
    failed = next(a for a in campaign.asked() if a.name == campaign.trunk_failure["trial"])
    assert failed.trial.rung == "small"
    assert all(
        campaign.finished[a.name].values is not None
        for a in campaign.asked()
        if a.name in campaign.finished and not a.trial.recipe
    )
    ladder.at_rung = scaled
    assert ladder.integrate(budget=20).campaign.trunk_failure is None


def test_a_failure_is_told_with_its_rung(ladder: World) -> None:
    """Whoever mends it has to know at which scale it failed; at another it may run."""

    def needs_steps(content: frozenset[str], seed: int, rung: str) -> Mapping[str, float] | str:
        if rung == "small" and "muon" in content:
            return "RuntimeError: warmup is longer than the run"
        return scaled(content, seed, rung)

    ladder.at_rung = needs_steps
    ladder.propose("muon", "bad")
    found = ladder.integrate(budget=20)
    rows = why(ladder.stack, found.record, found.campaign, found.state, "muon")["evidence"]
    failed = [row for row in rows if row["failure"] is not None]
    assert failed
    assert {row["rung"] for row in failed} == {"small"}
    assert counted(found.campaign)[0]["failed"] == len(failed)
    assert counted(found.campaign)[1]["failed"] == 0


def test_a_seed_is_compared_at_one_rung_only(ladder: World) -> None:
    """The same files and seed at two rungs are two things to measure."""
    ladder.propose("muon")
    found = ladder.integrate(budget=6)
    assert not_repeatable(found.record) == []
    first = next(a for a in found.campaign.asked() if a.trial.rung == "small" and a.tree)
    late = {**(found.campaign.finished[first.name].values or {}), "loss": math.pi}
    found.campaign.late[first.name] = [late]
    (row,) = not_repeatable(found.record)
    assert (row["trial"], row["other"]) == (first.name, first.name)
