"""The only module that names concrete adapters: git, SQLite, local processes, the clock."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mainstem.domain.errors import GitError, UsageError
from mainstem.domain.proposal import CommitId, Conflict
from mainstem.engine import merging, proposing, record as records
from mainstem.engine.campaign import Workshop
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.executors.local import LocalExecutor
from mainstem.gitrepo.components import components_of
from mainstem.gitrepo.identity import committer
from mainstem.gitrepo.intake import take
from mainstem.gitrepo.merging import Member, advance
from mainstem.gitrepo.repository import open_repository
from mainstem.gitrepo.trees import GitTrees
from mainstem.ledger.locks import CampaignLock
from mainstem.ledger.on_sqlite import SqliteLedger, prepare_state_folder
from mainstem.tomlfiles.stack import find_stack_file, read_stack
from mainstem.tomlfiles.template import stack_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.stack import Stack
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.campaign import Listener
    from mainstem.engine.record import Asked, CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.gitrepo.repository import Repository
    from mainstem.integrator import Integrator

STACK_FILE = "mainstem.toml"
STATE_FOLDER = ".mainstem"
LEDGER_FILE = "ledger.sqlite"
PROGRESS_FILE = "progress.json"


class SystemClock:
    """The system's clock."""

    def now(self) -> str:
        """The present as ISO 8601 in UTC, to the millisecond."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        return time.monotonic()


@dataclass(kw_only=True)
class Project:
    """A stack's repository with its state: what every command works on.

    Attributes:
        root: The folder of `mainstem.toml`, the repository's top.
        stack: The stack's description.
        repository: The user's repository; only `merge` moves anything in it.
        ledger: The record.
        trees: Recipes as trees.
    """

    root: Path
    stack: Stack
    repository: Repository
    ledger: SqliteLedger
    trees: GitTrees

    def __enter__(self) -> Self:
        """Nothing more to open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Lets go of the ledger."""
        self.ledger.close()

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.root / STATE_FOLDER

    @cached_property
    def trunk_commit(self) -> CommitId:
        """Where the trunk is now."""
        return self.repository.trunk(self.stack.trunk)

    def record(self) -> Record:
        """The ledger, folded.

        A merge that was killed after the trunk moved and before that was written down is written
        down now: the plan stands in the ledger, and the trunk is where the plan led.
        """
        record = fold(self.ledger.entries())
        if record.planned is not None and record.planned["new"] == self.trunk_commit:
            for entry in self.ledger.append([(records.MERGED, record.planned)]):
                records.advance(record, entry)
        return record

    def standing(self, record: Record) -> tuple[CampaignRecord | None, Restored | None]:
        """The latest campaign and its state; no state if its settings are not today's."""
        campaign = record.latest()
        if campaign is None or campaign.setup != records.setup_digest(self.stack):
            return campaign, None
        return campaign, restore(self.stack, record, campaign)

    @contextlib.contextmanager
    def workshop(self, *, slots: int) -> Iterator[Workshop]:
        """Everything a campaign works with; no process is left when it ends."""
        executor = LocalExecutor(
            slots=slots, workspace=self.state, materialise=self.trees.materialise
        )
        try:
            yield Workshop(
                stack=self.stack,
                trunk=self.trunk_commit,
                trunk_tree=self.trees.merger.tree_of(self.trunk_commit),
                trees=self.trees,
                executor=executor,
                ledger=self.ledger,
            )
        finally:
            executor.close()

    @contextlib.contextmanager
    def only_campaign(self) -> Iterator[None]:
        """Holds the store's lock: one working process at a time.

        Raises:
            UsageError: Another process works on this store; names its pid.
        """
        with CampaignLock(self.state):
            yield

    def propose(
        self, branches: Sequence[str], *, proposal_id: str | None, claim: str
    ) -> dict[str, Any]:
        """Takes branches in.

        Raises:
            UsageError: A branch cannot be a proposal; none was taken in.
        """
        found = []
        for name in branches:
            taken = take(self.repository, self.trees, name, trunk=self.trunk_commit)
            components = components_of(
                self.stack.components, self.repository, taken.base, taken.commit
            )
            found.append(
                proposing.Branch(
                    id=proposal_id or name,
                    name=name,
                    commit=taken.commit,
                    base=taken.base,
                    components=components,
                )
            )
        return proposing.propose(
            self.ledger, self.trees, self.record(), found, trunk=self.trunk_commit, claim=claim
        )

    def merge(self, *, dry_run: bool) -> dict[str, Any]:
        """Merges the confirmed set onto the trunk.

        Raises:
            NothingToDoError: Nothing is confirmed, or the trunk has moved.
            UsageError: The work tree is dirty, or git does not know who merges.
        """
        record = self.record()
        campaign, state = self.standing(record)
        plan = merging.plan_merge(self.stack, record, campaign, state, trunk=self.trunk_commit)
        proposals = [step.proposal for step in plan.steps]
        tree = self.trees.tree(self.trunk_commit, proposals)
        if isinstance(tree, Conflict):
            raise GitError(
                f"the confirmed set does not merge any more ({', '.join(tree.paths)}): was git "
                "updated since? integrate again"
            )
        move = partial(
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
            author=(who := committer(self.repository)),
            committer=who,
        )
        would = move(dry_run=True)
        body = {
            "campaign": plan.campaign,
            "old": would.old,
            "new": would.new,
            "recipe": [p.id for p in proposals],
            "commits": {str(c.id): str(c.commit) for c in would.commits},
            "confirmation": plan.confirmation,
            "gain": plan.gain,
        }
        if not dry_run:
            self.ledger.append([(records.MERGE_PLANNED, body)])
            move()
            self.ledger.append([(records.MERGED, body)])
        return {
            "dry_run": dry_run,
            "campaign": plan.campaign,
            "trunk": self.stack.trunk,
            "old": would.old,
            "new": would.new,
            "commits": [{"proposal": c.id, "commit": c.commit} for c in would.commits],
            "warnings": self._moved_branches(proposals),
        }

    def _moved_branches(self, proposals: Sequence[Any]) -> list[str]:
        """A line for every branch that is not where it was taken."""
        lines = []
        for proposal in proposals:
            try:
                now = self.repository.resolve_branch(proposal.branch)
            except UsageError:
                lines.append(f"branch {proposal.branch} is gone; {proposal.commit[:10]} is merged")
                continue
            if now != proposal.commit:
                lines.append(
                    f"branch {proposal.branch} has moved to {now[:10]} since it was proposed; "
                    f"what was tested, {proposal.commit[:10]}, is merged"
                )
        return lines

    def logs(self, trial: str) -> dict[str, str]:
        """What a trial wrote.

        Raises:
            UsageError: There is no log of such a trial.
        """
        folder = self.state / "logs" / trial
        if not re.fullmatch(r"[ck]\d+\.\d+", trial) or not folder.is_dir():
            raise UsageError(
                f"no log of a trial {trial!r} in {self.state / 'logs'}; "
                "`mainstem why PROPOSAL` names trials"
            )
        return {
            name: (folder / name).read_text(encoding="utf-8", errors="replace")
            if (folder / name).exists()
            else ""
            for name in ("stdout", "stderr")
        }

    def progress(self) -> dict[str, Any]:
        """What a working process last said; empty if none works."""
        path = self.state / PROGRESS_FILE
        holder = CampaignLock.holder(self.state)
        if holder is None:
            return {}
        try:
            said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            return {"pid": holder}
        return said if said.get("pid") == holder else {"pid": holder}

    @contextlib.contextmanager
    def progress_writer(self, listener: Listener, *, slots: int) -> Iterator[Listener]:
        """A listener that also tells other processes (`mainstem status`) what runs."""
        path = self.state / PROGRESS_FILE
        try:
            yield _ProgressWriter(listener, path, slots)
        finally:
            path.unlink(missing_ok=True)


