from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import GitError, TrunkFailedError, UsageError
from mainstem.domain.stack import Objective
from mainstem.domain.trial import Purpose
from mainstem.engine.campaign import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import World
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored

PROPOSALS = ("muon", "rope", "noise", "bad", "wide", "old")


def test_the_planted_proposals_get_the_verdicts_they_deserve(world: World) -> None:
    """Winners merge, a loser and a guard-breaker are shelved, a crashing partner is broken."""
    world.propose(*PROPOSALS)
    found = world.integrate(budget=70)
    verdicts = found.verdicts()
    assert found.state.integrator.recommend().confirmed
    assert verdicts["muon"] == verdicts["rope"] == "merge"
    assert verdicts["bad"] == verdicts["wide"] == "shelve"
    assert {p: v["kind"] for p, v in found.campaign.verdicts.items()} == verdicts


@pytest.mark.parametrize("deaths", [[1], [3, 6, 7], [5, 11, 2, 6, 1, 2]])
def test_a_killed_campaign_takes_the_course_of_the_undisturbed_one(
    make: Callable[..., World], deaths: list[int]
) -> None:
    """No trial is lost, none doubled; asks, results and verdicts are those without the kills."""
    calm, shot = make("calm"), make("shot")
    calm.propose(*PROPOSALS)
    shot.propose(*PROPOSALS)
    expected = calm.integrate(budget=50)
    ran: list[str] = []
    for death in deaths:
        part = shot.integrate(budget=50, die_after=death)
        assert part.died
        ran += part.ran
    rest = shot.integrate(budget=50)
    ran += rest.ran
    assert sorted(ran) == sorted(expected.ran)
    assert rest.asks() == expected.asks()
    assert {k: v.values for k, v in rest.campaign.finished.items()} == {
        k: v.values for k, v in expected.campaign.finished.items()
    }
    assert rest.verdicts() == expected.verdicts()


def test_who_keeps_what_it_has_worked_out_is_told_and_changes_nothing(
    make: Callable[..., World],
) -> None:
    """After each batch, with its line, and at the end, with every verdict written down."""
    calm, watched = make("calm"), make("watched")
    told: list[tuple[int, int, bool]] = []

    def keep(record: Record, campaign: CampaignRecord, state: Restored, *, last: bool) -> None:
        state.integrator.recommend()
        state.integrator.verdicts()
        told.append((record.seq, len(campaign.verdicts), last))

    shop = watched.shop
    watched.shop = lambda *words: replace(shop(*words), keep=keep)  # type: ignore[method-assign]  # a world's own
    for world in (calm, watched):
        world.propose("muon", "bad")
    expected, found = (world.integrate(budget=8) for world in (calm, watched))
    assert found.asks() == expected.asks()
    assert found.verdicts() == expected.verdicts()
    batches = [entry.seq for entry in _lines(watched, "batch-asked")]
    assert told == [*((seq, 0, False) for seq in batches), (found.record.seq, 2, True)]


def _lines(world: World, kind: str) -> list[Entry]:
    """The ledger's lines of a kind."""
    ledger = world.ledger()
    found = list(ledger.entries(kinds=[kind]))
    ledger.close()
    return found


def test_the_same_command_after_the_end_runs_nothing(world: World) -> None:
    """A campaign that has ended stays ended until the budget or the proposals change."""
    world.propose("muon", "bad")
    first = world.integrate(budget=40)
    again = world.integrate(budget=40)
    assert again.ran == []
    assert again.asks() == first.asks()


def test_a_campaign_keeps_the_batch_it_was_opened_with(make: Callable[..., World]) -> None:
    """Another batch, or none, on a campaign that goes on changes no ask."""
    calm, changed = make("calm"), make("changed")
    calm.propose("muon", "bad")
    changed.propose("muon", "bad")
    expected = calm.integrate(budget=30, batch=3)
    assert changed.integrate(budget=30, batch=3, die_after=5).died
    assert changed.integrate(budget=30, batch=7, die_after=5).died
    found = changed.integrate(budget=30, batch=None)
    assert found.campaign.batch == 3
    assert found.asks() == expected.asks()


def test_without_a_batch_a_new_campaign_takes_the_usual_one(world: World) -> None:
    """What is left to the campaign is written down like everything else."""
    world.propose("muon", "bad")
    found = world.integrate(budget=10, batch=None)
    assert found.campaign.batch == BATCH
    assert max(len(batch) for batch in found.campaign.batches) <= BATCH


