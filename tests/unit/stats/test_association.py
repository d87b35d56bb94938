from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import special, stats

from mainstem.stats import association, logistic

NONE = np.empty((8, 0))


def history(seed: int, rows: int = 120, bias: float = 0.0) -> tuple[np.ndarray, ...]:
    """Merged, evidence of two columns, group: the better group is merged by evidence and bias."""
    rng = np.random.default_rng(seed)
    group = rng.random(rows) < 0.5
    evidence = rng.normal(size=(rows, 2)) + 0.8 * group[:, None]
    return rng.random(rows) < special.expit(evidence[:, 0] - 1.0 + bias * group), evidence, group


def test_a_spline_is_linear_beyond_its_last_knots_and_bends_between() -> None:
    """Second differences are 0 outside the knots, in every column, and not inside."""
    values = np.linspace(-3.0, 3.0, 201)
    columns = association.basis(values[:, None])
    assert columns.shape == (201, 4)
    bends = np.abs(np.diff(columns[:, 2:], 2, axis=0))
    assert np.all(bends[:8] < 1e-9)
    assert np.all(bends[-8:] < 1e-9)
    assert np.all(bends.max(axis=0) > 1e-4)


@pytest.mark.parametrize(("rows", "columns"), [(20, 2), (50, 3), (150, 4)])
def test_more_decisions_allow_more_knots(rows: int, columns: int) -> None:
    """Linear below 30 rows, one bend below 100, two from there."""
    values = np.random.default_rng(0).normal(size=(rows, 1))
    assert association.basis(values).shape == (rows, columns)


def test_columns_that_say_the_same_are_kept_once() -> None:
    """Constant, doubled and stratum-explained evidence leaves a basis of full rank."""
    rng = np.random.default_rng(1)
    strata = rng.integers(3, size=60)
    values = rng.normal(size=60)
    evidence = np.column_stack([np.ones(60), values, 2.0 * values, strata == 1])
    columns = association.basis(evidence, strata)
    assert columns.shape[1] == 3 + 2
    assert np.linalg.matrix_rank(columns) == columns.shape[1]


def test_without_evidence_a_response_is_permuted_exactly() -> None:
    """On eight rows the p-value is the share of all 56 labellings at least as extreme."""
    response = np.array([0.1, 2.0, -1.0, 0.4, 3.1, 0.2, -0.7, 4.0])
    group = np.array([0, 0, 0, 0, 1, 0, 1, 1])

    def t2(chosen: tuple[int, ...]) -> float:
        """The squared difference of means over its variance under unequal spreads."""
        centred = response - response.mean()
        part = np.full(8, -3.0 / 8.0)
        part[list(chosen)] = 5.0 / 8.0
        return float((centred @ part) ** 2 / np.sum((centred * part) ** 2))

    every = [t2(chosen) for chosen in itertools.combinations(range(8), 3)]
    exact = np.mean([value >= t2((4, 6, 7)) - 1e-12 for value in every])
    p = association.response_p(np.random.default_rng(3), response, NONE, group)
    assert p is not None
    assert p == pytest.approx(exact, abs=4.0 * np.sqrt(exact * (1.0 - exact) / association.DRAWS))


def test_the_slope_is_permuted_exactly() -> None:
    """On seven decisions the p-value is the share of all 35 sets of merged ones as extreme."""
    gain = np.array([0.3, 1.2, -0.5, 2.0, 0.1, 1.7, -1.0])
    merged = np.array([False, True, False, True, False, True, False])
    centred = gain - gain.mean()
    every = [abs(centred[list(c)].sum()) for c in itertools.combinations(range(7), 3)]
    exact = np.mean(np.array(every) >= abs(centred[merged].sum()) - 1e-12)
    p = association.slope_p(np.random.default_rng(4), merged, gain)
    assert p == pytest.approx(exact, abs=4.0 * np.sqrt(exact * (1.0 - exact) / association.DRAWS))


def test_the_slope_is_permuted_within_strata() -> None:
    """A campaign that merged nothing, however its gains spread, adds nothing: 6 ways in all."""
    gain = np.array([9.0, -9.0, 4.0, -5.0, 3.1, 2.2, 5.0, 3.6])
    merged = np.array([False, False, False, False, False, False, True, True])
    strata = np.repeat([0, 1], 4)
    p = association.slope_p(np.random.default_rng(4), merged, gain, strata)
    # The two best of four were merged; only the two worst are as far from the mean.
    exact = 2.0 / 6.0
    assert p == pytest.approx(exact, abs=4.0 * np.sqrt(exact * (1.0 - exact) / association.DRAWS))


