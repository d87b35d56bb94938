"""A branch tried against the trunk in pairs, for whoever wants to know before a campaign does.

What is tried stands in the ledger, in lines that nothing which decides is folded from: nobody's
proposal is helped or harmed by a look. It is known there by its files and its commit, not by a
branch's name. Pairs are numbered for the files on both sides, and a pair's seed follows from its
number: whoever tries again goes on with fresh seeds, and every branch meets the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.trial import SEEDS, TrialId
from mainstem.engine import record as records
from mainstem.engine.metrics import measure
from mainstem.engine.trials import check_kept, check_margins, job_for, run_facts, trunk_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.domain.trial import Run
    from mainstem.engine.ports import Entry
    from mainstem.engine.workshop import Workshop

PAIRS = 5
"""Pairs of one call; intervals that hold at every look begin at four (`stats.evidence`)."""

KINDS = (records.TRY_OPENED, records.TRY_FINISHED)
"""The lines that are written and read here."""

_TAG = 0x747279
"""Keeps the seeds of tries apart from those of checks, which are numbered from 1."""

_TRUNK, _BRANCH = 0, 1


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is compared with what.

    Attributes:
        commit: What is tried.
        tree: Its files, merged onto the trunk.
        trunk: The trunk's commit.
        trunk_tree: The trunk's files.
    """

    commit: CommitId
    tree: TreeId
    trunk: CommitId
    trunk_tree: TreeId


@dataclass(frozen=True, kw_only=True)
class TriedPair:
    """One pair that ran.

    Attributes:
        number: Its number among the pairs of the same files, from 1.
        seed: The seed of both halves.
        trials: The names of the trunk's half and of the branch's.
        trunk: The trunk's raw value per objective.
        branch: The branch's; None if it failed.
        failure: Cause and words of that, as `{"cause", "what"}`.
        wall_s: Seconds that each half took.
    """

    number: int
    seed: int
    trials: tuple[TrialId, TrialId]
    trunk: Mapping[str, float]
    branch: Mapping[str, float] | None
    failure: Mapping[str, str] | None
    wall_s: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class _Half:
    """One half of a pair that ended: how its process did, and what it measured."""

    run: Run
    measurement: Measurement


def tried_pairs(entries: Iterable[Entry], stack: Stack, question: Question) -> list[TriedPair]:
    """The pairs of these files on both sides that ran with these settings, by their numbers.

    Args:
        entries: The ledger's lines of the kinds `KINDS`, in order.
        stack: The stack at the rung of the pairs.
        question: Whose pairs.
    """
    setup = records.setup_digest(stack)
    wanted = (setup, question.trunk_tree, question.tree)
    calls: set[str] = set()
    found: dict[int, TriedPair] = {}
    for entry in entries:
        body = entry.body
        if entry.kind == records.TRY_OPENED:
            if (body["setup"], body["trunk_tree"], body["tree"]) == wanted:
                calls.add(body["try"])
        elif body["try"] in calls:
            # Two at the same moment run the same seeds: the first one counts.
            found.setdefault(body["pair"], _pair(body))
    return [found[number] for number in sorted(found)]


