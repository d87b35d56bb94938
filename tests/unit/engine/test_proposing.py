from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import CommitId
from mainstem.engine.proposing import Branch, propose
from mainstem.engine.record import fold

if TYPE_CHECKING:
    from conftest import World


def branch(name: str, *, id: str | None = None) -> Branch:  # noqa: A002  # the field's own name
    """A branch at a commit of its own."""
    commit = CommitId(f"{sum(name.encode()):040x}")
    proposal = name if id is None else id
    return Branch(id=proposal, name=name, commit=commit, base=CommitId("0" * 40), components=())


def take_in(world: World, *branches: Branch) -> dict[str, Any]:
    """What `propose` says."""
    ledger = world.ledger()
    try:
        return propose(
            ledger, world.trees, fold(ledger.entries()), branches, trunk=world.trunk, claim=""
        )
    finally:
        ledger.close()


def taken(world: World) -> list[str]:
    """The ids that stand in the ledger."""
    ledger = world.ledger()
    found = [p.id for p in fold(ledger.entries()).in_order()]
    ledger.close()
    return [str(p) for p in found]


@pytest.mark.parametrize("name", ["", " ", " a", "a\n", "a\nb", "a\tb", "a\x1b[31m", "a\u2028b"])
def test_what_cannot_stand_on_a_line_is_no_id(world: World, name: str) -> None:
    """Nothing is taken in; the error names the branch and shows the id as it is."""
    with pytest.raises(UsageError, match="cannot be an id: give muon one on one line") as error:
        take_in(world, branch("rope"), branch("muon", id=name))
    assert repr(name) in str(error.value)
    assert "\n" not in str(error.value)
    assert taken(world) == []


@pytest.mark.parametrize("name", ["größer-⚡", "a b", "идея/✓", "👩‍🔬", "a;b,c", "caf\udce9"])
def test_any_other_name_is_an_id(world: World, name: str) -> None:
    """Names that are not ASCII, and bytes that are no UTF-8, simply work."""
    take_in(world, branch("muon", id=name))
    assert taken(world) == [name]


def test_a_branch_that_is_named_twice_is_taken_in_once(world: World) -> None:
    """Once in the ledger, and once in the answer."""
    report = take_in(world, branch("muon"), branch("rope"), branch("muon"))
    assert [p["id"] for p in report["proposals"]] == ["muon", "rope"]
    assert taken(world) == ["muon", "rope"]


def test_one_id_for_two_branches_or_two_commits_is_refused(world: World) -> None:
    """The id belongs to the first; what to do instead is said."""
    with pytest.raises(UsageError, match="muon and rope both want the id 'x'"):
        take_in(world, branch("muon", id="x"), branch("rope", id="x"))
    take_in(world, branch("muon"))
    with pytest.raises(UsageError, match="'muon' stands for branch muon already: give rope anoth"):
        take_in(world, branch("rope", id="muon"))
    with pytest.raises(UsageError, match=r"has moved from .* propose it again .* --id muon-2"):
        take_in(world, replace(branch("muon"), commit=CommitId("f" * 40)))
    assert taken(world) == ["muon"]


def test_a_proposal_that_is_known_changes_nothing(world: World) -> None:
    """The same command twice says so, and writes nothing."""
    take_in(world, branch("muon"))
    (again,) = take_in(world, branch("muon"))["proposals"]
    assert again["note"] == "known already"
    assert taken(world) == ["muon"]
