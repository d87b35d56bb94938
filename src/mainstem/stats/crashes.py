r"""Which proposals crash, alone or together: group testing over minimal guilty sets.

A recipe crashes when it contains a guilty set: one proposal, or two that are fine apart. A recipe
that ran clears every set inside it for good. What remains suspect after a crash is narrowed by
further runs of parts of the crashed recipe, each chosen to crash with probability near one half
(adaptive group testing; Dorfman 1943, Hwang 1972). Crashes never enter the means.

Beliefs are independent Bernoulli priors on the sets and one noisy-or factor per crashed recipe ("at
least one suspect inside it is guilty"), combined by loopy belief propagation, which is exact while
crashes do not share suspects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats.effects import distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Guilty = tuple[int, ...]

SINGLE_PRIOR = 0.03
"""Prior probability that a proposal crashes alone."""

PAIRS_PRIOR = 0.3
"""Prior expected number of pairs that crash only together."""

LARGER_PRIOR = 0.05
"""Prior probability of a larger guilty set, considered where nothing smaller explains a crash."""

MOST_SUSPECTS = 64
"""Up to so many proposals every pair that never ran together is suspected a little."""

CERTAIN = 0.95
"""A set believed guilty with at least this probability is treated as such."""

_SWEEPS = 30


@dataclass(frozen=True, kw_only=True)
class Crashes:
    """Beliefs about guilty sets.

    Attributes:
        sets: Suspect sets as sorted indices, singles before pairs.
        guilt: Posterior probability per set, shape (len(sets),).
        proven: Sets that crashed by themselves while every smaller part of them ran.
        unexplained: Crashed recipes inside which no suspect single or pair is certain and no set
            is proven, as sorted indices.
        failures: Recipes that crashed and never ran, as sorted indices.
        ran: Recipes that ran at least once, shape (R, n).
    """

    n: int
    sets: tuple[Guilty, ...]
    guilt: NDArray[np.float64]
    proven: tuple[Guilty, ...]
    unexplained: tuple[Guilty, ...]
    failures: tuple[Guilty, ...]
    ran: NDArray[np.float64]

    @cached_property
    def crashed(self) -> NDArray[np.float64]:
        """The failures as rows, shape (F, n)."""
        return np.array([_row(self.n, f) for f in self.failures]).reshape(-1, self.n)

    @cached_property
    def _accusers(self) -> NDArray[np.float64]:
        """The failures that accuse somebody: a crash of nothing accuses nobody."""
        return self.crashed[self.crashed.any(1)]

    @cached_property
    def _doubts(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[tuple[Guilty, float]]]:
        """Log chance to be innocent of every single (n,) and pair (n, n), and of larger sets."""
        singles, pairs = np.zeros(self.n), np.zeros((self.n, self.n))
        larger: list[tuple[Guilty, float]] = []
        innocent = np.log1p(-np.minimum(self.guilt, 1.0 - 1e-9))
        for members, log_chance in zip(self.sets, innocent.tolist(), strict=True):
            if len(members) == 1:
                singles[members[0]] = log_chance
            elif len(members) == 2:
                pairs[members] = log_chance
            else:
                larger.append((members, log_chance))
        return singles, pairs, larger

    def runs(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability that recipes run, x of shape (A, n): shape (A,).

        One that holds all of a recipe that crashed is as good as certain to crash.
        """
        if not self.sets and not len(self._accusers):
            return np.ones(len(x))
        singles, pairs, larger = self._doubts
        log_runs = x @ singles + np.sum((x @ pairs) * x, axis=1)
        for members, log_chance in larger:
            log_runs[np.all(x[:, list(members)] > 0.5, axis=1)] += log_chance
        chance: NDArray[np.float64] = np.exp(log_runs)
        if not len(self._accusers):
            return chance
        holds = np.any(x @ self._accusers.T >= self._accusers.sum(1), axis=1)
        return np.where(holds, np.minimum(chance, 1.0 - CERTAIN), chance)

    def proof(self, members: Guilty) -> list[Guilty]:
        """The runs that would prove a set guilty: itself, and every part of it that has not run."""
        parts = [tuple(i for i in members if i != left_out) for left_out in members]
        missing = [part for part in parts if part and not _cleared(list(part), self.ran)]
        return missing if members in self.failures else [members, *missing]

    @property
    def guilty(self) -> tuple[Guilty, ...]:
        """Sets that are proven or as good as certain."""
        certain = (
            members
            for members, guilt in zip(self.sets, self.guilt, strict=True)
            if guilt >= CERTAIN
        )
        return tuple(dict.fromkeys((*self.proven, *certain)))


