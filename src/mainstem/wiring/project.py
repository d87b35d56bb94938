"""A stack's repository with its state: what every command works on.

What a method alone needs it loads itself: who looks at what was kept waits for none of it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import GitError, UsageError
from mainstem.domain.proposal import CommitId, Conflict
from mainstem.gitrepo.authors import authors_of, without_address
from mainstem.gitrepo.identity import committer
from mainstem.ledger.locks import CampaignLock
from mainstem.wiring import shown
from mainstem.wiring.clock import SystemClock
from mainstem.wiring.progress import of_workers, read_progress, telling_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mainstem.domain.contributor import Authorship
    from mainstem.domain.proposal import Proposal
    from mainstem.domain.reference import Claim
    from mainstem.domain.stack import Stack
    from mainstem.engine.campaign import Listener
    from mainstem.engine.merging import MergePlan
    from mainstem.engine.ports import Identities, Ledger
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.engine.workshop import Workshop
    from mainstem.gitrepo.merging import Advance
    from mainstem.gitrepo.repository import Repository
    from mainstem.gitrepo.trees import GitTrees
    from mainstem.people.directory import Directory
    from mainstem.wiring.branches import Strayed
    from mainstem.wiring.clusters import Where
    from mainstem.wiring.stores import Team

STATE_FOLDER = ".mainstem"
"""The state folder, beside `mainstem.toml`."""


@dataclass(kw_only=True)
class Project:
    """What every command works on.

    Attributes:
        root: The folder of `mainstem.toml`, the repository's top.
        stack: The stack's description.
        repository: The user's repository; only `merge` moves anything in it.
        ledger: The record.
        identities: Who acts, beside the record.
        trees: Recipes as trees.
        hints: What the user should know of where this project lies, a line each.
        team: The workers of the store; None where one process works at a time.
    """

    root: Path
    stack: Stack
    repository: Repository
    ledger: Ledger
    identities: Identities
    trees: GitTrees
    hints: tuple[str, ...] = ()
    team: Team | None = None

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.root / STATE_FOLDER

    @cached_property
    def trunk_commit(self) -> CommitId:
        """Where the trunk is now."""
        return self.repository.trunk(self.stack.trunk)

    @cached_property
    def signature(self) -> str:
        """The token of whoever git says acts here: what lines hold under `by`.

        Raises:
            UsageError: git does not know who that is.
            StoreError: The store cannot be written.
        """
        who = committer(self.repository, does="acts here")
        return self.identities.token(who.name, who.email)

    @cached_property
    def directory(self) -> Directory:
        """Who contributes.

        Raises:
            ConfigurationError: `contributors.toml` is wrong.
        """
        from mainstem.people.directory import Directory
        from mainstem.tomlfiles.contributors import FILE_NAME, read_contributors, read_least_line

        return Directory(
            listed=read_contributors(self.root / FILE_NAME),
            authors_of=cache(self.authors_of),
            pseudonym_of=cache(self._pseudonym_of),
            least_line=read_least_line(self.root / FILE_NAME),
        )

    def authors_of(self, proposal: Proposal) -> tuple[Authorship, ...]:
        """Who wrote a proposal.

        Raises:
            GitError: Its commit is gone.
        """
        return authors_of(self.repository, proposal.base, proposal.commit)

    def _pseudonym_of(self, email: str) -> str | None:
        """What is shown of whoever has this address; None unless they were forgotten."""
        found = self.identities.find(email)
        return None if found is None else found.pseudonym

    def shares(self) -> dict[str, Any]:
        """The documented JSON of `mainstem shares`.

        Raises:
            ConfigurationError: `contributors.toml` is wrong.
            GitError: A proposal's commit is gone.
        """
        from mainstem.engine.record import PROPOSAL_TAKEN, VERDICT
        from mainstem.people import shares

        kinds = (PROPOSAL_TAKEN, VERDICT)
        return shares.report(
            self.directory,
            self.record(),
            self.ledger.entries(kinds=kinds),
            now=SystemClock().now(),
        )

    def record(self) -> Record:
        """The ledger, folded.

        A merge that was killed after the trunk moved and before that was written down is written
        down now: the plan stands in the ledger, and the trunk is where the plan led.
        """
        from mainstem.engine.record import MERGED, fold
        from mainstem.engine.workshop import catch_up, write_if_last

        record = fold(self.ledger.entries())
        while record.planned is not None and record.planned["new"] == self.trunk_commit:
            if not write_if_last(self.ledger, record, [(MERGED, record.planned)]):
                catch_up(self.ledger, record)
        return record

    def standing(self, record: Record) -> tuple[CampaignRecord | None, Restored | None]:
        """The latest campaign and its state; no state if its settings are not today's."""
        from mainstem.engine.restore import restore
        from mainstem.engine.rungs import same_question

        campaign = record.latest()
        if campaign is None or not same_question(self.stack, campaign):
            return campaign, None
        return campaign, restore(self.stack, record, campaign)

    def show(self, *, weigh: bool = False) -> dict[str, Any]:
        """The documented JSON of `mainstem show`.

        Args:
            weigh: Whether to take in every trial, however long that takes. Else a long record is
                shown as it was weighed last, with the line that this was.
        """
        key = shown.key_of(self.stack, self.ledger, self.trunk_commit)
        report = shown.read(self.state, key)
        if weigh and report is not None and report["weighed"] is not None:
            report = None
        record = None
        if report is None:
            kept = None if weigh else shown.weighed_last(self.state, self.stack, self.ledger)
            report = None if kept is None else kept.still(self.trunk_commit)
            if report is None:
                record = self.record()
                report = self._listed(record, kept, weigh=weigh)
            report = shown.write(self.state, key, report)
        report["trials"]["running"] = len(self.progress(record).get("running", []))
        return report

    def _listed(self, record: Record, kept: shown.Kept | None, *, weigh: bool) -> dict[str, Any]:
        """What is shown of a record: weighed now if that is quick or asked for."""
        from mainstem.engine import views
        from mainstem.engine.rungs import same_question
        from mainstem.engine.views.listing import MOST_RUNS, listing, runs

        campaign = record.latest()
        asked_alike = campaign is not None and same_question(self.stack, campaign)
        if campaign is not None and asked_alike and not weigh and runs(campaign) >= MOST_RUNS:
            weighed = None if kept is None else kept.weighed
            return listing(self.stack, record, campaign, weighed, trunk=self.trunk_commit)
        campaign, state = self.standing(record)
        report = views.show(self.stack, record, campaign, state, trunk=self.trunk_commit)
        if runs(campaign) >= MOST_RUNS and state is not None:
            shown.keep_weighed(self.state, self.stack, self.ledger, report, line=record.seq)
        return report

    def weigh(self, record: Record, campaign: CampaignRecord, state: Restored) -> dict[str, Any]:
        """What is shown of a campaign that is at work; of very many proposals, without pairs."""
        from mainstem.engine import views
        from mainstem.engine.views.overview import ALL_PAIRS

        pairs = len(record.proposals) <= ALL_PAIRS
        trunk = self.trunk_commit
        return views.show(self.stack, record, campaign, state, trunk=trunk, pairs=pairs)

    def stale(self, record: Record) -> dict[str, Any]:
        """What every merged proposal still adds to the trunk as it is now."""
        from mainstem.engine.views.trunk import stale  # loads the statistics: only when needed

        return stale(
            self.stack,
            record,
            self.trees,
            trunk=self.trunk_commit,
            tree=self.trees.merger.tree_of(self.trunk_commit),
        )

    def transfer(self, record: Record) -> dict[str, Any]:
        """Whether what small runs say of each proposal holds where it counts."""
        from mainstem.engine.views.transfer import transfer  # as above

        campaign, state = self.standing(record)
        return transfer(self.stack, record, campaign, state)

    def warnings(self, record: Record) -> list[str]:
        """What has moved since: the trunk since the latest campaign, branches since the proposal.

        Raises:
            GitError: The branches cannot be read.
        """
        campaign = record.latest()
        now = self.trunk_commit
        if campaign is None or now == campaign.trunk:
            return self.strays(record)
        if any((m["old"], m["new"]) == (campaign.trunk, now) for m in record.merges):
            return self.strays(record)  # what the campaign found is what moved the trunk
        moved = (
            f"the trunk is at {now[:10]}, and campaign {campaign.id} ran on "
            f"{campaign.trunk[:10]}: `mainstem integrate` measures the trunk of today"
        )
        return [moved, *self.strays(record)]

    def strays(self, record: Record) -> list[str]:
        """A line for every open proposal whose branch is not where it was taken.

        Raises:
            GitError: The branches cannot be read.
        """
        found = self._strayed(record, record.open_proposals(), answered=record.in_order())
        return [stray.before_a_run() for stray in found]

    def _strayed(
        self, record: Record, proposals: Sequence[Proposal], *, answered: Sequence[Proposal]
    ) -> list[Strayed]:
        from mainstem.wiring.branches import strayed

        return strayed(
            self.repository,
            self.trees.merger.git,
            proposals,
            answered=answered,
            known=record.proposals,
            shared=self.team is not None,
        )

    @contextlib.contextmanager
    def workshop(
        self,
        *,
        slots: int,
        strict: bool = False,
        place: Where | None = None,
        shared: bool = False,
    ) -> Iterator[Workshop]:
        """Everything a campaign works with; no process is left when it ends.

        Args:
            slots: How many trials run at once.
            shared: Whether other processes may take part, if the store lets them.
            strict: Whether to refuse where something that the stack asks for cannot be enforced.
            place: Where trials run; None is this machine.

        Raises:
            UsageError: The place cannot be used or cannot give what the rung asks for, or it is
                strict, and something cannot be enforced on this machine.
        """
        from mainstem.engine.workshop import Workshop
        from mainstem.gitrepo.worktrees import every_folder
        from mainstem.wiring.clusters import Where, open_executor

        executor = open_executor(
            Where() if place is None else place,
            slots=slots,
            strict=strict,
            stack=self.stack,
            state=self.state,
            trees=self.trees,
            closed=every_folder(self.repository),
        )
        with contextlib.ExitStack() as stack:
            leases = None
            if self.team is not None and shared:
                leases = stack.enter_context(self.team.entered(slots=slots))
            stack.enter_context(contextlib.closing(executor))
            yield Workshop(
                stack=self.stack,
                trunk=self.trunk_commit,
                trunk_tree=self.trees.merger.tree_of(self.trunk_commit),
                trees=self.trees,
                executor=executor,
                ledger=self.ledger,
                leases=leases,
                claims_of=None if self.directory.listed is None else self.directory.claims,
                keep=shown.Keeping(self.state, self.stack, self.ledger, self.weigh),
            )

    def only_campaign(self) -> contextlib.AbstractContextManager[object]:
        """Holds the state folder while it is entered: one working process at a time.

        Entering raises `UsageError` if another process works in this folder, and names its pid.
        """
        return CampaignLock(self.state, alone=self.team is None)

    def progress(self, record: Record | None) -> dict[str, Any]:
        """What is at work now: `pid`, `slots`, `running`, `queued`, `workers`; empty if none is.

        Args:
            record: What the ledger holds; None to read it where it is needed: who works alone
                says what runs, of a team's leases the record says which are over.

        Raises:
            StoreError: Who works on the store cannot be found out.
        """
        if self.team is None:
            return read_progress(self.state)
        return of_workers(self.team.workers(), self.record() if record is None else record)

    def progress_writer(
        self, listener: Listener, *, slots: int
    ) -> contextlib.AbstractContextManager[Listener]:
        """A listener that also tells other processes (`mainstem status`) what runs."""
        if self.team is not None:
            return contextlib.nullcontext(listener)  # the store's leases say it
        return telling_others(listener, self.state, slots=slots)

    def propose(
        self,
        branches: Sequence[str],
        *,
        proposal_id: str | None,
        claim: str,
        reference: Claim | None = None,
    ) -> dict[str, Any]:
        """Takes branches in.

        Raises:
            UsageError: A branch cannot be a proposal; none was taken in.
        """
        from mainstem.engine import proposing
        from mainstem.gitrepo.components import components_of
        from mainstem.gitrepo.intake import take

        found = []
        for name in branches:
            taken = take(self.repository, self.trees, name, trunk=self.trunk_commit)
            components = components_of(
                self.stack.components, self.repository, taken.base, taken.commit
            )
            found.append(
                proposing.Branch(
                    id=name if proposal_id is None else proposal_id,
                    name=name,
                    commit=taken.commit,
                    base=taken.base,
                    components=components,
                )
            )
        report = proposing.propose(
            self.ledger,
            self.trees,
            self.record(),
            found,
            trunk=self.trunk_commit,
            claim=claim,
            reference=reference,
        )
        unread = {one.name: without_address(self.repository, one.base, one.commit) for one in found}
        return {**report, "authors_without_address": {b: n for b, n in unread.items() if n}}

    def merge(self, *, dry_run: bool) -> dict[str, Any]:
        """Merges the confirmed set onto the trunk.

        Raises:
            NothingToDoError: Nothing is confirmed, or the trunk has moved.
            UsageError: The work tree is dirty, or git does not know who merges.
        """
        from mainstem.engine import merging
        from mainstem.engine.record import MERGE_PLANNED, MERGED

        record = self.record()
        campaign, state = self.standing(record)
        plan = merging.plan_merge(self.stack, record, campaign, state, trunk=self.trunk_commit)
        move = self._move(plan)
        would = move(dry_run=True)
        if not dry_run:
            body = _merged_body(plan, would)
            self.ledger.append([(MERGE_PLANNED, body)])
            move()
            self.ledger.append([(MERGED, body)])
        proposals = [step.proposal for step in plan.steps]
        found = self._strayed(record, proposals, answered=proposals)
        notes = [f"only what is forced is merged: {plan.unconfirmed}"] if plan.unconfirmed else []
        return {
            "dry_run": dry_run,
            "campaign": plan.campaign,
            "trunk": self.stack.trunk,
            "old": would.old,
            "new": would.new,
            "commits": [{"proposal": c.id, "commit": c.commit} for c in would.commits],
            "warnings": [*notes, *(stray.at_the_merge() for stray in found)],
        }

    def _move(self, plan: MergePlan) -> Callable[..., Advance]:
        """What advances the trunk by the plan; `dry_run=True` only says how.

        Raises:
            GitError: What was confirmed does not merge any more.
        """
        from mainstem.engine.overriding import clash
        from mainstem.gitrepo.merging import Member, advance

        proposals = [step.proposal for step in plan.steps]
        tree = self.trees.tree(self.trunk_commit, proposals)
        if isinstance(tree, Conflict) and tree.proposals & set(plan.forced):
            raise UsageError(clash(tree, plan.forced))
        if isinstance(tree, Conflict):
            raise GitError(
                f"the confirmed set does not merge any more ({', '.join(tree.paths)}): was git "
                "updated since? integrate again"
            )
        who = committer(self.repository)
        return partial(
            advance,
            self.repository,
            self.trees.merger,
            branch=self.stack.trunk,
            expected=self.trunk_commit,
            members=[
                Member(id=step.proposal.id, commit=step.proposal.commit, message=step.message)
                for step in plan.steps
            ],
            tree=tree,
            author=who,
            committer=who,
        )

    def logs(self, trial: str) -> dict[str, Any]:
        """What a trial wrote, or where that is, and the cause if it failed.

        Raises:
            UsageError: There is no such trial, or its log cannot be read.
        """
        from mainstem.wiring.trial_logs import trial_log

        return trial_log(self.ledger, self.state, trial)


def _merged_body(plan: MergePlan, would: Advance) -> dict[str, Any]:
    """The ledger's record of a merge, planned or done."""
    return {
        "campaign": plan.campaign,
        "old": would.old,
        "new": would.new,
        "recipe": [step.proposal.id for step in plan.steps],
        "commits": {str(c.id): str(c.commit) for c in would.commits},
        "confirmation": plan.confirmation,
        "gain": plan.gain,
        "forced": list(plan.forced),
    }
