"""The price of an override against arithmetic: where effects are known, so is what a veto costs."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem import Integrator, Objective

EFFECTS = {"a": 3.0, "b": 2.0, "c": -1.0, "d": -3.0}
TOGETHER = 1.5
"""What a and b gain beside one another beyond their sum."""


def told(*, forbidden: tuple[str, ...] = (), moved: tuple[str, ...] = ()) -> Integrator:
    """An integrator that has seen every recipe of four proposals twice, with little noise."""
    integrator = Integrator(
        proposals=EFFECTS,
        objectives=[
            Objective("gain", margin=1.0, direction="maximize"),
            Objective("size", margin=10.0, role="guard"),
        ],
    )
    rng = np.random.default_rng(3)
    for code in range(2 ** len(EFFECTS)):
        recipe = [p for i, p in enumerate(EFFECTS) if code >> i & 1]
        for seed in range(2):
            gain = sum(EFFECTS[p] for p in recipe) + TOGETHER * ({"a", "b"} <= set(recipe))
            values = {"gain": gain + 0.05 * rng.normal(), "size": 100.0 + len(recipe)}
            integrator.observe(recipe, seed, values)
    for proposal in forbidden:
        integrator.forbid([proposal])
    integrator.move_trunk(moved)
    return integrator


@pytest.mark.parametrize("forbidden", [(), ("b",)])
def test_a_veto_costs_what_the_proposal_adds(forbidden: tuple[str, ...]) -> None:
    """Its own effect and what it does for the rest; whether it is forbidden already or not."""
    price = told(forbidden=forbidden).price_of_veto("b")
    assert price is not None
    assert (price.with_it, price.without_it) == ({"a"}, {"a", "b"})
    lost = price.difference["gain"]
    assert lost.mean == pytest.approx(-3.5, abs=0.15)
    assert price.value.mean == pytest.approx(lost.mean, abs=1e-9)
    assert price.difference["size"].mean == pytest.approx(1.0, abs=0.2)  # smaller is better


def test_runs_are_at_the_pace_so_far() -> None:
    """32 runs for 6.5 margins: 3.5 of them take about 17."""
    price = told().price_of_veto("b")
    assert price is not None
    assert price.runs_so_far == 32
    assert price.runs is not None
    assert price.runs.mean == pytest.approx(3.5 * 32 / 6.5, rel=0.1)
    assert price.runs.low is not None
    assert price.runs.high is not None
    assert 0.0 <= price.runs.low <= price.runs.mean <= price.runs.high


def test_a_veto_of_what_is_in_no_set_costs_nothing() -> None:
    """Exactly nothing: the set is the same with and without it."""
    price = told().price_of_veto("d")
    assert price is not None
    assert price.with_it == price.without_it == {"a", "b"}
    assert (price.value.low, price.value.mean, price.value.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("seed", [3, 18])
def test_nothing_is_exactly_nothing_after_many_runs_of_many(seed: int) -> None:
    """Where equal rows of a long product may differ in their last digits."""
    names = [f"p{k}" for k in range(10)]
    integrator = Integrator(proposals=names, objectives=[Objective("loss", margin=0.1)])
    rng = np.random.default_rng(seed)
    for number in range(60):
        held = [name for name in names if rng.random() < 0.5]
        loss = sum((-1.0 if name < "p5" else 1.0) for name in held) + rng.normal(0.0, 1.0)
        integrator.observe(held if number > 2 else [], number, {"loss": loss})
    best = integrator.recommend().recipe
    outside = next(name for name in reversed(names) if name not in best)
    price = integrator.price_of_veto(outside)
    assert price is not None
    assert price.with_it == price.without_it == best
    assert (price.value.low, price.value.mean, price.value.high) == (0.0, 0.0, 0.0)
    assert price.difference["loss"].low == price.difference["loss"].high == 0.0


def test_a_force_costs_what_the_proposal_spoils() -> None:
    """The best set with it, against the best set."""
    price = told().price_of_force("d")
    assert price is not None
    assert (price.with_it, price.without_it) == ({"a", "b", "d"}, {"a", "b"})
    assert price.difference["gain"].mean == pytest.approx(-3.0, abs=0.15)


def test_what_was_forced_is_priced_by_what_it_adds_to_the_trunk() -> None:
    """Also once it is merged."""
    price = told(moved=("a", "d")).price_of_force("d")
    assert price is not None
    assert (price.with_it, price.without_it) == ({"a", "d"}, {"a"})
    assert price.difference["gain"].mean == pytest.approx(-3.0, abs=0.15)


def test_a_broken_guard_is_a_cost_also_once_it_is_merged() -> None:
    """Seen from the trunk without it: what it gains does not pay for the guard that it breaks."""
    integrator = Integrator(
        proposals=["large"],
        objectives=[
            Objective("gain", margin=1.0, direction="maximize"),
            Objective("size", margin=10.0, role="guard"),
        ],
    )
    for seed in range(4):
        integrator.observe([], seed, {"gain": 0.01 * seed, "size": 100.0})
        integrator.observe(["large"], seed, {"gain": 5.0 + 0.01 * seed, "size": 150.0})
    before = integrator.price_of_force("large")
    integrator.move_trunk(["large"])
    after = integrator.price_of_force("large")
    for price in (before, after):
        assert price is not None
        assert price.difference["gain"].mean == pytest.approx(5.0, abs=0.3)
        assert price.value.mean == pytest.approx(-4.0, abs=0.3)


def test_what_cannot_run_has_no_price_when_it_is_forced() -> None:
    """Known to crash, or not to be merged with the trunk; a veto of it costs nothing."""
    crashing = Integrator(proposals=["good", "boom"], objectives=[Objective("loss", margin=1.0)])
    for seed in range(4):
        crashing.observe([], seed, {"loss": 9.0 + 0.01 * seed})
        crashing.observe(["good"], seed, {"loss": 4.0 + 0.01 * seed})
        crashing.observe(["boom"], seed, None)
    assert crashing.price_of_force("boom") is None
    price = crashing.price_of_veto("boom")
    assert price is not None
    assert price.with_it == price.without_it == {"good"}


def test_nothing_is_priced_before_the_trunk_ran_and_no_member_is_vetoed() -> None:
    """None, and an error that names it."""
    objective = Objective("gain", margin=1.0)
    assert Integrator(proposals=["a"], objectives=[objective]).price_of_veto("a") is None
    with pytest.raises(ValueError, match="'a' is in the trunk"):
        told(moved=("a",)).price_of_veto("a")
    with pytest.raises(ValueError, match="unknown proposals: 'x'"):
        told().price_of_force("x")
