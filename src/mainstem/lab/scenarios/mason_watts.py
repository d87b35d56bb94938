"""Mason and Watts 2012: people in efficient networks find more.

16 people, three contacts each, 15 rounds, a map of 100 by 100 with one main peak that is easy to
miss among many small ones. Every round each picks a place and earns what lies there; each sees
where the contacts were and what they earned. In the experiment, efficient networks earned more:
good places travel faster, and what is earned on the way counts.

The map is the paper's as Barkoczi and Galesic published it: a Gaussian peak of variance 3 and
height 1, plus octaves 3 to 7 of uniform numbers on grids of 2^w by 2^w, smoothed by cubic
interpolation and scaled by .7^w, all of it scaled to a highest value of 100.

What the paper cannot give is a rule: its agents were people. Ours know the best place that they or
a contact of theirs have been to. With probability `exploits` they go there, else they look further:
near it with probability `nearby` (up to three steps in each direction), else anywhere. Nine
settings of both are played, so that what is said does not hang on one. The paper rewired networks
until each of four measures was at an end; we take two known graphs at the ends of path length and
clustering.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.scenarios import networks
from mainstem.lab.scenarios.scenario import Figure, Kind, Scenario, Target, mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mainstem.lab.scenarios.networks import Network

SIDE, PEOPLE, ROUNDS, STEP = 100, 16, 15, 3
EXPLOITS, NEARBY = (0.25, 0.5, 0.75), (0.0, 0.5, 1.0)

_VARIANCE, _PERSISTENCE, _OCTAVES = 3.0, 0.7, range(3, 8)
_CENTRAL = (0.5, 0.5)

NETWORKS = {
    "efficient": networks.moebius_kantor(),
    "inefficient": networks.diamonds(),
    "alone": np.arange(PEOPLE)[:, None],
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a group earned.

    Attributes:
        earned: Per person and round, points of 100.
        last: Per person in the last round.
        found: The best place of all rounds.
    """

    earned: float
    last: float
    found: float


def terrain(rng: np.random.Generator) -> NDArray[np.float64]:
    """A map, shape (SIDE, SIDE), its highest value 100."""
    places = np.arange(1, SIDE + 1)
    across, down = (
        np.exp(-((places - centre) ** 2) / (2.0 * _VARIANCE)) for centre in rng.uniform(1, SIDE, 2)
    )
    height = np.outer(across, down)
    height /= height.max()
    for octave in _OCTAVES:
        weights, grid = _interpolation(octave), rng.random((2**octave, 2**octave))
        height += _PERSISTENCE**octave * (weights @ grid @ weights.T)
    height *= 100.0 / height.max()
    return height


@functools.cache
def _interpolation(octave: int) -> NDArray[np.float64]:
    """What each knot of an octave weighs at each place, shape (SIDE, 2^octave)."""
    from scipy.interpolate import CubicSpline

    knots = np.linspace(1, SIDE, 2**octave)
    weights: NDArray[np.float64] = CubicSpline(knots, np.eye(len(knots)))(np.arange(1, SIDE + 1))
    return weights


def group(
    height: NDArray[np.float64],
    network: Network,
    starts: NDArray[np.int64],
    habits: tuple[float, float],
    rng: np.random.Generator,
) -> Outcome:
    """Plays one group.

    Args:
        height: The map.
        network: Who sees whom.
        starts: The places of the first round, shape (people, 2).
        habits: `exploits` and `nearby`, as the module defines them.
        rng: Draws the rest.
    """
    people, (exploits, nearby) = len(network), habits
    place, earned = starts, height[starts[:, 0], starts[:, 1]]
    known, worth, course = place, earned, [earned]
    for _ in range(ROUNDS - 1):
        known, worth = _seen(place, earned, known, worth, network)
        near = known + rng.integers(-STEP, STEP + 1, size=(people, 2))
        far = rng.integers(SIDE, size=(people, 2))
        further = np.where(rng.random((people, 1)) < nearby, np.clip(near, 0, SIDE - 1), far)
        place = np.where(rng.random((people, 1)) < exploits, known, further)
        earned = height[place[:, 0], place[:, 1]]
        known = np.where((earned > worth)[:, None], place, known)
        worth = np.maximum(earned, worth)
        course.append(earned)
    paid = np.array(course)
    return Outcome(earned=float(paid.mean()), last=float(paid[-1].mean()), found=float(paid.max()))


def _seen(
    place: NDArray[np.int64],
    earned: NDArray[np.float64],
    known: NDArray[np.int64],
    worth: NDArray[np.float64],
    network: Network,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The best place that each knows once it has seen where its contacts were, and its worth."""
    of = network[np.arange(len(network)), np.argmax(earned[network], axis=1)]
    better = earned[of] > worth
    return np.where(better[:, None], place[of], known), np.where(better, earned[of], worth)


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """Groups of all networks on `size` maps, from the same starts, for nine settings of habits."""
    gaps: dict[tuple[float, float], list[float]] = {}
    central: dict[str, list[Outcome]] = {name: [] for name in NETWORKS}
    for _ in range(size):
        height, starts = terrain(rng), rng.integers(SIDE, size=(PEOPLE, 2))
        for habits in itertools.product(EXPLOITS, NEARBY):
            met = {
                name: group(height, network, starts, habits, rng)
                for name, network in NETWORKS.items()
                if name != "alone" or habits == _CENTRAL
            }
            gap = met["efficient"].earned - met["inefficient"].earned
            gaps.setdefault(habits, []).append(gap)
            if habits == _CENTRAL:
                for name, outcome in met.items():
                    central[name].append(outcome)
    return {**_central(central), **_settings(gaps)}


def _central(groups: Mapping[str, list[Outcome]]) -> Mapping[str, Figure]:
    """Figures of the middle setting."""
    of = {
        (name, what): np.array([getattr(outcome, what) for outcome in outcomes])
        for name, outcomes in groups.items()
        for what in ("earned", "last", "found")
    }
    found = {f"points a round, {name}": mean(of[name, "earned"]) for name in groups}
    found[_TOGETHER] = mean(of["efficient", "earned"] - of["alone", "earned"])
    for what, words in (("earned", "all rounds"), ("last", "last round"), ("found", "best place")):
        found[f"{_GAP}, {words}"] = mean(of["efficient", what] - of["inefficient", what])
    return found


def _settings(gaps: Mapping[tuple[float, float], list[float]]) -> Mapping[str, Figure]:
    """The difference by setting, and over all of them."""
    rows = {habits: np.array(values) for habits, values in gaps.items()}
    found = {
        f"{_GAP}, exploits {exploits}, nearby {nearby}": mean(values)
        for (exploits, nearby), values in rows.items()
    }
    found[f"{_GAP}, all rounds, nine settings"] = mean(np.mean(list(rows.values()), axis=0))
    return found


_GAP, _TOGETHER = "efficient - inefficient", "efficient - alone"

SCENARIO = Scenario(
    name="mason-watts",
    paper="Mason and Watts 2012, PNAS 109",
    definition=(
        "maps of 100 by 100 with a narrow main peak among smooth noise; 16 agents with three "
        "contacts each, 15 rounds; each round an agent goes to the best place that it knows of, or "
        "looks near it, or anywhere; points a round"
    ),
    targets=tuple(
        Target(name=name, value=0.0, kind=Kind.ABOVE, source="the paper")
        for name in (_TOGETHER, f"{_GAP}, all rounds", f"{_GAP}, all rounds, nine settings")
    ),
    play=play,
    full=1000,
    quick=8,
)
