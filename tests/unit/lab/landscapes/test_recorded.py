"""The record of a campaign as a landscape."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mainstem import Integrator, Objective
from mainstem.lab.landscapes import recorded as module
from mainstem.lab.landscapes.recorded import Recorded, Recording, recording

NAMES = ("muon", "rope", "wide", "clip")
COMPONENTS = {"muon": ("optimizer", "schedule"), "rope": ("architecture",), "clip": ("optimizer",)}
CUBE = np.array(list(itertools.product([False, True], repeat=4)))


def integrator(*, held: tuple[str, ...] = (), barred: tuple[str, ...] = ()) -> Integrator:
    """A short campaign: muon and rope gain, wide breaks the size, muon and clip conflict."""
    found = Integrator(
        proposals=NAMES,
        objectives=[
            Objective("loss", margin="2%", unit="bits"),
            Objective("size", margin=5.0, role="guard"),
        ],
        conflicts=[{"muon", "clip"}, *({p} for p in barred)],
        seed=1,
    )
    rng = np.random.default_rng(0)
    recipes = [(), (), (), ("muon",), ("rope",), ("wide",), ("clip",), ("muon", "rope"), ("muon",)]
    for seed, recipe in enumerate(recipes):
        loss = 10.0 - 0.8 * ("muon" in recipe) - 0.5 * ("rope" in recipe) + 0.05 * rng.normal()
        found.observe(recipe, seed, {"loss": loss, "size": 100.0 + 9.0 * ("wide" in recipe)})
    found.observe(("rope", "wide"), 99, None)
    found.move_trunk(held)
    return found


def recorded(**more: tuple[str, ...]) -> tuple[Recording, Recorded]:
    """The record and its first world."""
    found = recording(integrator(**more), COMPONENTS, worlds=16, seed=0)
    assert found is not None
    return found, found.landscape(0)


def row(*names: str) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """A recipe of all four."""
    return np.array([[name in names for name in NAMES]])


def test_the_trunk_is_worth_nothing_and_gains_are_better_above_zero() -> None:
    """Near what was measured, in units, in every world; a minimised loss that falls is a gain."""
    found, _ = recorded()
    assert found.proposals == NAMES
    assert [o.margin for o in found.objectives] == pytest.approx([0.2, 5.0], rel=0.02)
    for s in range(16):
        world = found.landscape(s)
        assert world.truth(row()) == pytest.approx(np.zeros((1, 2)), abs=1e-9)
        assert world.truth(row("muon"))[0, 0] == pytest.approx(0.8, abs=0.3)
        assert world.truth(row("wide"))[0, 1] == pytest.approx(-9.0, abs=0.1)


def test_components_are_the_first_that_a_proposal_touches() -> None:
    """And what touches none has a name too."""
    assert recorded()[0].components == ("optimizer", "architecture", "other", "optimizer")


def test_what_does_not_merge_or_run_is_taken_back_in_the_order_of_proposing() -> None:
    """Of a conflict and of a crash the later one stays out; then nothing else does."""
    found, _ = recorded()
    pair = row("wide", "clip")  # they never met: a suspicion, which holds in few worlds
    kept = 0
    for s in range(16):
        world = found.landscape(s)
        assert world.left_of(row("muon", "rope", "clip")).tolist() == row("muon", "rope").tolist()
        assert not np.any(world.left_of(row("rope", "wide")) & row("wide"))
        assert np.array_equal(world.truth(row("muon", "clip")), world.truth(row("muon")))
        kept += world.left_of(pair).tolist() == pair.tolist()
    assert 12 <= kept <= 16


def test_what_ran_is_told_from_what_is_extrapolated() -> None:
    """A recipe that never ran is, and one that comes down to one that ran is not."""
    _, world = recorded()
    asked = np.concatenate([row(), row("muon"), row("rope", "clip"), row("muon", "clip")])
    assert world.ran(asked).tolist() == [True, True, False, True]


def test_a_world_does_not_depend_on_what_was_asked_before() -> None:
    """One recipe after the other, or all at once."""
    found, world = recorded()
    whole = world.truth(CUBE)
    other = found.landscape(0)
    each = [other.truth(CUBE[a : a + 1])[0] for a in (9, 3, 9)]
    assert np.allclose(each, whole[[9, 3, 9]], atol=1e-9)
    assert not np.allclose(found.landscape(1).truth(CUBE), whole)


def test_many_proposals_are_worked_out_one_by_one_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept as asked is what a table of all recipes has, crashes and conflicts included."""
    found, _ = recorded()
    tables = [found.landscape(s) for s in range(4)]
    monkeypatch.setattr(module, "MOST_WHOLE", 3)
    for s, table in enumerate(tables):
        memo = found.landscape(s)
        for some in (CUBE[3:9], CUBE):  # part of it is known by then
            assert np.array_equal(memo.left_of(some), table.left_of(some))
            assert np.allclose(memo.truth(some), table.truth(some), atol=1e-9)
            assert np.allclose(memo.noise_sd(some), table.noise_sd(some), atol=1e-9)
            assert np.array_equal(memo.ran(some), table.ran(some))
        assert memo.truth(CUBE[:0]).shape == (0, 2)


def test_noise_is_that_of_the_runs() -> None:
    """In the objective's unit; nothing of one that is exact."""
    found, _ = recorded()
    sds = np.array([found.landscape(s).noise_sd(row("rope"))[0] for s in range(16)])
    assert 0.01 < np.median(sds[:, 0]) < 0.3
    assert np.all(sds[:, 1] == 0.0)


def test_the_trunk_holds_what_was_merged_and_vetoed_proposals_are_out() -> None:
    """Gains are then over that trunk, and recipes have as many columns as can be merged."""
    found, world = recorded(held=("muon",), barred=("wide",))
    assert found.proposals == ("rope", "clip")
    assert found.places == (1, 3)
    assert world.n == 2
    ends = [found.landscape(s).truth(np.array([[True, False]]))[0, 0] for s in range(16)]
    assert np.median(ends) == pytest.approx(0.5, abs=0.3)
    assert world.left_of(np.array([[True, True]])).tolist() == [[True, False]]  # clip meets muon
    assert found.runs == 3  # muon twice, and with rope once


def test_nothing_is_recorded_before_the_trunk_has_run() -> None:
    """There is nothing to draw from."""
    empty = Integrator(proposals=NAMES, objectives=[Objective("loss", margin=1.0)])
    assert recording(empty, {}, worlds=4, seed=0) is None
