"""Brackbill and Centola 2020: people in inefficient networks find better models.

A data science contest: a solution is which variables a regression uses; in each of 15 rounds one
adds or removes one variable, or takes over the model of a contact, and keeps what is better. In
every trial of the experiment the inefficient network ended with better models, by the mean and by
the best. In the authors' simulation, of groups of 10, 100 and 1,000 where all see all or each sees
four on a ring, more so the larger the group: where all see all, all stand at the best start after
one round and are stuck together.

We did not have the contest's data; ours are drawn: 60 observations, 15 predictors that share three
factors, a response that depends on all of them; the score is Schwarz's criterion, from 0 for the
worst of the 32,768 models to 1 for the best. `shared` is the part of a predictor's variance that
the factors make: the more, the more models are better than all of their neighbours. How people
search is not given by a rule either. Two are played: a `blind` agent tries one random variable a
round, a `thorough` one looks at all fifteen and takes the best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.scenarios import kauffman, networks, society
from mainstem.lab.scenarios.scenario import Figure, Kind, Scenario, Target, mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

VARIABLES, OBSERVATIONS, FACTORS, ROUNDS = 15, 60, 3, 15
COMPLEX, SIMPLE = 0.98, 0.5
"""`shared` of problems with about thirty local optima, and with two or three."""

_NOISE_SD = 1.0  # of the response, in sds of what the predictors make of it
_STARTS = 4  # groups per problem, each from starts of its own

GROUPS = {
    "10 thorough": (10, VARIABLES),
    "10 blind": (10, 1),
    "100 blind": (100, 1),
}
"""People, and variables that one looks at in a round."""


def problem(shared: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The score of every model, shape (2^VARIABLES,), from 0 to 1.

    Args:
        shared: The part of a predictor's variance that the factors make, from 0 to below 1.
        rng: Draws the data.
    """
    factors = rng.standard_normal((OBSERVATIONS, FACTORS))
    loadings = rng.standard_normal((FACTORS, VARIABLES)) / np.sqrt(FACTORS)
    own = rng.standard_normal((OBSERVATIONS, VARIABLES))
    x = _standard(np.sqrt(shared) * factors @ loadings + np.sqrt(1.0 - shared) * own)
    signal = _standard(x @ rng.standard_normal(VARIABLES))
    y = _standard(signal + _NOISE_SD * rng.standard_normal(OBSERVATIONS))
    joint = np.column_stack([x, y])
    rest = residuals(joint.T @ joint / OBSERVATIONS)
    used = np.array([model.bit_count() for model in range(2**VARIABLES)])
    schwarz = OBSERVATIONS * np.log(rest) + np.log(OBSERVATIONS) * used
    score: NDArray[np.float64] = (schwarz.max() - schwarz) / np.ptp(schwarz)
    return score


def residuals(moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each subset of predictors leaves of the response's mean square, shape (2^p,).

    Variable by variable, the moments of what is left are kept once as they are and once without
    what that variable explains (a Schur complement), so that all subsets cost about as much as a
    few hundred single fits. The first predictor is the highest bit of a subset.

    Args:
        moments: Mean products of predictors and response, the response last, shape (p + 1, p + 1).
    """
    kept = moments[None]
    while kept.shape[1] > 1:
        without = kept[:, 1:, 1:]
        explained = kept[:, 1:, :1] * kept[:, :1, 1:] / kept[:, :1, :1]
        kept = np.stack([without, without - explained], axis=1).reshape(-1, *without.shape[1:])
    return kept[:, 0, 0]


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each column with mean 0 and sd 1."""
    standard: NDArray[np.float64] = (values - values.mean(axis=0)) / values.std(axis=0)
    return standard


def contest(
    score: NDArray[np.float64], people: int, tries: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """What the inefficient network has over the efficient one, from the same starts, shape (3,).

    The mean of the group at the end, the best of the group at the end, the mean over all rounds.
    """
    starts = rng.integers(len(score), size=people)
    reached = []
    for network in (networks.lattice(people, 4), networks.full(people)):
        paid = society.search(
            score, starts, network, society.best_contact, rounds=ROUNDS, rng=rng, tries=tries
        )
        reached.append([paid[-1].mean(), paid[-1].max(), paid.mean()])
    inefficient, efficient = np.array(reached)
    gap: NDArray[np.float64] = inefficient - efficient
    return gap


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """Groups of both networks on `size` complex problems and as many simple ones."""
    found: dict[str, Figure] = {}
    for kind, shared in (("complex", COMPLEX), ("simple", SIMPLE)):
        gaps: dict[str, list[NDArray[np.float64]]] = {name: [] for name in GROUPS}
        peaks = []
        for _ in range(size):
            score = problem(shared, rng)
            peaks.append(float(kauffman.optima(score)))
            for name, (people, tries) in GROUPS.items():
                met = [contest(score, people, tries, rng) for _ in range(_STARTS)]
                gaps[name].append(np.mean(met, axis=0))
        found[f"local optima, {kind}"] = mean(np.array(peaks))
        for name, rows in gaps.items():
            for j, what in enumerate(_WHAT):
                found[_name(name, what, kind)] = mean(np.array(rows)[:, j])
    return found


_WHAT = ("mean at the end", "best at the end", "mean of all rounds")


def _name(group: str, what: str, kind: str) -> str:
    return f"inefficient - efficient, {group}, {kind}, {what}"


SCENARIO = Scenario(
    name="brackbill-centola",
    paper="Brackbill and Centola 2020, PLOS ONE 15",
    definition=(
        "which of 15 variables a regression uses; each round a group's members take over the best "
        "model that they see if it is better than theirs, else add or remove one variable and keep "
        "that if better; 15 rounds; all see all, or a ring on which each sees four"
    ),
    targets=tuple(
        Target(name=_name(name, what, "complex"), value=0.0, kind=Kind.ABOVE, source="the paper")
        for name in GROUPS
        for what in _WHAT[:2]
    ),
    play=play,
    full=300,
    quick=6,
)
