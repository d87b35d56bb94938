"""What does ending search trials early save, and what does it change?

Campaigns twice on the same drawn landscape, with and without the rule of `decisions.stopping`; a
run is a function of recipe and seed, so both see the same runs as long as they ask the same. The
goals: 30% of the steps of search trials saved, 95% of verdicts as without the rule, the mean true
gain of what is merged within 1%, and confirmation untouched: no more false merges than alpha.

Verdicts also differ where nothing is stopped but a run comes out a little otherwise, as a proposal
that gains nothing may be taken along or left. So each landscape is played a third time, whole, with
a fiftieth of the noise of a run added to what is told: how often verdicts then differ says what
part of the differences is not the rule's.

Four kinds of curves, none made by the law that the rule learns with (`stats.curves`), which knows
differences to the trunk and sums over proposals and pairs; here excess over the end is a power of
the step, whose factor and exponent recipes multiply.

- `power law`: proposals change factor and exponent a little; noise goes along with the run, is
  larger early, and one report in fifty is a spike.
- `crossing`: what helps in the end starts worse: curves cross, most of them late.
- `several objectives`: a loss and a second metric with curves, and a size that is reported once.
- `misleading`: schedules. Early on half of the proposals look like the opposite of what they are,
  two of them together still more so, and each recipe has a swing of its own. There the rule has to
  see that it knows nothing; it need not save anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import keeping
from mainstem import Integrator, Objective
from mainstem.decisions import stopping
from mainstem.domain.trial import Purpose
from mainstem.domain.verdict import VerdictKind
from mainstem.stats import curves
from plans import code_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mainstem.decisions.stopping import Traced
    from mainstem.domain.trial import Trial

    Floats = NDArray[np.float64]

CAMPAIGNS, QUICK = 100, 2
"""Campaigns of each kind."""

N = 8
"""Proposals of a campaign."""

STEPS, EVERY = 960, 60
"""Steps of a whole run, and between two reports."""

BATCH = 4
JITTER = 0.02
"""What is added to what the third campaign is told, in sds of the noise of a run."""

GOALS = {"saved": 0.30, "verdicts": 0.95, "gain": 0.01}

_AT = np.arange(EVERY, STEPS + 1, EVERY)
_SHARE = _AT / STEPS
_NO_CHANGE = 0.1  # of proposals that change nothing
_TAG = 41


class World:
    """A landscape with curves; losses in sds of the noise of a run, which is the margin too.

    A proposal helps or harms by |N(4, 1.3)|, or changes nothing; of two a third interact, mostly
    so that gains are lost.
    """

    def __init__(self, kind: str, number: int) -> None:
        rng = np.random.default_rng([_TAG, KINDS.index(kind), number])
        self.kind, self.number = kind, number
        size = np.abs(rng.normal(4.0, 1.3, N))
        none = rng.random(N) < _NO_CHANGE
        self.main = np.where(none, 0.0, np.where(rng.random(N) < 0.5, size, -size))
        self.pair = _pairs(rng, 2.0)
        crossing = kind == "crossing"
        lift = rng.normal(0.0, 0.05, N) + (0.04 * self.main if crossing else 0.0)
        self.lift, self.bend = lift, rng.normal(0.0, 0.03, N)
        self.scheduled = rng.random(N) < 0.5
        self.second = 0.4 * self.main + rng.normal(0.0, 1.0, N)
        self.size = rng.integers(-300, 300, N)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is measured."""
        loss = Objective("loss", margin=1.0)
        if self.kind != "several objectives":
            return (loss,)
        error = Objective("error", margin=3.0, role="guard")  # type: ignore[arg-type]  # as users do
        return (loss, error, Objective("size", margin=2000.0, role="guard"))  # type: ignore[arg-type]  # as users do

    def gain(self, x: Floats) -> float:
        """The true gain of a recipe in the loss."""
        return float(x @ self.main + x @ self.pair @ x)

    def worst(self, x: Floats) -> float:
        """By how many margins a recipe truly loses where it loses most, above 1: too much."""
        if self.kind != "several objectives":
            return -self.gain(x)
        return max(-self.gain(x), -float(x @ self.second) / 3.0, float(x @ self.size) / 2000.0)

    def run(self, x: Floats, seed: int) -> dict[str, list[tuple[int, float]]]:
        """The curves of a whole run; their last points are its values."""
        rng = np.random.default_rng([_TAG, self.number, seed, *x.astype(int)])
        loss = 100.0 - self.gain(x) + self._excess(x) + _path(rng, 0.35)
        if self.kind == "power law":
            loss = loss + np.where(rng.random(len(_AT)) < 0.02, 15.0, 0.0) * (_SHARE < 1.0)
        found = {"loss": _points(loss)}
        if self.kind == "several objectives":
            rise = 1.5 * self._excess(x) - float(x @ self.second)
            found["error"] = _points(300.0 + rise + _path(rng, 0.35))
            found["size"] = [(0, float(50_000 + x @ self.size))]
        return found

    def _excess(self, x: Floats) -> Floats:
        """How much higher the loss is at each report than in the end, shape (R,)."""
        factor = 40.0 * np.exp(x @ self.lift)
        power = 0.5 * np.exp(x @ self.bend)
        excess = factor * (_SHARE**-power - 1.0)
        if self.kind == "misleading":
            left = (1.0 - _SHARE) ** 2
            on = x * self.scheduled
            swing = np.random.default_rng([_TAG, self.number, *x.astype(int)]).normal()
            excess = excess + left * (4.0 * float(on @ self.main) + 3.0 * on.sum() ** 2)
            excess = excess + 4.0 * swing * np.sin(np.pi * _SHARE)
        return excess


