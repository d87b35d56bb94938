"""The loop: ask, merge trees, run, write down, tell; until the campaign has decided.

Nothing is decided here and nothing is remembered here. What to run comes from the `Integrator`;
what happened goes to the ledger before anything else follows from it. So the process may be killed
at any instant: the next one reads the ledger and goes on with the same trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mainstem.domain.errors import MainstemError, StoreError, TrunkFailedError, UsageError
from mainstem.domain.measurement import Cause, Measurement
from mainstem.domain.proposal import Conflict, ProposalId
from mainstem.domain.recipe import in_order
from mainstem.domain.stack import argv
from mainstem.domain.trial import Ending, Job, TrialId
from mainstem.domain.verdict import Verdict, VerdictKind
from mainstem.engine import record as records
from mainstem.engine.metrics import measure
from mainstem.engine.record import Asked, CampaignRecord, Record, fold
from mainstem.engine.restore import Restored, restore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId, Proposal, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.domain.trial import Run, Trial
    from mainstem.engine.ports import Executor, Ledger, Trees
    from mainstem.integrator import Integrator

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


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Everything a campaign works with.

    Attributes:
        stack: The stack's description.
        trunk: The trunk's commit.
        trunk_tree: The trunk's tree.
        trees: Merges recipes.
        executor: Runs trials.
        ledger: Remembers.
    """

    stack: Stack
    trunk: CommitId
    trunk_tree: TreeId
    trees: Trees
    executor: Executor
    ledger: Ledger


def integrate(
    shop: Workshop, *, budget: int | None, seed: int, batch: int, listener: Listener
) -> CampaignRecord:
    """Runs the campaign, or goes on with it, until it has decided or the budget is spent.

    Args:
        shop: What to work with.
        budget: Trials in all, confirmation and crashed trials included; None: until decided.
        seed: The campaign's seed.
        batch: How many trials are asked for at once; a campaign keeps its first one.
        listener: Hears what happens.

    Raises:
        UsageError: There is no open proposal, or the trunk's metrics are wrong.
        TrunkFailedError: No trial of the trunk succeeded.
        StoreError: The ledger cannot be written.
    """
    record = fold(shop.ledger.entries())
    campaign, resumed = _take_up(shop, record, budget=budget, seed=seed, batch=batch)
    state = restore(shop.stack, record, campaign)
    listener.opened(campaign, state.integrator, resumed=resumed)
    loop = _Loop(shop=shop, record=record, campaign=campaign, state=state, listener=listener)
    loop.run()
    _write_verdicts(shop.ledger, campaign, state)
    return campaign


def _take_up(
    shop: Workshop, record: Record, *, budget: int | None, seed: int, batch: int
) -> tuple[CampaignRecord, bool]:
    """The latest campaign if it asks the same question, else a new one; and which it is."""
    proposals = record.open_proposals()
    if not proposals:
        raise UsageError("no open proposal: take branches in with `mainstem propose BRANCH...`")
    setup = records.setup_digest(shop.stack)
    for known in reversed(record.campaigns.values()):
        if (known.trunk, known.setup, known.seed) == (shop.trunk, setup, seed):
            newcomers = [p for p in proposals if p.id not in known.proposals]
            _join(shop, record, known, newcomers, budget)
            return known, True
    _find_conflicts(shop, record, proposals)
    body = {
        "campaign": f"c{len(record.campaigns) + 1}",
        "seed": seed,
        "trunk": shop.trunk,
        "trunk_tree": shop.trunk_tree,
        "setup": setup,
        "batch": batch,
        "budget": budget,
        "rung": shop.stack.confirm_rung.name,
        "proposals": [p.id for p in proposals],
        "trees": _single_trees(shop, proposals),
        "inherited": _inherited(shop, record, setup),
    }
    _append(shop.ledger, record, [(records.CAMPAIGN_OPENED, body)])
    return record.campaigns[str(body["campaign"])], False