def locate(n: int, ran: NDArray[np.float64], crashed: NDArray[np.float64]) -> Crashes:
    """Beliefs after all runs.

    Args:
        n: Number of proposals.
        ran: Recipes that ran at least once, shape (R, n).
        crashed: Recipes that crashed and never ran, shape (C, n).
    """
    failures = [tuple(np.flatnonzero(row > 0.5).tolist()) for row in distinct(crashed)[0]]
    sets = _suspects(n, ran, failures)
    proven = tuple(
        failure for failure in failures if failure and _parts_ran(failure, ran) and len(failure) > 0
    )
    prior = np.array([_prior(members, n, proven) for members in sets])
    open_failures = [f for f in failures if not any(set(p) <= set(f) for p in proven)]
    guilt = _propagate(sets, prior, open_failures)
    # A larger set is known to crash, but not to be the smallest that does: it is narrowed first.
    certain = [s for s, g in zip(sets, guilt, strict=True) if g >= CERTAIN and len(s) <= 2]
    unexplained = tuple(
        f for f in open_failures if f and not any(set(s) <= set(f) for s in certain)
    )
    return Crashes(
        n=n,
        sets=tuple(sets),
        guilt=guilt,
        proven=proven,
        unexplained=unexplained,
        failures=tuple(failures),
        ran=ran,
    )


def _suspects(n: int, ran: NDArray[np.float64], failures: list[Guilty]) -> list[Guilty]:
    """Singles and pairs inside no recipe that ran; whole recipes where nothing else explains.

    Of many proposals only what is inside a recipe that crashed: pairs are hundreds of thousands,
    and each of the others is guilty with a probability of less than one in ten thousand.
    """
    suspect = ran.T @ ran == 0.0 if len(ran) else np.ones((n, n), dtype=np.bool_)
    if n > MOST_SUSPECTS:
        inside = np.zeros((n, n), dtype=np.bool_)
        for failure in failures:
            inside[np.ix_(failure, failure)] = True
        suspect &= inside
    singles = [(int(i),) for i in np.flatnonzero(np.diag(suspect))]
    small: list[Guilty] = [*singles, *map(tuple, np.argwhere(np.triu(suspect, 1)).tolist())]
    larger = [f for f in failures if len(f) > 2 and not suspect[np.ix_(f, f)].any()]
    return [*small, *dict.fromkeys(larger)]


def _parts_ran(failure: Guilty, ran: NDArray[np.float64]) -> bool:
    """Whether every part of the recipe with one member fewer is inside a recipe that ran."""
    if len(failure) == 1:
        return True
    held = ran[:, list(failure)] > 0.5
    count = held.sum(1)
    if np.any(count == len(failure)):
        return True
    left_out = ~held[count == len(failure) - 1]  # each of these recipes clears one part
    return bool(np.all(np.any(left_out, axis=0)))


def _cleared(members: list[int], ran: NDArray[np.float64]) -> bool:
    """Whether the set is inside a recipe that ran."""
    return bool(len(ran) and np.any(np.all(ran[:, members] > 0.5, axis=1)))


def _prior(members: Guilty, n: int, proven: tuple[Guilty, ...]) -> float:
    if members in proven:
        return 1.0 - 1e-9
    if len(members) == 1:
        return SINGLE_PRIOR
    if len(members) == 2:
        return min(SINGLE_PRIOR, PAIRS_PRIOR / (0.5 * n * (n - 1)))
    return LARGER_PRIOR