KINDS = ("power law", "crossing", "several objectives", "misleading")


@dataclass(frozen=True, kw_only=True)
class Played:
    """One campaign.

    Attributes:
        verdicts: In the order of the proposals.
        gain: True gain of what is merged, in margins.
        false: Whether it is truly no gain, or breaks a margin.
        search: Steps of search trials.
        trials: Trials in all.
        searched: Search trials.
        stopped: Of them, how many ended early.
        error: Root mean square of guessed less true final loss, in sds of a run's noise.
    """

    verdicts: list[str]
    gain: float
    false: bool
    search: int
    trials: int
    searched: int
    stopped: int
    error: float | None


@dataclass(frozen=True, kw_only=True)
class Threefold:
    """The same landscape with the rule, without it, and without it but a little otherwise."""

    ruled: Played
    whole: Played
    jittered: Played


def play(world: World, *, rule: bool, jitter: float = 0.0) -> Played:
    """One campaign to its end."""
    names = [f"p{i}" for i in range(N)]
    integrator = Integrator(proposals=names, objectives=world.objectives, seed=world.number)
    traced: list[Traced] = []
    steps, searched, errors = 0, 0, []
    while batch := integrator.ask(BATCH):
        rules = _rules(world, integrator.noise(), traced, batch) if rule else [None] * len(batch)
        for trial, stopper in zip(batch, rules, strict=True):
            x = np.array([name in trial.recipe for name in names], np.float64)
            run = world.run(x, trial.seed)
            values = {name: points[-1][1] for name, points in run.items()}
            stopped = None if stopper is None else stopper.look(run)
            if trial.purpose is Purpose.SEARCH:
                searched += 1
                steps += STEPS if stopped is None else stopped.step
                noise = np.random.default_rng([_TAG, trial.seed]).normal()
                told = {**values, "loss": values["loss"] + jitter * noise}
            else:
                told = values
            if stopped is None:
                traced.append(stopping.Traced(recipe=trial.recipe, values=values, curves=run))
            else:
                told = dict(stopped.values)
                errors.append(told["loss"] - values["loss"])
            integrator.tell(trial, told)
    found = integrator.verdicts()
    merged = np.array([found[name].kind is VerdictKind.MERGE for name in names], np.float64)
    gain = world.gain(merged)
    return Played(
        verdicts=[str(found[name].kind) for name in names],
        gain=gain,
        false=bool(merged.any() and (gain <= 0.0 or world.worst(merged) > 1.0)),
        search=steps,
        trials=integrator.spent,
        searched=searched,
        stopped=len(errors),
        error=float(np.sqrt(np.mean(np.square(errors)))) if errors else None,
    )


def _rules(
    world: World, noise: Mapping[str, float], traced: list[Traced], batch: list[Trial]
) -> list[Any]:
    """The rule of each trial of a batch."""
    may = [trial for trial in batch if stopping.may_stop(trial)]
    recipes = [trial.recipe for trial in may]
    found = stopping.stoppers(world.objectives, traced, recipes, noise, {})
    by_id = {trial.id: stopper for trial, stopper in zip(may, found, strict=True)}
    return [by_id.get(trial.id) for trial in batch]


def campaign(kind: str, number: int) -> Threefold:
    """One landscape, three campaigns."""
    world = World(kind, number)
    return Threefold(
        ruled=play(world, rule=True),
        whole=play(world, rule=False),
        jittered=play(world, rule=False, jitter=JITTER),
    )


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Plays what is missing of every kind; kept in `folder` ten landscapes by ten."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for kind in KINDS:
        played = keeping.ten_by_ten(
            kept(folder, kind),
            QUICK if quick else CAMPAIGNS,
            lambda number, kind=kind: campaign(kind, number),
            _threefold,
        )
        found[kind] = shares(played)
    return found