def _join(
    shop: Workshop,
    record: Record,
    campaign: CampaignRecord,
    newcomers: list[Proposal],
    budget: int | None,
) -> None:
    """New proposals and a new budget enter a campaign that goes on."""
    if not newcomers and budget == campaign.budget and campaign is record.latest():
        return
    _find_conflicts(shop, record, record.open_proposals())
    body = {
        "campaign": campaign.id,
        "proposals": [p.id for p in newcomers],
        "trees": _single_trees(shop, newcomers),
        "budget": budget,
    }
    _append(shop.ledger, record, [(records.CAMPAIGN_JOINED, body)])


def _single_trees(shop: Workshop, proposals: Sequence[Proposal]) -> dict[str, str | None]:
    """Each proposal's tree alone on the trunk; None where it conflicts with it."""
    trees: dict[str, str | None] = {}
    for proposal in proposals:
        tree = shop.trees.tree(shop.trunk, [proposal])
        trees[proposal.id] = None if isinstance(tree, Conflict) else tree
    return trees


def _find_conflicts(shop: Workshop, record: Record, proposals: Sequence[Proposal]) -> None:
    """Writes down conflicts on this trunk that are not known yet."""
    known = {c.proposals for c in record.conflicts_on(shop.trunk)}
    found = shop.trees.conflicts(shop.trunk, proposals)
    fresh = [conflict for conflict in found if conflict.proposals not in known]
    _append(shop.ledger, record, [conflict_entry(shop.trunk, c, record) for c in fresh])


def conflict_entry(
    trunk: CommitId, conflict: Conflict, record: Record
) -> tuple[str, Mapping[str, Any]]:
    """The ledger's record of a conflict."""
    members = in_order(conflict.proposals, [p.id for p in record.in_order()])
    body = {"trunk": trunk, "proposals": list(members), "paths": list(conflict.paths)}
    return records.CONFLICT_FOUND, body


def _inherited(shop: Workshop, record: Record, setup: str) -> list[Mapping[str, Any]]:
    """Earlier runs that say something about recipes on this trunk.

    Runs of the trunk by `check`; runs of earlier campaigns on this trunk; and, where this trunk
    came from a merge, runs of the earlier trunk's recipes that hold the whole merged set.
    """
    rows: list[Mapping[str, Any]] = []
    for check in record.checks:
        if check["setup"] == setup and check["trunk_tree"] == shop.trunk_tree:
            rows += [
                {"trial": t["trial"], "recipe": [], "seed": t["seed"], "values": t["values"]}
                for t in check["trials"]
                if t["values"] is not None and t["counts"]
            ]
    for campaign in record.campaigns.values():
        merged = _merged_between(record, campaign.trunk, shop.trunk)
        if merged is None or campaign.setup != setup:
            continue
        for asked in campaign.asked():
            result = campaign.finished.get(asked.name)
            if result is None or not merged <= asked.trial.recipe:
                continue
            rest = sorted(
                asked.trial.recipe - merged, key=lambda p: record.proposals[ProposalId(p)].order
            )
            rows.append(
                {
                    "trial": asked.name,
                    "recipe": list(rest),
                    "seed": asked.trial.seed,
                    "values": result.values,
                }
            )
    return rows


def _merged_between(record: Record, old: CommitId, new: CommitId) -> frozenset[str] | None:
    """The proposals merged from trunk `old` to trunk `new`; None if merges do not lead there."""
    merged: set[str] = set()
    at = old
    for merge in record.merges:
        if at == new:
            break
        if merge["old"] == at:
            merged |= set(merge["recipe"])
            at = merge["new"]
    return frozenset(merged) if at == new else None