def test_proposals_are_pinned_when_they_are_taken_in_and_when_they_enter_a_campaign(
    world: World,
) -> None:
    """A ledger may outlive the folder that keeps commits, so a campaign does not rely on it."""
    world.propose("muon", "bad")
    assert [names for _, names in world.trees.pinned] == [("muon", "bad")]
    world.integrate(budget=10)
    world.propose("rope")
    world.integrate(budget=12)
    names = [names for _, names in world.trees.pinned]
    assert names == [("muon", "bad"), ("muon", "bad"), ("rope",), ("rope",)]


def test_a_commit_that_is_gone_stops_a_campaign_before_it_opens(world: World) -> None:
    """Nothing is recorded; once the commit is back the same command opens it."""
    world.propose("muon", "bad")
    world.trees.lost = {"bad"}
    with pytest.raises(GitError):
        world.integrate(budget=10)
    world.trees.lost = set()
    assert world.integrate(budget=10).campaign.id == "c1"


def test_new_proposals_join_a_campaign_that_goes_on(world: World) -> None:
    """What was learnt stays; the newcomer is judged within the same campaign."""
    world.propose("muon", "bad")
    first = world.integrate(budget=40)
    world.propose("rope")
    second = world.integrate(budget=90)
    assert second.campaign.id == first.campaign.id
    assert second.asks()[: len(first.asks())] == first.asks()
    assert second.verdicts()["rope"] == "merge"


def test_another_seed_opens_another_campaign_that_inherits_the_evidence(world: World) -> None:
    """Seeds name campaigns; runs on the same trunk with the same setup count for all of them."""
    world.propose("muon", "bad")
    first = world.integrate(budget=40)
    second = world.integrate(budget=40, seed=1)
    assert second.campaign.id == "c2"
    assert len(second.campaign.inherited) == len(first.campaign.finished)


def test_a_conflict_found_when_first_needed_is_never_asked_for_again(world: World) -> None:
    """A set that git cannot merge is void, costs no budget, and stays forbidden."""
    world.trees.hidden = [frozenset({"muon", "rope"})]
    world.propose("muon", "rope", "bad")
    found = world.integrate(budget=60)
    together = [a for a in found.campaign.asked() if {"muon", "rope"} <= a.trial.recipe]
    assert together
    assert all(a.tree is None for a in together)
    assert not any(a.name in found.ran for a in together)
    batches = {a.name for batch in found.campaign.batches[-3:] for a in batch}
    assert not batches & {a.name for a in together}
    assert found.state.integrator.spent <= 60
    assert sorted(found.verdicts().values()) == ["merge", "rework", "shelve"]


def test_proposals_with_one_tree_share_their_trials_and_name_each_other(world: World) -> None:
    """Equal changes are one proposal to the search; both authors read of the other."""
    world.trees.changes = {"muon-again": frozenset({"muon"})}
    world.propose("muon", "muon-again", "bad")
    found = world.integrate(budget=40)
    assert not any("muon-again" in a.trial.recipe for a in found.campaign.asked())
    judged = dict(found.campaign.verdicts)
    assert judged["muon"]["kind"] == "merge"  # type: ignore[index]  # ids are strings here
    assert "muon-again" in judged["muon"]["others"]  # type: ignore[index]  # see above
    assert judged["muon-again"]["kind"] == "shelve"  # type: ignore[index]  # see above
    assert "muon" in judged["muon-again"]["reason"]  # type: ignore[index]  # see above


def test_a_stacked_branch_shares_the_trials_of_its_equal(world: World) -> None:
    """Where b holds a, {b} and {a, b} are one tree: a run of either counts for both."""
    world.trees.changes = {"rope": frozenset({"muon", "rope"})}
    world.propose("muon", "rope", "bad")
    found = world.integrate(budget=40)
    trees = {a.trial.recipe: a.tree for a in found.campaign.asked()}
    both, alone = frozenset({"muon", "rope"}), frozenset({"rope"})
    assert both not in trees or alone not in trees or trees[both] == trees[alone]
    recommended = found.state.integrator.recommend()
    assert recommended.confirmed
    assert "rope" in recommended.recipe


