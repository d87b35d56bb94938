"""Do 80% intervals of forecasts hold what larger runs measure? Simulated laws, and real runs.

Fifty stacks of ten recipes each, on ladders of four to six rungs with three seeds; what is forecast
is the mean of three fresh seeds at 8 times the largest rung. Laws of the fitted family are drawn
from the prior that `mainstem.stats.populations` states: a power law with an offset, the drift and
the turn beyond all rungs that the model believes in. The goal is 75 to 85% there. Laws of a stack
have the sizes of drift and turn in common, so 500 of them know the share to .025 only, a quarter of
that band: three times as many are drawn, and each 500 stand apart. Others are of
kinds that no prior was made for, power laws that never drift among them; 60% or more is asked for.
Real runs are those of `tables/ladders/tinylm-ladder.npz`, forecast from four rungs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.stats import ensemble, extrapolation, populations, scaling
from mainstem.stats.extrapolation import forecasts, interval
from mainstem.stats.populations import DRIFT_SPREAD, PRIOR
from mainstem.stats.scaling import Runs
from tables import ladder

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Law = Callable[[Floats], Floats]

LEVEL, GOAL, OUTSIDE = 0.8, (0.75, 0.85), 0.6
RECIPES, SEEDS, FAR = 10, 3, 8.0
"""Recipes of a stack, runs of each at a rung, and how far beyond the largest rung is forecast."""

STACKS, QUICK = 50, 2
LADDERS = (
    (1.0, 2.0, 4.0, 8.0),
    (1.0, 1.5, 2.2, 3.2),
    (1.0, 4.0, 16.0, 64.0),
    (1.0, 2.0, 3.0, 5.0, 8.0),
    (1.0, 2.0, 4.0, 8.0, 16.0, 32.0),
)
RESAMPLES = 4000
resumes = True
_SEED = 21
_TABLE = Path(__file__).parent / "tables" / "ladders" / "tinylm-ladder.npz"


@dataclass(frozen=True, kw_only=True)
class World:
    """What a stack's recipes are drawn from.

    Attributes:
        law: Draws the law of a recipe, over scales in which the smallest rung is 1, given the log
            exponent and the largest rung.
        drifts: Whether laws drift, as the model's prior has it.
        tails: Degrees of freedom of the noise; None is normal.
        goal: The lowest and the highest share that is aimed at.
        stacks: How many are drawn.
    """

    law: Callable[[np.random.Generator, float, float], Law]
    drifts: bool = False
    tails: float | None = None
    goal: tuple[float, float] = (OUTSIDE, 1.0)
    stacks: int = STACKS


def power(rng: np.random.Generator, rate: float, top: float) -> Law:
    """E + A s^-alpha that falls by 1 over the ladder."""
    alpha, floor = float(np.exp(rate)), float(rng.uniform(0.0, 3.0))
    size = 1.0 / (1.0 - top**-alpha)
    return lambda s: floor + size * s**-alpha


def broken(rng: np.random.Generator, rate: float, top: float) -> Law:
    """A power law whose exponent is multiplied by .5 to 2 from a scale on, beyond the ladder."""
    alpha, floor = float(np.exp(rate)), float(rng.uniform(0.0, 3.0))
    size = 1.0 / (1.0 - top**-alpha)
    place, turn = top * float(rng.uniform(1.0, 3.0)), float(np.exp(rng.uniform(-0.69, 0.69)))

    def law(s: Floats) -> Floats:
        far = np.maximum(s / place, 1.0)
        return np.asarray(floor + size * np.minimum(s, place) ** -alpha * far ** (-alpha * turn))

    return law


def saturating(rng: np.random.Generator, rate: float, top: float) -> Law:
    """An approach to a floor as exp(-(s/c)^.5), faster than any power; c is near the top."""
    del rate
    place, floor = top * float(np.exp(rng.uniform(-1.0, 1.0))), float(rng.uniform(0.0, 3.0))

    def curve(s: Floats) -> Floats:
        return np.asarray(np.exp(-np.sqrt(s / place)))

    size = 1.0 / float(curve(np.array(1.0)) - curve(np.array(top)))
    return lambda s: floor + size * curve(s)


def log_linear(rng: np.random.Generator, rate: float, top: float) -> Law:
    """A line in the log of the scale, which no offset ever stops."""
    del rate
    floor = float(rng.uniform(3.0, 6.0))
    return lambda s: floor - np.log(s) / np.log(top)


WORLDS = {
    "the fitted family, as the prior has it": World(
        law=power, drifts=True, goal=GOAL, stacks=3 * STACKS
    ),
    "power law that never drifts": World(law=power),
    "broken power law": World(law=broken),
    "saturating": World(law=saturating),
    "log-linear": World(law=log_linear),
    "power law, noise t with 3 degrees": World(law=power, tails=3.0),
}


def stack(world: World, number: int) -> tuple[list[Runs], float, Floats]:
    """A stack's runs, the scale to forecast at, and the means of three fresh seeds there."""
    rng = np.random.default_rng([_SEED, number])
    rungs = np.array(LADDERS[number % len(LADDERS)])
    target = rungs[-1] * FAR
    walks = _walks(number, rungs, target) if world.drifts else np.zeros((RECIPES, len(rungs) + 1))
    common = PRIOR.rate + PRIOR.rate_sd * rng.standard_normal()
    recipes, fresh = [], []
    for walk in walks:
        rate = common + PRIOR.rate_spread * rng.standard_normal()
        law = world.law(rng, float(rate), float(rungs[-1]))
        noise = 10.0 ** rng.uniform(-2.5, -1.0)

        def drawn(size: int, noise: float = noise) -> Floats:
            if world.tails is None:
                return np.asarray(noise * rng.standard_normal(size))
            return np.asarray(noise * rng.standard_t(world.tails, size))

        scales = np.repeat(rungs, SEEDS)
        unit = float(np.exp(rng.uniform(-3.0, 3.0)))
        values = unit * (law(scales) + np.repeat(walk[:-1], SEEDS) + drawn(len(scales)))
        seeds = np.tile(np.arange(SEEDS), len(rungs))
        recipes.append(Runs(scales=scales[:, None], values=values, seeds=seeds))
        fresh.append(unit * float(law(np.array(target)) + walk[-1] + drawn(SEEDS).mean()))
    return recipes, float(target), np.array(fresh)


