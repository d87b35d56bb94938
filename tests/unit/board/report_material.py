"""What reports are made of in tests: real ledgers and decisions, trials that are arithmetic."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from mainstem.engine.record import fold
from mainstem.wiring.report import report
from tests.unit.engine.conftest import World, make_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.wiring.project import Project

PROPOSALS = ("muon", "rope", "bad", "wide", "old", "clip")
"""Of `planted`: two that win, a loser, one that breaks a guard, one that crashes with muon, and one
that git cannot merge with rope."""

HOSTILE = "x<script>alert(1)</script>\x1b[2J|`**@ada** #1\N{RIGHT-TO-LEFT OVERRIDE}" + "y" * 5000
"""A name that means something to HTML, Markdown, GitHub, terminals and lines."""


def made(folder: Path, *, budget: int | None) -> World:
    """A world with a campaign; without a budget nothing ran."""
    world = make_world(folder, conflicting=[{"rope", "clip"}])
    world.propose(*PROPOSALS)
    if budget is not None:
        world.integrate(budget=budget)
    return world


def project(world: World) -> Project:
    """What a command works on, as far as a report asks."""
    ledger = world.ledger()
    found = SimpleNamespace(
        root=world.folder,
        stack=world.stack,
        ledger=ledger,
        trunk_commit=world.trunk,
        record=lambda: fold(ledger.entries()),
        progress=lambda _: {},
    )
    return cast("Project", found)


@cache
def material(*, budget: int | None = 60) -> Mapping[str, Any]:
    """The JSON of `mainstem report` on a small campaign."""
    with TemporaryDirectory() as folder:
        one = project(made(Path(folder) / "world", budget=budget))
        found = report(one)
        one.ledger.close()
    return found


def renamed(found: Any, old: str, new: str) -> Any:
    """The same JSON with a name that is another, in keys and texts."""
    if isinstance(found, str):
        return found.replace(old, new)
    if isinstance(found, dict):
        return {renamed(key, old, new): renamed(value, old, new) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [renamed(one, old, new) for one in found]
    return found
