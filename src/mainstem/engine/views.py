"""What people and programs see: the documented JSON of `show`, `status` and `why`.

Everything here is computed from the ledger; the command line renders these dictionaries and adds
nothing of its own, so what is printed and what `--json` says cannot differ.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import ProposalId
from mainstem.domain.recipe import in_order
from mainstem.domain.verdict import Verdict, VerdictKind
from mainstem.engine.campaign import all_verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.decisions.confirm import Candidate
    from mainstem.domain.proposal import Proposal
    from mainstem.domain.stack import Stack
    from mainstem.domain.verdict import Estimate
    from mainstem.engine.record import Asked, CampaignRecord, Record
    from mainstem.engine.restore import Restored

_NO_TRIAL = Verdict(kind=VerdictKind.OPEN, reason="no trial yet: run `mainstem integrate`")
_OTHER_SETTINGS = Verdict(
    kind=VerdictKind.OPEN,
    reason="judged with other settings of mainstem.toml: run `mainstem integrate` again",
)


def estimate(value: Estimate) -> dict[str, Any]:
    """An estimate as JSON."""
    return {
        "mean": value.mean,
        "low": value.low,
        "high": value.high,
        "level": value.level,
        "unit": value.unit,
    }


def estimates(values: Mapping[str, Estimate]) -> dict[str, Any]:
    """Estimates by objective as JSON."""
    return {name: estimate(value) for name, value in values.items()}


def best(state: Restored) -> dict[str, Any]:
    """The best recipe so far, as JSON."""
    found = state.integrator.recommend()
    return {
        "recipe": list(in_order(found.recipe, state.integrator.proposals)),
        "gain": estimates(found.gain),
        "probability": found.probability,
        "confirmed": found.confirmed,
    }


def verdicts(record: Record, state: Restored | None) -> dict[ProposalId, Verdict]:
    """The verdict of every proposal, merged ones included, in the order of proposing."""
    found = all_verdicts(state) if state is not None else {}
    unknown = _OTHER_SETTINGS if state is None and record.campaigns else _NO_TRIAL
    out = {}
    for proposal in record.in_order():
        if proposal.id in record.merged:
            merge = next(m for m in reversed(record.merges) if proposal.id in m["recipe"])
            reason = f"merged into the trunk as {merge['commits'][proposal.id][:10]}"
            out[proposal.id] = Verdict(kind=VerdictKind.MERGE, reason=reason)
        else:
            out[proposal.id] = found.get(proposal.id, unknown)
    return out


def show(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    *,
    trunk: str,
    running: Sequence[str],
) -> dict[str, Any]:
    """The documented JSON of `mainstem show`."""
    judged = verdicts(record, state)
    integrator = state.integrator if state is not None else None
    return {
        "stack": stack.name,
        "campaign": campaign.id if campaign is not None else None,
        "measured_on": campaign.trunk if campaign is not None else None,
        "trunk": {
            "commit": trunk,
            "objectives": estimates(integrator.trunk()) if integrator else {},
        },
        "best": best(state) if state is not None else None,
        "front": _front(state) if state is not None else [],
        "proposals": [
            _proposal(record, campaign, state, proposal, judged[proposal.id])
            for proposal in record.in_order()
        ],
        "interactions": _interactions(state) if state is not None else [],
        "conflicts": [
            {
                "proposals": list(in_order(c.proposals, [p.id for p in record.in_order()])),
                "paths": list(c.paths),
            }
            for c in (record.conflicts_on(campaign.trunk) if campaign is not None else [])
        ],
        "margins": integrator.margins() if integrator else {},
        "noise_sd": integrator.noise_sd() if integrator else {},
        "trials": _counts(campaign, running),
    }


def _front(state: Restored) -> list[dict[str, Any]]:
    points = state.integrator.front()
    return [
        {
            "recipe": list(in_order(point.recipe, state.integrator.proposals)),
            "objectives": estimates(point.gain),
            "probability": point.probability,
        }
        for point in points
    ]


def _interactions(state: Restored) -> list[dict[str, Any]]:
    """Every pairwise interaction, the best established first."""
    rows = [
        {
            "pair": list(in_order(effect.proposals, state.integrator.proposals)),
            "objective": effect.objective,
            "mean": effect.mean,
            "low": effect.low,
            "high": effect.high,
        }
        for effect in state.integrator.effects()
        if len(effect.proposals) == 2
    ]

    def strength(row: dict[str, Any]) -> float:
        spread = float(row["high"]) - float(row["low"])
        return abs(float(row["mean"])) / spread if spread > 0.0 else 0.0

    return sorted(rows, key=strength, reverse=True)


def _proposal(
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    proposal: Proposal,
    verdict: Verdict,
) -> dict[str, Any]:
    gain: dict[str, Any] = {}
    within: dict[str, Any] | None = None
    if state is not None and proposal.id not in record.merged:
        first = state.aliases.same_as.get(proposal.id, proposal.id)
        if first in state.integrator.proposals:
            gain = estimates(state.integrator.gain({first}))
            within = gain_in_best(state, first)
    return {
        "id": proposal.id,
        "branch": proposal.branch,
        "components": list(proposal.components),
        "verdict": verdict.kind,
        "reason": verdict.reason,
        "with": list(verdict.others),
        "gain": gain,
        "gain_in_best": within,
        "trials": sum(1 for _ in _trials_with(campaign, proposal.id)),
        "merged": proposal.id in record.merged,
    }


def gain_in_best(state: Restored, proposal: str) -> dict[str, Any] | None:
    """Its leave-one-out contribution to the best recipe; None outside it."""
    found = state.integrator.contribution(proposal)
    return None if found is None else estimates(found)


def _trials_with(campaign: CampaignRecord | None, proposal: str) -> Iterable[Asked]:
    """Finished trials whose recipe holds the proposal."""
    if campaign is None:
        return ()
    return (
        asked
        for asked in campaign.asked()
        if proposal in asked.trial.recipe and asked.name in campaign.finished
    )


def _counts(campaign: CampaignRecord | None, running: Sequence[str]) -> dict[str, int]:
    results = campaign.finished.values() if campaign is not None else ()
    failed = sum(result.values is None for result in results)
    done = len(campaign.finished) if campaign is not None else 0
    return {"done": done, "failed": failed, "running": len(running)}


def status(
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    *,
    progress: Mapping[str, Any],
) -> dict[str, Any]:
    """The documented JSON of `mainstem status`.

    Args:
        record: What the ledger holds.
        campaign: The latest campaign, if any.
        state: Its state.
        progress: What a working process last said: `running`, `queued`, `slots`, `pid`.
    """
    judged = verdicts(record, state)
    spent = len(campaign.finished) if campaign is not None else 0
    return {
        "campaign": campaign.id if campaign is not None else None,
        "ended": campaign.ended if campaign is not None else False,
        "pid": progress.get("pid"),
        "running": list(progress.get("running", [])),
        "queued": int(progress.get("queued", 0)),
        "spent": spent,
        "budget": campaign.budget if campaign is not None else None,
        "eta_s": eta_s(campaign, slots=int(progress.get("slots", 0))),
        "best": best(state) if state is not None else None,
        "proposals": [{"id": p, "verdict": verdict.kind} for p, verdict in judged.items()],
    }


def eta_s(campaign: CampaignRecord | None, *, slots: int) -> float | None:
    """Seconds until the budget is spent at the present pace; None without a budget or a pace."""
    if campaign is None or campaign.budget is None or campaign.ended or slots < 1:
        return None
    walls = [float(result.run.get("wall_s", 0.0)) for result in campaign.finished.values()]
    left = campaign.budget - len(campaign.finished)
    return max(0, left) * sum(walls) / len(walls) / slots if walls else None


def why(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    proposal: str,
) -> dict[str, Any]:
    """The documented JSON of `mainstem why`.

    Raises:
        UsageError: There is no such proposal.
    """
    known = record.proposals.get(ProposalId(proposal))
    if known is None:
        names = ", ".join(p.id for p in record.in_order()) or "none yet"
        raise UsageError(f"no proposal {proposal!r}; there are: {names}")
    verdict = verdicts(record, state)[known.id]
    campaign, merge = _campaign_of(record, campaign, known.id)
    view = _proposal(record, campaign, state, known, verdict)
    candidate = _candidate_of(state, known.id) if merge is None else None
    return {
        "id": known.id,
        "branch": known.branch,
        "commit": known.commit,
        "components": view["components"],
        "claim": known.claim,
        "campaign": campaign.id if campaign is not None else None,
        "verdict": verdict.kind,
        "reason": verdict.reason,
        "with": list(verdict.others),
        "gain": view["gain"],
        "gain_in_best": view["gain_in_best"],
        "confirmation": merge["confirmation"] if merge else candidate,
        "conflicts": _conflicts_of(record, campaign, known.id),
        "evidence": _evidence(stack, campaign, known.id, verdict.others),
    }


def _campaign_of(
    record: Record, campaign: CampaignRecord | None, proposal: ProposalId
) -> tuple[CampaignRecord | None, Mapping[str, Any] | None]:
    """The campaign that decided of a proposal, and the merge that took it in, if one did."""
    for merge in reversed(record.merges):
        if proposal in merge["recipe"]:
            return record.campaigns[merge["campaign"]], merge
    return campaign, None


def _candidate_of(state: Restored | None, proposal: str) -> dict[str, Any] | None:
    """The last candidate that holds the proposal, the confirmed one if there is one."""
    if state is None:
        return None
    holding = [c for c in state.integrator.candidates() if proposal in c.recipe]
    best_recipe = state.integrator.recommend().recipe
    holding.sort(key=lambda c: (c.recipe == best_recipe, c.number))
    return candidate(holding[-1], state.integrator.proposals) if holding else None


def candidate(found: Candidate, order: Sequence[str]) -> dict[str, Any]:
    """A candidate's evidence as JSON; e-values that are infinite (exact objectives) are null."""

    def e_value(log_e: float) -> float | None:
        return math.exp(min(log_e, 700.0)) if math.isfinite(log_e) else None

    return {
        "number": found.number,
        "recipe": list(in_order(found.recipe, order)),
        "outcome": found.outcome,
        "pairs": len(found.pairs),
        "threshold": math.exp(found.log_threshold),
        "trials": [[p.trunk.trial, p.candidate.trial] for p in found.pairs],
        "objectives": [
            {
                "objective": test.objective,
                "exact": test.exact,
                "e_gain": e_value(test.log_gain),
                "e_margin": e_value(test.log_margin),
                "gains": test.gains,
                "keeps_margin": test.keeps,
                "skewness": test.skewness,
            }
            for test in found.tests
        ],
    }


