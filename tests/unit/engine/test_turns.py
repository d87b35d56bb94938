"""Fair shares in whole campaigns: who waits, for how long, and that names change nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mainstem.decisions.shares import Claims
from mainstem.engine import record as records
from mainstem.engine.record import fold
from mainstem.people.reviews import REVIEW_GIVEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conftest import Campaigned, World
    from mainstem.domain.proposal import Proposal

OTHERS = ("muon", "bad")
FLOOD = tuple(f"flood-{number}" for number in range(5))
FILED = (FLOOD[0], *OTHERS, *FLOOD[1:])
OWNERS = {"muon": "ada", "bad": "bob"} | dict.fromkeys(FLOOD, "eve")


def outcome(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
    """Muon gains, bad loses, and a flood does nothing."""
    noise = np.random.default_rng(seed).normal(0.0, 0.02)
    loss = 2.0 - 0.3 * ("muon" in content) + 0.4 * ("bad" in content)
    return {"loss": loss + noise, "params": 1000.0}


def claims_of(owners: Mapping[str, str], least_line: int) -> Callable[[Sequence[Proposal]], Claims]:
    """Claims of named owners, numbered as they come."""

    def found(proposals: Sequence[Proposal]) -> Claims:
        number: dict[str, int] = {}
        of = [number.setdefault(owners[p.id], len(number)) for p in proposals]
        return Claims(owners=[{owner: 1.0} for owner in of], weights={}, least_line=least_line)

    return found


def run(
    world: World,
    owners: Mapping[str, str] | None,
    *,
    budget: int | None,
    least_line: int = 1,
    die_after: int | None = None,
) -> Campaigned:
    """Runs a campaign with owners; `None` shares nothing out."""
    world.outcome = outcome
    plain = world.shop
    if owners is not None:
        claims = claims_of(owners, least_line)
        world.shop = lambda *doors: replace(plain(*doors), claims_of=claims)  # type: ignore[method-assign]  # this world's
    try:
        return world.integrate(budget=budget, die_after=die_after)
    finally:
        world.shop = plain  # type: ignore[method-assign]  # as it was


def joined(found: Campaigned) -> list[str]:
    """The campaign's proposals, in the order of their entering."""
    return list(map(str, found.campaign.proposals))


def test_a_flood_waits_until_the_others_are_decided(make: Callable[..., World]) -> None:
    """The first part is the campaign that there is beside one of the flood, trial by trial."""
    flooded, alone = make("flooded"), make("alone")
    flooded.propose(*FILED)
    alone.propose(FLOOD[0], *OTHERS)
    found = run(flooded, OWNERS, budget=None)
    expected = run(alone, None, budget=None)
    first = expected.asks()
    assert found.asks()[: len(first)] == first
    assert joined(found) == list(FILED)
    assert len(found.asks()) > len(first)
    verdicts = found.verdicts()
    assert [verdicts[p] for p in OTHERS] == [expected.verdicts()[p] for p in OTHERS]
    assert [verdicts[p] for p in OTHERS] == ["merge", "shelve"]
    assert "open" not in verdicts.values()


def test_the_others_verdicts_stand_when_the_flood_enters(world: World) -> None:
    """A line of the ledger for each, before the one that lets the next in."""
    world.propose(*FILED)
    run(world, OWNERS, budget=None)
    kinds = [
        (entry.kind, entry.body.get("proposal"))
        for entry in world.ledger().entries()
        if entry.kind in {records.VERDICT, records.CAMPAIGN_JOINED}
    ]
    first = kinds.index((records.CAMPAIGN_JOINED, None))
    assert {proposal for _, proposal in kinds[:first]} == {FLOOD[0], *OTHERS}


def test_those_who_wait_have_their_part_of_the_budget(world: World) -> None:
    """Equal claims of three: four of five of one third are kept, so all are decided in the end."""
    world.propose(*FILED)
    found = run(world, OWNERS, budget=90)
    lines = [e.body for e in world.ledger().entries(kinds=[records.CAMPAIGN_OPENED])]
    assert lines[0]["until"] == 90 - int(90 * 4 / 15)
    assert found.campaign.until == 90
    assert joined(found) == list(FILED)
    assert found.campaign.ended
    assert len(found.ran) <= 90


def test_a_larger_budget_lets_nobody_in_before_their_turn(make: Callable[..., World]) -> None:
    """A campaign whose budget was too small goes on with those who are in it."""
    small, large = make("small"), make("large")
    for world in (small, large):
        world.propose(*FILED)
    assert joined(run(small, OWNERS, budget=4)) == [FLOOD[0], *OTHERS]
    found, expected = run(small, OWNERS, budget=None), run(large, OWNERS, budget=None)
    assert joined(found) == joined(expected) == list(FILED)
    verdicts = found.verdicts()
    assert [verdicts[p] for p in OTHERS] == [expected.verdicts()[p] for p in OTHERS]