def test_the_merging_test_agrees_with_the_likelihood_ratio_in_large_samples() -> None:
    """With 2,000 decisions and a linear rule, p is that of the chi-squared test, within noise."""
    merged, evidence, group = history(5, rows=2000, bias=0.15)
    x = association.basis(evidence)
    with_group = logistic.fit(np.column_stack([x, group]), merged, firth=False)
    without = logistic.fit(x, merged, firth=False)
    ratio = 2.0 * (with_group.log_likelihood - without.log_likelihood)
    p = association.merging_p(np.random.default_rng(6), merged, evidence, group)
    assert p == pytest.approx(stats.chi2.sf(ratio, 1), abs=0.03)


def test_merit_alone_is_no_bias_and_bias_is() -> None:
    """A better group is merged oftener: that is found without the evidence, not given it."""
    merged, evidence, group = history(7, rows=600)
    rng = np.random.default_rng(8)
    blind = association.merging_p(rng, merged, np.empty((600, 0)), group)
    fair = association.merging_p(rng, merged, evidence, group)
    assert blind is not None
    assert fair is not None
    assert blind < 0.01 < fair
    merged, evidence, group = history(7, rows=600, bias=1.4)
    biased = association.merging_p(rng, merged, evidence, group)
    assert biased is not None
    assert biased < 0.01


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([25, 60, 120]))
def test_other_names_of_the_groups_turn_the_sign_and_an_order_of_rows_nothing(
    seed: int, rows: int
) -> None:
    """The odds ratio is of the group against the others, whoever comes first."""
    merged, evidence, group = history(seed, rows)
    found = association.log_odds_ratio(merged, evidence, group, 0.9)
    turned = association.log_odds_ratio(merged, evidence, ~group, 0.9)
    order = np.random.default_rng(seed).permutation(rows)
    moved = association.log_odds_ratio(merged[order], evidence[order], group[order], 0.9)
    if found is None or turned is None or moved is None:
        assert found is turned is moved is None
        return
    assert (turned.value, turned.low, turned.high) == pytest.approx(
        (-found.value, -found.high, -found.low), abs=2e-4
    )
    assert (moved.value, moved.low, moved.high) == pytest.approx(
        (found.value, found.low, found.high), abs=2e-4
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_p_values_do_not_depend_on_names_or_units(seed: int) -> None:
    """Other labels, another unit of gain, the same draws: the same p-value."""
    merged, evidence, group = history(seed)
    names = np.where(group, "a", "b")
    for test, response in (
        (association.merging_p, merged),
        (association.response_p, evidence[:, 1] ** 2),
    ):
        plain = test(np.random.default_rng(1), response, evidence, group)  # type: ignore[operator]  # two tests, two responses
        other = test(np.random.default_rng(1), response, 7.0 * evidence + 3.0, names)  # type: ignore[operator]  # two tests, two responses
        assert other == pytest.approx(plain, abs=2.0 / association.DRAWS)


def test_several_kinds_are_tested_at_once() -> None:
    """Of three kinds one is favoured: found; three kinds of chance alone: not."""
    rng = np.random.default_rng(11)
    kind = np.repeat(["agent", "staff", "student"], 60)
    evidence = rng.normal(size=(180, 1))
    draw = rng.random(180)
    favoured = draw < special.expit(evidence[:, 0] - 1.0 + 2.0 * (kind == "staff"))
    fair = draw < special.expit(evidence[:, 0] - 1.0)
    found = [association.merging_p(rng, merged, evidence, kind) for merged in (favoured, fair)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0] < 0.01 < found[1]


def test_what_the_data_cannot_tell_is_none() -> None:
    """One outcome, one group, or a group that the evidence determines: no p-value, no estimate."""
    rng = np.random.default_rng(12)
    merged = np.arange(8) % 2 == 0
    group = np.arange(8) < 4
    no, all_ones = np.zeros(8, dtype=bool), np.ones(8, dtype=bool)
    same = group[:, None].astype(float)
    for outcomes, evidence, attribute in (
        (no, NONE, group),
        (all_ones, NONE, group),
        (merged, NONE, all_ones),
        (merged, same, group),
    ):
        assert association.merging_p(rng, outcomes, evidence, attribute) is None
        assert association.log_odds_ratio(outcomes, evidence, attribute, 0.9) is None
    assert association.response_p(rng, np.ones(8), NONE, group) is None
    assert association.response_p(rng, np.arange(8.0), NONE, all_ones) is None
    for outcomes, gain in ((no, np.arange(8.0)), (merged, np.zeros(8)), (merged, np.ones(8))):
        assert association.slope(outcomes, gain, 0.9) is None
        assert association.slope_p(rng, outcomes, gain) is None


def test_strata_have_base_rates_of_their_own() -> None:
    """Two campaigns that merge all alike look like bias when thrown together, and not apart."""
    strata = np.repeat([0, 1], 100)
    group = np.concatenate([np.arange(100) < 20, np.arange(100) < 80])
    merged = np.concatenate([np.arange(100) % 5 == 0, np.arange(100) % 5 > 0])
    none = np.empty((200, 0))
    rng = np.random.default_rng(13)
    together = association.merging_p(rng, merged, none, group)
    apart = association.merging_p(rng, merged, none, group, strata)
    assert together is not None
    assert apart is not None
    assert together < 0.001
    assert apart > 0.5
    ratio = association.log_odds_ratio(merged, none, group, 0.9, strata)
    assert ratio is not None
    assert abs(ratio.value) < 0.05
    gain = np.random.default_rng(14).normal(size=200) + strata
    slopes = [association.slope_p(rng, merged, gain, labels) for labels in (None, strata)]
    assert slopes[0] is not None
    assert slopes[1] is not None
    assert slopes[0] < 0.001 < slopes[1]


def test_the_slope_is_in_log_odds_per_unit() -> None:
    """Ten times the unit has a tenth of the slope; the interval holds what was planted."""
    rng = np.random.default_rng(15)
    gain = rng.normal(size=2000)
    merged = rng.random(2000) < special.expit(1.2 * gain - 1.0)
    found = association.slope(merged, gain, 0.9)
    tenth = association.slope(merged, 10.0 * gain, 0.9)
    assert found is not None
    assert tenth is not None
    assert found.low < 1.2 < found.high
    assert tenth.value == pytest.approx(0.1 * found.value, rel=1e-4)


def test_an_odds_ratio_that_is_called_detectable_is_found_as_often_as_asked() -> None:
    """Decisions drawn with it are rejected in about 80% of 400 histories, in both directions."""
    merged, evidence, group = history(7, rows=150)
    found = association.detectable(merged, evidence, group, alpha=0.025)
    assert found is not None
    x = association.basis(evidence)
    eta = special.logit(logistic.fit(x, merged).probabilities)
    shares = []
    for sign in (1.0, -1.0):
        rng, rejected = np.random.default_rng(8), 0
        for _ in range(400):
            shifted = eta + sign * np.log(found) * (group - group.mean())
            drawn = rng.random(150) < special.expit(shifted)
            p = association.merging_p(rng, drawn, evidence, group)
            rejected += p is not None and p <= 0.025
        shares.append(rejected / 400)
    # The standard error is .02; what is normal in it is only about so.
    assert min(shares) > 0.72
    assert max(shares) < 0.92


def test_more_decisions_make_smaller_odds_ratios_detectable() -> None:
    """And a handful makes none."""
    found = [
        association.detectable(*history(9, rows=rows), alpha=0.025) for rows in (6, 60, 240, 960)
    ]
    assert found[0] is None
    known = [value for value in found[1:] if value is not None]
    assert len(known) == 3
    assert known[0] > known[1] > known[2] > 1.0


def test_a_difference_without_evidence_is_that_of_means() -> None:
    """With the standard error of unequal spreads by jackknife, which HC3 is about."""
    rng = np.random.default_rng(10)
    group = np.arange(60) % 3 == 0
    response = rng.normal(size=60) * np.where(group, 3.0, 1.0) + group
    found = association.difference(response, np.empty((60, 0)), group, 0.9)
    assert found is not None
    assert found.value == pytest.approx(response[group].mean() - response[~group].mean())
    parts = [response[group], response[~group]]
    # HC3 of two means: sum of squares over (n - 1)^2 in each.
    variance = sum(np.sum((part - part.mean()) ** 2) / (len(part) - 1) ** 2 for part in parts)
    half = stats.t.ppf(0.95, 58) * np.sqrt(variance)
    assert found.high - found.low == pytest.approx(2.0 * half)


def test_a_difference_needs_two_sides() -> None:
    """One group is no comparison."""
    everyone = np.ones(20, dtype=bool)
    assert association.difference(np.arange(20.0), np.empty((20, 0)), everyone, 0.9) is None
