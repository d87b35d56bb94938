"""A simulated world behind the engine's doors: recipes are sets, trials are arithmetic.

Only git and processes are simulated; the ledger and the decisions are the real ones.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import CommitId, Conflict, Proposal, ProposalId, TreeId
from mainstem.domain.stack import Objective, Role, Rung, Stack
from mainstem.domain.trial import Ending, Run
from mainstem.engine import record as records
from mainstem.engine.campaign import Workshop, integrate
from mainstem.engine.merging import plan_merge
from mainstem.engine.proposing import Branch, propose
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views import verdicts
from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Job, TrialId
    from mainstem.engine.merging import MergePlan
    from mainstem.engine.record import Asked, CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.integrator import Integrator

    AtRung = Callable[[frozenset[str], int, str], Mapping[str, float] | str]

TRUNK = CommitId("0" * 40)


class TickingClock:
    """A clock that moves a second at every look."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> str:
        """The next second of 2024."""
        self.looks += 1
        minutes, seconds = divmod(self.looks, 60)
        return f"2024-01-01T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.000Z"

    def monotonic_s(self) -> float:
        """The same, as a number."""
        self.looks += 1
        return float(self.looks)


@dataclass
class SetTrees:
    """Trees that are the sets themselves.

    `changes` says which proposals have equal content, `moved` what the trunk's later commits hold,
    `undone` what a proposal takes back, and `needs` whose lines another cannot do without.
    """

    conflicting: list[frozenset[str]] = field(default_factory=list)
    changes: dict[str, frozenset[str]] = field(default_factory=dict)
    hidden: list[frozenset[str]] = field(default_factory=list)
    pinned: list[tuple[CommitId, tuple[str, ...]]] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    moved: dict[CommitId, frozenset[str]] = field(default_factory=dict)
    undone: dict[str, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)

    def pin(self, root: CommitId, members: Sequence[Proposal]) -> None:
        """Notes who was pinned on which root; the lost ones cannot be."""
        if self.lost & {m.id for m in members}:
            raise GitError("a commit is gone")
        self.pinned.append((root, tuple(m.id for m in members)))

    def tree(self, root: CommitId, members: Sequence[Proposal]) -> TreeId | Conflict:
        """A digest of the recipe's content."""
        ids = frozenset(str(m.id) for m in members)
        for bad in (*self.conflicting, *self.hidden):
            if bad <= ids:
                named = frozenset(ProposalId(p) for p in bad)
                return Conflict(proposals=named, paths=("train.py",))
        content = set(self.moved.get(root, frozenset()))
        for member in ids:
            content |= self.changes.get(member, frozenset({member}))
        for member, other in self.needs.items():
            if member in content and other not in content:
                return Conflict(proposals=frozenset({ProposalId(member)}), paths=("train.py",))
        for member, other in self.undone.items():
            if member in content:
                content -= {member, other}
        base = TRUNK if root in self.moved else root
        text = json.dumps([base, sorted(content)])
        CONTENT[TreeId(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())] = content
        return TreeId(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())

    def trees(
        self, root: CommitId, recipes: Sequence[Sequence[Proposal]]
    ) -> list[TreeId | Conflict]:
        """One after the other."""
        return [self.tree(root, members) for members in recipes]

    def conflicts(self, root: CommitId, members: Sequence[Proposal]) -> list[Conflict]:
        """The open conflicts; hidden ones are found when first needed."""
        del root
        ids = {str(m.id) for m in members}
        return [
            Conflict(proposals=frozenset(ProposalId(p) for p in bad), paths=("train.py",))
            for bad in self.conflicting
            if bad <= ids
        ]

    def materialise(self, tree: TreeId, into: Path) -> None:
        """Nothing to write."""


CONTENT: dict[TreeId, set[str]] = {}


