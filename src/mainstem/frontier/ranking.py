"""Which open and shelved proposals are expected to close most of a gap for the compute they take.

The posterior of the campaign says what each gains alone on the trunk; what counts of it is what is
left of the gap, and nothing below 0, since a loss is not merged. With the gain normal, mean m and
sd s (from the interval that `show` prints), and g the gap,

    E min(max(x, 0), g) = h(m, s) - h(m - g, s),   h(m, s) = m Phi(m / s) + s phi(m / s).

The cost is that of proving it: the pairs that `decisions.confirm.pairs_needed` expects for its mean
gains as the campaign's next candidate, two trials each. It is for reading: what runs next is for
the campaign to ask, and a proposal's gain beside others is another than alone.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from mainstem.decisions.confirm import pairs_needed
from mainstem.domain.stack import Role
from mainstem.domain.verdict import VerdictKind
from mainstem.engine.lineage import earlier_runs, lineage
from mainstem.engine.rungs import setups
from mainstem.engine.views.proposals import verdicts
from mainstem.engine.views.trunk import landscape
from mainstem.stats import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.domain.verdict import Estimate, Verdict
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.integrator import Integrator

RANKED = (VerdictKind.OPEN, VerdictKind.SHELVE)
"""What is still to be had: the rest is in the trunk, on its way there, or does not run."""


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """What a proposal is expected to do on the trunk as it is.

    Attributes:
        id: The proposal's id.
        verdict: Its verdict so far.
        gain: Posterior gain alone on the trunk per objective, in its unit.
        runs: How many runs with it succeeded; without any its gain is a guess from the others.
        pairs: About how many pairs it takes to prove it; None if it would not be proved at all.
        cost: What they cost, in trials of the rungs' unit; None likewise.
    """

    id: ProposalId
    verdict: Verdict
    gain: Mapping[str, Estimate]
    runs: int
    pairs: float | None
    cost: float | None


def prospects(
    stack: Stack,
    record: Record,
    latest: tuple[CampaignRecord | None, Restored | None],
    *,
    trunk: CommitId,
    tree: TreeId,
) -> list[Prospect]:
    """Every open and shelved proposal of which something is known, in the order of proposing.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        latest: The latest campaign and its state, if any.
        trunk: The trunk's commit.
        tree: The trunk's tree.
    """
    known = _known(stack, record, latest, trunk=trunk, tree=tree)
    if known is None:
        return []
    integrator, runs = known
    judged = verdicts(record, latest[1])
    closed = record.merged | record.closed()
    out = []
    for proposal, count in runs.items():
        verdict = judged[proposal]
        if proposal in closed or verdict.kind not in RANKED:
            continue
        gain = integrator.gain({proposal} | integrator.held)
        pairs = _pairs(stack, integrator, gain) if gain else None
        cost = None if pairs is None else 2.0 * pairs * stack.confirm_rung.cost
        if gain:
            found = Prospect(
                id=proposal, verdict=verdict, gain=gain, runs=count, pairs=pairs, cost=cost
            )
            out.append(found)
    return out


def _known(
    stack: Stack,
    record: Record,
    latest: tuple[CampaignRecord | None, Restored | None],
    *,
    trunk: CommitId,
    tree: TreeId,
) -> tuple[Integrator, dict[ProposalId, int]] | None:
    """Who knows the proposals on today's trunk, and how many runs with each there were.

    The campaign if it is on today's trunk, else the landscape of all runs that led to it.
    """
    campaign, state = latest
    if campaign is not None and state is not None and campaign.trunk == trunk:
        own = [asked.trial.recipe for asked, r in campaign.ended_trials() if r.values is not None]
        own += [frozenset(row["recipe"]) for row in campaign.inherited if row["values"]]
        names = [p.id for p in record.in_order() if p.id in state.aliases.first]
        held: frozenset[str] = frozenset()
        integrator = state.integrator
    else:
        line = lineage(record, trunk)
        runs = list(earlier_runs(record, line, setups=setups(stack), tree=tree))
        on_trunk = {
            run.rung for run in runs if run.recipe == frozenset(line.members) and run.values
        }
        if stack.confirm_rung.name not in on_trunk:
            return None
        own = [run.recipe for run in runs if run.values is not None]
        held = frozenset(line.members)
        named = frozenset[str]().union(*own)
        names = [p.id for p in record.in_order() if p.id in named]
        integrator = landscape(stack, record, line, runs)
    often = Counter(member for recipe in own for member in recipe)
    return integrator, {p: often[p] for p in names if p not in held}


def _pairs(stack: Stack, integrator: Integrator, gain: Mapping[str, Estimate]) -> float | None:
    """About how many pairs prove a proposal, if its gains are their means; None for never."""
    margins, sds = integrator.margins(), integrator.noise_sd()
    names = [one.name for one in stack.objectives]
    number = 1 + len(integrator.candidates())
    found = pairs_needed(
        np.array([gain[name].mean / margins[name] for name in names]),
        np.array([sds[name] / margins[name] for name in names]),
        improve=tuple(j for j, one in enumerate(stack.objectives) if one.role is Role.IMPROVE),
        log_threshold=math.log(evidence.spending(number) / stack.decisions.alpha),
    )
    return float(found) if math.isfinite(found) else None


def closes(gain: Estimate, gap: float) -> float:
    """The part of a gap that a proposal is expected to close, in the gap's unit, from 0 to `gap`.

    Args:
        gain: Its gain, above 0 is better.
        gap: What is left, above 0.
    """
    if gain.low is None or gain.high is None or gain.high == gain.low:
        return min(max(gain.mean, 0.0), gap)
    sd = (gain.high - gain.low) / (2.0 * float(stats.norm.ppf(0.5 * (1.0 + gain.level))))
    whole = _above_0(gain.mean, sd) - _above_0(gain.mean - gap, sd)
    return min(max(whole, 0.0), gap)


def _above_0(mean: float, sd: float) -> float:
    """E max(x, 0) of a normal x."""
    z = mean / sd
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return mean * float(special.ndtr(z)) + sd * density


def ranked(
    found: Sequence[Prospect], objective: str, gap: float
) -> Iterator[tuple[Prospect, float]]:
    """Prospects with the part of the gap that each closes, most for its cost first.

    Those that would not be proved come last, by the part that they close.

    Args:
        found: The prospects.
        objective: Of which objective.
        gap: What is left, above 0.
    """
    rows = [(one, closes(one.gain[objective], gap)) for one in found]

    def worth(row: tuple[Prospect, float]) -> tuple[bool, float, float]:
        one, part = row
        return one.cost is None, -part / one.cost if one.cost else 0.0, -part

    return iter(sorted(rows, key=worth))
