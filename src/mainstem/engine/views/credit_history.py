"""How credit moved: the division of the gain as it stood at each merge, and as it stands now.

Each step is worked out anew from the ledger's lines up to a merge, with today's settings and code.
Nothing of it is written down: a number in the record could not be traced to trials, this can, and
it is there for ledgers that were written before there was a history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import CommitId
from mainstem.engine import record as records
from mainstem.engine.lineage import lineage
from mainstem.engine.record import Record, advance, fold
from mainstem.engine.views.credit import divided, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry, Trees

    Standing = dict[str, Any]
    Kept = Callable[[str, Callable[[], Standing]], Standing]


def history(
    stack: Stack,
    entries: Sequence[Entry],
    trees: Trees,
    *,
    trunk: CommitId,
    tree_of: Callable[[CommitId], TreeId],
    kept: Kept,
) -> list[dict[str, Any]]:
    """A step per merge that led to the trunk, in order, and one for now if runs came since.

    Args:
        stack: The stack's description.
        entries: The whole ledger.
        trees: Merges coalitions.
        trunk: The trunk's commit.
        tree_of: The tree of a commit of the trunk.
        kept: Gives what was worked out before under a key, or has it worked out.

    Raises:
        GitError: A commit is missing.
        ModuleNotFoundError: Many members, and shapiq is not installed.
    """
    record, folded = Record(), 0
    steps: list[dict[str, Any]] = []
    before: Standing = {"objectives": [], "in_all": None, "trials": []}
    for point in _points(entries, trunk):
        for entry in entries[folded : point.entry.seq - entries[0].seq + 1]:
            advance(record, entry)
            folded += 1

        def work_out(commit: CommitId = point.trunk) -> Standing:
            return _standing(stack, record, trees, trunk=commit, tree=tree_of(commit))

        now = kept(f"{point.entry.hash} {point.trunk}", work_out)
        step = _step(point, now, before)
        if point.merged or step["new_trials"]:
            steps.append(step)
        before = now
    return steps


@dataclass(frozen=True, kw_only=True)
class _Point:
    """A line of the ledger at which credit is looked at.

    Attributes:
        entry: The line.
        trunk: The trunk's commit by then.
        merged: What was merged by it; nothing for the present.
    """

    entry: Entry
    trunk: CommitId
    merged: Sequence[str]


def _points(entries: Sequence[Entry], trunk: CommitId) -> list[_Point]:
    """The merges that led to the trunk, and the ledger's end."""
    moves = {merge["new"] for merge in lineage(fold(entries), trunk).merges}
    found = [
        _Point(entry=entry, trunk=CommitId(entry.body["new"]), merged=entry.body["recipe"])
        for entry in entries
        if entry.kind == records.MERGED and entry.body["new"] in moves
    ]
    if found and found[-1].entry is not entries[-1]:
        found.append(_Point(entry=entries[-1], trunk=trunk, merged=()))
    return found


def _standing(
    stack: Stack, record: Record, trees: Trees, *, trunk: CommitId, tree: TreeId
) -> Standing:
    """The division as it stands with a record, and the trials that it rests on."""
    found = evidence(stack, record, trees, trunk=trunk, tree=tree)
    return {
        "members": list(found.line.members),
        **divided(stack, found),
        "trials": [
            {
                "trial": run.trial,
                "recipe": sorted(run.recipe),
                "seed": run.seed,
                "rung": run.rung,
                "values": None if run.values is None else dict(run.values),
            }
            for run in found.trials
        ],
    }


def _step(point: _Point, now: Standing, before: Standing) -> dict[str, Any]:
    """What stood at a line, and how it had moved since the step before."""
    known = {row["trial"] for row in before["trials"]}
    earlier = {one["objective"]: one for one in before["objectives"]}
    in_all = now["in_all"]
    return {
        "line": point.entry.seq,
        "at": point.entry.at,
        "trunk": point.trunk,
        "merged": list(point.merged),
        "members": now["members"],
        "runs": len(now["trials"]),
        "new_trials": [row for row in now["trials"] if row["trial"] not in known],
        "objectives": [_moved(one, earlier.get(one["objective"])) for one in now["objectives"]],
        "in_all": in_all and {"of": in_all["of"], **_moved(in_all, before["in_all"])},
    }


def _moved(one: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """An objective's division, each member with how its parts moved."""
    earlier = {} if before is None else {m["id"]: m for m in before["members"]}
    return {
        "objective": one["objective"],
        "total": one["total"],
        "members": [
            {**member, "moved": _differences(member, earlier.get(member["id"]))}
            for member in one["members"]
        ],
    }


def _differences(
    member: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """By how much the means of a member's value and of its parts moved; None if it is new.

    Beside a member that was not there before it earned nothing with it. So the parts' differences
    sum to the value's.
    """
    if before is None:
        return None
    beside = {
        other: value["mean"] - before["beside"][other]["mean"]
        if other in before["beside"]
        else value["mean"]
        for other, value in member["beside"].items()
    }
    return {
        "value": member["value"]["mean"] - before["value"]["mean"],
        "alone": member["alone"]["mean"] - before["alone"]["mean"],
        "beside": beside,
    }
