"""The recipes that entered confirmation: which pairs are theirs, and where each of them stands.

A candidate is a recipe against the trunk of its time: against another trunk it is another
candidate, for its old pairs would credit it with what the trunk has gained since. Numbers are given
in the order of first pairs and stay, so the thresholds of `confirm` spend alpha once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import ask as asking, budget as budgeting, confirm
from mainstem.decisions.belief import rows
from mainstem.domain.trial import Purpose
from mainstem.stats.noise import DETERMINISTIC_RUNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.decisions.belief import Belief
    from mainstem.decisions.confirm import Candidate
    from mainstem.decisions.problem import Result
    from mainstem.decisions.trials import Trials
    from mainstem.domain.recipe import Recipe

Key = tuple["Recipe", "Recipe"]
"""A candidate: the recipe, and the trunk that it is compared with."""


def order(trials: Trials) -> list[Key]:
    """Every candidate so far, by its first pair."""
    arms = (t for t in trials.asked if trials.is_candidate_arm(t))
    return list(dict.fromkeys((t.recipe, trials.baseline(t.id)) for t in arms))


def number(trials: Trials, recipe: Recipe, trunk: Recipe) -> int:
    """The number that a recipe has or would have as a candidate against this trunk, from 1."""
    known, key = order(trials), (recipe, trunk)
    return known.index(key) + 1 if key in known else len(known) + 1


def judged(belief: Belief, trials: Trials) -> list[Candidate]:
    """Every candidate with its finished pairs weighed, in order of its number."""
    pairs = _pairs(trials)
    return [
        confirm.judge(
            belief.problem,
            number=at,
            recipe=recipe,
            baseline=baseline,
            pairs=tuple(pairs.get((recipe, baseline), ())),
            scale=belief.scale,
            exact=exact_at(belief, recipe),
        )
        for at, (recipe, baseline) in enumerate(order(trials), start=1)
    ]


def _pairs(trials: Trials) -> dict[Key, list[confirm.Pair]]:
    """The pairs of which both arms act, by candidate, in the order of their first results."""
    by_seed: dict[int, dict[bool, Result]] = {}
    of_seed: dict[int, Key] = {}
    for result in trials.acting:
        if result.purpose is Purpose.CONFIRM and result.trial is not None:
            baseline = trials.baseline(result.trial)
            by_seed.setdefault(result.seed, {})[result.recipe == baseline] = result
            if result.recipe != baseline:
                of_seed[result.seed] = (result.recipe, baseline)
    out: dict[Key, list[confirm.Pair]] = {}
    for seed, arms in by_seed.items():
        if len(arms) == 2:
            pair = confirm.Pair(seed=arms[True].seed, trunk=arms[True], candidate=arms[False])
            out.setdefault(of_seed[seed], []).append(pair)
    return out


def exact_at(belief: Belief, recipe: Recipe) -> tuple[bool, ...]:
    """Which objectives are deterministic, as far as the recipe's own runs say too.

    That the trunk is constant does not make a candidate so: its own runs, at least as many as
    `check` asks of the trunk, must agree to the last bit.
    """
    row = rows([recipe], belief.problem.proposals)[0]
    own = belief.gains[np.all(belief.x == row, axis=1)]
    enough = len(own) >= DETERMINISTIC_RUNS
    return tuple(
        known.deterministic and enough and bool(np.all(own[:, j] == own[0, j]))
        for j, known in enumerate(belief.noises)
    )


def is_confirmed(candidate: Candidate) -> bool:
    """Whether its pairs have proved it, against the trunk of its time."""
    return candidate.outcome is confirm.Outcome.CONFIRMED


def closed(candidate: Candidate, trunk: Recipe) -> bool:
    """Whether a recipe gets no more pairs as this candidate; another trunk is another case."""
    if candidate.outcome is confirm.Outcome.CRASHED:
        return True
    decided = candidate.blocked or is_confirmed(candidate)
    return candidate.baseline == trunk and (decided or len(candidate.pairs) >= budgeting.MOST_PAIRS)


def crashed(found: Sequence[Candidate]) -> list[Recipe]:
    """Recipes that crashed in confirmation, though they ran before: never the favourite."""
    return [c.recipe for c in found if c.outcome is confirm.Outcome.CRASHED]


def confirmed(belief: Belief, found: Sequence[Candidate]) -> Candidate | None:
    """The confirmed candidate on the present trunk with the largest posterior value.

    One that was forbidden since its proof, because a member was taken back, stands no more.
    """
    problem = belief.problem
    standing = [
        c
        for c in found
        if is_confirmed(c)
        and c.baseline == problem.trunk
        and not any(conflict <= c.recipe for conflict in problem.conflicts)
    ]
    if len(standing) < 2:
        return standing[0] if standing else None
    x = rows((c.recipe for c in standing), problem.proposals)
    return standing[int(np.argmax([asking.assess(belief, row).value for row in x]))]
