"""How often is what `show --stale` says of a member of the trunk wrong? Simulated, fixed seeds."""

from __future__ import annotations

import numpy as np
from scipy import stats

from mainstem import Integrator, Objective
from mainstem.decisions.members import WORTH
from mainstem.decisions.verdict import SURE
from mainstem.domain.trunk import MemberState

N = 8
LANDSCAPES = 60


def calls(seed: int) -> list[tuple[MemberState, bool, bool]]:
    """One landscape of pairs: per member its state, whether it is needed, whether covered.

    Mains have sd 1.5 and half of the pairs sd .75, in margins; noise is one margin. The trunk was
    made by taking in what looked good in its time, so some of it is not needed any more. Of 40
    runs four are of the trunk, the others leave out or add each proposal with probability 1/4.
    """
    rng = np.random.default_rng([seed, 5])
    main = rng.normal(0.0, 1.5, N)
    pair = np.triu(rng.normal(0.0, 0.75, (N, N)) * (rng.random((N, N)) < 0.5), 1)

    def gain(x: np.ndarray) -> float:
        return float(main @ x + x @ pair @ x)

    trunk = np.zeros(N)
    for i in rng.permutation(N):
        grown = trunk.copy()
        grown[i] = 1.0
        if gain(grown) - gain(trunk) + rng.normal(0.0, 0.7) > 0.3:
            trunk = grown
    names = [f"p{i}" for i in range(N)]
    objective = Objective("score", margin=1.0, direction="maximize")
    integrator = Integrator(proposals=names, objectives=[objective], seed=seed)
    for run in range(40):
        flips = rng.random(N) < (0.25 if run >= 4 else 0.0)
        x = np.where(flips, 1.0 - trunk, trunk)
        recipe = [names[i] for i in np.flatnonzero(x)]
        integrator.observe(recipe, run, {"score": gain(x) + rng.normal()})
    integrator.move_trunk(names[i] for i in np.flatnonzero(trunk))
    out = []
    for member in integrator.members():
        without = trunk.copy()
        without[names.index(member.proposal)] = 0.0
        truth, adds = gain(trunk) - gain(without), member.adds["score"]
        assert adds.low is not None
        assert adds.high is not None
        out.append((member.state, truth >= WORTH, adds.low <= truth <= adds.high))
    return out


def test_dead_weight_is_needed_and_a_needed_member_is_not_no_oftener_than_said() -> None:
    """Each word is wrong in at most 10% (its 99% bound); intervals cover 80% or more."""
    found = [call for seed in range(LANDSCAPES) for call in calls(seed)]
    dead = [needed for state, needed, _ in found if state is MemberState.DEAD_WEIGHT]
    earns = [needed for state, needed, _ in found if state is MemberState.EARNS]
    assert len(dead) >= 5
    assert len(earns) >= 50
    wrong = 1.0 - SURE
    assert sum(dead) <= stats.binom.ppf(0.99, len(dead), wrong)
    assert len(earns) - sum(earns) <= stats.binom.ppf(0.99, len(earns), wrong)
    assert np.mean([covered for *_, covered in found]) >= 0.8
