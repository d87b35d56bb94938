"""What a policy is: who may propose, what runs next, what is merged.

A policy of one's own is one class in one file:

    class Bold:
        name = "bold"

        def admits(self, desk):             # who may be tried
            return desk.here

        def runs(self, desk):               # what to run next; no rows: nothing more for now
            untried = [p for p in range(desk.n) if desk.admitted[p] and not desk.trunk[p]]
            return np.array([desk.with_(p) for p in untried[:1]], dtype=bool).reshape(-1, desk.n)

        def merges(self, desk):             # what is decided after those runs
            ...                             # a list of `Decision`s

It may remember things on itself: `play` works on a copy, so that each campaign begins afresh. What
cannot be cut into such steps, like a whole engine, is a `Whole` and is handed the desk.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np

from mainstem.lab.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.campaign import Course, Decision, Game
    from mainstem.lab.landscapes.landscape import BoolArray


@runtime_checkable
class Policy(Protocol):
    """A way to work, step by step."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def admits(self, desk: Desk) -> BoolArray:
        """Which proposals may be tried now, shape (n,); those that have not come in never are."""
        ...

    def runs(self, desk: Desk) -> BoolArray:
        """Recipes to run next, shape (m, n); no rows: nothing more to try for now.

        Of more rows than `desk.left` only the first run.
        """
        ...

    def merges(self, desk: Desk) -> Sequence[Decision]:
        """What is decided now: called after each batch of runs, and once more at the end."""
        ...


@runtime_checkable
class Whole(Protocol):
    """A way to work that plays a campaign by itself, at a desk."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def play(self, desk: Desk) -> None:
        """Works until it has nothing more to do or `desk.left` is 0."""
        ...


Way: TypeAlias = Policy | Whole
"""Either kind."""


def play(way: Way, game: Game, rng: np.random.Generator) -> Course:
    """One campaign.

    Args:
        way: How it is worked; stays as it is.
        game: What was drawn.
        rng: The policy's own generator.

    Raises:
        ValueError: The policy merged something twice or too early, or runs have another shape.
    """
    desk = Desk(game, rng)
    work(way, desk)
    return desk.close()


def work(way: Way, desk: Desk) -> None:
    """Works at a desk until nothing is left to do or to spend.

    Raises:
        ValueError: As `play`.
    """
    way = copy.deepcopy(way)
    if isinstance(way, Whole):
        way.play(desk)
        return
    while desk.left > 0:
        desk.admitted = np.asarray(way.admits(desk)) & desk.here
        recipes = np.asarray(way.runs(desk), dtype=np.bool_)
        if recipes.ndim != 2 or recipes.shape[1] != desk.n:
            raise ValueError(
                f"policy {way.name!r} asks for runs of shape {recipes.shape}: "
                f"give one row of {desk.n} for each recipe"
            )
        if len(recipes):
            desk.carry_out(recipes)
            desk.decide(way.merges(desk))
        elif not desk.wait():
            break
    desk.decide(way.merges(desk))


def side_by_side(*runs: tuple[BoolArray, int]) -> BoolArray:
    """Recipes to run, each so often, 0 or less for not at all: shape (m, n)."""
    wanted = [(recipe, max(0, times)) for recipe, times in runs]
    rows = np.empty((sum(times for _, times in wanted), len(wanted[0][0])), dtype=np.bool_)
    at = 0
    for recipe, times in wanted:
        rows[at : at + times] = recipe
        at += times
    return rows


def no_runs(desk: Desk) -> BoolArray:
    """No recipe, shape (0, n)."""
    return np.empty((0, desk.n), dtype=np.bool_)