def try_pairs(
    shop: Workshop,
    question: Question,
    *,
    pairs: int = PAIRS,
    finished: Callable[[int, int], None] | None = None,
) -> None:
    """Runs fresh pairs of trunk and branch, and writes each down as soon as both halves ended.

    It stops early at the first run of the branch that fails: the others cost what they cost, and
    most branches that crash once crash always.

    Args:
        shop: What to work with, at the rung to try at.
        question: What to compare with what.
        pairs: How many, at least 1.
        finished: Called after each pair with how many have ended and how many there are.

    Raises:
        UsageError: A metric of the trunk never arrives, or the command cannot start.
        TrunkFailedError: The trunk crashes.
        StoreError: The ledger, a trial's files or what it left cannot be written.
    """
    name, numbers = _open(shop, question, pairs)
    trees = {_TRUNK: question.trunk_tree, _BRANCH: question.tree}
    jobs: dict[TrialId, tuple[int, int]] = {}
    for at, number in enumerate(numbers):
        for side, tree in trees.items():
            trial = TrialId(f"{name}.{2 * at + side + 1}")
            jobs[trial] = (number, side)
            shop.executor.submit(
                job_for(
                    shop.stack,
                    name=trial,
                    tree=tree,
                    seed=seed_of(number),
                    pair=f"{name}.{number}",
                )
            )
    ended: dict[int, dict[int, _Half]] = {number: {} for number in numbers}
    done = 0
    while done < pairs:
        for run in shop.executor.wait():
            number, side = jobs[run.trial]
            ended[number][side] = _half(shop.stack, run, is_trunk=side == _TRUNK)
            if len(ended[number]) < len(trees):
                continue
            body = _finished_body(name, number, ended[number][_TRUNK], ended[number][_BRANCH])
            shop.ledger.append([(records.TRY_FINISHED, body)])
            done += 1
            if finished is not None:
                finished(done, pairs)
            if body["failure"] is not None:
                return


def seed_of(number: int) -> int:
    """The seed of a pair, by its number alone."""
    return int(np.random.SeedSequence([_TAG, number]).generate_state(1)[0]) % SEEDS


def _open(shop: Workshop, question: Question, pairs: int) -> tuple[str, list[int]]:
    """Writes down that pairs will run; the call's name, and the numbers of its pairs.

    Two calls at the same moment never have one name, because their trials' folders have it too.
    """
    while True:
        last, _ = shop.ledger.end()
        entries = list(shop.ledger.entries(kinds=KINDS))
        name = f"t{1 + sum(entry.kind == records.TRY_OPENED for entry in entries)}"
        known = tried_pairs(entries, shop.stack, question)
        first = 1 + max((pair.number for pair in known), default=0)
        numbers = list(range(first, first + pairs))
        body = {
            "try": name,
            "commit": question.commit,
            "tree": question.tree,
            "trunk": question.trunk,
            "trunk_tree": question.trunk_tree,
            "setup": records.setup_digest(shop.stack),
            "rung": shop.stack.confirm_rung.name,
            "pairs": numbers,
        }
        if shop.ledger.append_if_last(last, [(records.TRY_OPENED, body)]) is not None:
            return name, numbers


def _half(stack: Stack, run: Run, *, is_trunk: bool) -> _Half:
    """What a half says. A trunk that does not run is the user's to mend, whatever the branch did.

    Raises:
        MainstemError: The trunk cannot be measured, or the machine failed.
    """
    check_kept(run)
    measurement = measure(stack, run)
    if is_trunk:
        if not measurement.succeeded:
            raise trunk_error(stack, run.trial, measurement)
        check_margins(stack, measurement)
    return _Half(run=run, measurement=measurement)


def _finished_body(name: str, number: int, trunk: _Half, branch: _Half) -> dict[str, Any]:
    """The ledger's record of a pair; the trunk's half comes first."""
    failure = branch.measurement.failure
    return {
        "try": name,
        "pair": number,
        "seed": seed_of(number),
        "trials": [trunk.run.trial, branch.run.trial],
        "values": [
            dict(trunk.measurement.values),
            None if failure is not None else dict(branch.measurement.values),
        ],
        "failure": None if failure is None else {"cause": failure.cause, "what": failure.what},
        "runs": [run_facts(trunk.run), run_facts(branch.run)],
    }


def _pair(body: Mapping[str, Any]) -> TriedPair:
    trials: Sequence[str] = body["trials"]
    trunk, branch = body["values"]
    wall_s = [float(run["wall_s"]) for run in body["runs"]]
    return TriedPair(
        number=body["pair"],
        seed=body["seed"],
        trials=(TrialId(trials[0]), TrialId(trials[1])),
        trunk=trunk,
        branch=branch,
        failure=body["failure"],
        wall_s=(wall_s[0], wall_s[1]),
    )
