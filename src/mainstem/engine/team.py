"""The loop of a campaign that several processes work on, each in its own clone, on its own host.

Everybody's knowledge is the ledger, folded as lines come in, and the integrator is pure: all of
them would ask the same next batch and give the same verdicts. So whoever is first writes it down,
on the lines that it follows from or not at all (`Ledger.append_if_last`); the others find it there
and take it up. Which trials of the batch are whose is a matter of leases, which end with their
holder: a lost trial is run by another. The first result of a trial counts; one that comes later, by
a process that was thought dead, is kept as what it is (`trial-late`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import GitError, StoreError
from mainstem.domain.proposal import Conflict
from mainstem.engine import record as records
from mainstem.engine.asking import batch_entry, meet, merged, runnable, tell
from mainstem.engine.listener import LISTEN_S
from mainstem.engine.opening import conflict_entry, let_in, take_up
from mainstem.engine.pairs import compared, kind_of_other_half, pair_of
from mainstem.engine.record import fold
from mainstem.engine.restore import restore, take_up as take_up_batch
from mainstem.engine.stopping import stoppers
from mainstem.engine.trials import ending, finished_body, job_for, measured, trunk_error
from mainstem.engine.verdicts import closing
from mainstem.engine.workshop import OvertakenError, catch_up, write_if_last

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.listener import Listener
    from mainstem.engine.ports import Entry, Leases
    from mainstem.engine.record import Asked, CampaignRecord, Record
    from mainstem.engine.workshop import Workshop

WAIT_S = 2.0
"""How long a process with nothing to run sleeps at most: a line wakes it, a lost lease does not."""

_CHANGES_ASKS = {
    records.CAMPAIGN_JOINED,
    records.CONFLICT_FOUND,
    records.OVERRIDE,
    records.PROPOSAL_WITHDRAWN,
}
"""Kinds of lines of others after which the integrator is put together anew."""


def integrate(
    shop: Workshop,
    leases: Leases,
    *,
    budget: float | None,
    seed: int,
    batch: int | None,
    listener: Listener,
) -> CampaignRecord:
    """This process's share of a campaign, until it has decided or the budget is spent.

    Raises:
        UsageError: There is no open proposal, or the trunk's metrics are wrong.
        TrunkFailedError: No trial of the trunk succeeded.
        StoreError: The ledger, a trial's files or what it left cannot be written, or git merges a
            recipe otherwise than that of the process that asked for it.
        GitError: A proposal's commit is not in this clone.
    """
    record = fold(shop.ledger.entries())
    try:
        campaign, resumed = _take_up(shop, record, budget=budget, seed=seed, batch=batch)
        # It may have been opened in another clone, and this one has to keep its proposals too.
        members = [p for p in record.open_proposals() if p.id in campaign.proposals]
        shop.trees.pin(shop.trunk, members)
    except GitError as error:
        raise GitError(f"{error}; if this clone never had it, fetch it") from None
    worker = _Worker(shop, leases, record, campaign, listener)
    listener.opened(campaign, worker.state.integrator, resumed=resumed)
    worker.run()
    return campaign


def _take_up(
    shop: Workshop, record: Record, *, budget: float | None, seed: int, batch: int | None
) -> tuple[CampaignRecord, bool]:
    """Opens a campaign or finds it: of several that do so at once, one opens it."""
    while True:
        try:
            return take_up(shop, record, budget=budget, seed=seed, batch=batch)
        except OvertakenError:
            catch_up(shop.ledger, record)


class _Worker:
    """One process of a campaign.

    Attributes:
        state: The campaign as far as this process has told it to the integrator.
    """

    def __init__(
        self,
        shop: Workshop,
        leases: Leases,
        record: Record,
        campaign: CampaignRecord,
        listener: Listener,
    ) -> None:
        self._shop = shop
        self._leases = leases
        self._record = record
        self._campaign = campaign
        self._listener = listener
        self._running: dict[TrialId, Asked] = {}
        self._restore()

    def run(self) -> None:
        """Works until the integrator is done."""
        self._listener.learnt(self.state.integrator)
        while True:
            self._catch_up()
            batch = self._batch()
            if batch is not None:
                self._work(batch)
            elif not self._ask() and self._close():
                return

    # ---- what others do

    def _restore(self) -> None:
        """Puts the integrator together from the record."""
        self.state = restore(self._shop.stack, self._record, self._campaign)
        waiting = 1 if self.state.waiting else 0
        self._told = len(self._campaign.batches) - waiting
        self._taken = len(self._campaign.batches)
        self._stale = False

    def _catch_up(self) -> bool:
        """Folds new lines; whether any of them is of a kind that may change what comes next."""
        fresh = catch_up(self._shop.ledger, self._record)
        self._stale = self._stale or any(e.kind in _CHANGES_ASKS for e in fresh)
        return self._stale or any(self._is_batch(e) for e in fresh)

    def _is_batch(self, entry: Entry) -> bool:
        return entry.kind == records.BATCH_ASKED and entry.body["campaign"] == self._campaign.id

    def _batch(self) -> list[Asked] | None:
        """The batch that is not whole, as far as it can run; None if the next is to be asked."""
        if self._stale:
            self._restore()
        while self._told < len(self._campaign.batches):
            whole = self._campaign.batches[self._told]
            batch = runnable(whole)
            if self._taken == self._told:
                take_up_batch(self.state.integrator, self.state.sharing, whole)
                self._taken += 1
                self._listener.asked(batch)
            if any(asked.name not in self._campaign.finished for asked in batch):
                return batch
            tell(self.state, self._campaign, batch)
            self._told += 1
            self._listener.learnt(self.state.integrator)
        return None

    # ---- what comes next

    def _ask(self) -> bool:
        """Asks for the next batch, or finds that another did; False when there is none."""
        integrator = self.state.integrator
        trials = integrator.ask(self._campaign.batch)
        if not trials:
            return False
        entries: list[tuple[str, Mapping[str, Any]]] = []
        trees: list[TreeId | None] = []
        for tree in merged(self._shop, self._record, integrator, trials):
            if isinstance(tree, Conflict):
                entries.append(conflict_entry(self._shop.trunk, tree, self._record))
                integrator.forbid(tree.proposals)
            trees.append(None if isinstance(tree, Conflict) else tree)
        rules = stoppers(self._shop.stack, self._campaign, integrator, trials)
        entries.append(batch_entry(self._campaign, integrator, trials, trees, rules))
        while not write_if_last(self._shop.ledger, self._record, entries):
            if self._catch_up():
                self._stale = True  # the integrator has asked what nobody will read
                return True
        self._taken += 1
        batch = runnable(self._campaign.batches[-1])
        meet(self.state, batch)
        self._listener.asked(batch)
        self._shop.kept(self._record, self._campaign, self.state)
        return True

    def _close(self) -> bool:
        """Writes down every verdict, once; False if something came in, or somebody, after all."""
        while entries := closing(self._campaign, self.state, audited=self._shop.audited):
            if write_if_last(self._shop.ledger, self._record, entries):
                break
            if self._catch_up():
                return False
        self._shop.kept(self._record, self._campaign, self.state, last=True)
        return not self._let_in()

    def _let_in(self) -> bool:
        """Lets in those who waited for their turn; whether this process or another did."""
        try:
            entered = let_in(self._shop, self._record, self._campaign)
        except OvertakenError:
            return self._catch_up() or self._let_in()
        self._stale = self._stale or entered
        return entered

    # ---- what this process does

    def _work(self, batch: Sequence[Asked]) -> None:
        """Takes what is free of the batch, and waits for an end, or for others."""
        done, mine = self._campaign.finished, self._running
        missing = {a.name: a for a in batch if a.name not in done and a.name not in mine}
        free = self._shop.executor.slots - len(mine)
        if missing and free > 0:
            taken = self._leases.take(list(missing), most=free)
            if taken:
                # Who finished a trial wrote that down before the lease ended.
                self._catch_up()
                self._start([missing[name] for name in taken])
        if mine:
            for run in self._shop.executor.wait(LISTEN_S):
                self._finish(mine.pop(run.trial), run)
        else:
            self._leases.wait(WAIT_S)
        self._listener.ticked(self._shop.executor.running())

    def _start(self, leased: Sequence[Asked]) -> None:
        """Hands leased trials to the executor; what has a result by now is given back."""
        ended = [asked.name for asked in leased if asked.name in self._campaign.finished]
        self._leases.give_back(ended)
        for asked in leased:
            if asked.name in ended:
                continue
            tree = self._tree(asked)
            self._shop.executor.submit(
                job_for(
                    self._shop.stack,
                    name=asked.name,
                    tree=tree,
                    seed=asked.trial.seed,
                    rung=asked.trial.rung,
                    pair=pair_of(self._campaign, asked),
                    kind=kind_of_other_half(self._campaign, asked),
                    stopper=asked.stopper,
                )
            )
            self._running[asked.name] = asked

    def _tree(self, asked: Asked) -> TreeId:
        """The recipe's tree, made in this clone if another process asked for it.

        Raises:
            StoreError: git makes another one of it here.
        """
        (tree,) = merged(self._shop, self._record, self.state.integrator, [asked.trial])
        if isinstance(tree, Conflict) or tree != asked.tree:
            raise StoreError(
                f"trial {asked.name} cannot run here: git merges its recipe otherwise than where "
                "it was asked for; use one version of git on every machine of a team"
            )
        return tree

    def _finish(self, asked: Asked, run: Run) -> None:
        """Writes a result down as the first of its trial, or as one that came too late."""
        measurement = measured(self._shop.stack, asked, run)
        pair = compared(self._campaign, asked, run)
        body = finished_body(self._campaign.id, asked, measurement, run, pair)
        me = self._leases.me
        body["worker"] = {"host": me.host, "pid": me.pid, "folder": me.folder}
        while True:
            kind = ending(self._campaign, asked, measurement)
            if asked.name in self._campaign.finished:
                kind = records.TRIAL_LATE
            if write_if_last(self._shop.ledger, self._record, [(kind, body)]):
                break
            self._catch_up()
        self._leases.give_back([asked.name])
        if kind == records.TRUNK_FAILED:
            raise trunk_error(self._shop.stack, asked.name, measurement, asked.trial.rung)
        if kind == records.TRIAL_FINISHED:
            self._listener.finished(asked, measurement, run)
