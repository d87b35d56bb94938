"""Pairs that are tried: fresh seeds each time, lines that no decision reads, and whose fault."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import TrunkFailedError
from mainstem.domain.proposal import CommitId, Conflict, Proposal, ProposalId
from mainstem.domain.stack import Rung
from mainstem.engine import record as records
from mainstem.engine.proposing import Branch, propose
from mainstem.engine.record import fold
from mainstem.engine.tries import KINDS, Question, seed_of, tried_pairs, try_pairs
from mainstem.engine.views.tries import conflicts, tried

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conftest import World
    from mainstem.domain.trial import Job
    from mainstem.engine.tries import TriedPair


def proposal(name: str, base: CommitId) -> Proposal:
    """A branch that nobody proposed."""
    return Proposal(
        id=ProposalId(name),
        branch=name,
        commit=CommitId(f"commit of {name}"),
        base=base,
        tree=None,
        components=(),
        order=1,
    )


def question(world: World, name: str) -> Question:
    """A proposal's content on the world's trunk."""
    one = proposal(name, world.trunk)
    tree, trunk_tree = world.trees.tree(world.trunk, [one]), world.trees.tree(world.trunk, [])
    assert not isinstance(tree, Conflict)
    assert not isinstance(trunk_tree, Conflict)
    return Question(commit=one.commit, tree=tree, trunk=world.trunk, trunk_tree=trunk_tree)


def run(
    world: World, asked: Question, pairs: int, *, die_after: int | None = None
) -> tuple[list[TriedPair], list[Job]]:
    """Tries; all pairs that ran so far, and the jobs of this call."""
    ledger = world.ledger()
    executor = world.executor(die_after=die_after)
    try:
        try_pairs(world.shop(executor, ledger), asked, pairs=pairs)
    except KeyboardInterrupt:
        assert die_after is not None
    found = tried_pairs(ledger.entries(kinds=KINDS), world.stack, asked)
    ledger.close()
    return found, executor.ran


def test_a_second_try_goes_on_with_fresh_seeds(world: World) -> None:
    """Both halves of a pair have its seed, which follows from its number and from nothing else."""
    muon = question(world, "muon")
    first, jobs = run(world, muon, 3)
    assert [pair.number for pair in first] == [1, 2, 3]
    assert sorted(job.seed for job in jobs) == sorted([seed_of(k) for k in (1, 2, 3)] * 2)
    again, jobs = run(world, muon, 2)
    assert again[:3] == first
    assert {job.seed for job in jobs} == {seed_of(4), seed_of(5)}
    assert [pair.trials for pair in again[3:]] == [("t2.1", "t2.2"), ("t2.3", "t2.4")]
    assert again[0].trunk["loss"] - again[0].branch["loss"] == pytest.approx(0.3)  # type: ignore[index]  # it ran
    other, _ = run(world, question(world, "rope"), 1)
    assert [(pair.number, pair.seed) for pair in other] == [(1, seed_of(1))]


def test_the_same_files_under_another_commit_go_on(world: World) -> None:
    """A commit with another message is no other branch; other settings are another question."""
    muon = question(world, "muon")
    first, _ = run(world, muon, 2)
    found, _ = run(world, replace(muon, commit=CommitId("f" * 40)), 1)
    assert found[:2] == first
    assert len(found) == 3
    world.stack = replace(world.stack, command="python train.py {seed} --wide")
    assert [pair.number for pair in run(world, muon, 1)[0]] == [1]


def test_a_killed_try_keeps_whole_pairs(world: World) -> None:
    """What ended stands; the next call runs the numbers that have no result."""
    muon = question(world, "muon")
    found, _ = run(world, muon, 3, die_after=3)
    assert [pair.number for pair in found] == [3]  # the newest job ends first here
    again, jobs = run(world, muon, 2)
    assert len(again) == 3
    assert not {job.trial for job in jobs} & {"t1.1", "t1.2"}


def test_two_at_once_have_names_of_their_own_and_count_once(world: World) -> None:
    """Another call between reading and writing: this one takes the next name."""
    muon = question(world, "muon")
    ledger, other = world.ledger(), world.ledger()
    shop = world.shop(world.executor(), ledger)
    end, calls = ledger.end, []

    def overtaken() -> tuple[int, str]:
        found = end()
        if not calls:
            calls.append(1)
            try_pairs(world.shop(world.executor(), other), muon, pairs=1)
        return found

    ledger.end = overtaken  # type: ignore[method-assign]  # this handle's
    try_pairs(shop, muon, pairs=1)
    opened = [e.body["try"] for e in ledger.entries(kinds=[records.TRY_OPENED])]
    assert opened == ["t1", "t2"]


def test_a_branch_that_fails_is_told_and_stops_the_call(world: World) -> None:
    """The first failure ends it; the trunk's half is waited for, as it may be to blame."""
    planted = world.outcome
    world.outcome = lambda content, seed: "boom" if content else planted(content, seed)
    found, jobs = run(world, question(world, "muon"), 3)
    assert len(jobs) == 2
    (pair,) = found
    assert pair.branch is None
    assert pair.failure == {"cause": "exit", "what": "exit code 1: boom"}


