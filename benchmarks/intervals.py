"""Do the 90% posterior intervals of the search hold the truth, after adaptive trials?

Campaigns on landscapes of the model's kind, on rugged ones and on the tables of real runs, about
four runs a proposal in batches of four. Then three questions: one effect picked in advance, all
effects alone on the trunk, and the gain of the recipe that is recommended, which was chosen because
it looked good. The goal is 86 to 94% on landscapes of the model's own kind, 80% or more elsewhere.
Campaigns are kept ten by ten, for this very code.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from arena.catalogue import catalogue
from arena.rivals.mainstem_search import MARGIN_SDS
from mainstem import Integrator, Objective
from mainstem.stats.unwarped import AS_IT_IS
from mainstem.stats.warp import Warp, fit_warp
from plans import code_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from arena.catalogue import Spec

    Floats = NDArray[np.float64]

LEVEL = 0.9
CAMPAIGNS, QUICK = 1000, 5
PER_PROPOSAL = 4
"""Runs per proposal, before those that a trunk takes."""

_KEEP_EVERY = 10
_TABLES = Path(__file__).parent / "tables"
_SMALL = 8  # proposals of the landscapes that are drawn here
_PLACES = list(combinations(range(_SMALL), 2))
_CUBE = np.array(list(product((0.0, 1.0), repeat=_SMALL)))
_SEED = 22
_STEPS = 40  # until a warp and the spread that it makes agree

PRIOR_NOISE = (0.5, 0.005)
"""Shape and scale of the landscape's prior of its noise variance, an inverse gamma."""

NARROW_NOISE = (2.0, 0.05)
"""A prior of the noise that the landscape once had: few games of little noise, few of much."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What a campaign runs on; everything is to be gained.

    Attributes:
        n: How many proposals.
        gain: The true gain of a recipe, a set of places.
        run: One run of it with a seed: what it measures.
        margin: The smallest gain that matters.
    """

    n: int
    gain: Callable[[frozenset[int]], float]
    run: Callable[[frozenset[int], int], float]
    margin: float


