"""The loop: ask, merge trees, run, write down, tell; until the campaign has decided.

Nothing is decided here and nothing is remembered here. What to run comes from the `Integrator`;
what happened goes to the ledger before anything else follows from it. So the process may be killed
at any instant: the next one reads the ledger and goes on with the same trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.proposal import Conflict
from mainstem.engine import record as records, team
from mainstem.engine.asking import batch_entry, meet, merged, runnable, tell
from mainstem.engine.listener import LISTEN_S, Listener
from mainstem.engine.opening import BATCH, conflict_entry, let_in, take_up
from mainstem.engine.pairs import compared, kind_of_other_half, pair_of
from mainstem.engine.record import Asked, CampaignRecord, Record, fold
from mainstem.engine.restore import Restored, restore
from mainstem.engine.stopping import stoppers
from mainstem.engine.trials import ending, finished_body, job_for, measured, trunk_error
from mainstem.engine.verdicts import closing
from mainstem.engine.workshop import Workshop, catch_up, write_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Run, Trial

__all__ = ["BATCH", "Listener", "Workshop", "integrate"]


def integrate(
    shop: Workshop, *, budget: float | None, seed: int, batch: int | None, listener: Listener
) -> CampaignRecord:
    """Runs the campaign, or goes on with it, until it has decided or the budget is spent.

    Args:
        shop: What to work with.
        budget: Trials in all, in those of the rung that confirms, of which a cheaper one is a part;
            confirmation and crashed trials included; None: until decided.
        seed: The campaign's seed.
        batch: How many trials a new campaign asks for at once; None: `BATCH`. One that goes on
            keeps what it was opened with, which the listener reads from its record.
        listener: Hears what happens.

    Raises:
        UsageError: There is no open proposal, or the trunk's metrics are wrong.
        TrunkFailedError: No trial of the trunk succeeded.
        StoreError: The ledger, a trial's files or what it left cannot be written.
        GitError: A proposal's commit is gone from the repository.
    """
    if shop.leases is not None:
        return team.integrate(
            shop, shop.leases, budget=budget, seed=seed, batch=batch, listener=listener
        )
    record = fold(shop.ledger.entries())
    campaign, resumed = take_up(shop, record, budget=budget, seed=seed, batch=batch)
    state = restore(shop.stack, record, campaign)
    listener.opened(campaign, state.integrator, resumed=resumed)
    loop = _Loop(shop=shop, record=record, campaign=campaign, state=state, listener=listener)
    loop.run()
    return campaign


@dataclass(kw_only=True)
class _Loop:
    """One process's share of a campaign."""

    shop: Workshop
    record: Record
    campaign: CampaignRecord
    state: Restored
    listener: Listener

    def run(self) -> None:
        """Works until all has been decided, or the budget is spent."""
        self._decide()
        self._close()
        while let_in(self.shop, self.record, self.campaign):
            self.state = restore(self.shop.stack, self.record, self.campaign)
            self._decide()
            self._close()

    def _close(self) -> None:
        """Writes every verdict down."""
        lines = closing(self.campaign, self.state, audited=self.shop.audited)
        write_down(self.shop.ledger, self.record, lines)
        self.shop.kept(self.record, self.campaign, self.state, last=True)

    def _decide(self) -> None:
        """Works until the integrator is done with those who are in."""
        self.listener.learnt(self.state.integrator)
        batch: list[Asked] | None = self.state.waiting
        if batch:
            self.listener.asked(batch)
        else:
            batch = self._ask()
        while batch is not None:
            self._run_batch(batch)
            tell(self.state, self.campaign, batch)
            self.listener.learnt(self.state.integrator)
            batch = self._ask()

    def _ask(self) -> list[Asked] | None:
        """The next batch, written down; [] if all of it was void; None when there is none."""
        self._heed()
        integrator = self.state.integrator
        trials = integrator.ask(self.campaign.batch)
        if not trials:
            return None
        trees = self._trees(trials)
        rules = stoppers(self.shop.stack, self.campaign, integrator, trials)
        entry = batch_entry(self.campaign, integrator, trials, trees, rules)
        write_down(self.shop.ledger, self.record, [entry])
        batch = runnable(self.campaign.batches[-1])
        meet(self.state, batch)
        self.listener.asked(batch)
        self.shop.kept(self.record, self.campaign, self.state)
        return batch

    def _heed(self) -> None:
        """Takes in what others wrote while trials ran: vetoes, and new versions of proposals."""
        catch_up(self.shop.ledger, self.record)
        if self.state.aliases.closed(self.record) != self.state.closed:
            self.state = restore(self.shop.stack, self.record, self.campaign)

    def _trees(self, trials: Sequence[Trial]) -> list[TreeId | None]:
        """The recipes' trees; where git cannot merge one, the conflict is noted for good."""
        found: list[TreeId | None] = []
        for tree in merged(self.shop, self.record, self.state.integrator, trials):
            if isinstance(tree, Conflict):
                entry = conflict_entry(self.shop.trunk, tree, self.record)
                write_down(self.shop.ledger, self.record, [entry])
                self.state.integrator.forbid(tree.proposals)
            found.append(None if isinstance(tree, Conflict) else tree)
        return found

    def _run_batch(self, batch: Sequence[Asked]) -> None:
        """Runs what of the batch has no result yet, writing each down as it ends."""
        missing = {a.name: a for a in batch if a.name not in self.campaign.finished}
        for asked in missing.values():
            if asked.tree is not None:
                self.shop.executor.submit(
                    job_for(
                        self.shop.stack,
                        name=asked.name,
                        tree=asked.tree,
                        seed=asked.trial.seed,
                        rung=asked.trial.rung,
                        pair=pair_of(self.campaign, asked),
                        kind=kind_of_other_half(self.campaign, asked),
                        stopper=asked.stopper,
                    )
                )
        while missing:
            runs = self.shop.executor.wait(LISTEN_S)
            for run in runs:
                asked = missing.pop(run.trial)
                self._finish(asked, run)
            self.listener.ticked(self.shop.executor.running())

    def _finish(self, asked: Asked, run: Run) -> None:
        """Writes a result down, unless the trunk cannot run: that is the user's to mend."""
        measurement = measured(self.shop.stack, asked, run)
        kind = ending(self.campaign, asked, measurement)
        pair = compared(self.campaign, asked, run)
        body = finished_body(self.campaign.id, asked, measurement, run, pair)
        write_down(self.shop.ledger, self.record, [(kind, body)])
        if kind == records.TRUNK_FAILED:
            raise trunk_error(self.shop.stack, asked.name, measurement, asked.trial.rung)
        self.listener.finished(asked, measurement, run)
