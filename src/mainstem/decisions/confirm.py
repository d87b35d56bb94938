"""Confirmation: search data never decide; fresh pairs do.

Candidate and trunk run in pairs on fresh seeds, the same seed in both arms. A candidate merges when
at least one improve objective gains and no objective, guard or not, is worse by more than its
margin, each by anytime-valid evidence (`mainstem.stats.evidence`) at a threshold that spends alpha
over all candidates of the campaign. All margins must hold, so they need no correction among
themselves (intersection-union); any of J gains suffices, so these are divided by J.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.decisions.belief import Scale
    from mainstem.decisions.problem import Problem, Result
    from mainstem.domain.recipe import Recipe


class Outcome(StrEnum):
    """Where a candidate stands."""

    RUNNING = "running"
    CONFIRMED = "confirmed"
    CRASHED = "crashed"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One confirmation pair.

    Attributes:
        seed: The seed of both arms.
        trunk: The trunk's result.
        candidate: The candidate's result.
    """

    seed: int
    trunk: Result
    candidate: Result


@dataclass(frozen=True, kw_only=True)
class Test:
    """The evidence about one objective of one candidate.

    Attributes:
        objective: Its name.
        exact: Whether the objective is deterministic and one pair decides.
        log_gain: Largest log e-value so far that it gains (-inf: not to be improved).
        log_margin: Largest log e-value so far that it is not worse by more than the margin.
        gains: Whether the gain is proved.
        keeps: Whether the margin is proved to be kept.
        breaks: Whether an exact objective is worse by more than the margin.
        skewness: Skewness of the differences, for the reader.
    """

    objective: str
    exact: bool
    log_gain: float
    log_margin: float
    gains: bool
    keeps: bool
    breaks: bool
    skewness: float | None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A recipe in confirmation.

    Attributes:
        number: Its number in the campaign, from 1, fixed before its first pair.
        recipe: The recipe.
        baseline: The trunk it is compared with.
        pairs: Its finished pairs in order.
        tests: Evidence per objective.
        outcome: Where it stands.
        log_threshold: What a margin's log e-value must reach; a gain's, log J more.
    """

    number: int
    recipe: Recipe
    baseline: Recipe
    pairs: tuple[Pair, ...]
    tests: tuple[Test, ...]
    outcome: Outcome
    log_threshold: float

    @property
    def blocked(self) -> bool:
        """Whether no further pair can confirm it."""
        return self.outcome is Outcome.CRASHED or any(test.breaks for test in self.tests)


def judge(
    problem: Problem,
    *,
    number: int,
    recipe: Recipe,
    baseline: Recipe,
    pairs: tuple[Pair, ...],
    scale: Scale,
    exact: tuple[bool, ...],
) -> Candidate:
    """Weighs a candidate's pairs.

    Args:
        problem: The question.
        number: The candidate's number.
        recipe: The candidate.
        baseline: The trunk at its first pair.
        pairs: Its finished pairs in order; a pair whose trunk crashed is left out.
        scale: Margins and directions.
        exact: Per objective, whether it was found deterministic.
    """
    crashed = any(p.candidate.values is None for p in pairs)
    whole = tuple(p for p in pairs if p.candidate.values is not None and p.trunk.values is not None)
    log_threshold = float(np.log(evidence.spending(number) / problem.alpha))
    d = differences(problem, whole, scale)
    tests = tuple(
        _test(problem, j, d[:, j], float(scale.margin[j]), exact=exact[j], bar=log_threshold)
        for j in range(len(problem.objectives))
    )
    outcome = Outcome.CRASHED if crashed else Outcome.RUNNING
    proved = any(tests[j].gains for j in problem.improve) and all(test.keeps for test in tests)
    if proved and not crashed:
        outcome = Outcome.CONFIRMED
    return Candidate(
        number=number,
        recipe=recipe,
        baseline=baseline,
        pairs=whole,
        tests=tests,
        outcome=outcome,
        log_threshold=log_threshold,
    )


def differences(problem: Problem, pairs: tuple[Pair, ...], scale: Scale) -> NDArray[np.float64]:
    """Paired gains in raw units, above 0 is better, shape (pairs, J)."""
    names = [o.name for o in problem.objectives]
    d = np.zeros((len(pairs), len(names)))
    for row, pair in enumerate(pairs):
        for j, name in enumerate(names):
            new, old = (pair.candidate.values or {})[name], (pair.trunk.values or {})[name]
            d[row, j] = (new - old) * scale.sign[j]
    return d


def _test(
    problem: Problem,
    j: int,
    d: NDArray[np.float64],
    margin: float,
    *,
    exact: bool,
    bar: float,
) -> Test:
    """The evidence about objective j after the differences d, in raw units; `bar` is log E's."""
    name, improves = problem.objectives[j].name, j in problem.improve
    exact = exact and len(d) > 0 and bool(np.all(d == d[0]))
    if exact:
        kept = bool(d[0] >= -margin)
        certain = float("inf")
        return Test(
            objective=name,
            exact=True,
            log_gain=certain if improves and d[0] > 0.0 else float("-inf"),
            log_margin=certain if kept else float("-inf"),
            gains=improves and bool(d[0] > 0.0),
            keeps=kept,
            breaks=not kept,
            skewness=None,
        )
    gain_bar = bar + float(np.log(len(problem.improve)))
    log_gain = _largest(d, gain_bar) if improves else float("-inf")
    log_margin = _largest(d + margin, bar)
    return Test(
        objective=name,
        exact=False,
        log_gain=log_gain,
        log_margin=log_margin,
        gains=improves and log_gain >= gain_bar,
        keeps=log_margin >= bar,
        breaks=False,
        skewness=evidence.skewness(d),
    )


def _largest(d: NDArray[np.float64], bar: float) -> float:
    """The largest log e-value at any look so far: what was proved once stays proved (Ville)."""
    return float(np.max(evidence.log_path(d, bar), initial=0.0))


def pairs_needed(
    mean: NDArray[np.float64],
    sd: NDArray[np.float64],
    *,
    improve: tuple[int, ...],
    log_threshold: float,
) -> float:
    """About how many pairs a recipe with these gains takes to be confirmed.

    Args:
        mean: Expected gain per objective, in margins, shape (J,).
        sd: Run-to-run sd per objective, in margins, shape (J,); 0 for a deterministic one.
        improve: Places of the objectives to improve.
        log_threshold: What a margin's log e-value must reach.
    """
    pair_sd = np.sqrt(2.0) * sd

    def pairs(gain: float, spread: float, threshold: float) -> float:
        if gain <= 0.0:
            return float("inf")
        return 1.0 if spread == 0.0 else evidence.pairs_to_decide(gain / spread, threshold)

    for_gain = min(
        pairs(float(mean[j]), float(pair_sd[j]), log_threshold + float(np.log(len(improve))))
        for j in improve
    )
    for_margins = max(
        pairs(float(m) + 1.0, float(s), log_threshold) for m, s in zip(mean, pair_sd, strict=True)
    )
    return max(for_gain, for_margins)