@dataclass(frozen=True, kw_only=True)
class Held:
    """Which intervals of one campaign held the truth.

    Attributes:
        effects: Of each proposal alone on the trunk, in order.
        chosen: Of the recommended recipe's gain; None where the trunk is recommended.
    """

    effects: list[bool]
    chosen: bool | None


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A landscape of eight proposals, in sds of its noise.

    Attributes:
        level: On the scale on which the noise is the same for all, 0 the trunk, shape (256,).
        warp: How gains are read off that scale.
    """

    level: Floats
    warp: Warp = AS_IT_IS


def of_pairs(rng: np.random.Generator) -> Drawn:
    """Main effects (sd 1.5) and half of the pairs (sd .75), noise 1."""
    main = rng.normal(0.0, 1.5, _SMALL)
    pair = rng.normal(0.0, 0.75, len(_PLACES)) * (rng.random(len(_PLACES)) < 0.5)
    both = np.stack([_CUBE[:, i] * _CUBE[:, j] for i, j in _PLACES], axis=1)
    return Drawn(level=np.asarray(_CUBE @ main + both @ pair))


def of_the_prior(
    rng: np.random.Generator, *, noise: tuple[float, float] = PRIOR_NOISE, warped: bool = False
) -> Drawn:
    """A landscape from the model's own prior.

    Args:
        rng: Draws it.
        noise: Shape and scale of the inverse gamma of the noise variance.
        warped: Whether the prior is of compressed gains, as it is of the landscape that decides.
            Else it is of the gains as they are, as in the half of credit that has no warp.
    """
    n, count = _SMALL, _CUBE.sum(1)
    both = np.stack([_CUBE[:, i] * _CUBE[:, j] for i, j in _PLACES], axis=1)
    f = np.zeros(len(_CUBE))
    for features, counts, shares, mean_var in (
        (_CUBE, count, (3.0, 2.0), 0.25),
        (both, count * (count - 1.0) / 2.0, (2.0, n - 1.0), 0.1),
    ):
        tau, pi = (2.0 / n) / rng.gamma(2.0), rng.beta(*shares)
        sds = np.sqrt(tau) * np.where(rng.random(features.shape[1]) < pi, 1.0, 0.12)
        f += features @ (sds * rng.standard_normal(len(sds)))
        f += counts * np.sqrt(mean_var * tau * pi) * rng.standard_normal()
    noise_var = noise[1] / rng.gamma(noise[0])
    f += _remainder(rng, noise_var)
    level = np.asarray((f - f[0]) / np.sqrt(noise_var))
    if not warped:
        return Drawn(level=level)
    return Drawn(level=level, warp=_warp(level + rng.standard_normal(len(level))))


def _warp(runs: Floats) -> Warp:
    """The warp that `fit_warp` finds in gains which, compressed by it, are these runs.

    A warp of its scale makes gains of a larger spread the smaller it is, so there is one whose
    scale is the spread that it makes; and its losses end nowhere.
    """
    warp = replace(fit_warp(runs), floor=-np.inf)
    for _ in range(_STEPS):
        found = fit_warp(warp.inverse(runs))
        scale = float(np.sqrt(found.scale * warp.scale))
        warp = replace(warp, bend=found.bend * scale / found.scale, scale=scale)
    return warp


def _remainder(rng: np.random.Generator, noise_var: float) -> Floats:
    """The prior's remainder on the cube, given the variance of the noise."""
    ratios = np.array([1e-4, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
    odds = stats.norm.pdf(np.log(ratios), np.log(0.3), 3.0)
    var = noise_var * rng.choice(ratios, p=odds / odds.sum())
    step = np.exp(-rng.choice([1.5, 3.0, 6.0]) / _SMALL)
    correlation = step ** np.abs(_CUBE[:, None] - _CUBE[None]).sum(2)
    root = np.linalg.cholesky(correlation + 1e-9 * np.eye(len(_CUBE)))
    return np.asarray(np.sqrt(var) * root @ rng.standard_normal(len(_CUBE)))


def drawn(draw: Callable[[np.random.Generator], Drawn]) -> Callable[[int], World]:
    """Worlds of eight proposals, drawn; the noise at the trunk is 1, and so is the margin."""

    def world(number: int) -> World:
        rng = np.random.default_rng([_SEED, number])
        found = draw(rng)

        def run(recipe: frozenset[int], noise: float) -> float:
            level = found.level[sum(1 << (_SMALL - 1 - place) for place in recipe)]
            return float(found.warp.inverse(level + noise))

        return World(
            n=_SMALL,
            gain=lambda recipe: run(recipe, 0.0),
            run=lambda recipe, _seed: run(recipe, float(rng.standard_normal())),
            margin=1.0,
        )

    return world


def of_the_arena(name: str) -> Callable[[int], World]:
    """Worlds of a landscape of the arena, with the margin that it is played with there."""

    def world(number: int) -> World:
        landscape = _spec(name).make(np.random.default_rng([_SEED, number, 7]))

        def bits(recipe: frozenset[int]) -> NDArray[np.int64]:
            out = np.zeros(landscape.n, np.int64)
            out[list(recipe)] = 1
            return out

        base = landscape.truth(bits(frozenset()))
        return World(
            n=landscape.n,
            gain=lambda recipe: base - landscape.truth(bits(recipe)),
            run=lambda recipe, seed: base - landscape.evaluate(bits(recipe), seed),
            margin=MARGIN_SDS * landscape.trunk_sd,
        )

    return world


@cache
def _spec(name: str) -> Spec:
    """A landscape of the arena."""
    return catalogue(_TABLES)[name]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of landscape.

    Attributes:
        world: Makes the world of a campaign's number.
        goal: The lowest and the highest share that is aimed at.
    """

    world: Callable[[int], World]
    goal: tuple[float, float]


KINDS = {
    "pairs": Kind(world=drawn(of_pairs), goal=(0.86, 0.94)),
    "the model's own prior": Kind(world=drawn(of_the_prior), goal=(0.86, 0.94)),
    "the same, warped": Kind(world=drawn(partial(of_the_prior, warped=True)), goal=(0.86, 0.94)),
    "prior, noise in between": Kind(
        world=drawn(partial(of_the_prior, noise=NARROW_NOISE)), goal=(0.86, 0.94)
    ),
    "Rugged, n = 12": Kind(world=of_the_arena("rugged-12"), goal=(0.8, 1.0)),
    "table classifier12": Kind(world=of_the_arena("table-classifier12"), goal=(0.8, 1.0)),
    "table tinylm10": Kind(world=of_the_arena("table-tinylm10"), goal=(0.8, 1.0)),
}


def searched(world: World, number: int) -> Integrator:
    """The integrator of a campaign without a budget, after about four runs a proposal."""
    names = [f"p{place:02d}" for place in range(world.n)]
    place = {name: k for k, name in enumerate(names)}
    integrator = Integrator(
        proposals=names,
        objectives=[Objective("gain", margin=world.margin, direction="maximize")],
        seed=number,
        level=LEVEL,
    )
    for _ in range(world.n * PER_PROPOSAL // 4 + 2):
        for trial in integrator.ask(4):
            recipe = frozenset(place[name] for name in trial.recipe)
            integrator.tell(trial, {"gain": world.run(recipe, trial.seed)})
    return integrator


def campaign(world: World, number: int) -> Held:
    """One campaign: which of its intervals hold the truth in the end."""
    return holds(world, searched(world, number))


def holds(world: World, integrator: Integrator) -> Held:
    """Which intervals of a campaign hold the truth as it stands."""
    place = {name: k for k, name in enumerate(integrator.proposals)}

    def truth(members: frozenset[str]) -> float:
        return world.gain(frozenset(place[name] for name in members))

    effects = sorted(integrator.effects(pairs=False), key=lambda e: sorted(e.proposals))
    best = integrator.recommend().recipe
    chosen = None
    if best:
        found = integrator.gain(best)["gain"]
        chosen = bool((found.low or 0.0) <= truth(best) <= (found.high or 0.0))
    held = [bool(e.low <= truth(e.proposals) <= e.high) for e in effects]
    return Held(effects=held, chosen=chosen)


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Plays what is missing of every kind; kept in `folder` ten by ten."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = QUICK if quick else CAMPAIGNS
    return {name: shares(_played(folder, name, wanted)) for name in KINDS}


def _played(folder: Path, name: str, wanted: int) -> list[Held]:
    """Campaigns of a kind, from the file of this very code."""
    key = f"{name} {code_digest(Path(__file__))}"
    file = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    kept = json.loads(file.read_text("utf-8")) if file.exists() else []
    ended = [Held(**row) for row in kept]
    while len(ended) < wanted:
        more = range(len(ended), min(wanted, len(ended) + _KEEP_EVERY))
        ended += [campaign(KINDS[name].world(number), number) for number in more]
        file.write_text(json.dumps([asdict(one) for one in ended]), encoding="utf-8")
    return ended[:wanted]


def shares(campaigns: list[Held]) -> dict[str, float]:
    """Shares of intervals that held the truth.

    Returns:
        `picked`: of one effect a campaign, picked in advance by its number; `every`: of all
        effects; `chosen`: of the recommended recipes' gains; `campaigns`: how many there were.
    """
    picked = [one.effects[k % len(one.effects)] for k, one in enumerate(campaigns)]
    every = [held for one in campaigns for held in one.effects]
    chosen = [one.chosen for one in campaigns if one.chosen is not None]
    return {
        "picked": float(np.mean(picked)),
        "every": float(np.mean(every)),
        "chosen": float(np.mean(chosen)) if chosen else float("nan"),
        "campaigns": len(campaigns),
    }


def table(figures: dict[str, Any]) -> str:
    """The shares of each kind, with the standard error of one interval a campaign."""
    lines = [
        f"share of {LEVEL:.0%} posterior intervals that hold the truth",
        (
            f"  {'landscapes':24s}{'one effect':>12s}{'all effects':>13s}{'chosen gain':>13s}"
            f"{'+-':>7s}{'of':>6s}  goal"
        ),
    ]
    for name, found in figures.items():
        low, high = KINDS[name].goal
        error = float(np.sqrt(LEVEL * (1.0 - LEVEL) / found["campaigns"]))
        lines.append(
            f"  {name:24s}{found['picked']:12.3f}{found['every']:13.3f}{found['chosen']:13.3f}"
            f"{error:7.3f}{found['campaigns']:6.0f}  {low:.2f} to {high:.2f}"
        )
    return "\n".join(lines)
