from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import integrate, special, stats

from mainstem.stats import evidence
from mainstem.stats.evidence import (
    INTERVAL_EFFECTS,
    INTERVAL_WEIGHTS,
    confidence_interval,
    effect_decided_in,
    half_width,
    log_path,
    log_t_process,
    pairs_to_decide,
    spending,
)

BAR = float(np.log(spending(1) / 0.05))

magnitudes = st.lists(
    st.one_of(st.just(0.0), st.floats(min_value=1e-6, max_value=1e6)), min_size=1, max_size=8
)
differences = st.lists(
    st.floats(min_value=-1e3, max_value=1e3).map(lambda v: round(v, 3)), min_size=3, max_size=30
).map(np.array)
bars = st.sampled_from([np.inf, 0.4, 1.5, BAR])


@pytest.mark.parametrize("n", [1, 2, 3, 7, 30, 120, 200])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_chi_transform_is_the_confluent_hypergeometric_function(n: int, share: float) -> None:
    """The quadrature agrees with 1F1, the textbook form of E exp(t u), to twelve digits."""
    t = share * max(INTERVAL_EFFECTS) * np.sqrt(n)
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

    ratio = np.dot(INTERVAL_WEIGHTS, [marginal(e) for e in INTERVAL_EFFECTS]) / marginal(0.0)
    assert log_t_process(len(x), float(x.sum())) == pytest.approx(np.log(ratio), abs=1e-6)


@pytest.mark.parametrize("n", [2, 3, 5, 12, 40])
def test_t_process_expects_exactly_one_under_the_gaussian_null(n: int) -> None:
    """Averaged over the uniform direction that Gaussian noise has, the evidence is 1."""
    power = 0.5 * (n - 3)
    cosines, weights = special.roots_jacobi(160, power, power)
    values = [np.exp(log_t_process(n, c * np.sqrt(n))) for c in cosines]
    assert np.dot(weights, values) / weights.sum() == pytest.approx(1.0, abs=1e-8)


@given(magnitudes, bars)
def test_sign_process_averages_to_one_over_all_signs(sizes: list[float], bar: float) -> None:
    """For fixed magnitudes, fair signs make the evidence exactly 1 on average: any noise at all."""
    flips = np.array(list(itertools.product((-1.0, 1.0), repeat=len(sizes))))
    values = np.exp(log_path(np.array(sizes) * flips, bar)[:, -1])
    assert np.mean(values) == pytest.approx(1.0, rel=1e-9)


@given(magnitudes, bars, st.data())
def test_sign_process_is_fair_at_every_step(
    sizes: list[float], bar: float, data: st.DataObject
) -> None:
    """Whatever the past, the next sign moves the evidence by nothing on average: no stop cheats."""
    signs = data.draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=len(sizes) - 1))
    past = np.array(sizes[:-1]) * np.array(signs[: len(sizes) - 1])
    now = np.exp(log_path(past, bar)[-1]) if len(past) else 1.0
    after = [np.exp(log_path(np.append(past, s * sizes[-1]), bar)[-1]) for s in (-1.0, 1.0)]
    assert np.mean(after) == pytest.approx(now, rel=1e-9)


@given(magnitudes, bars)
def test_sign_process_never_bets_on_a_loss(sizes: list[float], bar: float) -> None:
    """A gain never lowers it and a loss never raises it, so a null mean below 0 is covered too."""
    rng = np.random.default_rng(len(sizes))
    d = np.array(sizes) * rng.choice([-1.0, 1.0], len(sizes))
    path = log_path(d, bar)
    steps = np.diff(path, prepend=0.0)
    done = np.concatenate([[False], path[:-1] == bar])
    rounding = 1e-12
    assert np.all(steps[d > 0.0] >= -rounding)
    assert np.all(steps[(d < 0.0) & ~done] <= rounding)
    assert np.all(np.abs(steps[(d == 0.0) | done]) <= rounding)


