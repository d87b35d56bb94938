from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.domain.stack import Rung
from mainstem.engine.views.transfer import transfer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conftest import World

EFFECTS = {"muon": (0.3, 0.3), "late": (-0.2, 0.2)}
"""What each does at the small rung and at the large one."""


def turning(content: frozenset[str], seed: int, rung: str) -> Mapping[str, float] | str:
    """Muon gains at both rungs, late loses at the small one and gains at the large one."""
    noise = np.random.default_rng([seed, len(rung), *"".join(sorted(content)).encode()])
    gain = sum(EFFECTS[p[:4]][rung == "large"] for p in content)
    return {"loss": 2.0 - gain + noise.normal(0.0, 0.01), "params": 1000.0}


def test_each_proposal_is_told_at_every_rung(make: Callable[..., World]) -> None:
    """Its own effects with runs and intervals, one of the same files that of the first."""
    world = make()
    world.stack = replace(world.stack, rungs=(Rung(name="small"), Rung(name="large", cost=8.0)))
    world.at_rung = turning
    world.trees.changes = {"muon-too": frozenset({"muon"})}
    world.propose("muon", "late", "muon-too")
    found = world.integrate(budget=24)
    told = transfer(world.stack, found.record, found.campaign, found.state)
    rows = {row["id"]: row["objectives"]["loss"] for row in told["proposals"]}
    assert list(rows) == ["muon", "late", "muon-too"]
    assert rows["muon"] == rows["muon-too"]
    assert rows["muon"]["holding"] == "held"
    small, large = rows["muon"]["effects"]
    assert (small["rung"], large["rung"]) == ("small", "large")
    assert small["gain"]["low"] <= 0.3 <= small["gain"]["high"]
    assert large["gain"]["low"] <= 0.3 <= large["gain"]["high"]
    held = [a.trial for a in found.campaign.asked() if "muon" in a.trial.recipe]
    assert small["runs"] == sum(t.rung == "small" for t in held)
    small, large = rows["late"]["effects"]
    assert small["gain"]["low"] <= -0.2 <= small["gain"]["high"]
    assert large["gain"]["low"] <= 0.2 <= large["gain"]["high"]
    assert rows["late"]["holding"] == "turned"
    assert {a["rung"] for a in told["agreement"]} == {"small"}
    loss = next(a for a in told["agreement"] if a["objective"] == "loss")
    assert loss["rank"]["low"] <= loss["rank"]["mean"] <= loss["rank"]["high"]
    assert 0 < loss["both"] <= loss["recipes"]


def test_one_rung_has_nothing_to_carry_over(world: World) -> None:
    """Nor has a ledger without a campaign, or one of other settings."""
    world.propose("muon", "bad")
    found = world.integrate(budget=8)
    told = transfer(world.stack, found.record, found.campaign, found.state)
    assert (told["known"], told["proposals"], told["agreement"]) == (True, [], [])
    unknown = transfer(world.stack, found.record, found.campaign, None)
    assert (unknown["known"], unknown["campaign"]) == (False, "c1")
    nothing = transfer(world.stack, found.record, None, None)
    assert (nothing["campaign"], nothing["rungs"]) == (None, [])
