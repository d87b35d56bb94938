"""A small record of a campaign that several tests replay."""

from __future__ import annotations

from functools import cache

import numpy as np

from mainstem import Integrator, Objective
from mainstem.lab.landscapes.recorded import Recording, recording
from mainstem.lab.organisation import team
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.one_at_a_time import OneAtATime
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from mainstem.lab.replay import Entrant, Question, Replayed, replay

NAMES = ("muon", "rope", "wide", "clip")
COMPONENTS = {
    "muon": ("optimizer",),
    "rope": ("architecture",),
    "wide": ("architecture",),
    "clip": ("optimizer",),
}


def integrator(runs: int = 24) -> Integrator:
    """Muon and rope gain, less together; wide gains a little and breaks the size; clip harms."""
    found = Integrator(
        proposals=NAMES,
        objectives=[
            Objective("loss", margin=0.1, unit="bits"),
            Objective("size", margin=5.0, role="guard"),
        ],
        seed=1,
    )
    rng = np.random.default_rng(0)
    always = [(), (), (), *((name,) for name in NAMES), ("muon", "rope"), ("muon", "rope", "wide")]
    others = [tuple(n for n in NAMES if rng.random() < 0.5) for _ in range(runs)]
    for seed, recipe in enumerate([*always, *others][:runs]):
        gain = 0.8 * ("muon" in recipe) + 0.6 * ("rope" in recipe) - 0.5 * ("clip" in recipe)
        gain -= 0.3 * ({"muon", "rope"} <= set(recipe)) - 0.1 * ("wide" in recipe)
        loss = 10.0 - gain + 0.1 * rng.normal()
        found.observe(recipe, seed, {"loss": loss, "size": 100.0 + 9.0 * ("wide" in recipe)})
    return found


@cache
def recorded(runs: int = 24) -> Recording:
    """The record of that campaign."""
    found = recording(integrator(runs), COMPONENTS, worlds=6, seed=0)
    assert found is not None
    return found


@cache
def question(runs: int = 24, seed: int = 0) -> Question:
    """A reference that plays seldom, and two other ways."""
    return Question(
        recording=recorded(runs),
        organisation=team(recorded(runs).components),
        entrants=(
            Entrant(way=Greedy(name="reference"), campaigns=9),
            Entrant(way=OneAtATime(), campaigns=14),
            Entrant(way=SeniorityVeto(veto=1.0, name="seniority-veto"), campaigns=14),
        ),
        budget=24,
        seed=seed,
    )


@cache
def played(runs: int = 24) -> list[Replayed]:
    """What became of it."""
    return replay(question(runs), map)