def _walks(number: int, rungs: Floats, target: float) -> Floats:
    """Drifts and turns of a stack's recipes, at rungs and target, in drops, (RECIPES, R + 1).

    Turns are walks too, but 0 up to the largest rung; their sizes are drawn apart from those below.
    """
    t = np.log(np.append(rungs, target) / rungs[-1])
    drift = _walk(np.random.default_rng([_SEED, number, 4]), t, abs(t[0]))
    return drift + _walk(np.random.default_rng([_SEED, number, 5]), np.maximum(t, 0.0), abs(t[0]))


def _walk(rng: np.random.Generator, t: Floats, length: float) -> Floats:
    """Integrated random walks at places t, (RECIPES, len(t)), over a ladder of that length.

    Each has a log size of its own around the stack's; half of their variance is common to the
    stack, as `scaling` has it.
    """
    values, vectors = np.linalg.eigh(scaling.drift_covariance(t, t) / length**2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    shared = rng.standard_normal(len(t))
    own = rng.standard_normal((RECIPES, len(t)))
    between = np.sqrt(PRIOR.drift_sd**2 - DRIFT_SPREAD**2)
    middle = PRIOR.drift + between * rng.standard_normal()
    size = np.exp(middle + DRIFT_SPREAD * rng.standard_normal(RECIPES))
    return np.asarray(size[:, None] * ((np.sqrt(0.5) * (shared + own)) @ root.T))


def places(recipes: list[Runs], target: float, fresh: Floats, seed: int) -> list[float]:
    """Which share of its forecast lies below what each recipe measured: uniform if all is right."""
    rng = np.random.default_rng([_SEED, seed, 1])
    found, _ = forecasts(recipes, np.array([target]), rng)
    return [float(np.mean(f.fresh[:, 0] < y)) for f, y in zip(found, fresh, strict=True)]


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Forecasts what is missing of every kind of law, and the real runs; kept stack by stack."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {
        name: _shares(_played(folder, name, QUICK if quick else world.stacks))
        for name, world in WORLDS.items()
    }
    if _TABLE.exists():
        found["real runs"] = real(ladder.load(_TABLE))
    return found


def _played(folder: Path, name: str, wanted: int) -> list[list[float]]:
    """Stacks of a kind, from the file of this very code."""
    key = f"{name} {_code()}"
    file = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    kept: list[list[float]] = json.loads(file.read_text("utf-8")) if file.exists() else []
    for number in range(len(kept), wanted):
        kept.append(places(*stack(WORLDS[name], number), number))
        file.write_text(json.dumps(kept), encoding="utf-8")
    return kept[:wanted]


def _code() -> str:
    """A digest of what forecasts, and of this file: what other code forecast does not count."""
    files = [m.__file__ for m in (ensemble, extrapolation, populations, scaling)]
    content = b"".join(Path(file).read_bytes() for file in (__file__, *filter(None, files)))
    return hashlib.sha256(content).hexdigest()


def covered(below: Floats) -> NDArray[np.bool_]:
    """Whether the interval holds what was measured, from its places in the forecasts."""
    tail = 0.5 * (1.0 - LEVEL)
    return np.asarray((below >= tail) & (below <= 1.0 - tail))


