"""Targets, figures and verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.scenarios.scenario import (
    Figure,
    Kind,
    Scenario,
    Target,
    check,
    mean,
    share,
    spread,
)


def scenario(kind: Kind, value: float = 5.0, tolerance: float = 0.0) -> Scenario:
    """One with a single target."""
    target = Target(name="x", value=value, tolerance=tolerance, source="a test", kind=kind)
    return Scenario(
        name="s",
        paper="p",
        definition="d",
        targets=(target,),
        play=lambda rng, size: {"x": Figure(value=float(rng.random()), error=1.0 / size)},
        full=10,
        quick=2,
    )


@pytest.mark.parametrize(
    ("kind", "value", "error", "held"),
    [
        (Kind.NEAR, 5.5, 9.0, True),
        (Kind.NEAR, 4.5, 0.0, True),
        (Kind.NEAR, 5.51, 9.0, False),
        (Kind.NEAR, float("nan"), 0.0, False),
        (Kind.ABOVE, 5.3, 0.1, True),
        (Kind.ABOVE, 5.1, 0.1, False),
        (Kind.ABOVE, 4.0, 0.1, False),
        (Kind.ABOVE, 5.0, 0.0, False),
        (Kind.ABOVE, float("nan"), 0.1, False),
        (Kind.BELOW, 4.7, 0.1, True),
        (Kind.BELOW, 4.9, 0.1, False),
        (Kind.BELOW, 6.0, 0.1, False),
    ],
)
def test_a_verdict_is_of_the_figure_and_no_error_widens_it(
    kind: Kind, value: float, error: float, *, held: bool
) -> None:
    """Near: within the tolerance, whatever the error. A side: by two errors, or it is not shown."""
    one = scenario(kind, tolerance=0.5 if kind is Kind.NEAR else 0.0)
    (found,) = check(one, {"x": Figure(value=value, error=error), "more": Figure(value=0, error=0)})
    assert found.held is held


def test_slack_is_for_small_sizes() -> None:
    """It widens by so many errors, and by no more."""
    near, above = scenario(Kind.NEAR, tolerance=0.5), scenario(Kind.ABOVE)
    figure = {"x": Figure(value=6.4, error=0.3)}
    assert not check(near, figure, slack=2.0)[0].held
    assert check(near, figure, slack=3.1)[0].held
    behind = {"x": Figure(value=4.9, error=0.1)}
    assert not check(above, behind, slack=2.9)[0].held
    assert check(above, behind, slack=3.1)[0].held


def test_a_target_without_a_figure_is_an_error() -> None:
    """A misspelt name must not pass for a target that holds."""
    with pytest.raises(ValueError, match=r"s: play\(\) returned no figure for x"):
        check(scenario(Kind.NEAR), {"y": Figure(value=5.0, error=0.0)})


def test_errors_are_those_that_repeats_show() -> None:
    """Means, sds and shares of 1,500 samples scatter as one sample's error says."""
    rng = np.random.default_rng(1)
    samples = rng.normal(0.0, 2.0, (1500, 100))
    wins = rng.binomial(100, 0.3, 1500)
    for seen, told in (
        (samples.mean(axis=1), [mean(row).error for row in samples]),
        (samples.std(axis=1, ddof=1), [spread(row).error for row in samples]),
        (wins / 100, [share(int(count), 100).error for count in wins]),
    ):
        assert float(np.mean(told)) == pytest.approx(float(seen.std()), rel=0.08)


def test_a_share_of_none_or_all_still_has_an_error() -> None:
    """Twelve wins of twelve are no proof of certainty."""
    assert share(12, 12).value == 1.0
    assert share(12, 12).error == pytest.approx(np.sqrt(1 / 12 * 11 / 12 / 12))
    assert share(0, 12).error == pytest.approx(share(12, 12).error)


def test_equal_values_have_no_spread() -> None:
    """A division by 0 would be nan."""
    assert spread(np.full(5, 3.0)) == Figure(value=0.0, error=0.0)
