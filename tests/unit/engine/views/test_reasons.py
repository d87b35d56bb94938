from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.engine.restore import restore
from mainstem.engine.views.reasons import why

if TYPE_CHECKING:
    from conftest import World


def test_a_verdict_keeps_its_evidence_over_a_merge(world: World) -> None:
    """Runs of earlier campaigns with a proposal stand as they were asked, the failed ones too."""
    well = world.outcome
    world.outcome = lambda content, seed: "boom" if "old" in content else well(content, seed)
    world.propose("muon", "old")
    world.integrate(budget=24)
    world.merge()
    world.propose("rope")
    record = world.integrate(budget=24).record
    first, campaign = record.campaigns["c1"], record.latest()
    assert campaign is not None
    assert campaign is not first
    found = why(world.stack, record, campaign, restore(world.stack, record, campaign), "old")
    assert found["verdict"] == "broken"
    ran = {
        asked.name: (asked.trial.recipe, result.failure)
        for asked, result in first.ended_trials()
        if "old" in asked.trial.recipe
    }
    earlier = [row for row in found["evidence"] if row["about"] == "earlier"]
    assert {row["trial"]: (frozenset(row["recipe"]), row["failure"]) for row in earlier} == ran
    assert earlier
    assert all(row["failure"]["what"].endswith("boom") for row in earlier)
    assert len(earlier) == found["inherited"]
