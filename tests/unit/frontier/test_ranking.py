from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.domain.proposal import ProposalId
from mainstem.domain.verdict import Estimate, Verdict, VerdictKind
from mainstem.frontier import ranking
from mainstem.frontier.ranking import Prospect, closes
from tests.unit.frontier.conftest import seen

if TYPE_CHECKING:
    from tests.unit.engine.conftest import World


def gain(mean: float, half: float) -> Estimate:
    """A gain with a 90% interval of so much on either side."""
    return Estimate(mean=mean, low=mean - half, high=mean + half)


@pytest.mark.parametrize(
    ("mean", "half", "gap"), [(0.3, 0.1, 1.0), (0.0, 0.5, 0.3), (-0.4, 0.4, 1.0), (2.0, 1.0, 1.0)]
)
def test_the_expected_part_is_that_of_draws(mean: float, half: float, gap: float) -> None:
    """Of a normal gain, cut at 0 and at the gap, by drawing two million."""
    draws = np.random.default_rng(2).normal(mean, half / 1.644854, 2_000_000)
    expected = float(np.clip(draws, 0.0, gap).mean())
    assert closes(gain(mean, half), gap) == pytest.approx(expected, abs=0.001)


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0.01, 5))
def test_no_proposal_closes_more_than_the_gap(mean: float, half: float, gap: float) -> None:
    """Nor less than nothing."""
    assert 0.0 <= closes(gain(mean, half), gap) <= gap


def test_what_is_known_exactly_is_cut_exactly() -> None:
    """Also where no interval is known."""
    assert closes(gain(0.2, 0.0), 1.0) == 0.2
    assert closes(gain(2.0, 0.0), 1.0) == 1.0
    assert closes(Estimate(mean=-1.0, low=None, high=None), 1.0) == 0.0


def prospect(name: str, mean: float, cost: float | None) -> Prospect:
    """One proposal."""
    return Prospect(
        id=ProposalId(name),
        verdict=Verdict(kind=VerdictKind.OPEN, reason=""),
        gain={"loss": gain(mean, 0.0)},
        runs=1,
        pairs=cost,
        cost=cost,
    )


def test_most_for_its_cost_comes_first() -> None:
    """A small step that is cheap to prove beats a large dear one; what cannot be proved is last."""
    found = [
        prospect("dear", 0.5, 100.0),
        prospect("never", 0.9, None),
        prospect("cheap", 0.2, 10.0),
        prospect("beyond", 9.0, 20.0),
    ]
    order = [(one.id, part) for one, part in ranking.ranked(found, "loss", 0.6)]
    assert order == [("beyond", 0.6), ("cheap", 0.2), ("dear", 0.5), ("never", 0.6)]


def looked(world: World) -> dict[str, Prospect]:
    """The prospects of a world as it stands, by proposal."""
    now = seen(world)
    args = {"trunk": now.trunk, "tree": now.tree}
    return {one.id: one for one in ranking.prospects(now.stack, now.record, now.latest, **args)}


def test_what_is_still_to_be_had_is_ranked(world: World) -> None:
    """Open and shelved ones; what is confirmed, merged or broken is not, before or after."""
    assert looked(world) == {}
    world.propose("muon", "rope", "noise", "bad")
    done = world.integrate(budget=60)
    kinds = done.verdicts()
    found = looked(world)
    assert set(found) == {p for p, kind in kinds.items() if kind in {"open", "shelve"}}
    assert found["bad"].gain["loss"].mean < -0.2
    assert found["bad"].pairs is None
    assert found["bad"].runs > 0
    merged = world.merge()
    assert "muon" in merged
    after = looked(world)
    assert not set(after) & set(merged)
    assert after["bad"].gain["loss"].mean < -0.2


def test_the_cost_is_that_of_its_pairs(world: World) -> None:
    """Two trials a pair, in the unit of the rungs; a gain that is plain takes few."""
    world.propose("muon")
    world.integrate(budget=6)
    (one,) = looked(world).values()
    assert one.pairs is not None
    assert one.cost == 2.0 * one.pairs
    assert 3 <= one.pairs < 30
