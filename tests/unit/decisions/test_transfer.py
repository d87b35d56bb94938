"""Transfer: whether what small runs say holds where it counts."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem import Integrator, Objective
from mainstem.domain.transfer import Holding

NAMES = ("holds", "turns", "nothing", "new")
SMALL = {"holds": 6.0, "turns": 5.0, "nothing": 0.0, "new": -4.0}
LARGE = {"holds": 3.0, "turns": -4.0, "nothing": 0.0, "new": -2.0}


def value(recipe: frozenset[str], effects: dict[str, float], seed: int) -> float:
    """A loss: what is gained is subtracted, and noise of a tenth of a margin is added."""
    noise = 0.1 * float(np.random.default_rng(seed).normal())
    return 20.0 - sum(effects[p] for p in recipe) + noise


def seen(*, above: bool = True) -> Integrator:
    """Four seeds of the trunk and of every single proposal at both rungs, or below alone."""
    integrator = Integrator(
        proposals=NAMES,
        objectives=[Objective("loss", margin=1.0, unit="nats")],
        rungs={"small": 1.0, "large": 10.0},
    )
    recipes = [frozenset[str](), *(frozenset({p}) for p in NAMES)]
    for number, recipe in enumerate(recipes * 4):
        integrator.observe(recipe, number, {"loss": value(recipe, SMALL, number)}, rung="small")
        if above or not recipe:
            loss = {"loss": value(recipe, LARGE, number + 100)}
            integrator.observe(recipe, number + 100, loss, rung="large")
    return integrator


def test_what_held_and_what_turned_is_told_apart() -> None:
    """By the signs at both rungs, where both are known; what does nothing has nothing to hold."""
    found = {t.proposal: t for t in seen().transfer()}
    assert {p: t.holding for p, t in found.items()} == {
        "holds": Holding.HELD,
        "turns": Holding.TURNED,
        "nothing": Holding.NONE,
        "new": Holding.HELD,
    }
    for proposal, transfer in found.items():
        small, large = transfer.effects
        assert (small.rung, large.rung) == ("small", "large")
        assert small.effect.mean == pytest.approx(SMALL[proposal], abs=0.5)
        assert large.effect.mean == pytest.approx(LARGE[proposal], abs=0.5)
        assert (small.runs, large.runs) == (4, 4)
        assert large.effect.unit == "nats"


def test_what_only_small_runs_know_is_open() -> None:
    """Above it is guessed: the interval is wide, and nothing is said to have held."""
    known, guessed = seen().transfer(), seen(above=False).transfer()
    for one, other in zip(known, guessed, strict=True):
        assert other.effects[0].effect.mean == pytest.approx(one.effects[0].effect.mean, abs=0.5)
        wide, narrow = other.effects[1].effect, one.effects[1].effect
        assert wide.low is not None
        assert wide.high is not None
        assert narrow.low is not None
        assert narrow.high is not None
        assert wide.high - wide.low > narrow.high - narrow.low
        assert other.effects[1].runs == 0
    assert next(t for t in guessed if t.proposal == "turns").holding is Holding.OPEN


def test_agreement_of_the_orders_is_that_of_the_measured_means() -> None:
    """Spearman's rank correlation of five recipes, with an interval that holds it."""
    (found,) = seen().agreement()
    small = [0.0, *(SMALL[p] for p in NAMES)]
    large = [0.0, *(LARGE[p] for p in NAMES)]
    ranks = [np.argsort(np.argsort(v)) for v in (small, large)]
    assert found.recipes == found.both == 5
    assert found.rung == "small"
    assert found.rank.low is not None
    assert found.rank.high is not None
    near = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    assert found.rank.low - 0.15 <= near <= found.rank.high + 0.15


def test_one_rung_has_nothing_to_transfer() -> None:
    """Nor have two of which the lower one has not run."""
    one = Integrator(proposals=["a"], objectives=[Objective("loss", margin=1.0)])
    one.observe([], 0, {"loss": 1.0})
    assert (one.transfer(), one.agreement()) == ([], [])
