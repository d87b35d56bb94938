from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import CommitId
from mainstem.domain.reference import Claim, ReferenceId
from mainstem.engine.proposing import Branch, propose
from mainstem.engine.record import PROPOSAL_TAKEN, fold

if TYPE_CHECKING:
    from conftest import World


def branch(name: str, *, id: str | None = None) -> Branch:  # noqa: A002  # the field's own name
    """A branch at a commit of its own."""
    commit = CommitId(f"{sum(name.encode()):040x}")
    proposal = name if id is None else id
    return Branch(id=proposal, name=name, commit=commit, base=CommitId("0" * 40), components=())


def moved(name: str, digit: str) -> Branch:
    """The same branch at another commit."""
    return replace(branch(name), commit=CommitId(digit * 40))


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


def test_one_id_for_two_branches_is_refused(world: World) -> None:
    """The id belongs to the first; what to do instead is said."""
    with pytest.raises(UsageError, match="muon and rope both want the id 'x'"):
        take_in(world, branch("muon", id="x"), branch("rope", id="x"))
    take_in(world, branch("muon"))
    with pytest.raises(UsageError, match="'muon' stands for branch muon already: give rope anoth"):
        take_in(world, branch("rope", id="muon"))
    assert taken(world) == ["muon"]


def test_a_branch_that_moved_is_a_new_version_in_the_place_of_the_old_one(world: World) -> None:
    """Its id, what it follows and its words; the chain of the ledger stays whole."""
    take_in(world, branch("muon"), branch("rope"))
    (again,) = take_in(world, moved("muon", "f"))["proposals"]
    assert (again["id"], again["follows"], again["order"]) == ("muon@2", "muon", 3)
    assert again["note"] == (
        f"a new version of muon, whose trials stay with {branch('muon').commit[:10]}"
    )
    (known,) = take_in(world, moved("muon", "f"))["proposals"]
    assert (known["id"], known["note"]) == ("muon@2", "known already")
    (third,) = take_in(world, moved("muon", "e"))["proposals"]
    assert (third["id"], third["follows"]) == ("muon@3", "muon@2")
    assert taken(world) == ["muon", "rope", "muon@2", "muon@3"]
    ledger = world.ledger()
    record = fold(ledger.entries())
    assert [p.id for p in record.open_proposals()] == ["rope", "muon@3"]
    assert record.superseded == {"muon": "muon@2", "muon@2": "muon@3"}
    assert ledger.verify() == []
    ledger.close()


def test_the_id_of_a_new_version_is_one_that_nobody_has(world: World) -> None:
    """A branch may be called like a version."""
    take_in(world, branch("muon"), branch("muon@2"))
    (again,) = take_in(world, moved("muon", "f"))["proposals"]
    assert again["id"] == "muon@3"


def test_a_branch_that_moved_without_new_files_is_no_new_version(world: World) -> None:
    """A rebase or a better message: what was measured still speaks of it."""
    world.trees.changes = {"muon@2": frozenset({"muon"})}
    take_in(world, branch("muon"))
    (again,) = take_in(world, moved("muon", "f"))["proposals"]
    assert again["id"] == "muon"
    assert "nothing new" in again["note"]
    assert taken(world) == ["muon"]


def test_conflicts_with_what_was_superseded_are_not_looked_for(world: World) -> None:
    """Only what may stand together matters: the new version against the others."""
    world.trees.conflicting = [frozenset({"muon", "rope"}), frozenset({"muon@2", "bad"})]
    take_in(world, branch("muon"))
    take_in(world, moved("muon", "f"))
    found = take_in(world, branch("rope"), branch("bad"))["conflicts"]
    assert [c["proposals"] for c in found] == [["muon@2", "bad"]]


def test_a_proposal_that_is_known_changes_nothing(world: World) -> None:
    """The same command twice says so, and writes nothing."""
    take_in(world, branch("muon"))
    (again,) = take_in(world, branch("muon"))["proposals"]
    assert again["note"] == "known already"
    assert taken(world) == ["muon"]


CLAIM = Claim(reference=ReferenceId("theirs"), objective="loss", gain=0.2)


def test_a_reference_is_claimed_before_anything_runs(world: World) -> None:
    """It stands in the proposal's line with its effect; later words about the commit change none.

    A line of a proposal that brings nothing has no key for it, as lines always were.
    """
    ledger = world.ledger()
    record = fold(ledger.entries())

    def take(claim: Claim | None, *branches: Branch) -> dict[str, Any]:
        says = {"trunk": world.trunk, "claim": "loss +0.2", "reference": claim}
        return propose(ledger, world.trees, record, branches, **says)

    (first,) = take(CLAIM, branch("muon"))["proposals"]
    assert first["reference"] == {"id": "theirs", "objective": "loss", "gain": 0.2}
    (again,) = take(replace(CLAIM, gain=0.1), branch("muon"))["proposals"]
    assert again["reference"]["gain"] == 0.2
    assert "its reference stays theirs: what is claimed is claimed before" in again["note"]
    (plain,) = take(None, branch("rope"))["proposals"]
    assert plain["reference"] is None
    (late,) = take(CLAIM, branch("rope"))["proposals"]
    assert late["reference"] is None
    assert "without a reference" in late["note"]
    bodies = [e.body for e in ledger.entries() if e.kind == PROPOSAL_TAKEN]
    found = fold(ledger.entries()).in_order()
    ledger.close()
    assert [p.reference for p in found] == [CLAIM, None]
    assert ["reference" in body for body in bodies] == [True, False]
