"""Vetoes, forces and withdrawals: what they keep out and let in, and that evidence decides else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import NothingToDoError, UsageError
from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import Conflict, ProposalId
from mainstem.engine import record as records
from mainstem.engine.overriding import clash, override
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views.prices import overrides, price

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Campaigned, World

VETO, FORCE, LIFT = OverrideKind.VETO, OverrideKind.FORCE, OverrideKind.LIFT
BUDGET = 60


def say(world: World, proposal: str, kind: OverrideKind, reason: str = "so it is") -> Any:
    """Overrides a proposal, priced as the command does it."""
    ledger = world.ledger()
    record = fold(ledger.entries())
    campaign = record.latest()
    state = None if campaign is None else restore(world.stack, record, campaign)
    tree = world.trees.tree(world.trunk, [])
    try:
        return override(
            ledger,
            record,
            proposal,
            kind,
            reason=reason,
            by="token",
            price=lambda known, name: price(
                world.stack, known, (campaign, state), name, kind, trunk=world.trunk, tree=tree
            ),
        )
    finally:
        ledger.close()


def standing(world: World) -> dict[str, Any]:
    """The overrides that stand, with their prices now."""
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    campaign = record.latest()
    state = None if campaign is None else restore(world.stack, record, campaign)
    tree = world.trees.tree(world.trunk, [])
    found = overrides(world.stack, record, (campaign, state), trunk=world.trunk, tree=tree)
    return {row["proposal"]: row for row in found["overrides"]}


def asked_after(found: Campaigned, before: Campaigned) -> list[tuple[str, ...]]:
    """The recipes that were asked since."""
    return [recipe for _, recipe, _, _ in found.asks()[len(before.asks()) :]]


def test_a_vetoed_proposal_is_asked_for_no_more_and_merged_by_nobody(world: World) -> None:
    """The set that held it stands no more; another without it is confirmed on fresh pairs."""
    world.propose("muon", "rope", "bad")
    before = world.integrate(budget=BUDGET)
    assert before.verdicts() == {"muon": "merge", "rope": "merge", "bad": "shelve"}
    assert say(world, "rope", VETO)["replaces"] is None
    with pytest.raises(NothingToDoError, match=r"not stand any more: rope \(vetoed\)"):
        world.plan_merge()
    found = world.integrate(budget=BUDGET + 60)
    assert asked_after(found, before)
    assert not any("rope" in recipe for recipe in asked_after(found, before))
    assert found.verdicts() == {"muon": "merge", "rope": "shelve", "bad": "shelve"}
    assert world.merge() == ["muon"]


def test_a_lifted_veto_is_as_if_it_had_not_been(world: World) -> None:
    """The evidence of before is there again, and decides."""
    world.propose("muon", "rope", "bad")
    before = world.integrate(budget=BUDGET)
    say(world, "rope", VETO)
    assert say(world, "rope", LIFT)["replaces"] is VETO
    found = world.integrate(budget=BUDGET)
    assert found.ran == []
    assert found.verdicts() == before.verdicts()
    assert standing(world) == {}


def test_a_veto_reaches_a_campaign_that_is_under_way(world: World) -> None:
    """No trial is asked with it from the next batch on."""
    world.propose("muon", "rope", "bad")
    heard: list[int] = []
    measure = world.outcome

    def measured(content: frozenset[str], seed: int) -> Any:
        heard.append(seed)
        if len(heard) == 6:
            say(world, "rope", VETO)
        return measure(content, seed)

    world.outcome = measured
    found = world.integrate(budget=BUDGET)
    batches = [[set(a.trial.recipe) for a in batch] for batch in found.campaign.batches]
    started = next(at for at, batch in enumerate(batches) if sum(map(len, batches[: at + 1])) >= 6)
    assert any("rope" in recipe for batch in batches[: started + 1] for recipe in batch)
    assert not any("rope" in recipe for batch in batches[started + 1 :] for recipe in batch)
    assert found.verdicts()["muon"] == "merge"


def test_the_price_of_a_veto_is_what_the_set_loses(world: World) -> None:
    """Planted: rope gains .2 of a loss, and bad is in no set that is any good."""
    world.propose("muon", "rope", "bad")
    world.integrate(budget=BUDGET)
    said = say(world, "rope", VETO)["price"]
    assert (said["with"], said["without"]) == (["muon"], ["muon", "rope"])
    lost = said["difference"]["loss"]
    assert lost["low"] <= -0.2 <= lost["high"] < 0.0
    assert said["value"]["mean"] == pytest.approx(lost["mean"] / 0.05, rel=0.2)
    assert said["runs"]["low"] > 0.0
    nothing = say(world, "bad", VETO)["price"]
    assert nothing["with"] == nothing["without"]
    assert nothing["difference"]["loss"]["low"] == nothing["difference"]["loss"]["high"] == 0.0
    assert nothing["runs"]["mean"] == 0.0


def test_pricing_goes_on_when_the_trunk_has_moved(world: World) -> None:
    """The vetoed proposal is in no later campaign, and its runs of before still say what it is."""
    world.propose("muon", "rope", "bad")
    world.integrate(budget=BUDGET)
    say(world, "rope", VETO)
    world.integrate(budget=BUDGET + 60)
    world.merge()
    world.propose("noise")
    found = world.integrate(budget=BUDGET)
    assert found.campaign.id == "c2"
    assert "rope" not in found.campaign.proposals
    now = standing(world)["rope"]["price"]
    assert now["without"] == ["rope"]
    assert now["difference"]["loss"]["low"] <= -0.2 <= now["difference"]["loss"]["high"]


def test_what_is_forced_is_merged_after_what_is_confirmed(world: World) -> None:
    """Its commit says that no evidence confirmed it; its price is a loss before and after."""
    world.propose("muon", "rope", "bad")
    world.integrate(budget=BUDGET)
    said = say(world, "bad", FORCE, "the export\nneeds it")["price"]
    assert (said["with"], said["without"]) == (["muon", "rope", "bad"], ["muon", "rope"])
    assert said["difference"]["loss"]["high"] < 0.0
    plan = world.plan_merge()
    assert [step.proposal.id for step in plan.steps] == ["muon", "rope", "bad"]
    assert plan.forced == ("bad",)
    message = plan.steps[-1].message
    assert "Forced, not confirmed: the export needs it" in message
    assert "fresh pairs" not in message
    assert all("Forced" not in step.message for step in plan.steps[:-1])
    world.merge()
    now = standing(world)["bad"]
    assert now["merged"]
    assert now["price"]["difference"]["loss"]["low"] <= -0.4
    with pytest.raises(UsageError, match="is in the trunk"):
        say(world, "bad", LIFT)


def test_who_forces_hears_of_what_git_cannot_merge(make: Callable[..., World]) -> None:
    """At once, and not when everybody waits for the merge; nothing of who is in no set."""
    world = make(conflicting=[("muon", "bad"), ("rope", "noise"), ("bad", "noise")])
    world.propose("muon", "rope", "bad", "noise")
    world.integrate(budget=BUDGET)
    assert say(world, "muon", VETO)["in_the_way"] == []
    assert say(world, "muon", LIFT)["in_the_way"] == []
    assert say(world, "bad", FORCE)["in_the_way"] == ["muon"]
    assert say(world, "noise", FORCE)["in_the_way"] == ["rope", "bad"]


def test_a_clash_names_what_is_forced_in_it() -> None:
    """And nothing else that is forced: that would be rebased for nothing."""
    conflict = Conflict(proposals=frozenset({ProposalId("a"), ProposalId("b")}), paths=("net.cfg",))
    said = clash(conflict, ("b", "c"))
    assert "merge a and b together (net.cfg), and b is forced: rebase its branch and" in said
    assert "and a and b are forced: rebase one of" in clash(conflict, ("a", "b"))


def test_what_is_forced_is_merged_even_if_nothing_is_confirmed(world: World) -> None:
    """And what is confirmed and forced at once is merged once, with its evidence."""
    world.propose("bad", "noise")
    world.integrate(budget=24)
    say(world, "noise", FORCE)
    plan = world.plan_merge()
    assert plan.forced == ("noise",)
    assert plan.confirmation is None
    world.merge()
    with pytest.raises(NothingToDoError):
        world.plan_merge()


def test_a_forced_merge_says_why_nothing_else_is_merged(world: World) -> None:
    """The confirmed set holds what was vetoed since: nobody wonders where it went."""
    world.propose("muon", "rope", "noise")
    world.integrate(budget=BUDGET)
    say(world, "rope", VETO)
    say(world, "noise", FORCE)
    plan = world.plan_merge()
    assert [step.proposal.id for step in plan.steps] == ["noise"]
    assert "rope (vetoed)" in plan.unconfirmed


def test_what_crashes_alone_is_forced_without_a_price(world: World) -> None:
    """Nobody can say what it costs, and the ledger says so."""
    measure = world.outcome
    world.outcome = lambda content, seed: (
        "RuntimeError" if "boom" in content else measure(content, seed)
    )
    world.propose("muon", "boom")
    assert world.integrate(budget=40).verdicts()["boom"] == "broken"
    assert say(world, "boom", FORCE)["price"] is None


def test_a_forced_member_of_the_confirmed_set_needs_no_force(world: World) -> None:
    """It is merged as what it is: confirmed."""
    world.propose("muon", "rope", "bad")
    world.integrate(budget=BUDGET)
    say(world, "muon", FORCE)
    plan = world.plan_merge()
    assert plan.forced == ()
    assert plan.confirmation is not None


def test_a_veto_is_of_a_change_whoever_filed_it_too(world: World) -> None:
    """The same tree under another name is kept out with it, and says why."""
    world.trees.changes = {"twin": frozenset({"rope"})}
    world.propose("muon", "rope", "twin")
    before = world.integrate(budget=BUDGET)
    say(world, "twin", VETO)
    found = world.integrate(budget=BUDGET + 60)
    assert not any({"rope", "twin"} & set(recipe) for recipe in asked_after(found, before))
    assert found.verdicts() == {"muon": "merge", "rope": "shelve", "twin": "shelve"}


@pytest.mark.parametrize(
    ("proposal", "kind", "reason", "message"),
    [
        ("muno", VETO, "so", "no proposal 'muno'; there are: muon, rope, bad"),
        ("muon", VETO, "  ", "needs a reason"),
        ("muon", LIFT, "so", "nothing to lift: muon is neither vetoed, forced nor withdrawn"),
        ("rope", VETO, "again", r"rope is vetoed already \(line \d+ of the ledger\): so it is"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    world: World, proposal: str, kind: OverrideKind, reason: str, message: str
) -> None:
    """Each message names the proposal and what to know."""
    world.propose("muon", "rope", "bad")
    say(world, "rope", VETO)
    ledger = world.ledger()
    before = ledger.end()
    with pytest.raises(UsageError, match=message):
        say(world, proposal, kind, reason)
    assert ledger.end() == before
    ledger.close()


def test_nothing_is_forced_before_its_price_can_be_known(world: World) -> None:
    """Nor what git cannot merge with the trunk."""
    world.propose("muon")
    with pytest.raises(UsageError, match="before any campaign"):
        say(world, "muon", FORCE)


def test_who_says_it_changes_nothing_but_the_token(world: World) -> None:
    """The line holds a token, a reason and a price: no name."""
    world.propose("muon", "rope")
    world.integrate(budget=24)
    say(world, "rope", VETO)
    ledger = world.ledger()
    (line,) = ledger.entries(kinds=(records.OVERRIDE,))
    ledger.close()
    assert set(line.body) == {"proposal", "kind", "reason", "by", "campaign", "price"}
    assert line.body["by"] == "token"