def _conflicts_of(
    record: Record, campaign: CampaignRecord | None, proposal: str
) -> list[dict[str, Any]]:
    if campaign is None:
        return []
    order = [p.id for p in record.in_order()]
    return [
        {"with": list(in_order(c.proposals - {proposal}, order)), "paths": list(c.paths)}
        for c in record.conflicts_on(campaign.trunk)
        if proposal in c.proposals
    ]


def _evidence(
    stack: Stack, campaign: CampaignRecord | None, proposal: str, others: Sequence[str]
) -> list[dict[str, Any]]:
    """The trials behind a verdict: the proposal's own, the named others', and the trunk's."""
    if campaign is None:
        return []
    named = frozenset(others)
    order = [objective.name for objective in stack.objectives]
    rows = []
    for asked in campaign.asked():
        recipe = asked.trial.recipe
        about = _about(recipe, proposal, named)
        if about is None or asked.name not in campaign.finished:
            continue
        result = campaign.finished[asked.name]
        rows.append(
            {
                "trial": asked.name,
                "about": about,
                "recipe": list(in_order(recipe, campaign.proposals)),
                "seed": asked.trial.seed,
                "rung": campaign.rung,
                "purpose": asked.trial.purpose,
                "values": _in_order(result.values, order),
                "failure": None if result.failure is None else dict(result.failure),
            }
        )
    return rows


def _in_order(values: Mapping[str, float] | None, order: Sequence[str]) -> dict[str, float] | None:
    """Values in the order of the objectives; the ledger keeps them sorted by name."""
    if values is None:
        return None
    return {name: values[name] for name in order if name in values}


def _about(recipe: frozenset[str], proposal: str, named: frozenset[str]) -> str | None:
    """What a trial says about a proposal; None: nothing directly."""
    if not recipe:
        return "trunk"
    if recipe == {proposal}:
        return "alone"
    if proposal in recipe:
        return "together" if recipe - {proposal} <= named else "in a set"
    return "without it" if recipe <= named and len(recipe) == 1 else None