@given(differences, st.sampled_from([0.4, 1.5, BAR]))
def test_stakes_stop_at_the_bar(d: np.ndarray, bar: float) -> None:
    """Nothing is bet beyond what decides, so where the plain mixture decides, this has too."""
    path, mixture = log_path(d, bar), log_path(d)
    assert path.max() <= bar
    assert np.all(path[int(np.argmax(path == bar)) :] == bar) or path.max() < bar
    first = np.flatnonzero(mixture >= bar)
    if len(first):
        before = np.diff(mixture[: first[0] + 1], prepend=0.0)
        assert path[first[0]] == bar or np.any(before < 0.0)


def test_a_stake_that_nearly_reaches_the_bar_is_raised_to_it() -> None:
    """Six pairs of one sign decide for the first candidate; five could not, whatever their size."""
    path = log_path(np.array([2.0, 1.5, 2.2, 1.8, 2.1, 1.9, -3.0]), BAR)
    assert path[4] < BAR == path[5] == path[6]
    assert log_path(np.full(5, 1e6), BAR)[-1] < BAR
    near = np.array([2.0, 1.5, 2.2, 1.2, 2.1, 0.3])
    assert log_path(near)[-1] < BAR == log_path(near, BAR)[-1]
    far = np.array([2.0, 1.5, 2.2, 1.2, 2.1, 0.1])
    assert log_path(far, BAR)[-1] == pytest.approx(log_path(far)[-1])


def test_many_sequences_at_once_are_each_of_them() -> None:
    """The leading axes are only a loop."""
    d = np.random.default_rng(6).normal(0.7, 1.0, (3, 2, 25))
    path = log_path(d, BAR)
    assert path.shape == d.shape
    for at in np.ndindex(3, 2):
        assert path[at] == pytest.approx(log_path(d[at], BAR))


def test_no_differences_are_no_evidence() -> None:
    """Nothing seen, or nothing but zeros, says nothing either way."""
    assert log_path(np.array([]), BAR).shape == (0,)
    assert log_path(np.zeros(5), BAR) == pytest.approx(np.zeros(5), abs=1e-12)


@given(differences, bars, st.floats(min_value=1e-3, max_value=1e3))
def test_evidence_is_free_of_the_unit(d: np.ndarray, bar: float, factor: float) -> None:
    """Bits or nats, the same verdict."""
    assert log_path(factor * d, bar) == pytest.approx(log_path(d, bar), abs=1e-6)


@given(st.integers(1, 40), st.floats(-1.0, 1.0), st.floats(0.01, 1.0))
def test_t_process_grows_with_the_mean(n: int, share: float, more: float) -> None:
    """So what an interval has not rejected is an interval."""
    low, high = share * np.sqrt(n), min(share + more, 1.0) * np.sqrt(n)
    assert log_t_process(n, high) >= log_t_process(n, low) - 1e-9


@pytest.mark.parametrize("n", [4, 6, 15, 80])
@pytest.mark.parametrize("level", [0.8, 0.9, 0.99])
def test_one_look_ends_where_the_process_reaches_its_bar(n: int, level: float) -> None:
    """At the end of the interval the t-process of d - g stands at 2 overshoots / (1 - level)."""
    half, bar = half_width(n, level), np.log(2.0 * evidence.OVERSHOOT / (1.0 - level))
    if np.isinf(half):
        assert log_t_process(n, np.sqrt(n)) <= bar
        return
    d = np.random.default_rng(n).standard_normal(n)
    shifted = d - (d.mean() - half * d.std())
    invariant = shifted.sum() / np.linalg.norm(shifted)
    assert log_t_process(n, invariant) == pytest.approx(bar, abs=1e-6)


@given(differences)
def test_interval_is_what_all_looks_have_in_common(d: np.ndarray) -> None:
    """It never grows by a pair, and holds nothing that an earlier look rejected."""
    spread = [n for n in range(2, len(d) + 1) if d[:n].std() > 0.0]
    looks = [(d[:n].mean(), d[:n].std() * half_width(n, 0.9)) for n in spread]
    low = max((m - h for m, h in looks), default=-np.inf)
    high = min((m + h for m, h in looks), default=np.inf)
    found = confidence_interval(d, 0.9)
    if np.all(d == d[0]):
        assert found == (d[0], d[0])
    elif np.isinf(low):
        assert found == (None, None)
    elif low <= high:
        assert found == (pytest.approx(low), pytest.approx(high))
    else:
        mean, half = looks[-1]
        assert found == (pytest.approx(mean - half), pytest.approx(mean + half))


