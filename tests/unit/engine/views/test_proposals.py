from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views.proposals import tally

if TYPE_CHECKING:
    from conftest import World


def test_runs_are_counted_at_once_as_one_by_one(world: World) -> None:
    """Those of the campaign and those from before it, with the tree of a twin, without failures."""
    world.trees.changes = {"twin": frozenset({"rope"})}
    world.propose("muon", "old", "rope", "twin")
    world.integrate(budget=24)
    world.merge()
    world.propose("bad")
    found = world.integrate(budget=24)
    record, campaign = found.record, found.record.latest()
    assert campaign is not None
    state = restore(world.stack, record, campaign)
    counts = tally(campaign, state)
    runs = [(a.trial.recipe, r.values) for a, r in campaign.ended_trials()]
    before = [(frozenset(row["recipe"]), row["values"]) for row in campaign.inherited]
    assert before
    for proposal in record.proposals:
        first = state.aliases.same_as.get(proposal, proposal)
        same = {first, *(p for p, f in state.aliases.same_as.items() if f == first)}
        held = [values for recipe, values in runs if proposal in recipe]
        assert counts.trials.get(proposal, 0) == len(held)
        good = [v for recipe, v in (*runs, *before) if same & recipe and v is not None]
        assert counts.measured(proposal) == len(good)
    first = record.campaigns["c1"]
    assert any(r.values is None for r in first.finished.values())
    assert tally(first, None).measured("rope") > 0
    assert tally(None, None).measured("rope") == 0


def test_without_a_state_proposals_stand_for_themselves(world: World) -> None:
    """As after other settings: what shares a tree is not known."""
    world.trees.changes = {"twin": frozenset({"rope"})}
    world.propose("rope", "twin")
    world.integrate(budget=8)
    ledger = world.ledger()
    campaign = fold(ledger.entries()).latest()
    ledger.close()
    assert tally(campaign, None).measured("twin") == 0
    assert tally(campaign, None).measured("rope") > 0