def _append(
    ledger: Ledger, record: Record, entries: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Writes entries and folds them into the record in one go."""
    if entries:
        for entry in ledger.append(entries):
            records.advance(record, entry)


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
                "recipe": list(in_order(trial.recipe, integrator.proposals)),
                "seed": trial.seed,
                "rung": self.campaign.rung,
                "purpose": trial.purpose,
                "tree": None if integrator.is_void(trial) else trees[trial.id],
            }
            for trial in trials
        ]
        body = {"campaign": self.campaign.id, "trials": rows}
        _append(self.shop.ledger, self.record, [(records.BATCH_ASKED, body)])
        batch = [asked for asked in self.campaign.batches[-1] if asked.tree is not None]
        for asked in batch:
            if asked.tree is not None:
                self.state.sharing.meet(integrator, asked.tree, asked.trial.recipe)
        self.listener.asked(batch)
        return batch

    def _tree(self, trial: Trial) -> TreeId | None:
        """The recipe's tree; where git cannot merge it, the conflict is noted for good."""
        order = in_order(trial.recipe, self.state.integrator.proposals)
        members = [self.record.proposals[ProposalId(p)] for p in order]
        tree = self.shop.trees.tree(self.shop.trunk, members)
        if not isinstance(tree, Conflict):
            return tree
        entry = conflict_entry(self.shop.trunk, tree, self.record)
        _append(self.shop.ledger, self.record, [entry])
        self.state.integrator.forbid(tree.proposals)
        return None

    def _run_batch(self, batch: Sequence[Asked]) -> None:
        """Runs what of the batch has no result yet, writing each down as it ends."""
        missing = {a.name: a for a in batch if a.name not in self.campaign.finished}
        for asked in missing.values():
            if asked.tree is not None:
                seed = asked.trial.seed
                job = job_for(self.shop.stack, name=asked.name, tree=asked.tree, seed=seed)
                self.shop.executor.submit(job)
        while missing:
            runs = self.shop.executor.wait(LISTEN_S)
            for run in runs:
                asked = missing.pop(run.trial)
                self._finish(asked, run)
            self.listener.ticked(self.shop.executor.running())

    def _finish(self, asked: Asked, run: Run) -> None:
        """Writes a result down, unless the trunk cannot run: that is the user's to mend."""
        if run.ending is Ending.NOT_PREPARED:
            raise StoreError(
                f"trial {asked.name} could not be prepared: {run.detail}; nothing was recorded of "
                "it, the same command goes on once this is mended"
            )
        measurement = measure(self.shop.stack, run)
        if not asked.trial.recipe:
            check_margins(self.shop.stack, measurement)
        if not asked.trial.recipe and not measurement.succeeded and not self._trunk_ran():
            body = finished_body(self.campaign.id, asked, measurement, run)
            _append(self.shop.ledger, self.record, [(records.TRUNK_FAILED, body)])
            raise trunk_error(asked.name, measurement)
        body = finished_body(self.campaign.id, asked, measurement, run)
        _append(self.shop.ledger, self.record, [(records.TRIAL_FINISHED, body)])
        self.listener.finished(asked, measurement, run)

    def _trunk_ran(self) -> bool:
        """Whether any run of the trunk has succeeded, here or in what was inherited."""
        inherited = any(not r["recipe"] and r["values"] for r in self.campaign.inherited)
        return inherited or any(
            not asked.trial.recipe and self._succeeded(asked.name)
            for asked in self.campaign.asked()
        )

    def _succeeded(self, name: TrialId) -> bool:
        result = self.campaign.finished.get(name)
        return result is not None and result.values is not None


def check_margins(stack: Stack, trunk: Measurement) -> None:
    """Sees to it that percentages of the trunk's values are margins.

    Raises:
        UsageError: A value is 0, so a percentage of it is no margin.
    """
    for objective in stack.objectives:
        if objective.is_relative and trunk.values.get(objective.name) == 0.0:
            raise UsageError(
                f"mainstem.toml: the margin of {objective.name!r} is {objective.margin} of the "
                "trunk's value, which is 0: give it as a number in the metric's unit"
            )


def trunk_error(name: TrialId, measurement: Measurement) -> MainstemError:
    """A trunk that cannot be measured: the stack's configuration is wrong, or its code crashes."""
    failure = measurement.failure
    what = failure.what if failure else "no result"
    hint = f"see `mainstem log {name}`; nothing was decided, the same command goes on once mended"
    if failure is not None and failure.cause in {Cause.EXIT, Cause.SIGNAL}:
        return TrunkFailedError(f"the trunk does not run ({name}): {what}; {hint}")
    return UsageError(f"mainstem.toml or the trunk: {what} ({name}); {hint}")


def job_for(stack: Stack, *, name: TrialId, tree: TreeId, seed: int) -> Job:
    """The executor's view of a trial at the rung that confirms."""
    rung = stack.confirm_rung
    return Job(
        trial=name,
        tree=tree,
        argv=argv(stack.command, seed=seed, rung=rung),
        seed=seed,
        rung=rung.name,
        timeout_s=stack.timeout_s,
        threads=stack.run.threads,
        passed_env=stack.run.env,
        network=stack.run.network,
        private=stack.run.private,
        resources=rung.resources,
    )


def finished_body(
    campaign: str, asked: Asked, measurement: Measurement, run: Run
) -> dict[str, Any]:
    """The ledger's record of a finished trial."""
    failure = measurement.failure
    return {
        "campaign": campaign,
        "trial": asked.name,
        "values": dict(measurement.values) if failure is None else None,
        "failure": None if failure is None else {"cause": failure.cause, "what": failure.what},
        "notes": dict(measurement.notes),
        "run": {
            "ending": run.ending,
            "exit_code": run.exit_code,
            "signal": run.signal,
            "wall_s": round(run.wall_s, 3),
            "cpu_s": round(run.cpu_s, 3),
            "peak_rss_bytes": run.peak_rss_bytes,
            "log_dir": run.log_dir,
            "host": dict(run.host),
            "confinement": dict(run.confinement),
        },
    }


def _write_verdicts(ledger: Ledger, campaign: CampaignRecord, state: Restored) -> None:
    """Writes down every verdict that changed, and that the campaign has ended."""
    entries: list[tuple[str, Mapping[str, Any]]] = []
    for proposal, verdict in all_verdicts(state).items():
        body = {
            "campaign": campaign.id,
            "proposal": proposal,
            "kind": verdict.kind,
            "reason": verdict.reason,
            "others": list(verdict.others),
        }
        if campaign.verdicts.get(ProposalId(proposal)) != body:
            entries.append((records.VERDICT, body))
    if not campaign.ended:
        recommendation = state.integrator.recommend()
        ended = {
            "campaign": campaign.id,
            "recipe": list(in_order(recommendation.recipe, state.integrator.proposals)),
            "confirmed": recommendation.confirmed,
            "spent": state.integrator.spent,
        }
        entries.append((records.CAMPAIGN_ENDED, ended))
    if entries:
        ledger.append(entries)


def all_verdicts(state: Restored) -> dict[str, Verdict]:
    """Every proposal's verdict, those that share a tree with an earlier one included."""
    found = state.integrator.verdicts()
    for proposal, first in state.aliases.same_as.items():
        original = found[first]
        kind = original.kind
        reason = f"the same tree as {first}, whose verdict it shares: {original.reason}"
        if kind is VerdictKind.MERGE:
            kind = VerdictKind.SHELVE
            reason = f"the same tree as {first}, which is merged: nothing is left to merge"
        found[proposal] = Verdict(kind=kind, reason=reason, others=(first,))
    for first in dict.fromkeys(state.aliases.same_as.values()):
        twins = [p for p, f in state.aliases.same_as.items() if f == first]
        verdict = found[first]
        found[first] = Verdict(
            kind=verdict.kind,
            reason=f"{verdict.reason} (the same tree as {', '.join(twins)})",
            others=(*verdict.others, *twins),
        )
    return found