def _propagate(
    sets: list[Guilty], prior: NDArray[np.float64], failures: list[Guilty]
) -> NDArray[np.float64]:
    """Posterior guilt by loopy belief propagation; factors are the unexplained crashes."""
    logit = np.log(prior) - np.log1p(-prior)
    scopes = [np.array(_inside(sets, f), dtype=np.int64) for f in failures]
    messages = [np.zeros(len(scope)) for scope in scopes]
    total = logit.copy()
    for _ in range(_SWEEPS if scopes else 0):
        for scope, message in zip(scopes, messages, strict=True):
            others = total[scope] - message
            innocent = -np.logaddexp(0.0, others)  # log P(not guilty) from all else
            rest = innocent.sum() - innocent
            message[:] = -np.log(np.maximum(-np.expm1(rest), 1e-12))
            total[scope] = others + message
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(total, -40.0, 40.0))))


def _inside(sets: Sequence[Guilty], failure: Guilty) -> list[int]:
    """Which of the sets are inside a recipe, as indices."""
    members = set(failure)
    return [k for k, each in enumerate(sets) if members.issuperset(each)]


def next_test(
    crashes: Crashes, allowed: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float64] | None:
    """The next recipe that narrows an unexplained crash down, shape (n,), or None.

    A suspect that is more likely guilty than not is run by itself; otherwise a part of the crashed
    recipe is run whose chance to crash is nearest to one half. Where no single and no pair can
    explain the crash, members are left out in turn: each is needed for it or dropped.

    Args:
        crashes: Present beliefs.
        allowed: Pairs that may stand in one recipe, shape (n, n).
        rng: Proposes parts of the recipe.
    """
    if not crashes.unexplained:
        return None
    failure = min(crashes.unexplained, key=lambda f: (len(f), f))
    inside = _inside(crashes.sets, failure)
    if not inside:
        return None
    top = max(inside, key=lambda k: (float(crashes.guilt[k]), -k))
    if crashes.sets[top] == failure and len(failure) > 2:
        return _leave_out(crashes, failure, allowed)
    options = [_row(crashes.n, crashes.sets[top])]
    if crashes.guilt[top] < 0.5:
        for _ in range(64):
            kept = [i for i in failure if rng.random() < rng.uniform(0.3, 0.9)]
            if kept and len(kept) < len(failure):
                options.append(_row(crashes.n, tuple(kept)))
    x = np.array(options)
    x = x[[bool(np.all(allowed[np.ix_(row > 0.5, row > 0.5)])) for row in x]]
    if not len(x):
        return None
    crash = 1.0 - _conditional_runs(crashes, x, inside)
    return np.asarray(x[int(np.argmin(np.abs(crash - 0.5) + 1e-3 * x.sum(1)))])


def _leave_out(
    crashes: Crashes, failure: Guilty, allowed: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """The crashed recipe without a fifth of the members that may not be needed, or without one."""
    parts = {i: [k for k in failure if k != i] for i in failure}
    unsure = [i for i, part in parts.items() if not _cleared(part, crashes.ran)]
    several = set(unsure[: len(unsure) // 5])
    options = [[k for k in failure if k not in several], *(parts[i] for i in unsure)]
    for members in options:
        fits = bool(np.all(allowed[np.ix_(members, members)]))
        if fits and len(members) < len(failure) and not _cleared(members, crashes.ran):
            return _row(crashes.n, tuple(members))
    return None


def _conditional_runs(
    crashes: Crashes, x: NDArray[np.float64], inside: list[int]
) -> NDArray[np.float64]:
    """Chance to run if exactly one of the suspects inside the failure is guilty."""
    weights = crashes.guilt[inside] / crashes.guilt[inside].sum()
    hit = np.array([[bool(np.all(row[list(crashes.sets[k])] > 0.5)) for k in inside] for row in x])
    return np.asarray(1.0 - hit @ weights)


def _row(n: int, members: Guilty) -> NDArray[np.float64]:
    row = np.zeros(n)
    row[list(members)] = 1.0
    return row
