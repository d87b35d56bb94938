"""The loop: ask, merge trees, run, write down, tell; until the campaign has decided.

Nothing is decided here and nothing is remembered here. What to run comes from the `Integrator`;
what happened goes to the ledger before anything else follows from it. So the process may be killed
at any instant: the next one reads the ledger and goes on with the same trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mainstem.domain.proposal import Conflict, ProposalId
from mainstem.engine import record as records
from mainstem.engine.metrics import measure
from mainstem.engine.opening import BATCH, conflict_entry, take_up
from mainstem.engine.pairs import compared, kind_of_other_half, pair_of
from mainstem.engine.record import Asked, CampaignRecord, Record, fold
from mainstem.engine.restore import Restored, members, restore
from mainstem.engine.trials import check_kept, check_margins, finished_body, job_for, trunk_error
from mainstem.engine.verdicts import write_verdicts
from mainstem.engine.workshop import Workshop, write_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Run, Trial, TrialId
    from mainstem.integrator import Integrator

__all__ = ["BATCH", "Listener", "Workshop", "integrate"]

LISTEN_S = 0.5
"""How often a listener hears that time passes while trials run."""


class Listener(Protocol):
    """Hears what a campaign does; decides nothing."""

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """The campaign was opened, or taken up again."""
        ...

    def asked(self, batch: Sequence[Asked]) -> None:
        """These trials will run."""
        ...

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Time has passed; these trials are running."""
        ...

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """A trial has ended and stands in the ledger."""
        ...

    def learnt(self, integrator: Integrator) -> None:
        """A whole batch was told."""
        ...


def integrate(
    shop: Workshop, *, budget: int | None, seed: int, batch: int | None, listener: Listener
) -> CampaignRecord:
    """Runs the campaign, or goes on with it, until it has decided or the budget is spent.

    Args:
        shop: What to work with.
        budget: Trials in all, confirmation and crashed trials included; None: until decided.
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
    record = fold(shop.ledger.entries())
    campaign, resumed = take_up(shop, record, budget=budget, seed=seed, batch=batch)
    state = restore(shop.stack, record, campaign)
    listener.opened(campaign, state.integrator, resumed=resumed)
    loop = _Loop(shop=shop, record=record, campaign=campaign, state=state, listener=listener)
    loop.run()
    write_verdicts(shop.ledger, campaign, state)
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
        """Works until the integrator is done."""
        self.listener.learnt(self.state.integrator)
        batch: list[Asked] | None = self.state.waiting
        if batch:
            self.listener.asked(batch)
        else:
            batch = self._ask()
        while batch is not None:
            self._run_batch(batch)
            for asked in batch:
                result = self.campaign.finished[asked.name]
                self.state.sharing.tell(self.state.integrator, asked, result)
            self.listener.learnt(self.state.integrator)
            batch = self._ask()

    def _ask(self) -> list[Asked] | None:
        """The next batch, written down; [] if all of it was void; None when there is none."""
        integrator = self.state.integrator
        trials = integrator.ask(self.campaign.batch)
        if not trials:
            return None
        trees = {trial.id: self._tree(trial) for trial in trials}
        rows = [
            {
                "trial": f"{self.campaign.id}.{trial.id}",
                "recipe": list(members(trial.recipe, integrator)),
                "seed": trial.seed,
                "rung": self.campaign.rung,
                "purpose": trial.purpose,
                "tree": None if integrator.is_void(trial) else trees[trial.id],
            }
            for trial in trials
        ]
        body = {"campaign": self.campaign.id, "trials": rows}
        write_down(self.shop.ledger, self.record, [(records.BATCH_ASKED, body)])
        batch = [asked for asked in self.campaign.batches[-1] if asked.tree is not None]
        for asked in batch:
            if asked.tree is not None:
                self.state.sharing.meet(integrator, asked.tree, asked.trial.recipe)
        self.listener.asked(batch)
        return batch

    def _tree(self, trial: Trial) -> TreeId | None:
        """The recipe's tree; where git cannot merge it, the conflict is noted for good."""
        order = members(trial.recipe, self.state.integrator)
        tree = self.shop.trees.tree(
            self.shop.trunk, [self.record.proposals[ProposalId(p)] for p in order]
        )
        if not isinstance(tree, Conflict):
            return tree
        entry = conflict_entry(self.shop.trunk, tree, self.record)
        write_down(self.shop.ledger, self.record, [entry])
        self.state.integrator.forbid(tree.proposals)
        return None

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
                        pair=pair_of(self.campaign, asked),
                        kind=kind_of_other_half(self.campaign, asked),
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
        check_kept(run)
        measurement = measure(self.shop.stack, run)
        if not asked.trial.recipe:
            check_margins(self.shop.stack, measurement)
        if not asked.trial.recipe and not measurement.succeeded and not self._trunk_ran():
            body = finished_body(self.campaign.id, asked, measurement, run)
            write_down(self.shop.ledger, self.record, [(records.TRUNK_FAILED, body)])
            raise trunk_error(asked.name, measurement)
        pair = compared(self.campaign, asked, run)
        body = finished_body(self.campaign.id, asked, measurement, run, pair)
        write_down(self.shop.ledger, self.record, [(records.TRIAL_FINISHED, body)])
        self.listener.finished(asked, measurement, run)

    def _trunk_ran(self) -> bool:
        """Whether any run of the trunk has succeeded, here or in what was inherited."""
        inherited = any(
            not r["recipe"] and not r.get("without") and r["values"]
            for r in self.campaign.inherited
        )
        return inherited or any(
            not asked.trial.recipe and self._succeeded(asked.name)
            for asked in self.campaign.asked()
        )

    def _succeeded(self, name: TrialId) -> bool:
        result = self.campaign.finished.get(name)
        return result is not None and result.values is not None
