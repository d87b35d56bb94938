"""Small campaigns that ran, to look at; made once, as nothing here changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.engine import record as records
from tests.unit.board.looking import Looking, take
from tests.unit.engine.conftest import TRUNK, commit_of, make_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.engine.conftest import World

TOUCHED = {
    "muon": ("optimizer",),
    "rope": ("architecture",),
    "noise": (),
    "bad": ("optimizer", "data"),
    "wide": ("architecture",),
    "old": ("data",),
    "fork": ("data",),
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the worlds are."""
    return tmp_path_factory.mktemp("board")


@pytest.fixture(scope="session")
def judged(folder: Path) -> World:
    """A campaign that ended with a proved set: muon and rope win, muon with old crashes."""
    world = make_world(folder / "judged", conflicting=[("rope", "fork")])
    take(world, TOUCHED, claim="it is <b>faster</b>")
    world.integrate(budget=60, seed=3)  # whose set has no passenger
    ledger = world.ledger()
    said = {"merge": 0.8, "effects": {"loss": 0.1}, "note": "<i>likely</i>", "by": "token-of-ada"}
    review = {"seen": {"campaign": None, "trials": 0, "verdict": None}, **said}
    ledger.append([("review-given", {"proposal": p, **review}) for p in ("muon", "bad")])
    ledger.close()
    return world


@pytest.fixture(scope="session")
def reader(judged: World) -> Looking:
    """That campaign, to look at."""
    return Looking(world=judged)


@pytest.fixture(scope="session")
def merged(folder: Path) -> Looking:
    """A campaign whose proved set is in the trunk, before the next one."""
    world = make_world(folder / "merged")
    take(world, {"muon": ("optimizer",), "bad": ()})
    world.integrate(budget=30)
    assert world.merge() == ["muon"]
    return Looking(world=world)


@pytest.fixture(scope="session")
def waiting(folder: Path) -> Looking:
    """Proposals before the first campaign; one of them was proposed anew."""
    world = make_world(folder / "waiting")
    take(world, {"muon": ("optimizer",), "bad": ()})
    world.propose("muon", push=1)
    return Looking(world=world)


@pytest.fixture(scope="session")
def empty(folder: Path) -> Looking:
    """A ledger without a line."""
    return Looking(world=make_world(folder / "empty"))


@pytest.fixture(scope="session")
def folder_world(folder: Path) -> Callable[..., World]:
    """Makes worlds with proposals that nothing was run of."""

    def make(name: str, *ids: str) -> World:
        world = make_world(folder / name)
        take(world, dict.fromkeys(ids or ("muon", "bad", "rope"), ()))
        return world

    return make


def overridden(world: World, proposal: str, kind: str) -> None:
    """Writes an override down."""
    body = {"proposal": proposal, "kind": kind, "reason": "no", "by": "token-of-ada"}
    ledger = world.ledger()
    ledger.append([(records.OVERRIDE, body)])
    ledger.close()


HOSTILE = ("<script>x</script>", "a\x1b[31mred\u202eb", "x" * 5000, "a/b,c d&e")
"""Ids that a store of somebody else's making may hold."""


def hostile(folder: Path) -> World:
    """A world whose lines were written by somebody who means harm; made once in a folder."""
    again = (folder / "hostile").exists()
    world = make_world(folder / "hostile")
    if again:
        return world
    lines = [
        {
            "id": name,
            "branch": f"{name}\u202e",
            "commit": commit_of(name),
            "base": TRUNK,
            "tree": None,
            "components": ["<img src=x onerror=y>", "\x1b]0;x\x07"],
            "order": order,
            "claim": f"</p><script>{name}",
            "follows": None,
        }
        for order, name in enumerate(HOSTILE, start=1)
    ]
    trials = [[], *([name] for name in HOSTILE), list(HOSTILE)]
    asked = [
        {
            "trial": f"c1.{k}",
            "recipe": recipe,
            "seed": k,
            "rung": "default",
            "purpose": "search",
            "tree": commit_of(str(k)),
        }
        for k, recipe in enumerate(trials, start=1)
    ]
    opened = {
        "campaign": "c1",
        "seed": 0,
        "trunk": TRUNK,
        "setup": records.setup_digest(world.stack),
        "batch": 4,
        "budget": 20,
        "rung": "default",
        "proposals": list(HOSTILE),
        "trees": {name: commit_of(f"tree {name}") for name in HOSTILE},
        "inherited": [],
    }
    failure = {"cause": "exit", "what": "<img src=x onerror=y>\x1b[31m\u202e" + "z" * 9000}
    ended: list[dict[str, Any]] = [
        {"trial": row["trial"], "values": {"loss": 2.0 + k / 100, "params": 9.0}, "failure": None}
        for k, row in enumerate(asked[:-1])
    ]
    ended.append({"trial": asked[-1]["trial"], "values": None, "failure": failure})
    clash = {"trunk": TRUNK, "proposals": list(HOSTILE[:2]), "paths": ["<b>\x1b/train.py"]}
    ledger = world.ledger()
    ledger.append([(records.PROPOSAL_TAKEN, line) for line in lines])
    ledger.append([(records.CONFLICT_FOUND, clash), (records.CAMPAIGN_OPENED, opened)])
    ledger.append([(records.BATCH_ASKED, {"campaign": "c1", "trials": asked})])
    ledger.append([(records.TRIAL_FINISHED, {"campaign": "c1", **line}) for line in ended])
    ledger.close()
    return world


def harmless(html: str) -> None:
    """Fails if anything of the hostile world acts on a page."""
    assert "<script>x" not in html
    assert "<img" not in html
    assert not {"\x1b", "\u202e", "\x07"} & set(html)
