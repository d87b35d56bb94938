from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import integrate, special, stats

from mainstem.stats import evidence
from mainstem.stats.evidence import (
    EFFECTS,
    confidence_interval,
    log_evidence,
    log_sign_process,
    log_t_process,
    pairs_to_decide,
    smallest_effect,
    spending,
)

magnitudes = st.lists(
    st.one_of(st.just(0.0), st.floats(min_value=1e-6, max_value=1e6)), min_size=1, max_size=8
)
differences = st.lists(
    st.floats(min_value=-1e3, max_value=1e3).map(lambda v: round(v, 3)), min_size=3, max_size=30
).map(np.array)


def with_cosine(cosine: float, n: int) -> np.ndarray:
    """A vector of length n whose angle to (1, ..., 1) has this cosine."""
    ones = np.ones(n) / np.sqrt(n)
    across = np.zeros(n)
    across[0], across[1] = 1.0, -1.0
    return cosine * ones + np.sqrt(1.0 - cosine**2) * across / np.sqrt(2.0)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 30, 120, 200])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_chi_transform_is_the_confluent_hypergeometric_function(n: int, share: float) -> None:
    """The quadrature agrees with 1F1, the textbook form of E exp(t u), to twelve digits."""
    t = share * max(EFFECTS) * np.sqrt(n)
    ratio = np.exp(special.gammaln(0.5 * (n + 1)) - special.gammaln(0.5 * n))
    even = special.hyp1f1(0.5 * n, 0.5, 0.5 * t * t)
    odd = np.sqrt(2.0) * t * ratio * special.hyp1f1(0.5 * (n + 1), 1.5, 0.5 * t * t)
    assert evidence._log_chi_mgf(n, np.array([t]))[0] == pytest.approx(
        np.log(even + odd), abs=1e-11
    )


@pytest.mark.parametrize("t", [-9.0, -2.0, -0.3, 0.0, 0.4, 3.0, 12.0])
def test_chi_transform_has_its_closed_forms(t: float) -> None:
    """For one and two degrees of freedom the transform is elementary, on both sides of 0."""
    one = np.log(2.0) + 0.5 * t * t + special.log_ndtr(t)
    assert evidence._log_chi_mgf(1, np.array([t]))[0] == pytest.approx(one, abs=1e-11)
    two = 1.0 + t * np.sqrt(0.5 * np.pi) * special.erfcx(-t / np.sqrt(2.0))
    assert evidence._log_chi_mgf(2, np.array([t]))[0] == pytest.approx(np.log(two), abs=1e-9)


@pytest.mark.parametrize("d", [[0.7, -0.2, 1.3], [-1.0, -0.5, -2.0, 0.1], [5.0], [1e-3, 2e-3] * 4])
def test_t_process_is_the_ratio_of_integrals_over_the_unknown_scale(d: list[float]) -> None:
    """Integrating the Gaussian likelihood over d sigma / sigma gives the same evidence."""
    x = np.array(d) / np.linalg.norm(d)

    def marginal(effect: float) -> float:
        def integrand(log_sigma: float) -> float:
            sigma = np.exp(log_sigma)
            return float(np.exp(np.sum(stats.norm.logpdf(x, effect * sigma, sigma))))

        return float(integrate.quad(integrand, -20.0, 30.0, points=[0.0], limit=400)[0])

    ratio = np.mean([marginal(effect) for effect in EFFECTS]) / marginal(0.0)
    assert log_t_process(np.array(d)) == pytest.approx(np.log(ratio), abs=1e-6)


@pytest.mark.parametrize("n", [2, 3, 5, 12, 40])
def test_t_process_expects_exactly_one_under_the_gaussian_null(n: int) -> None:
    """Averaged over the uniform direction that Gaussian noise has, the evidence is 1."""
    power = 0.5 * (n - 3)
    cosines, weights = special.roots_jacobi(160, power, power)
    values = [np.exp(log_t_process(with_cosine(c, n))) for c in cosines]
    assert np.dot(weights, values) / weights.sum() == pytest.approx(1.0, abs=1e-8)


@given(magnitudes)
def test_sign_process_averages_to_one_over_all_signs(sizes: list[float]) -> None:
    """For fixed magnitudes, fair signs make the evidence exactly 1 on average: any noise at all."""
    flips = itertools.product((-1.0, 1.0), repeat=len(sizes))
    values = [np.exp(log_sign_process(np.array(sizes) * np.array(signs))) for signs in flips]
    assert np.mean(values) == pytest.approx(1.0, rel=1e-9)


@given(magnitudes, st.data())
def test_sign_process_is_fair_at_every_step(sizes: list[float], data: st.DataObject) -> None:
    """Whatever the past, the next sign moves the evidence by nothing on average: no stop cheats."""
    signs = data.draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=len(sizes) - 1))
    past = np.array(sizes[:-1]) * np.array(signs[: len(sizes) - 1])
    now = np.exp(log_sign_process(past))
    after = [np.exp(log_sign_process(np.append(past, s * sizes[-1]))) for s in (-1.0, 1.0)]
    assert np.mean(after) == pytest.approx(now, rel=1e-9)


def test_no_differences_are_no_evidence() -> None:
    """Nothing seen, or nothing but zeros, says nothing either way."""
    for d in (np.array([]), np.zeros(5)):
        assert log_t_process(d) == log_sign_process(d) == log_evidence(d) == 0.0


@given(differences, st.floats(min_value=1e-3, max_value=1e3))
def test_evidence_is_free_of_the_unit(d: np.ndarray, factor: float) -> None:
    """Bits or nats, the same verdict."""
    assert log_evidence(factor * d) == pytest.approx(log_evidence(d), abs=1e-6)


