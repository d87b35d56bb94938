"""A branch tried on this machine: what `mainstem try` needs of git, the executor and the disk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.engine import tries
from mainstem.executors.kept import kept_logs
from mainstem.executors.logs import TAIL_LINES
from mainstem.gitrepo.git import printable
from mainstem.gitrepo.intake import take
from mainstem.gitrepo.repository import LOCAL
from mainstem.wiring.branches import lost

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mainstem.gitrepo.intake import Taken
    from mainstem.wiring.clusters import Where
    from mainstem.wiring.project import Project


@dataclass(frozen=True, kw_only=True)
class Trying:
    """A branch that can be tried.

    Attributes:
        project: The project.
        taken: The branch.
        question: What is compared with what.
        conflicts: Open proposals that git cannot merge it with, as keys of the report.
    """

    project: Project
    taken: Taken
    question: tries.Question
    conflicts: dict[str, Any]

    def run(
        self,
        *,
        pairs: int,
        slots: int,
        strict: bool,
        place: Where | None,
        finished: Callable[[int, int], None] | None = None,
    ) -> None:
        """Runs fresh pairs at the smallest rung; see `mainstem.engine.tries.try_pairs`.

        Raises:
            MainstemError: The trunk does not run, or the machine failed.
        """
        stack = self.project.stack
        small = replace(self.project, stack=stack.at(stack.smallest_rung))
        with small.workshop(slots=slots, strict=strict, place=place) as shop:
            tries.try_pairs(shop, self.question, pairs=pairs, finished=finished)

    def report(self) -> dict[str, Any]:
        """The documented JSON of `mainstem try`: of all pairs so far, also those of earlier calls.

        Raises:
            GitError: The work tree cannot be read.
            StoreError: The ledger cannot be read.
            UsageError: A log is no file any more.
        """
        from mainstem.engine.views.tries import tried  # loads the statistics: only when needed

        project, stack = self.project, self.project.stack
        record = project.record()
        pairs = tries.tried_pairs(
            project.ledger.entries(kinds=tries.KINDS), stack.at(stack.smallest_rung), self.question
        )
        campaign, state = project.standing(record)
        report = tried(
            stack,
            record,
            campaign,
            state,
            question=self.question,
            pairs=pairs,
            branch=self.taken.branch,
        )
        failed = [pair for pair in pairs if pair.failure is not None]
        return {
            **report,
            **self.conflicts,
            "log_tail": _tail(project.state, failed[-1].trials[1]) if failed else "",
            "uncommitted": self._uncommitted(),
        }

    def _uncommitted(self) -> list[str]:
        """Changes that the user may believe to be tried: of the branch that is checked out."""
        repository = self.project.repository
        if repository.current_branch() != self.taken.branch.removeprefix(LOCAL):
            return []
        return repository.dirty()


def trying(project: Project, branch: str) -> Trying:
    """Looks at a branch before anything runs.

    Args:
        project: The project.
        branch: The branch; it need not be a proposal.

    Raises:
        UsageError: It cannot be a proposal, or conflicts with the trunk.
        GitError: git fails.
    """
    from mainstem.engine.views.tries import conflicts  # loads the statistics: only when needed

    trunk = project.trunk_commit
    if branch == project.stack.trunk:
        raise UsageError(f"{printable(branch)} is the trunk: name a branch to compare with it")
    taken = take(project.repository, project.trees, branch, trunk=trunk)
    if taken.tree is None:
        raise UsageError(
            f"branch {printable(branch)!r} cannot be merged with the trunk "
            f"({', '.join(map(printable, taken.conflict_paths))}): rebase it; nothing was run"
        )
    question = tries.Question(
        commit=taken.commit,
        tree=taken.tree,
        trunk=trunk,
        trunk_tree=project.trees.merger.tree_of(trunk),
    )
    record = project.record()
    proposed = [proposal.commit for proposal in record.open_proposals()]
    found = conflicts(
        record,
        project.trees,
        question,
        branch=branch,
        base=taken.base,
        missing=lost(project.trees.merger.git, proposed),
    )
    return Trying(project=project, taken=taken, question=question, conflicts=found)


def _tail(state: Path, trial: str) -> str:
    """The last lines of a trial's standard error; "" if its log is not on this machine.

    Raises:
        UsageError: It is there but cannot be read.
    """
    found = kept_logs(state, trial)
    lines = [] if found is None else found["stderr"].splitlines()
    return "\n".join(lines[-TAIL_LINES:])
