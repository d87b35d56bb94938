"""The record of a campaign's trials: what was asked, told, taken back and observed.

Tells may come in any order and act in the order of the trials: a result whose predecessor is still
running counts as running too. So what is decided depends on what was measured and never on which
slot finished first. A record never changes; each event gives the next one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.problem import Result
from mainstem.domain.trial import SEEDS, Purpose, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.decisions.problem import Ask, Problem
    from mainstem.domain.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Trials:
    """Everything that was asked, told, taken back and observed.

    Attributes:
        asked: All trials, in the order of their numbers, which start at 1.
        baselines: The trunk at the time when each of them was asked.
        told: Checked values by the trial's number; None: it crashed.
        void: Numbers of the trials that were taken back.
        observed: Runs that nobody asked for, each with how many trials had been asked before.
    """

    asked: tuple[Trial, ...] = ()
    baselines: tuple[Recipe, ...] = ()
    told: Mapping[int, Mapping[str, float] | None] = field(default_factory=dict)
    void: frozenset[int] = frozenset()
    observed: tuple[tuple[int, Result], ...] = ()

    # ---- what is known

    @property
    def spent(self) -> int:
        """Trials asked for, without the void ones."""
        return len(self.asked) - len(self.void)

    def cost(self, problem: Problem) -> float:
        """The same in trials at the rung that decides."""
        if not problem.lower:
            return self.spent
        return sum(problem.cost(t.rung) for t in self.asked if t.id not in self.void)

    @cached_property
    def pending(self) -> tuple[Trial, ...]:
        """Trials that are to be told yet."""
        return tuple(t for t in self.asked if t.id not in self.told and t.id not in self.void)

    @cached_property
    def waiting(self) -> tuple[Trial, ...]:
        """Trials whose results do not act yet: running ones, and those told out of their turn."""
        acting = {result.trial for result in self.acting}
        return tuple(t for t in self.asked if t.id not in acting and t.id not in self.void)

    @cached_property
    def acting(self) -> tuple[Result, ...]:
        """The results that act: everything observed, and tells up to the first that is missing."""
        out: list[Result] = []
        observed = iter([*self.observed, (len(self.asked) + 1, None)])
        at, result = next(observed)
        for trial in self.asked:
            while result is not None and at < trial.id:
                out.append(result)
                at, result = next(observed)
            if trial.id in self.void:
                continue
            if trial.id not in self.told:
                break
            out.append(
                Result(
                    trial=trial.id,
                    recipe=trial.recipe,
                    seed=trial.seed,
                    purpose=trial.purpose,
                    values=self.told[trial.id],
                    rung=trial.rung,
                )
            )
        while result is not None:
            out.append(result)
            _, result = next(observed)
        return tuple(out)

    def baseline(self, number: int) -> Recipe:
        """The trunk at the time when a trial was asked."""
        return self.baselines[number - 1]

    def is_candidate_arm(self, trial: Trial) -> bool:
        """Whether a trial is the candidate's half of a confirmation pair."""
        return trial.purpose is Purpose.CONFIRM and trial.recipe != self.baseline(trial.id)

    def other_arm(self, trunk: Recipe) -> Trial | None:
        """The trunk's arm of the last pair, where an ask for one trial has left it half asked.

        None where no pair is half asked, or where its candidate's arm is void or met another trunk.
        """
        last = self.asked[-1] if self.asked else None
        if last is None or last.id in self.void or not self.is_candidate_arm(last):
            return None
        alone = sum(t.purpose is Purpose.CONFIRM and t.seed == last.seed for t in self.asked) == 1
        if not alone or self.baseline(last.id) != trunk:
            return None
        return replace(last, id=len(self.asked) + 1, recipe=trunk)

    def numbered(self, asks: Sequence[Ask], seed: int, deciding: str | None = None) -> list[Trial]:
        """Asks as trials: fresh seeds, one per pair; no seed is used twice in a campaign.

        Args:
            asks: The runs that are wanted.
            seed: The campaign's seed.
            deciding: The rung that decides; None: it is the only one.
        """
        used = {t.seed for t in self.asked} | {r.seed for _, r in self.observed}
        pair_seeds: dict[int, int] = {}
        trials: list[Trial] = []
        for number, wanted in enumerate(asks, start=len(self.asked) + 1):
            fresh = pair_seeds.get(wanted.pair) if wanted.pair is not None else None
            if fresh is None:
                fresh = fresh_seed(seed, number, used)
                used.add(fresh)
                if wanted.pair is not None:
                    pair_seeds[wanted.pair] = fresh
            rung = deciding if wanted.rung is None else wanted.rung
            trials.append(Trial(number, wanted.recipe, fresh, rung, wanted.purpose))
        return trials

    # ---- what happens

    def ask(self, trial: Trial, trunk: Recipe) -> Trials:
        """The record with one more trial, asked while `trunk` is the trunk.

        Raises:
            ValueError: Its number does not go on from what was asked.
        """
        if trial.id != len(self.asked) + 1:
            raise ValueError(f"trial {trial.id} does not follow trial {len(self.asked)}")
        return replace(self, asked=(*self.asked, trial), baselines=(*self.baselines, trunk))

    def tell(self, trial: Trial, values: Mapping[str, float] | None, problem: Problem) -> Trials:
        """The record with the result of an asked trial; the same tell twice does nothing.

        Raises:
            ValueError: An unknown trial, another result for the same trial, or values that are
                missing, unknown or not finite.
        """
        if not (1 <= trial.id <= len(self.asked)) or self.asked[trial.id - 1] != trial:
            raise ValueError(f"trial {trial.id} was not asked for here")
        checked = clean(problem, values)
        if trial.id in self.told:
            if self.told[trial.id] != checked:
                raise ValueError(f"trial {trial.id} was told before with another result")
            return self
        return replace(self, told={**self.told, trial.id: checked})

    def observe(
        self,
        recipe: Iterable[str],
        seed: int,
        values: Mapping[str, float] | None,
        problem: Problem,
        rung: str | None = None,
    ) -> Trials:
        """The record with a run that nobody asked for; it acts after what was asked before.

        Raises:
            ValueError: An unknown proposal or rung, or values that are missing, unknown or not
                finite.
        """
        result = Result(
            trial=None,
            recipe=problem.known(recipe),
            seed=seed,
            values=clean(problem, values),
            rung=problem.at_rung(rung),
        )
        return replace(self, observed=(*self.observed, (len(self.asked), result)))

    def take_back(self, trial: Trial) -> Trials:
        """The record without a trial that cannot be run, nor the pending other arm of its pair.

        Raises:
            ValueError: The trial was not asked for here, or has been told.
        """
        if trial.id in self.void:
            return self
        if trial not in self.pending:
            raise ValueError(f"trial {trial.id} is not pending here")
        arms = {trial.id}
        if trial.purpose is Purpose.CONFIRM:
            arms |= {t.id for t in self.pending if t.seed == trial.seed}
        return replace(self, void=self.void | arms)


def fresh_seed(seed: int, number: int, used: set[int]) -> int:
    """A seed from the campaign's seed and the trial's number that was not used before."""
    attempt = 0
    while True:
        words = np.random.SeedSequence([seed, number, attempt]).generate_state(1)
        fresh = int(words[0]) % SEEDS
        if fresh not in used:
            return fresh
        attempt += 1


def clean(problem: Problem, values: Mapping[str, float] | None) -> dict[str, float] | None:
    """Checked values, in the order of the objectives; None stays None.

    Raises:
        ValueError: Missing, unknown or not finite.
    """
    if values is None:
        return None
    names = [o.name for o in problem.objectives]
    missing = [name for name in names if name not in values]
    unknown = sorted(set(values) - set(names))
    if missing or unknown:
        raise ValueError(f"values must name {names}; missing {missing}, unknown {unknown}")
    checked = {}
    for name in names:
        try:
            checked[name] = float(values[name])
        except TypeError:
            raise ValueError(f"{name} is {values[name]!r}, not a number") from None
        if not math.isfinite(checked[name]):
            raise ValueError(f"{name} is {values[name]}; tell None for a trial that failed")
    return checked
