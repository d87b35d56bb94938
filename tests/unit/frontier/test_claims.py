from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.verdict import Verdict, VerdictKind
from mainstem.frontier.claims import POSTERIOR, Status, _Effect, _reason, _status, claims
from tests.unit.frontier.conftest import bring, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.engine.conftest import World


def found(world: World) -> dict[str, dict[str, Any]]:
    """What has become of each claim."""
    now = seen(world)
    return {row["id"]: row for row in claims(now.stack, now.record, now.latest)}


def test_a_claim_is_only_that_until_something_has_run(world: World) -> None:
    """And a proposal without a reference claims nothing here."""
    bring(world, "muon", 0.3)
    world.propose("rope")
    (row,) = found(world).values()
    assert (row["status"], row["runs"]["search"], row["gain"]) == (Status.CLAIMED, [], None)
    assert row["reason"] == "nothing has run with it"


def test_claims_are_told_apart_by_what_was_confirmed(world: World) -> None:
    """Muon gains 0.30, and 0.2 was claimed. Rope gains half of its claim. Bad loses."""
    bring(world, "muon", 0.2)
    bring(world, "rope", 0.4)
    bring(world, "bad", 0.1)
    done = world.integrate(budget=60)
    assert done.verdicts()["muon"] == "merge"
    for merged in (False, True):
        rows = found(world)
        assert rows["muon"]["status"] is Status.REPRODUCED
        assert rows["muon"]["confirmed"]
        assert rows["muon"]["least"] == pytest.approx(0.15)
        assert rows["muon"]["gain"]["low"] >= 0.15
        assert rows["rope"]["status"] is Status.NOT_REPRODUCED
        assert "a gain is confirmed, and it is smaller than claimed" in rows["rope"]["reason"]
        assert rows["bad"]["status"] is Status.NOT_REPRODUCED
        if not merged:
            world.merge()


def test_the_runs_behind_each_are_named(world: World) -> None:
    """Those with the proposal, by what they were for, and the failed ones apart."""
    bring(world, "muon", 0.3)
    world.propose("old")
    done = world.integrate(budget=40)
    runs = found(world)["muon"]["runs"]
    with_it = {a.name: r for a, r in done.campaign.ended_trials() if "muon" in a.trial.recipe}
    assert sorted(t for trials in runs.values() for t in trials) == sorted(with_it)
    assert set(runs["failed"]) == {name for name, r in with_it.items() if r.values is None}
    assert runs["confirmation"]


def test_search_alone_reproduces_nothing(world: World) -> None:
    """However clear the posterior is: fresh pairs do."""
    bring(world, "muon", 0.3)
    world.integrate(budget=4)
    row = found(world)["muon"]
    assert not row["confirmed"]
    assert row["status"] is Status.UNDECIDED


def test_what_does_not_run_is_not_reproduced(world: World) -> None:
    """Whatever it would gain."""
    world.outcome = lambda content, seed: (
        "boom" if "muon" in content else {"loss": 2.0 + 1e-3 * (seed % 7), "params": 1000.0}
    )
    bring(world, "muon", 0.3)
    world.integrate(budget=12)
    row = found(world)["muon"]
    assert row["status"] is Status.NOT_REPRODUCED
    assert row["reason"].startswith("it does not run")
    assert row["runs"]["failed"]


def test_a_claim_that_was_confirmed_alone_rests_on_its_pairs(make: Callable[[str], World]) -> None:
    """The merge's own gain, from fresh pairs; of a set the posterior of each member."""
    alone, together = make("alone"), make("together")
    bring(alone, "muon", 0.3)
    alone.integrate(budget=30)
    assert found(alone)["muon"]["rests_on"] == "fresh pairs"
    assert alone.merge() == ["muon"]
    row = found(alone)["muon"]
    assert (row["rests_on"], row["status"]) == ("fresh pairs", Status.REPRODUCED)
    (merge,) = seen(alone).record.merges
    assert row["gain"]["mean"] == merge["gain"]["loss"]["mean"]
    bring(together, "muon", 0.3)
    together.propose("rope")
    together.integrate(budget=60)
    assert sorted(together.merge()) == ["muon", "rope"]
    assert found(together)["muon"]["rests_on"] == "posterior"


@pytest.mark.parametrize(
    ("kind", "confirmed", "low", "high", "status", "said"),
    [
        ("merge", True, 0.26, 0.40, Status.REPRODUCED, "confirmed on fresh pairs"),
        ("open", False, 0.26, 0.40, Status.UNDECIDED, "no fresh pairs have confirmed it"),
        ("merge", False, 0.26, 0.40, Status.UNDECIDED, "no fresh pairs have confirmed it"),
        ("merge", True, 0.24, 0.40, Status.UNDECIDED, "may lie on either side of 0.25"),
        ("merge", True, 0.10, 0.24, Status.NOT_REPRODUCED, "it is smaller than claimed"),
        ("shelve", False, -0.1, 0.24, Status.NOT_REPRODUCED, "surely below 0.25"),
        ("merge", True, None, None, Status.UNDECIDED, "may lie on either side"),
        ("broken", False, 0.26, 0.40, Status.NOT_REPRODUCED, "it does not run: boom"),
    ],
)
def test_every_status_is_as_defined(
    kind: str, low: float | None, high: float | None, status: Status, said: str, *, confirmed: bool
) -> None:
    """Of an effect that has to be 0.25 or more; a force confirms nothing."""
    verdict = Verdict(kind=VerdictKind(kind), reason="boom")
    effect = _Effect(value={"low": low, "high": high}, margin=0.05, rests_on=POSTERIOR)
    assert _status(verdict, effect, 0.25, confirmed=confirmed, ran=True) is status
    assert said in _reason(status, verdict, effect, 0.25, confirmed=confirmed)
