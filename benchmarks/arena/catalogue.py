"""The landscapes of the bench by name, and what is aimed at on each.

A goal is stated for Mainstem; a reference is what was measured before by a rough bench with other
seeds, 20 repeats a figure. Tables come from `benchmarks/tables/*.npz`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arena.landscapes import Pairwise, Rugged, Saturating, Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np

    from arena.landscapes import Landscape

    Make = Callable[[np.random.Generator], Landscape]

BUDGET = 10
"""Runs per proposal."""
MARKS = (2, 4, 8)
"""Gains are given after so many runs per proposal."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What Mainstem is to reach on a landscape; None where nothing is set.

    Attributes:
        median: Median runs to keep 95% of the best gain, at most.
        share: Share of repeats that keep it within the budget, at least.
        gains: Mean gain at 2n, 4n, 8n runs, at least.
        reference: What was measured before.
    """

    median: float | None = None
    share: float | None = None
    gains: tuple[float | None, float | None, float | None] = (None, None, None)
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A landscape of the bench.

    Attributes:
        name: Such as `pairwise-20`.
        title: For people.
        n: How many proposals there are.
        version: Changes when the landscape does: part of the cache's file names.
        make: Draws one.
        structured: Whether it has a sparse structure that a learner can be told.
        goal: What is aimed at.
    """

    name: str
    title: str
    n: int
    version: str
    make: Make
    structured: bool
    goal: Goal

    @property
    def budget(self) -> int:
        """Runs that a method may spend."""
        return BUDGET * self.n


def catalogue(tables: Path) -> dict[str, Spec]:
    """Every landscape by name: drawn ones, then the tables of a folder."""
    specs = [*_drawn(), *(_table(file) for file in sorted(tables.glob("*.npz")))]
    return {spec.name: spec for spec in specs}


def _drawn() -> list[Spec]:
    return [
        _pairwise(
            12, 1.0, Goal(median=45, share=0.90, reference="BOCS 54, .65; BoTorch's GP 70, .86")
        ),
        _pairwise(
            20,
            1.0,
            Goal(
                median=70,
                share=0.95,
                gains=(0.86, 0.96, None),
                reference="BOCS 108, .85, gains .63 .92 .98; TPE .66 .80 .90; greedy .49 .67 .73; "
                "told the structure 60, .95",
            ),
        ),
        _pairwise(
            20, 2.0, Goal(share=0.70, reference="BOCS share .40; told the structure share .80")
        ),
        _pairwise(40, 1.0, Goal(median=110, reference="BOCS 180; told the structure 87")),
        _saturating(
            20,
            Goal(median=60, gains=(0.93, None, None), reference="screening 116, gain .92 at 2n"),
        ),
        _rugged(
            12,
            Goal(
                share=0.95,
                gains=(0.78, 0.93, 0.98),
                reference="greedy .64 .66 .67; TPE .64 .80 .87, share .45; GA .53 .74 .86, "
                "share .50",
            ),
        ),
    ]


def _pairwise(n: int, noise: float, goal: Goal) -> Spec:
    def make(rng: np.random.Generator) -> Landscape:
        return Pairwise(n, rng, noise=noise)

    return Spec(
        name=f"pairwise-{n}" + ("" if noise == 1.0 else f"-noise-{noise:g}"),
        title=f"Pairwise, n = {n}, noise {noise:g}",
        n=n,
        version="1",
        make=make,
        structured=True,
        goal=goal,
    )


def _saturating(n: int, goal: Goal) -> Spec:
    def make(rng: np.random.Generator) -> Landscape:
        return Saturating(n, rng)

    return Spec(
        name=f"saturating-{n}",
        title=f"Saturating, n = {n}, noise 1",
        n=n,
        version="1",
        make=make,
        structured=True,
        goal=goal,
    )


def _rugged(n: int, goal: Goal) -> Spec:
    def make(rng: np.random.Generator) -> Landscape:
        return Rugged(n, rng)

    return Spec(
        name=f"rugged-{n}",
        title=f"Rugged, n = {n}",
        n=n,
        version="1",
        make=make,
        structured=False,
        goal=goal,
    )


def _table(file: Path) -> Spec:
    table = Table(file)

    def make(rng: np.random.Generator) -> Landscape:
        del rng
        return table

    return Spec(
        name=f"table-{file.stem}",
        title=f"Real runs: {file.stem}, n = {table.n}",
        n=table.n,
        version=hashlib.sha256(file.read_bytes()).hexdigest()[:8],
        make=make,
        structured=False,
        goal=Goal(
            reference="level with the best rival or better at 2n, 4n and 8n, and above it at 2n "
            "or 4n where it is under .95 (paired differences)"
        ),
    )
