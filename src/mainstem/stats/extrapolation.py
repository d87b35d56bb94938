"""Forecasts: what recipes are predicted to measure at a scale that has not been run.

`fit` samples the law of one recipe, or of a recipe with and without a proposal jointly, paired by
seed and with exponents and drifts that are alike but not the same. `forecasts` does so for all
recipes of a stack, each with what the others teach of their population.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import ensemble
from mainstem.stats.populations import PRIOR, WIDE, Learner
from mainstem.stats.scaling import RATES, Joint, ladder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mainstem.stats.populations import Population
    from mainstem.stats.scaling import Ladder, Runs

    Floats = NDArray[np.float64]

WALKERS, TRIED = 96, 2000
"""Walkers, and draws from the prior of which they start at the likely ones."""
SURE = 0.8
"""The probability from which on a flag is raised."""


class Outlook(StrEnum):
    """What becomes of a proposal's gain between the largest rung and the target."""

    HOLDS = "holds"
    VANISHES = "vanishes"
    TURNS = "turns"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Draws of P recipes' values, in the metric's unit.

    Attributes:
        now: True values at the largest scales that were run, shape (S, P).
        then: True values at the target, shape (S, P).
        fresh: Means of fresh runs at the target, the same seeds for all, shape (S, P).
        effective: How many independent draws they are worth.
    """

    now: Floats
    then: Floats
    fresh: Floats
    effective: float


def fit(
    ladders: Sequence[Ladder],
    target: Floats,
    rng: np.random.Generator,
    *,
    population: Population = PRIOR,
    runs: int = 3,
) -> Forecast:
    """Samples the laws of recipes that are forecast together.

    Args:
        ladders: One recipe; or several, whose differences are asked for.
        target: The scales to forecast at, shape (K,).
        rng: Seeds all of it.
        population: What is known of such laws beforehand.
        runs: How many fresh runs the mean in `fresh` is of.

    Raises:
        NoSamplerError: emcee is not installed.
    """
    then = Joint(ladders, target)
    found = _sample(then, population, rng)
    now = Joint(ladders, np.max([one.scales.max(0) for one in ladders], axis=0))
    centre = np.array([one.centre for one in ladders])
    unit = np.array([one.unit for one in ladders])
    turns = PRIOR.turns(rng, len(found.points))
    at_top, at_target = (_normal(rng, *joint.given(found.points, turns)) for joint in (now, then))
    noise = then.fresh_covariance(found.points, runs)
    fresh = at_target + _normal(rng, np.zeros_like(at_target), noise)
    return Forecast(
        now=centre + unit * at_top,
        then=centre + unit * at_target,
        fresh=centre + unit * fresh,
        effective=found.effective,
    )


def forecasts(
    recipes: Sequence[Runs],
    target: Floats,
    rng: np.random.Generator,
    *,
    pairs: Sequence[tuple[int, int]] = (),
    runs: int = 3,
) -> tuple[list[Forecast], list[Forecast]]:
    """Forecasts every recipe of a stack, and pairs of them jointly.

    Args:
        recipes: Runs of each, at rungs enough.
        target: The scales to forecast at, shape (K,).
        rng: Seeds all of it.
        pairs: Places of a recipe without and with a proposal.
        runs: How many fresh runs the mean in `fresh` is of.

    Raises:
        NoSamplerError: emcee is not installed.
        ValueError: A scale is the same at all rungs of a recipe.
    """
    ready = [ladder(one) for one in recipes]
    generators = rng.spawn(len(ready) * 2 + len(pairs))
    learner = Learner(
        [
            _sample(Joint([one], target), WIDE, own).points
            for one, own in zip(ready, generators, strict=False)
        ]
        if len(ready) > 1
        else [],
        len(target),
    )
    alone = [
        fit([one], target, own, population=learner.without({at}), runs=runs)
        for at, (one, own) in enumerate(zip(ready, generators[len(ready) :], strict=False))
    ]
    both = [
        fit([ready[at] for at in pair], target, own, population=learner.without(pair), runs=runs)
        for pair, own in zip(pairs, generators[2 * len(ready) :], strict=True)
    ]
    return alone, both


def interval(draws: Floats, level: float) -> tuple[float, float, float]:
    """Median, low and high end of draws, shape (S,): half of the rest on each side."""
    tail = 0.5 * (1.0 - level)
    middle, low, high = np.quantile(draws, [0.5, tail, 1.0 - tail])
    return float(middle), float(low), float(high)


def outlook(now: Floats, then: Floats, margin: float) -> Outlook:
    """What becomes of a gain.

    Args:
        now: Draws of it at the largest rung that was run, above 0 where better, shape (S,).
        then: Draws of it at the target, shape (S,).
        margin: The smallest gain that matters.

    Returns:
        `TURNS`: surely of one sign now, surely of the other then. `VANISHES`: surely a gain that
        matters now, surely none then. `HOLDS`: surely one that matters then. Else `UNKNOWN`.
        Surely: with probability `SURE` or more.
    """
    if min(np.mean(now > 0.0), np.mean(then < 0.0)) >= SURE:
        return Outlook.TURNS
    if min(np.mean(now < 0.0), np.mean(then > 0.0)) >= SURE:
        return Outlook.TURNS
    if min(np.mean(now >= margin), np.mean(then < margin)) >= SURE:
        return Outlook.VANISHES
    return Outlook.HOLDS if np.mean(then >= margin) >= SURE else Outlook.UNKNOWN


def _sample(joint: Joint, population: Population, rng: np.random.Generator) -> ensemble.Draws:
    rates = len(joint.ladders) * joint.scales

    def log_density(hyper: Floats) -> Floats:
        logs = hyper[:, :rates]
        allowed = ((logs > RATES[0]) & (logs < RATES[1])).all(1) & (np.abs(hyper[:, -2]) < 6.0)
        allowed &= np.abs(hyper[:, -1]) < 12.0
        found = np.full(len(hyper), -np.inf)
        inside = hyper[allowed]
        if len(inside):
            found[allowed] = (
                joint.log_likelihood(inside)
                + population.log_density(inside[:, :rates], inside[:, -1])
                - 0.5 * inside[:, -2] ** 2
            )
        return found

    logs, drift = population.draw(rng, TRIED, rates)
    noise = 0.3 * rng.standard_normal(TRIED)
    tried = np.column_stack([np.clip(logs, RATES[0] + 0.1, RATES[1] - 0.1), noise, drift])
    fits = joint.log_likelihood(tried)
    odds = np.exp(fits - fits.max())
    start = tried[rng.choice(TRIED, WALKERS, p=odds / odds.sum())]
    start += 0.05 * rng.standard_normal(start.shape)
    start[:, :rates] = np.clip(start[:, :rates], RATES[0] + 0.05, RATES[1] - 0.05)
    return ensemble.draws(log_density, start, rng)


def _normal(rng: np.random.Generator, mean: Floats, covariance: Floats) -> Floats:
    """A draw for each of S means, shape (S, P), with covariances (S, P, P)."""
    values, vectors = np.linalg.eigh(covariance)
    roots = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    return np.asarray(mean + np.einsum("spq,sq->sp", roots, rng.standard_normal(mean.shape)))
