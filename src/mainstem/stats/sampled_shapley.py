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

_INDEX = "STII"


@dataclass(frozen=True, kw_only=True)
class Picked:
    """One set of coalitions.

    Attributes:
        approximator: shapiq's, which has picked them; to pick them anew for every game takes three
            times as long as to divide it.
        coalitions: As it picked them, shape (B, n).
        places: Where each stands among those of the plan, shape (B,).
    """

    approximator: Any
    coalitions: NDArray[np.bool_]
    places: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which coalitions to value.

    Attributes:
        coalitions: Who is in each, nobody first, each once, shape (A, n).
        sets: The independent sets of which they are.
    """

    coalitions: NDArray[np.bool_]
    sets: tuple[Picked, ...]

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
    places: dict[bytes, int] = {np.zeros(n, dtype=np.bool_).tobytes(): 0}
    planned = []
    for one in np.random.SeedSequence(seed).generate_state(sets):
        approximator, picked = _picked(n, int(one), per_set)
        at = [places.setdefault(row.tobytes(), len(places)) for row in picked]
        planned.append(Picked(approximator=approximator, coalitions=picked, places=np.array(at)))
    every = np.frombuffer(b"".join(places), dtype=np.bool_).reshape(-1, n)
    return Plan(coalitions=every, sets=tuple(planned))


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
    for s in range(len(games)):
        out[s] += _one(rest[s], planned.sets[s % len(planned.sets)])
    mean = rest.mean(0)
    each = np.array([_one(mean, one).sum(1) for one in planned.sets])
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


def _picked(n: int, seed: int, per_set: int) -> tuple[Any, NDArray[np.bool_]]:
    """An approximator of shapiq's and the coalitions that it picked, shape (B, n)."""
    picked: list[NDArray[np.bool_]] = []

    def note(x: NDArray[np.bool_]) -> Floats:
        picked.append(x.astype(np.bool_))
        return np.zeros(len(x))

    approximator = _shapiq().SHAPIQ(n=n, max_order=2, index=_INDEX, random_state=seed)
    approximator.approximate(per_set, note)
    return approximator, picked[0]


def _one(game: Floats, one: Picked) -> Floats:
    """The split of one game, shape (A,), by one set of coalitions, shape (n, n)."""
    found = one.approximator.monte_carlo_routine(game[one.places], one.coalitions, _INDEX)
    n = one.coalitions.shape[1]
    where = one.approximator.interaction_lookup
    first, second = np.triu_indices(n, 1)
    pair = np.zeros((n, n))
    at = [where[i, j] for i, j in zip(first.tolist(), second.tolist(), strict=True)]
    pair[first, second] = pair[second, first] = found[at]
    return shapley.of_quadratic(found[[where[i,] for i in range(n)]], pair)


def _shapiq() -> Any:
    try:
        import shapiq.approximator
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"credit of many members samples coalitions with shapiq, which is not here: {INSTALL}",
            name=error.name,
        ) from error
    return shapiq.approximator