class _ProgressWriter:
    """Hands everything on, and keeps a small file of what runs."""

    def __init__(self, listener: Listener, path: Path, slots: int) -> None:
        self._listener = listener
        self._path = path
        self._slots = slots
        self._waiting: set[TrialId] = set()
        self._last = ""

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        self._listener.opened(campaign, integrator, resumed=resumed)

    def asked(self, batch: Sequence[Asked]) -> None:
        self._waiting = {asked.name for asked in batch}
        self._listener.asked(batch)

    def ticked(self, running: Sequence[TrialId]) -> None:
        queued = len(self._waiting - set(running))
        self._write({"running": list(running), "queued": queued})
        self._listener.ticked(running)

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        self._waiting.discard(asked.name)
        self._listener.finished(asked, measurement, run)

    def learnt(self, integrator: Integrator) -> None:
        self._listener.learnt(integrator)

    def _write(self, said: Mapping[str, Any]) -> None:
        """Replaces the file as a whole; a full disk costs the picture, not the campaign."""
        text = json.dumps({"pid": os.getpid(), "slots": self._slots, **said})
        if text == self._last:
            return
        part = self._path.with_suffix(".part")
        with contextlib.suppress(OSError):
            part.write_text(text, encoding="utf-8")
            part.replace(self._path)
            self._last = text


def open_project(start: Path | None = None) -> Project:
    """The project that a folder belongs to.

    Raises:
        UsageError: No `mainstem.toml`, no repository, or the file is not at the repository's top.
        ConfigurationError: `mainstem.toml` is wrong.
        StoreError: The store cannot be opened.
        GitError: git is missing or too old.
    """
    path = find_stack_file((start or Path.cwd()).absolute())
    stack = read_stack(path)
    repository = open_repository(path.parent)
    if repository.top.resolve() != path.parent.resolve():
        raise UsageError(
            f"{path} is not at the top of its repository ({repository.top}): move it there"
        )
    if stack.store != "sqlite":
        raise UsageError(
            f'{path}: [store] url is not "sqlite": this version keeps its record in SQLite'
        )
    state = path.parent / STATE_FOLDER
    prepare_state_folder(state)
    return Project(
        root=path.parent,
        stack=stack,
        repository=repository,
        ledger=SqliteLedger(state / LEDGER_FILE, SystemClock()),
        trees=GitTrees(repository, state),
    )


def write_stack_file(command: str | None) -> tuple[Path, str]:
    """Writes a commented `mainstem.toml` for the repository of the working folder.

    Returns:
        The file, and the trunk that it names.

    Raises:
        UsageError: There is one already, or no repository with a commit.
    """
    repository = open_repository(Path.cwd())
    path = repository.top / STACK_FILE
    trunk = repository.current_branch() or "main"
    text = stack_template(name=repository.top.name, trunk=trunk, command=command)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already: edit it, or remove it first") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return path, trunk