@dataclass
class Arithmetic:
    """An executor whose trials are a function of content and seed."""

    outcome: Callable[[frozenset[str], int], Mapping[str, float] | str]
    slots: int = 2
    queue: list[Job] = field(default_factory=list)
    ran: list[Job] = field(default_factory=list)
    die_after: int | None = None
    at_rung: AtRung | None = None

    def submit(self, job: Job) -> None:
        """Queues it."""
        self.queue.append(job)

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """Ends the newest job first: the order of ending must not matter."""
        del timeout_s
        if not self.queue:
            return []
        if self.die_after is not None and len(self.ran) >= self.die_after:
            raise KeyboardInterrupt
        job = self.queue.pop()
        self.ran.append(job)
        said = self.measure(job)
        if isinstance(said, str):
            return [Run(trial=job.trial, ending=Ending.EXITED, exit_code=1, stderr_tail=said)]
        line = json.dumps(dict(said))
        return [Run(trial=job.trial, ending=Ending.EXITED, exit_code=0, metrics=line, wall_s=1.0)]

    def measure(self, job: Job) -> Mapping[str, float] | str:
        """What a job's trial says, at its rung where that matters."""
        content = frozenset(CONTENT[job.tree])
        if self.at_rung is not None:
            return self.at_rung(content, job.seed, job.rung)
        return self.outcome(content, job.seed)

    def running(self) -> list[TrialId]:
        """The queued ones."""
        return [job.trial for job in self.queue]

    def close(self) -> None:
        """Forgets what is queued."""
        self.queue.clear()


class Quiet:
    """A listener that counts."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """Notes it."""
        del campaign, integrator
        self.heard.append("resumed" if resumed else "opened")

    def asked(self, batch: Sequence[Asked]) -> None:
        """Notes it."""
        self.heard.append(f"asked {len(batch)}")

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Nothing."""

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """Notes it."""
        del measurement, run
        self.heard.append(f"finished {asked.name}")

    def learnt(self, integrator: Integrator) -> None:
        """Nothing."""


EFFECTS = {"muon": 0.30, "rope": 0.20, "noise": 0.0, "bad": -0.4, "wide": 0.25}


