"""The runs of a table of two rungs, and of a ladder."""

from __future__ import annotations

from tables import make_rungs
from tables.make_rungs import CLIMBERS, LADDER, PROPOSALS, RUNGS, climbers, wanted


def test_a_factorial_is_every_recipe_at_both_rungs_seed_by_seed() -> None:
    """Each run once; whenever it is stopped, whole seeds are whole at both rungs."""
    parts = wanted("factorial")
    assert [steps for steps, _ in parts] == list(RUNGS) * 3
    for at, (_, runs) in enumerate(parts):
        assert {recipe for recipe, _ in runs} == set(range(2 ** len(PROPOSALS)))
        assert {seed for _, seed in runs} == {at // 2}
        assert len(runs) == 2 ** len(PROPOSALS)


def test_a_ladder_has_other_seeds_than_what_it_is_held_against() -> None:
    """The trunk climbs too, every climber is of the factorial, and no seed is of both."""
    parts = wanted("ladder")
    assert [steps for steps, _ in parts] == list(LADDER)
    assert climbers()[0] == 0
    assert len(set(climbers())) == CLIMBERS
    seeds = {seed for _, runs in parts for _, seed in runs}
    assert not seeds & set(make_rungs.SEEDS)
    assert LADDER[-1] * 8 == RUNGS[-1]