@pytest.mark.parametrize(
    ("said", "error", "code"),
    [
        ("Traceback: boom", TrunkFailedError, 3),
        ({"loss": float("nan"), "params": 1.0}, UsageError, 2),
        ({"params": 1.0}, UsageError, 2),
    ],
)
def test_a_trunk_that_cannot_be_measured_stops_the_campaign_and_counts_nothing(
    world: World, said: Any, error: type[Exception], code: int
) -> None:
    """One clear error; once the trunk is mended the same command goes on from the beginning."""
    world.propose("muon", "bad")
    good = world.outcome
    world.outcome = lambda content, seed: said if not content else good(content, seed)
    with pytest.raises(error, match="trunk") as caught:
        world.integrate(budget=30)
    assert caught.value.exit_code == code  # type: ignore[attr-defined]  # MainstemError has it
    world.outcome = good
    mended = world.integrate(budget=30)
    assert mended.verdicts()["muon"] == "merge"


def test_a_failing_proposal_is_evidence_and_the_campaign_goes_on(world: World) -> None:
    """NaN or a missing metric in a proposal's trial is a failed trial, never a number."""
    good = world.outcome
    world.outcome = lambda content, seed: (
        {"loss": float("nan"), "params": 1.0} if "bad" in content else good(content, seed)
    )
    world.propose("muon", "bad")
    found = world.integrate(budget=40)
    assert found.verdicts() == {"muon": "merge", "bad": "broken"}
    failures = [f for f in found.campaign.finished.values() if f.failure]
    assert failures
    assert all(f.failure and f.failure["cause"] == "metric-invalid" for f in failures)


def test_without_proposals_there_is_nothing_to_integrate(world: World) -> None:
    """The error says what to do first."""
    with pytest.raises(UsageError, match="mainstem propose"):
        world.integrate()


def test_other_settings_open_another_campaign(world: World) -> None:
    """A changed margin is another question: old verdicts do not answer it."""
    world.propose("muon", "bad")
    world.integrate(budget=30)
    objectives = (Objective("loss", margin=0.1), *world.stack.objectives[1:])
    world.stack = replace(world.stack, objectives=objectives)
    assert world.integrate(budget=30).campaign.id == "c2"


def test_a_percentage_of_zero_is_no_margin(world: World) -> None:
    """A guard that is 0 on the trunk cannot have a margin in percent; the line says what can be."""
    world.propose("muon")
    good = world.outcome
    world.outcome = lambda content, seed: {**_values(good(content, seed)), "params": 0.0}
    with pytest.raises(UsageError, match="'params' is 5% of the trunk's value, which is 0"):
        world.integrate(budget=30)


def test_an_older_campaign_goes_on_when_its_seed_is_named_again(world: World) -> None:
    """Campaigns are known by trunk, settings and seed; naming another seed loses none."""
    world.propose("muon", "bad")
    first = world.integrate(budget=40)
    world.integrate(budget=40, seed=1)
    again = world.integrate(budget=40)
    assert again.campaign.id == first.campaign.id
    assert again.ran == []
    assert again.verdicts() == first.verdicts()


def test_a_guard_that_is_constant_on_the_trunk_is_not_trusted_of_a_candidate(world: World) -> None:
    """The trunk never varies, the candidate breaks the guard in one run of three: no merge."""
    world.propose("muon")
    good = world.outcome

    def flaky(content: frozenset[str], seed: int) -> Any:
        values = dict(_values(good(content, seed)))
        return {**values, "params": 1000.0 + 500.0 * ("muon" in content and seed % 3 == 0)}

    world.outcome = flaky
    assert world.integrate(budget=60).verdicts()["muon"] != "merge"


def _values(said: Any) -> Any:
    """The values of an outcome that is no crash."""
    assert not isinstance(said, str)
    return said


def test_both_halves_of_a_pair_are_sent_with_one_name(world: World) -> None:
    """So that an executor can keep them on one kind of host; search trials have none."""
    world.propose(*PROPOSALS)
    found = world.integrate(budget=70)
    named = {job.trial: job.pair for job in found.jobs}
    pairs: dict[int, set[str]] = {}
    for asked in found.campaign.asked():
        if asked.trial.purpose is Purpose.CONFIRM:
            pairs.setdefault(asked.trial.seed, set()).add(named[asked.name])
        else:
            assert named[asked.name] == ""
    assert pairs
    assert all(len(names) == 1 and names != {""} for names in pairs.values())
    assert len(set().union(*pairs.values())) == len(pairs)