def kept(folder: Path, kind: str) -> Path:
    """The file of a kind's campaigns, of this very code."""
    sources = [Path(module.__file__).read_text("utf-8") for module in (stopping, curves)]
    key = " ".join([kind, code_digest(Path(__file__)), *sources])
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


def _threefold(row: dict[str, Any]) -> Threefold:
    return Threefold(**{name: Played(**each) for name, each in row.items()})


def shares(played: list[Threefold]) -> dict[str, float]:
    """Figures of some landscapes.

    Returns:
        `saved`: of the steps of search trials, with its standard error over landscapes
        `saved_error`; `verdicts`: that are as without the rule, with `verdicts_error`;
        `verdicts_jittered`: that are so where nothing but a fiftieth of the noise is added; `gain`:
        mean true gain with the rule over that without it, less 1, with `gain_error`; `false` and
        `false_whole`: campaigns with a false merge; `searched` and `searched_whole`: search trials
        of a campaign, `stopped` of them; `error`: of guesses, in sds of a run's noise; `campaigns`.
    """

    def mean(which: str, name: str) -> float:
        return float(np.mean([getattr(getattr(each, which), name) for each in played]))

    def same(each: Threefold, other: Played) -> float:
        pairs = zip(each.whole.verdicts, other.verdicts, strict=True)
        return float(np.mean([one == two for one, two in pairs]))

    whole, gain = mean("whole", "search"), mean("whole", "gain")
    equal = [same(each, each.ruled) for each in played]
    spared = [each.whole.search - each.ruled.search for each in played]
    gained = [each.ruled.gain - each.whole.gain for each in played]
    errors = [each.ruled.error for each in played if each.ruled.error is not None]
    root = float(np.sqrt(len(played)))
    return {
        "saved": float(np.mean(spared)) / whole,
        "saved_error": float(np.std(spared)) / whole / root,
        "verdicts": float(np.mean(equal)),
        "verdicts_error": float(np.std(equal)) / root,
        "verdicts_jittered": float(np.mean([same(each, each.jittered) for each in played])),
        "gain": float(np.mean(gained)) / gain if gain else 0.0,
        "gain_error": float(np.std(gained)) / gain / root if gain else 0.0,
        "false": float(sum(each.ruled.false for each in played)),
        "false_whole": float(sum(each.whole.false for each in played)),
        "searched": mean("ruled", "searched"),
        "searched_whole": mean("whole", "searched"),
        "stopped": mean("ruled", "stopped"),
        "error": float(np.sqrt(np.mean(np.square(errors)))) if errors else 0.0,
        "campaigns": float(len(played)),
    }


_HEAD = (
    "| curves | steps saved | verdicts as without | with 1/50 noise | gain | false merges "
    "| search trials | ended early | error of guesses |"
)


def table(figures: dict[str, Any]) -> str:
    """The figures, a line for each kind of curves."""
    lines = [
        _HEAD,
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {kind} ({f['campaigns']:.0f}) | {f['saved']:.1%} +- {f['saved_error']:.1%} "
        f"| {f['verdicts']:.1%} +- {f['verdicts_error']:.1%} | {f['verdicts_jittered']:.1%} "
        f"| {f['gain']:+.1%} +- {f['gain_error']:.1%} | {f['false']:.0f}, {f['false_whole']:.0f} "
        f"| {f['searched']:.1f}, {f['searched_whole']:.1f} | {f['stopped']:.1f} "
        f"| {f['error']:.2f} sd |"
        for kind, f in figures.items()
    ]
    lines.append(
        f"\nGoals: {GOALS['saved']:.0%} saved, {GOALS['verdicts']:.0%} of verdicts, gain within "
        f"{GOALS['gain']:.0%}; of two figures the first is with the rule, the second without."
    )
    return "\n".join(lines)


def _pairs(rng: np.random.Generator, sd: float) -> Floats:
    """Interactions, upper triangle, shape (N, N)."""
    there = rng.random((N, N)) < 1.0 / 3.0
    return np.triu(np.where(there, rng.normal(-0.5, sd, (N, N)), 0.0), 1)


def _path(rng: np.random.Generator, decay: float) -> Floats:
    """Noise along a run: of sd 1 in the end, larger before, the less alike the farther apart."""
    log = np.log(_SHARE)
    cov = np.exp(-decay * np.abs(log[:, None] - log[None]) / np.log(2.0))
    path = np.linalg.cholesky(cov + 1e-12 * np.eye(len(log))) @ rng.normal(size=len(log))
    return np.asarray(path * _SHARE**-0.25)


def _points(values: Floats) -> list[tuple[int, float]]:
    return list(zip(_AT.tolist(), values.tolist(), strict=True))
