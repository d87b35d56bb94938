r"""Shapley values of more members than can be enumerated, from a few thousand coalitions.

The library shapiq (Muschalik et al. 2024) picks the coalitions and weighs them, by SHAP-IQ
(Fumagalli et al. 2023) for the Shapley-Taylor index of order 2, whose split is that of
`stats.shapley`. Two things keep its error small. Games here are nearly quadratic, so a quadratic
game is fitted and divided in closed form, and only the rest is sampled. And there are eight
independent sets of coalitions: draw s of a posterior is divided by set s modulo 8, so that
the spread of the draws holds the error of sampling, and the eight sets say how large it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.stats import shapley

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

INSTALL = "pip install 'mainstem[credit]'"

SETS = 8
"""Independent sets of coalitions."""

PER_SET = 512
"""Coalitions in each: all of them together are as many as twelve members have."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which coalitions to value.

    Attributes:
        coalitions: Who is in each, nobody first, each once, shape (A, n).
        seeds: The seed of each set of coalitions.
        per_set: Coalitions in each set.
    """

    coalitions: NDArray[np.bool_]
    seeds: tuple[int, ...]
    per_set: int

    @property
    def n(self) -> int:
        """Number of members."""
        return int(self.coalitions.shape[1])


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """What sampling gives.

    Attributes:
        split: As `shapley.split` has it, of each draw, shape (S, n, n).
        error: Standard error of sampling of each member's mean value, shape (n,).
    """

    split: Floats
    error: Floats


def plan(n: int, seed: int, *, sets: int = SETS, per_set: int = PER_SET) -> Plan:
    """The coalitions to value for n members.

    Args:
        n: Number of members, 3 or more.
        seed: Of everything random here.
        sets: Independent sets of coalitions, 2 or more.
        per_set: Coalitions in each.

    Raises:
        ModuleNotFoundError: shapiq is not installed.
        ValueError: Fewer than two sets, which cannot say how large the error is.
    """
    if sets < 2:
        raise ValueError(f"{sets} set of coalitions cannot say how large its error is: take 2")
    seeds = tuple(int(s) for s in np.random.SeedSequence(seed).generate_state(sets))
    asked: dict[bytes, NDArray[np.bool_]] = {}

    def note(x: NDArray[np.bool_]) -> Floats:
        asked.update({row.tobytes(): row.copy() for row in x})
        return np.zeros(len(x))

    nobody = np.zeros(n, dtype=np.bool_)
    asked[nobody.tobytes()] = nobody
    for one in seeds:
        _approximator(n, one).approximate(per_set, note)
    return Plan(coalitions=np.array(list(asked.values())), seeds=seeds, per_set=per_set)


def split(games: Floats, planned: Plan) -> Sampled:
    """Divides draws of a game.

    Args:
        games: Its value at the coalitions of the plan, shape (S, A).
        planned: The plan.

    Raises:
        ModuleNotFoundError: shapiq is not installed.
    """
    games = games - games[:, :1]
    fitted, main, pair = _quadratic(games, planned.coalitions)
    rest = games - fitted
    out = shapley.of_quadratic(main, pair)
    for k, seed in enumerate(planned.seeds):
        for s in range(k, len(games), len(planned.seeds)):
            out[s] += _one(rest[s], planned, seed)
    mean = rest.mean(0)
    each = np.array([_one(mean, planned, seed).sum(1) for seed in planned.seeds])
    return Sampled(split=out, error=each.std(0, ddof=1) / np.sqrt(len(each)))


def _quadratic(games: Floats, x: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """The nearest quadratic games: values (S, A), main effects (S, n) and pairs (S, n, n)."""
    n = x.shape[1]
    first, second = np.triu_indices(n, 1)
    features = np.concatenate([x, x[:, first] & x[:, second]], axis=1).astype(np.float64)
    found = games @ np.linalg.pinv(features).T
    pair = np.zeros((len(games), n, n))
    pair[:, first, second] = pair[:, second, first] = found[:, n:]
    return found @ features.T, found[:, :n], pair


def _one(game: Floats, planned: Plan, seed: int) -> Floats:
    """The split of one game, shape (A,), by one set of coalitions, shape (n, n)."""
    places = {row.tobytes(): a for a, row in enumerate(planned.coalitions)}

    def look_up(x: NDArray[np.bool_]) -> Floats:
        return game[[places[row.tobytes()] for row in x]]

    n = planned.n
    found = _approximator(n, seed).approximate(planned.per_set, look_up)
    alone = np.array([found[(i,)] for i in range(n)])
    pair = np.zeros((n, n))
    for i, j in zip(*np.triu_indices(n, 1), strict=True):
        pair[i, j] = pair[j, i] = found[int(i), int(j)]
    return shapley.of_quadratic(alone, pair)


def _approximator(n: int, seed: int) -> Any:
    return _shapiq().SHAPIQ(n=n, max_order=2, index="STII", random_state=seed)


def _shapiq() -> Any:
    try:
        import shapiq.approximator
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"credit of many members samples coalitions with shapiq, which is not here: {INSTALL}",
            name=error.name,
        ) from error
    return shapiq.approximator
