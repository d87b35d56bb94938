from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.decisions import budget as budgeting
from mainstem.stats import evidence


def effects(**changes: object) -> dict[str, float | None]:
    """What a plan can detect."""
    known = {"budget": 100, "proposals": 8, "sds": {"loss": 0.5}, "improve": 1, "alpha": 0.05}
    return dict(budgeting.plan(**{**known, **changes}).detectable)  # type: ignore[arg-type]  # a dict of keywords has one type


@given(budget=st.integers(1, 2000), proposals=st.integers(1, 60))
def test_more_budget_never_sees_less(budget: int, proposals: int) -> None:
    """One more trial never raises the smallest effect, and never takes what was seen away."""
    less = effects(budget=budget, proposals=proposals)["loss"]
    more = effects(budget=budget + 1, proposals=proposals)["loss"]
    assert less is None or (more is not None and more <= less)


@given(budget=st.integers(0, 2000), proposals=st.integers(1, 60))
def test_a_plan_spends_its_budget_and_no_more(budget: int, proposals: int) -> None:
    """Search and pairs fit, with at most one trial left over."""
    plan = budgeting.plan(
        budget=budget, proposals=proposals, sds={"loss": 1.0}, improve=1, alpha=0.05
    )
    assert 0 <= budget - plan.search - 2 * plan.pairs <= 1
    assert plan.power == pytest.approx(0.8)


def test_the_effect_follows_the_noise() -> None:
    """Twice the noise, twice the effect; each objective by its own."""
    seen = effects(sds={"loss": 0.5, "size": 1.0})
    assert seen["loss"] is not None
    assert seen["size"] == pytest.approx(2.0 * seen["loss"])


def test_a_margin_within_the_noise_is_hardly_ever_shown_kept() -> None:
    """Of a metric without noise one pair shows it."""
    sds, margins = (
        {"loss": 1.0, "size": 2.0, "bytes": 0.0},
        {"loss": 4.0, "size": 1.0, "bytes": 1.0},
    )
    keeps = budgeting.plan(
        budget=60, proposals=8, sds=sds, improve=1, alpha=0.05, margins=margins
    ).keeps
    assert keeps["loss"] > 0.9
    assert keeps["size"] < 0.3
    assert keeps["bytes"] == 1.0


def test_more_proposals_take_a_longer_search() -> None:
    """They leave fewer pairs, so the effect must be larger."""
    few, many = effects(proposals=4)["loss"], effects(proposals=20)["loss"]
    assert few is not None
    assert many is not None
    assert many > few


def test_the_effect_passes_the_search_and_the_pairs_with_the_stated_power() -> None:
    """Not only the pairs: what four of five prove by themselves is less than what is named."""
    plan = budgeting.plan(budget=100, proposals=8, sds={"loss": 1.0}, improve=1, alpha=0.05)
    effect, bar = plan.detectable["loss"], float(np.log(evidence.spending(1) / 0.05))
    assert effect is not None
    assert evidence.power(effect / np.sqrt(2.0), plan.pairs, bar) > plan.power


def test_a_tight_budget_shortens_the_search() -> None:
    """As campaigns do: the pairs that a large effect takes are kept back, and all proposals run."""
    bar = float(np.log(evidence.spending(1) / 0.05))
    searched = [budgeting.planned_search(budget, 8, 2.0, bar) for budget in (8, 30, 45, 60, 200)]
    assert searched[:2] == [8, 11 + budgeting.TO_CONFIRM]
    assert searched[1] < searched[2] < searched[3]
    most = int(budgeting.least_search(8) * (1.0 + 8 * budgeting.MORE_SEARCH))
    assert searched[3:] == [most + budgeting.TO_CONFIRM] * 2


def test_more_objectives_and_less_alpha_cost_something() -> None:
    """Both raise the threshold."""
    plain = effects()["loss"]
    assert plain is not None
    assert effects(improve=4)["loss"] > plain
    assert effects(alpha=0.001)["loss"] > plain


def test_a_budget_without_room_for_pairs_detects_nothing() -> None:
    """It says None, not a made-up number."""
    assert effects(budget=12) == {"loss": None}


def test_a_deterministic_objective_needs_one_pair() -> None:
    """Any change is seen as soon as one pair fits, where a noisy one would need more."""
    assert effects(budget=16, sds={"loss": 0.0, "noisy": 1.0}) == {"loss": 0.0, "noisy": None}
    assert effects(budget=12, sds={"loss": 0.0}) == {"loss": None}


@pytest.mark.parametrize(
    ("remaining", "now"), [(None, False), (100, False), (34, False), (33, True), (2, True)]
)
def test_confirmation_starts_when_the_rest_is_what_it_takes(
    remaining: int | None, *, now: bool
) -> None:
    """Ten pairs on average are given 1.2 times as many, one trial, and the reserve behind it."""
    assert budgeting.must_confirm_now(10.0, remaining, reserve=8) is now


@pytest.mark.parametrize(
    ("remaining", "k", "most"),
    [(None, 25, 25), (100, 25, 25), (50, 25, 17), (35, 25, 4), (34, 4, 4)],
)
def test_a_large_batch_leaves_what_confirmation_takes(
    remaining: int | None, k: int, most: int
) -> None:
    """Of ten pairs that is 33 runs, as above; four runs may always search."""
    assert budgeting.room_to_search(10.0, remaining, reserve=8, k=k) == most


def test_confirmation_must_have_a_fair_chance() -> None:
    """No candidate is begun that the rest of the budget cannot carry on average."""
    assert budgeting.can_confirm(10.0, 20)
    assert not budgeting.can_confirm(10.0, 19)
    assert budgeting.can_confirm(150.0, None)
    assert not budgeting.can_confirm(151.0, None)
    assert not budgeting.can_confirm(float("inf"), None)


def test_reserves_are_small_and_only_of_a_budget() -> None:
    """Verdicts of what is not merged cost at most a tenth, and one run for every two proposals."""
    assert 0 < budgeting.settle_reserve(100, 80) <= 8
    assert budgeting.settle_reserve(16, 200) == 8
    assert budgeting.settle_reserve(4, 80) == 4
    assert budgeting.settle_reserve(4, None) == 0
    assert budgeting.room_for_another(None)
    assert not budgeting.room_for_another(budgeting.ANOTHER - 1)