def planted(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
    """A small stack: muon and rope win, bad loses, wide breaks a guard, muon x old crash."""
    if {"muon", "old"} <= content:
        return "RuntimeError: shapes differ"
    noise = np.random.default_rng(seed).normal(0.0, 0.02)
    loss = 2.0 - sum(EFFECTS.get(p, 0.0) for p in content)
    return {"loss": loss + noise, "params": 1000.0 + 300.0 * ("wide" in content)}


@dataclass(frozen=True, kw_only=True)
class Campaigned:
    """What one call of `integrate` left."""

    record: Record
    campaign: CampaignRecord
    state: Restored
    ran: list[TrialId]
    jobs: list[Job]
    heard: list[str]
    died: bool

    def asks(self) -> list[tuple[str, tuple[str, ...], int, str]]:
        """Everything that was asked, in order."""
        return [
            (a.name, tuple(sorted(a.trial.recipe)), a.trial.seed, a.trial.purpose)
            for a in self.campaign.asked()
        ]

    def verdicts(self) -> dict[str, str]:
        """The verdicts as they stand."""
        return {p: str(v.kind) for p, v in verdicts(self.record, self.state).items()}


@dataclass
class World:
    """A ledger in a folder, a simulated git, and the proposals in it."""

    folder: Path
    trees: SetTrees
    stack: Stack
    outcome: Callable[[frozenset[str], int], Mapping[str, float] | str] = planted
    at_rung: AtRung | None = None
    trunk: CommitId = TRUNK
    audited: bool = True

    def ledger(self) -> SqliteLedger:
        """A fresh handle on the ledger."""
        return SqliteLedger(self.folder / "ledger.sqlite", TickingClock())

    def shop(self, executor: Arithmetic, ledger: SqliteLedger) -> Workshop:
        """A workshop on the trunk."""
        tree = self.trees.tree(self.trunk, [])
        assert not isinstance(tree, Conflict)
        return Workshop(
            stack=self.stack,
            trunk=self.trunk,
            trunk_tree=tree,
            trees=self.trees,
            executor=executor,
            ledger=ledger,
            audited=self.audited,
        )

    def executor(self, *, die_after: int | None = None) -> Arithmetic:
        """What runs this world's trials; it may be killed after so many."""
        return Arithmetic(self.outcome, die_after=die_after, at_rung=self.at_rung)

    def integrate(
        self,
        *,
        budget: int | None = 60,
        seed: int = 0,
        batch: int | None = 4,
        die_after: int | None = None,
    ) -> Campaigned:
        """Runs `integrate`; it may be killed after so many trials."""
        ledger = self.ledger()
        executor = self.executor(die_after=die_after)
        listener = Quiet()
        died = False
        try:
            integrate(
                self.shop(executor, ledger),
                budget=budget,
                seed=seed,
                batch=batch,
                listener=listener,
            )
        except KeyboardInterrupt:
            died = True
        record = fold(ledger.entries())
        campaign = record.latest()
        assert campaign is not None
        state = restore(self.stack, record, campaign)
        ledger.close()
        return Campaigned(
            record=record,
            campaign=campaign,
            state=state,
            ran=[job.trial for job in executor.ran],
            jobs=list(executor.ran),
            heard=listener.heard,
            died=died,
        )

    def propose(self, *ids: str, push: int = 0) -> None:
        """Takes proposals in, as their branches are after so many pushes."""
        ledger = self.ledger()
        propose(
            ledger,
            self.trees,
            fold(ledger.entries()),
            [branch(p, push) for p in ids],
            trunk=self.trunk,
            claim="",
        )
        ledger.close()

    def plan_merge(self) -> MergePlan:
        """What `merge` would do now."""
        ledger = self.ledger()
        try:
            record = fold(ledger.entries())
            campaign = record.latest()
            state = None if campaign is None else restore(self.stack, record, campaign)
            return plan_merge(self.stack, record, campaign, state, trunk=self.trunk)
        finally:
            ledger.close()

    def merge(self) -> list[str]:
        """Moves the trunk by what is confirmed, as `merge` would; the members."""
        plan = self.plan_merge()
        members = [str(step.proposal.id) for step in plan.steps]
        new = commit_of(f"{self.trunk} {members}")
        content = frozenset[str]().union(
            *(self.trees.changes.get(p, frozenset({p})) for p in members)
        )
        self.trees.moved[new] = self.trees.moved.get(self.trunk, frozenset()) | content
        body = {
            "campaign": plan.campaign,
            "old": self.trunk,
            "new": new,
            "recipe": members,
            "commits": {p: commit_of(f"{new} {p}") for p in members},
            "confirmation": plan.confirmation,
            "gain": plan.gain,
        }
        ledger = self.ledger()
        ledger.append([(records.MERGED, body)])
        ledger.close()
        self.trunk = new
        return members


def commit_of(text: str) -> CommitId:
    """A commit that follows from a text."""
    return CommitId(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def branch(proposal: str, push: int = 0) -> Branch:
    """A branch whose commit follows from its name and from how often it was pushed again."""
    commit = commit_of(f"{proposal} {push}" if push else proposal)
    return Branch(id=proposal, name=proposal, commit=commit, base=TRUNK, components=())


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., World]:
    """Makes worlds with one objective to improve and one guard, each in a folder of its own."""

    def make_one(name: str = "world", *, conflicting: Iterable[Iterable[str]] = ()) -> World:
        return make_world(tmp_path / name, conflicting=conflicting)

    return make_one


@pytest.fixture
def world(make: Callable[..., World]) -> World:
    """One world."""
    return make()


def make_world(folder: Path, *, conflicting: Iterable[Iterable[str]] = ()) -> World:
    """A world in a folder."""
    folder.mkdir(exist_ok=True)
    stack = Stack(
        name="toy",
        trunk="main",
        command="python train.py --seed {seed}",
        timeout_s=60.0,
        objectives=(
            Objective("loss", margin=0.05),
            Objective("params", margin="5%", role=Role.GUARD),
        ),
        rungs=(Rung(name="default"),),
    )
    trees = SetTrees(conflicting=[frozenset(c) for c in conflicting])
    return World(folder=folder, trees=trees, stack=stack)