@given(differences)
def test_decisive_evidence_is_the_smaller_of_the_two(d: np.ndarray) -> None:
    """Below each of the two martingales, so valid under either null."""
    assert log_evidence(d) == min(log_t_process(d), log_sign_process(d))


@given(differences, st.floats(min_value=0.01, max_value=1e3))
def test_t_process_grows_with_the_mean(d: np.ndarray, more: float) -> None:
    """A null mean below 0 gives less evidence than one of 0: the null may be composite."""
    assert log_t_process(d + more) >= log_t_process(d) - 1e-9


@given(differences)
def test_interval_holds_what_the_process_has_not_rejected(d: np.ndarray) -> None:
    """At a finite end the process stands at its threshold; inside below it, outside above it."""
    low, high = confidence_interval(d, 0.9)
    mean, sd = float(d.mean()), float(d.std(ddof=1))
    if sd == 0.0:
        assert low == high == pytest.approx(mean)
        return
    bar = np.log(20.0)
    for end, sign in ((low, 1.0), (high, -1.0)):
        if end is None:
            assert log_t_process(sign * (d - mean + sign * 1e4 * sd)) < bar
            continue
        assert sign * (mean - end) > 0.0
        assert log_t_process(sign * (d - end)) == pytest.approx(bar, abs=1e-4)
        assert log_t_process(sign * (d - end) + 0.2 * sd) > bar
        assert log_t_process(sign * (d - end) - 0.2 * sign * (mean - end)) < bar


def test_interval_is_open_while_few_pairs_bound_nothing() -> None:
    """No interval is made up: no data, one pair or two give None, not a width of 0."""
    for d in ([], [1.0], [1.0, 1.5]):
        assert confidence_interval(np.array(d), 0.9) == (None, None)


def test_interval_is_a_point_where_every_difference_agrees() -> None:
    """A metric without noise is known after two pairs."""
    assert confidence_interval(np.full(4, 0.25), 0.9) == (0.25, 0.25)


def test_interval_widens_with_the_level_and_turns_with_the_sign() -> None:
    """A higher level covers a lower one; a turned metric has the turned interval."""
    d = np.random.default_rng(4).normal(0.3, 1.0, 25)
    narrow, wide, turned = (
        confidence_interval(d, 0.8),
        confidence_interval(d, 0.95),
        confidence_interval(-d, 0.8),
    )
    assert None not in (*narrow, *wide, *turned)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    assert (-turned[1], -turned[0]) == pytest.approx(narrow)


def test_candidates_together_spend_alpha() -> None:
    """The reciprocals of the factors sum to 1 over an endless campaign."""
    terms = 20_000
    spent = sum(1.0 / spending(k) for k in range(1, terms))
    rest = 6.0 / np.pi**2 / terms  # the tail of the sum of 1/k^2
    assert spent + rest == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("number", [0, -3])
def test_candidates_are_numbered_from_one(number: int) -> None:
    """A candidate number 0 would have all of alpha for itself."""
    with pytest.raises(ValueError, match=f"from 1, not {number}"):
        spending(number)


def test_skewness_is_the_textbook_one() -> None:
    """As scipy computes it; none of fewer than three pairs or of a constant."""
    d = np.random.default_rng(1).gamma(2.0, size=40)
    assert evidence.skewness(d) == pytest.approx(stats.skew(d))
    assert evidence.skewness(d[:2]) is None
    assert evidence.skewness(np.ones(9)) is None


def pairs_taken(effect: float, bar: float, repeats: int, most: int) -> np.ndarray:
    """How many pairs simulated Gaussian differences take to pass the bar, shape (repeats,)."""
    rng = np.random.default_rng(20)
    taken = np.full(repeats, most + 1)
    for r in range(repeats):
        d = rng.normal(effect, 1.0, most)
        taken[r] = next((k for k in range(1, most + 1) if log_evidence(d[:k]) >= bar), most + 1)
    return taken


@pytest.mark.parametrize(("effect", "most"), [(0.75, 120), (1.5, 60), (4.0, 40)])
def test_forecast_of_pairs_is_right_within_a_fifth(effect: float, most: int) -> None:
    """The forecast is the simulated mean within the 20% it claims, plus one standard error (5%)."""
    bar = float(np.log(spending(1) / 0.05))
    mean = pairs_taken(effect, bar, 150, most).mean()
    assert mean == pytest.approx(pairs_to_decide(effect, bar), rel=0.25)


def test_no_effect_is_never_decided() -> None:
    """Nothing to find takes for ever, and says so."""
    assert pairs_to_decide(0.0, 3.5) == pairs_to_decide(-1.0, 3.5) == float("inf")


def test_smallest_effect_is_seen_with_power_four_fifths() -> None:
    """Simulated power at the promised effect; +-0.12 is three standard errors of 100 repeats."""
    bar, pairs = float(np.log(spending(1) / 0.05)), 40
    effect = smallest_effect(pairs, bar)
    assert effect is not None
    power = np.mean(pairs_taken(effect, bar, 100, pairs) <= pairs)
    assert power == pytest.approx(0.8, abs=0.12)


def test_smallest_effect_shrinks_with_pairs_and_needs_some() -> None:
    """More pairs see more; too few prove nothing, however large the effect."""
    effects = [smallest_effect(pairs, 3.5) for pairs in range(40)]
    known = [effect for effect in effects if effect is not None]
    assert effects[0] is None
    assert effects[5] is None
    assert effects.index(known[0]) == 40 - len(known)
    assert known == sorted(known, reverse=True)