def test_a_trunk_that_fails_is_not_the_branchs_fault(world: World) -> None:
    """Whatever the branch did with that seed, nothing is kept of the pair."""
    world.outcome = lambda _content, _seed: "boom"
    with pytest.raises(TrunkFailedError, match="the trunk does not run"):
        run(world, question(world, "muon"), 2)
    ledger = world.ledger()
    assert not list(ledger.entries(kinds=[records.TRY_FINISHED]))


def test_no_campaign_reads_what_was_tried(make: Callable[..., World]) -> None:
    """Every line of a campaign is the same with and without, but for its number and time."""
    plain, tried_first = make("plain"), make("tried")

    def course(world: World) -> list[tuple[str, Mapping[str, object]]]:
        world.propose("muon", "rope", "bad")
        world.integrate(budget=40)
        return [(e.kind, e.body) for e in world.ledger().entries() if e.kind not in KINDS]

    run(tried_first, question(tried_first, "muon"), 6)
    run(tried_first, question(tried_first, "bad"), 6)
    assert course(tried_first) == course(plain)


def test_conflicts_are_named_and_not_written_down(make: Callable[..., World]) -> None:
    """With whom it cannot be merged; conflicts of the others are theirs."""
    world = make("conflicts", conflicting=[("muon", "rope"), ("rope", "bad")])
    world.propose("rope", "bad")
    ledger = world.ledger()
    before = ledger.end()

    # The simulated trees know proposals by their ids: here the branch's stands for itself.
    def found(name: str, *, missing: bool = False) -> dict[str, Any]:
        record = fold(ledger.entries())
        return conflicts(
            record,
            _Named(world),  # type: ignore[arg-type]  # all of it that is asked
            question(world, "muon"),
            branch=name,
            base=world.trunk,
            missing={record.proposals[ProposalId("rope")].commit} if missing else (),
        )

    named = [{"with": "rope", "paths": ["train.py"]}]
    assert found("muon") == {"others_open": 2, "conflicts": named, "not_fetched": []}
    assert found("muon", missing=True) == {
        "others_open": 2,
        "conflicts": [],
        "not_fetched": ["rope"],
    }
    # Of the branch itself as it was before: it would take its place.
    assert found("rope") == {"others_open": 1, "conflicts": [], "not_fetched": []}
    assert ledger.end() == before


class _Named:
    """Trees whose member without an id is muon."""

    def __init__(self, world: World) -> None:
        self._world = world

    def trees(self, root: CommitId, recipes: list[list[Proposal]]) -> list[object]:
        """Merges with muon in that member's place, and gives the id back."""
        found: list[object] = []
        for recipe in recipes:
            named = [replace(m, id=m.id or ProposalId("muon")) for m in recipe]
            tree = self._world.trees.tree(root, named)
            if isinstance(tree, Conflict):
                back = {ProposalId("" if p == "muon" else p) for p in tree.proposals}
                tree = replace(tree, proposals=frozenset(back))
            found.append(tree)
        return found


def test_the_report_tells_what_the_record_knows(world: World) -> None:
    """Of a proposal its verdict and the landscape; of another commit of the branch its name."""
    world.stack = replace(world.stack, rungs=(Rung(name="big", cost=9.0), Rung(name="tiny")))
    world.stack = replace(world.stack, decisions=replace(world.stack.decisions, confirm_rung="big"))
    muon = question(world, "muon")
    world.propose("muon", "rope")
    campaigned = world.integrate(budget=40)
    muon = replace(muon, commit=campaigned.record.proposals[ProposalId("muon")].commit)
    small = world.stack.at(world.stack.smallest_rung)
    ledger = world.ledger()
    executor = world.executor()
    try_pairs(replace(world.shop(executor, ledger), stack=small), muon, pairs=4)
    assert {job.rung for job in executor.ran} == {"tiny"}
    pairs = tried_pairs(ledger.entries(kinds=KINDS), small, muon)
    assert not tried_pairs(ledger.entries(kinds=KINDS), world.stack, muon)
    report = tried(
        world.stack,
        campaigned.record,
        campaigned.campaign,
        campaigned.state,
        question=muon,
        pairs=pairs,
        branch="muon",
    )
    assert (report["rung"], report["confirm_rung"], report["pairs"]) == ("tiny", "big", 4)
    assert report["proposal"]["id"] == "muon"
    assert report["proposal"]["gain"]["loss"]["mean"] == pytest.approx(0.3, abs=0.05)
    assert report["candidate"]["number"] == len(campaigned.state.integrator.candidates()) + 1
    moved = replace(muon, commit=CommitId("f" * 40))
    again = tried(
        world.stack, campaigned.record, None, None, question=moved, pairs=pairs, branch="muon"
    )
    assert (again["proposal"], again["earlier"]) == (None, "muon")
    assert again["candidate"]["number"] == 1


def test_proposals_of_the_same_id_are_told_apart() -> None:
    """No proposal can have the empty id that stands for what is tried."""
    with pytest.raises(Exception, match="cannot be an id"):
        propose(
            None,  # type: ignore[arg-type]  # never reached
            None,  # type: ignore[arg-type]  # never reached
            records.Record(),
            [Branch(id="", name="x", commit=CommitId("x"), base=CommitId("0"), components=())],
            trunk=CommitId("0" * 40),
            claim="",
        )
