"""Small landscapes and games for the lab's tests, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Game
from mainstem.lab.desk import Desk
from mainstem.lab.landscapes.pairwise import Pairwise, gain_objective, pairwise
from mainstem.lab.noise import Noise
from mainstem.lab.organisation import Contributor, Organisation, drawn, team

if TYPE_CHECKING:
    from mainstem.lab.landscapes.landscape import Landscape
    from mainstem.lab.organisation import Staff


def three(*, noise: float = 0.0) -> Pairwise:
    """Three proposals: 0 gains 2, 1 gains 1 alone and loses 3 beside 0, 2 loses 1.

    The trunk's values: {0} 2, {1} 1, {2} -1, {0,1} 0, {0,2} 1, {1,2} 0, all -1.
    """
    pair = np.zeros((3, 3))
    pair[0, 1] = -3.0
    return Pairwise(
        main=np.array([2.0, 1.0, -1.0]),
        pair=pair,
        noise=noise,
        components=("data", "data", "optimizer"),
        objectives=(gain_objective(margin=0.5),),
    )


def staffed(
    landscape: Landscape, *people: Contributor, authors: tuple[int, ...] | None = None
) -> Staff:
    """Everything is there at once; opinions are exact; authors as given, else by component."""
    known = people or (Contributor(home="data", rank=1, judgement=0.0),)
    staff = drawn(Organisation(contributors=known), landscape, np.random.default_rng(0))
    if authors is None:
        return staff
    return replace(staff, authors=np.array(authors))


def game(
    landscape: Landscape | None = None,
    *,
    staff: Staff | None = None,
    budget: int = 60,
    slots: int = 4,
    seed: int = 0,
) -> Game:
    """A game on a landscape, by default on `three` without noise."""
    land = three() if landscape is None else landscape
    return Game(
        landscape=land,
        staff=staffed(land) if staff is None else staff,
        noise=Noise(land.n, np.random.default_rng(seed)),
        budget=budget,
        slots=slots,
    )


def drawn_game(seed: int, *, n: int = 8, budget: int = 50, noise: float = 1.0) -> Game:
    """A drawn landscape with a drawn team of six."""
    rng = np.random.default_rng(seed)
    land = pairwise(n, rng, noise=noise)
    staff = drawn(team(land.components, size=6), land, rng)
    return game(land, staff=staff, budget=budget, seed=seed)


def desk(played: Game, seed: int = 0) -> Desk:
    """A desk at the beginning."""
    return Desk(played, np.random.default_rng(seed))