def test_interval_is_open_while_few_pairs_bound_nothing() -> None:
    """No interval is made up: no data, one pair, two or three give None, not a width of 0."""
    for d in ([], [1.0], [1.0, 1.5], [1.0, 1.0, 1.5]):
        assert confidence_interval(np.array(d), 0.9) == (None, None)


def test_looks_that_contradict_each_other_leave_the_last() -> None:
    """A metric that jumps half-way refutes the assumption; no empty interval is shown."""
    d = np.array([0.0, 0.1, -0.1, 0.05, -0.05, 0.0, 0.1] + [50.0, 50.1, 49.9] * 20)
    low, high = confidence_interval(d, 0.9)
    assert low is not None
    assert high is not None
    assert low < d.mean() < high


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
    d = np.random.default_rng(20).normal(effect, 1.0, (repeats, most))
    reached = log_path(d, bar) >= bar
    return np.where(reached.any(1), reached.argmax(1) + 1, most + 1)


@pytest.mark.parametrize("bar", [np.log(20.0), BAR, np.log(300.0)])
@pytest.mark.parametrize(("effect", "most"), [(0.4, 400), (0.75, 150), (1.5, 60), (4.0, 40)])
def test_forecast_of_pairs_is_right_within_a_tenth(effect: float, most: int, bar: float) -> None:
    """The forecast is the simulated mean within the tenth it claims, and three standard errors."""
    taken = pairs_taken(effect, bar, 1500, most)
    mean, error = taken.mean(), taken.std() / np.sqrt(1500)
    assert pairs_to_decide(effect, bar) == pytest.approx(mean, abs=0.1 * mean + 3.0 * error)


def test_no_effect_is_never_decided() -> None:
    """Nothing to find takes for ever, and says so."""
    assert pairs_to_decide(0.0, 3.5) == pairs_to_decide(-1.0, 3.5) == float("inf")


@pytest.mark.parametrize("effect", [0.4, 0.75, 1.2])
@pytest.mark.parametrize("bar", [BAR, np.log(300.0)])
def test_forecast_of_power_is_right_within_a_tenth(effect: float, bar: float) -> None:
    """Simulated, at the pairs where the forecast says 60%, 80% and 90%."""
    taken = pairs_taken(effect, bar, 1500, 400)
    says = np.array([evidence.power(effect, pairs, bar) for pairs in range(401)])
    for wanted in (0.6, 0.8, 0.9):
        pairs = int(np.argmax(says >= wanted))
        assert says[pairs] == pytest.approx(np.mean(taken <= pairs), abs=0.1)


def test_power_at_the_extremes() -> None:
    """No effect or too few pairs prove nothing; more pairs never prove less."""
    assert evidence.power(0.0, 100, BAR) == evidence.power(-1.0, 100, BAR) == 0.0
    assert evidence.power(9.0, 5, BAR) == 0.0
    says = [evidence.power(0.7, pairs, BAR) for pairs in range(200)]
    assert says == sorted(says)
    assert says[-1] > 0.99


def test_effect_decided_in_turns_the_forecast_around() -> None:
    """More pairs decide smaller effects; too few decide none."""
    effects = [effect_decided_in(pairs, 3.5) for pairs in range(40)]
    known = [effect for effect in effects if effect is not None]
    assert effects[0] is None
    assert effects[5] is None
    assert effects.index(known[0]) == 40 - len(known)
    assert known == sorted(known, reverse=True)
    for pairs, effect in enumerate(effects):
        if effect is not None:
            assert pairs_to_decide(effect, 3.5) == pytest.approx(pairs)