def _shares(stacks: list[list[float]]) -> dict[str, Any]:
    """The share that was held, its standard error over stacks, and how the misses lie."""
    below = np.array(stacks)
    held = covered(below)
    by_stack = held.mean(1)
    error = by_stack.std(ddof=1) / np.sqrt(len(by_stack)) if len(by_stack) > 1 else np.nan
    return {
        "covered": float(held.mean()),
        "error": float(error),
        "laws": int(held.size),
        "above": float(np.mean(below > 0.5 + 0.5 * LEVEL)),
        "below": float(np.mean(below < 0.5 - 0.5 * LEVEL)),
        "parts": [float(held[at : at + STACKS].mean()) for at in range(0, len(held), STACKS)],
    }


def real(table: ladder.Climbs) -> dict[str, Any]:
    """Every recipe of the ladder, forecast from its rungs up to an eighth of the target.

    The interval of the share is by a bootstrap over recipes: objectives of one recipe err together.

    Raises:
        ValueError: The ladder comes nearer to its target than an eighth.
    """
    fit = table.scales[:-1]
    if fit[-1] * FAR > table.scales[-1]:
        raise ValueError(f"{fit[-1]:g} steps are more than 1/{FAR:g} of {table.scales[-1]:g}")
    held, widths, before = [], [], []
    for at in range(len(table.objectives)):
        recipes = [
            Runs(
                scales=np.repeat(fit, table.y.shape[2])[:, None],
                values=table.y[row, :-1, :, at].ravel(),
                seeds=table.seeds[:-1].ravel(),
            )
            for row in range(len(table.recipes))
        ]
        means = table.y[:, :, :, at].mean(2)
        low, high = _ends(recipes, table.scales[-1], at)
        held.append((low <= means[:, -1]) & (means[:, -1] <= high))
        widths.append(float(np.median(high - low)))
        low, high = _ends([one.below_the_largest() for one in recipes], fit[-1], at)
        before.append(float(np.mean((low <= means[:, -2]) & (means[:, -2] <= high))))
    each = np.array(held)
    rng = np.random.default_rng([_SEED, 3])
    picks = rng.integers(0, each.shape[1], (RESAMPLES, each.shape[1]))
    shares = each.mean(0)[picks].mean(1)
    low, high = np.quantile(shares, [0.05, 0.95])
    return {
        "recipes": int(each.shape[1]),
        "covered": {o: float(h.mean()) for o, h in zip(table.objectives, each, strict=True)},
        "widths": dict(zip(table.objectives, widths, strict=True)),
        "largest_from_smaller": dict(zip(table.objectives, before, strict=True)),
        "all": float(each.mean()),
        "interval": [float(low), float(high)],
    }


def _ends(recipes: list[Runs], target: float, number: int) -> tuple[Floats, Floats]:
    """The ends of the intervals of a stack's recipes at a target."""
    rng = np.random.default_rng([_SEED, number, 2])
    found, _ = forecasts(recipes, np.array([target]), rng)
    ends = np.array([interval(f.fresh[:, 0], LEVEL) for f in found])
    return ends[:, 1], ends[:, 2]


def table(figures: dict[str, Any]) -> str:
    """The shares of each kind of law, and of the real runs."""
    lines = [
        f"share of {LEVEL:.0%} intervals that hold the mean of {SEEDS} fresh runs at {FAR:g} times",
        f"  {'laws':36s}{'held':>7s}{'+-':>7s}{'of':>6s}{'too low':>9s}{'too high':>9s}  goal",
    ]
    for name, found in figures.items():
        if name not in WORLDS:
            continue
        low, high = WORLDS[name].goal
        lines.append(
            f"  {name:36s}{found['covered']:7.3f}{found['error']:7.3f}{found['laws']:6d}"
            f"{found['above']:9.3f}{found['below']:9.3f}  {low:.2f} to {high:.2f}"
        )
        if len(found["parts"]) > 1:
            each = ", ".join(f"{share:.3f}" for share in found["parts"])
            lines.append(f"    each {STACKS * RECIPES} of them: {each}")
    if "real runs" in figures:
        found = figures["real runs"]
        ends = " to ".join(f"{end:.3f}" for end in found["interval"])
        each, before = (
            ", ".join(f"{name} {share:.3f}" for name, share in found[key].items())
            for key in ("covered", "largest_from_smaller")
        )
        lines += [
            f"  real runs, {found['recipes']} recipes: {found['all']:.3f}, bootstrap 90% interval",
            f"  {ends}, to include {LEVEL:.2f}; {each}",
            f"  the largest rung that is fitted, forecast from the smaller ones: {before}",
        ]
    else:
        lines.append("  real runs: tables/ladders/tinylm-ladder.npz is not packed yet")
    return "\n".join(lines)
