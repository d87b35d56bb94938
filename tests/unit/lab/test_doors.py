from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mainstem.domain.proposal import CommitId, Proposal, ProposalId
from mainstem.domain.trial import Ending, Job, TrialId
from mainstem.lab.doors import Arithmetic, Clock, Sets, branch, digest

if TYPE_CHECKING:
    from mainstem.lab.doors import Batch

ROOT = CommitId("0" * 40)


def proposal(name: str) -> Proposal:
    """As the ledger has it."""
    made = branch(name, base=ROOT)
    return Proposal(
        id=ProposalId(name),
        branch=name,
        commit=made.commit,
        base=ROOT,
        tree=None,
        components=(),
        order=1,
    )


def test_a_tree_is_the_set_of_its_members() -> None:
    """In whatever order, and another on another root."""
    sets = Sets()
    a, b = proposal("a"), proposal("b")
    assert sets.trees(ROOT, [[a, b], [b, a]])[0] == sets.tree(ROOT, [b, a])
    assert sets.tree(ROOT, [a]) != sets.tree(ROOT, [b])
    assert sets.tree(ROOT, [a]) != sets.tree(CommitId("1" * 40), [a])
    assert sets.conflicts(ROOT, [a, b]) == []
    assert len(digest("x")) == 40


def test_what_is_queued_runs_in_rounds_of_the_slots() -> None:
    """Five jobs on two slots take three rounds; values come through to the last bit."""
    seen: list[Batch] = []

    def evaluate(batch: Batch) -> list[dict[str, float]]:
        seen.append(batch)
        return [{"loss": seed / 3.0} for _, seed in batch]

    sets, clock = Sets(), Clock()
    executor = Arithmetic(evaluate, sets, clock, slots=2, run_s=10.0)
    tree = sets.tree(ROOT, [proposal("a")])
    for seed in range(5):
        executor.submit(
            Job(trial=TrialId(f"c1.{seed}"), tree=tree, argv=(), seed=seed, rung="r", timeout_s=1.0)
        )
    runs = executor.wait()
    assert executor.wait() == []
    assert [json.loads(run.metrics)["loss"] for run in runs] == [k / 3.0 for k in range(5)]
    assert {run.ending for run in runs} == {Ending.EXITED}
    assert seen == [[(frozenset({"a"}), k) for k in range(5)]]
    assert (clock.monotonic_s(), clock.now()) == (30.0, "2026-01-01T00:00:30.000Z")
    assert executor.running() == []
    executor.close()
