from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.proposal import CommitId, Conflict
from mainstem.engine.views.credit_history import history

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import World
    from mainstem.domain.proposal import TreeId


class Kept:
    """What was worked out, by key."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.worked_out = 0

    def __call__(self, key: str, work_out: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """As the wiring keeps it."""
        if key not in self.known:
            self.worked_out += 1
            self.known[key] = work_out()
        return self.known[key]


def steps(world: World, kept: Kept | None = None) -> list[dict[str, Any]]:
    """The history of the ledger as it stands."""
    ledger = world.ledger()
    entries = list(ledger.entries())
    ledger.close()

    def tree_of(commit: CommitId) -> TreeId:
        tree = world.trees.tree(commit, [])
        assert not isinstance(tree, Conflict)
        return tree

    return history(
        world.stack,
        entries,
        world.trees,
        trunk=world.trunk,
        tree_of=tree_of,
        kept=kept or Kept(),
    )


def overlapping(content: frozenset[str], seed: int) -> dict[str, float]:
    """Muon gains .3 and adam .5, and beside adam muon adds nothing; little noise."""
    gain = 0.3 * ("muon" in content) + 0.5 * ("adam" in content) - 0.4 * ("bad" in content)
    gain -= 0.3 * ({"muon", "adam"} <= content)
    return {"loss": 2.0 - gain + 0.004 * ((seed * 7919 % 1000) / 500.0 - 1.0), "params": 1000.0}


@pytest.fixture
def merged_twice(world: World) -> World:
    """First muon is merged, then adam; all four combinations of them ran."""
    world.outcome = overlapping
    world.propose("muon", "bad")
    world.integrate(budget=24)
    assert world.merge() == ["muon"]
    world.trees.undone = {"undo": "muon"}
    world.propose("adam", "undo")
    world.integrate(budget=24)
    assert world.merge() == ["adam"]
    return world


def test_without_a_merge_there_is_no_history(world: World) -> None:
    """Nor after runs."""
    world.propose("muon")
    world.integrate(budget=8)
    assert steps(world) == []


def test_a_step_is_what_credit_said_then(merged_twice: World) -> None:
    """The first one rests on the runs before it alone, and names them."""
    first, second = steps(merged_twice)
    assert (first["merged"], first["members"]) == (["muon"], ["muon"])
    assert (second["merged"], second["members"]) == (["adam"], ["muon", "adam"])
    assert {row["trial"].split(".")[0] for row in first["new_trials"]} == {"c1"}
    assert {row["trial"].split(".")[0] for row in second["new_trials"]} == {"c2"}
    assert second["runs"] == len(first["new_trials"]) + len(second["new_trials"])
    (muon,) = first["objectives"][0]["members"]
    assert muon["value"]["mean"] == pytest.approx(0.3, abs=0.02)
    assert muon["moved"] is None


def test_a_value_moves_by_what_its_parts_move(merged_twice: World) -> None:
    """Adam took half of what both lose together; the differences say so and sum up."""
    first, second = steps(merged_twice)
    before = first["objectives"][0]["members"][0]
    muon, adam = second["objectives"][0]["members"]
    moved = muon["moved"]
    assert moved["value"] == pytest.approx(muon["value"]["mean"] - before["value"]["mean"])
    assert moved["value"] == pytest.approx(moved["alone"] + sum(moved["beside"].values()))
    assert moved["beside"]["adam"] == pytest.approx(-0.15, abs=0.04)
    assert adam["moved"] is None


def test_what_is_to_be_improved_moves_in_all_too(merged_twice: World) -> None:
    """In margins: of a single one the same division by its margin, of each step's own."""
    margin = next(o.margin for o in merged_twice.stack.objectives if o.name == "loss")
    for step in steps(merged_twice):
        assert step["in_all"]["of"] == ["loss"]
        loss = step["objectives"][0]
        for one, other in zip(step["in_all"]["members"], loss["members"], strict=True):
            assert one["id"] == other["id"]
            assert one["value"]["mean"] == pytest.approx(other["value"]["mean"] / margin)
            moved, expected = one["moved"], other["moved"]
            assert (moved is None) == (expected is None)
            if moved is not None:
                assert moved["value"] == pytest.approx(expected["value"] / margin)


def test_runs_since_the_last_merge_are_a_step_of_their_own(merged_twice: World) -> None:
    """Evidence moves credit without a merge; lines without runs do not."""
    merged_twice.propose("late")
    assert len(steps(merged_twice)) == 2
    merged_twice.integrate(budget=8)
    *_, now = steps(merged_twice)
    assert (now["merged"], now["members"]) == ([], ["muon", "adam"])
    assert {row["trial"].split(".")[0] for row in now["new_trials"]} == {"c3"}
    assert all(member["moved"] is not None for member in now["objectives"][0]["members"])


def test_what_stood_at_a_merge_is_worked_out_once(merged_twice: World) -> None:
    """Later lines of the ledger change nothing of it."""
    kept = Kept()
    before = steps(merged_twice, kept)
    assert kept.worked_out == 2
    merged_twice.propose("late")
    merged_twice.integrate(budget=8)
    assert steps(merged_twice, kept)[:2] == before
    assert kept.worked_out == 3


def test_a_trunk_moved_by_other_means_starts_anew(merged_twice: World) -> None:
    """What was divided before is other code."""
    merged_twice.trunk = CommitId("f" * 40)
    assert steps(merged_twice) == []