def test_without_claims_all_enter_at_once(world: World) -> None:
    """No file, no turns: the ledger's lines are those of before."""
    world.propose(*FILED)
    found = run(world, None, budget=40)
    (opened,) = world.ledger().entries(kinds=[records.CAMPAIGN_OPENED])
    assert opened.body["proposals"] == list(FILED)
    assert "until" not in opened.body
    assert found.campaign.until == 40


def test_a_line_that_is_too_short_changes_no_line_of_the_ledger(
    make: Callable[..., World],
) -> None:
    """Four would wait where forty are asked for: the campaign is that without shares."""
    assert course(make("short"), OWNERS, least_line=40) == course(make("off"), None)


@pytest.mark.parametrize("deaths", [[1], [7, 11], [4, 30, 2]])
def test_a_killed_campaign_takes_turns_as_the_undisturbed_one(
    make: Callable[..., World], deaths: list[int]
) -> None:
    """Whoever enters when stands in the ledger, or follows from it."""
    calm, shot = make("calm"), make("shot")
    calm.propose(*FILED)
    shot.propose(*FILED)
    expected = run(calm, OWNERS, budget=80)
    for death in deaths:
        assert run(shot, OWNERS, budget=80, die_after=death).died
    found = run(shot, OWNERS, budget=80)
    assert found.asks() == expected.asks()
    assert found.verdicts() == expected.verdicts()
    assert joined(found) == joined(expected)


def test_a_kill_between_two_turns_loses_nobody(make: Callable[..., World]) -> None:
    """Those who wait enter when the campaign has ended and the same command is given again."""
    world, calm = make("cut"), make("calm")
    for each in (world, calm):
        each.outcome = outcome
        each.propose(*FILED)
    expected = run(calm, OWNERS, budget=None)
    lines = list(calm.ledger().entries())
    cut = next(at for at, entry in enumerate(lines) if entry.kind == records.CAMPAIGN_JOINED)
    ledger = world.ledger()
    written = len(list(ledger.entries()))
    ledger.append([(entry.kind, entry.body) for entry in lines[written:cut]])
    assert fold(ledger.entries()).latest().ended  # type: ignore[union-attr]  # there is one
    found = run(world, OWNERS, budget=None)
    assert found.asks() == expected.asks()
    assert found.verdicts() == expected.verdicts()


# Each example has two worlds of its own in the one folder.
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(), min_size=3, max_size=3, unique=True))
def test_names_change_no_ask_trial_or_verdict(make: Callable[..., World], names: list[str]) -> None:
    """Whole campaigns, bit by bit: who filed what together is kept, everything else may change."""
    renamed = dict(zip(["ada", "bob", "eve"], names, strict=True))
    other = {proposal: renamed[owner] for proposal, owner in OWNERS.items()}
    number = len(MADE)
    MADE.append(number)
    expected = course(make(f"named {number}"), OWNERS)
    assert course(make(f"renamed {number}"), other) == expected


MADE: list[int] = []


def course(
    world: World, owners: Mapping[str, str] | None, *, least_line: int = 1
) -> list[tuple[str, object]]:
    """Every line of a campaign's ledger, but for what the clock says."""
    world.propose(*FILED)
    run(world, owners, budget=60, least_line=least_line)
    return [(entry.kind, dict(entry.body)) for entry in world.ledger().entries()]


def test_reviews_change_no_ask_trial_or_verdict(make: Callable[..., World]) -> None:
    """However sure and however many: lines of a campaign are the same with and without."""
    plain, advised = make("plain"), make("advised")

    def advise(merge: float) -> None:
        ledger = advised.ledger()
        lines = [
            {
                "proposal": p,
                "merge": merge,
                "effects": {"loss": 9.0},
                "note": "",
                "by": "k",
                "seen": {},
            }
            for p in FILED
        ]
        ledger.append([(REVIEW_GIVEN, line) for line in lines])
        ledger.close()

    for world in (plain, advised):
        world.propose(*FILED)
    advise(1.0)
    for death in (5, 9):
        assert run(advised, OWNERS, budget=60, die_after=death).died
        advise(0.0)
    found, expected = run(advised, OWNERS, budget=60), run(plain, OWNERS, budget=60)
    assert found.asks() == expected.asks()
    assert found.verdicts() == expected.verdicts()
    lines = [
        sorted([(e.kind, str(e.body)) for e in world.ledger().entries() if e.kind != REVIEW_GIVEN])
        for world in (plain, advised)
    ]
    assert lines[0] == lines[1]
