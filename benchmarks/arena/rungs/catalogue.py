"""The landscapes of the arena with two rungs, by name, and what is aimed at on each.

Tables come from `benchmarks/tables/scales/*.npz`; each is played as it is, and with its small rung
spoilt in three ways. Drawn ones have small rungs that agree with the top to several degrees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from arena.landscapes import Pairwise, Rugged
from arena.rungs import landscapes
from arena.rungs.landscapes import Measured, Related, RungLandscape

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[[np.random.Generator], RungLandscape]

BUDGET = 10
"""Cost per proposal that a method may spend, in runs of the top rung."""

MOST_OF_TOP_ONLY = 0.5
"""Where the rungs are real: cost, at most, as a multiple of that of the top rung alone."""
MOST_WHERE_MISLED = 1.1
"""The same where transfer was made to fail."""
MOST_OF_RIVALS = 1.0
"""Cost, at most, as a multiple of the best rival's."""

SPOILT = {
    "shuffled": ("its small rung shuffled over recipes", landscapes.shuffled),
    "turned": ("the sign of every gain at its small rung turned", landscapes.turned),
    "relabelled": ("its proposals relabelled at the small rung", landscapes.relabelled),
}
AGREEMENTS = (0.9, 0.7, 0.4)
_N = 10


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A landscape.

    Attributes:
        name: Such as `tinylm8-turned`.
        title: For people.
        n: How many proposals there are.
        ticks: What a run of the top rung costs in runs of the small one.
        version: Changes when the landscape does: part of the cache's file names.
        make: Draws one.
        kind: `real`, `spoilt` or `drawn`.
        same_top: The landscape that has the same top rung, with which the top rung alone is played;
            None: this one.
    """

    name: str
    title: str
    n: int
    ticks: int
    version: str
    make: Make
    kind: str
    same_top: str | None = None

    @property
    def budget(self) -> int:
        """Ticks that a method may spend."""
        return BUDGET * self.n * self.ticks

    @property
    def most(self) -> float | None:
        """Cost, at most, as a multiple of that of the top rung alone; None: no goal is set."""
        return {"real": MOST_OF_TOP_ONLY, "spoilt": MOST_WHERE_MISLED}.get(self.kind)


def catalogue(tables: Path) -> dict[str, Spec]:
    """Every landscape by name: tables as they are, spoilt ones, drawn ones."""
    specs = [spec for file in sorted(tables.glob("*.npz")) for spec in _of_table(file)]
    specs += [_drawn("pairwise", agreement) for agreement in AGREEMENTS]
    specs += [_drawn("rugged", agreement) for agreement in AGREEMENTS]
    return {spec.name: spec for spec in specs}


def _of_table(file: Path) -> list[Spec]:
    land = Measured.of(file)
    name, version = file.stem, hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    agreement = land.agreement()
    specs = [
        Spec(
            name=name,
            title=f"Real runs: {name}, n = {land.n}, rank correlation {agreement:.2f}",
            n=land.n,
            ticks=land.ticks[-1],
            version=version,
            make=partial(_same, land),
            kind="real",
        )
    ]
    for word, (title, spoil) in SPOILT.items():
        specs.append(
            Spec(
                name=f"{name}-{word}",
                title=f"{name}, {title}",
                n=land.n,
                ticks=land.ticks[-1],
                version=version,
                make=partial(spoil, land),
                kind="spoilt",
                same_top=name,
            )
        )
    return specs


def _same(land: Measured, rng: np.random.Generator) -> Measured:
    del rng
    return land


def _drawn(family: str, agreement: float) -> Spec:
    return Spec(
        name=f"{family}-{_N}-agreement-{agreement:g}",
        title=f"{family.capitalize()}, n = {_N}, rank correlation {agreement:g}",
        n=_N,
        ticks=landscapes.RATIO,
        version="1",
        make=partial(_related, Pairwise if family == "pairwise" else Rugged, agreement),
        kind="drawn",
    )


def _related(
    kind: type[Pairwise | Rugged], agreement: float, rng: np.random.Generator
) -> RungLandscape:
    """A top rung, and another of its kind that happens to agree less than is asked for."""
    top = kind(_N, rng)
    while True:
        try:
            return Related(top, kind(_N, rng), agreement=agreement)
        except ValueError:
            continue
