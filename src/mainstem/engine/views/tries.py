"""`try`: what pairs at the smallest rung say of a branch, beside what the record knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.decisions.confirm import Pair
from mainstem.decisions.problem import Problem, Result
from mainstem.decisions.tries import weigh
from mainstem.domain.proposal import Conflict, Proposal, ProposalId
from mainstem.domain.trial import Purpose
from mainstem.engine.views.estimates import estimate, tested
from mainstem.engine.views.proposals import rows, verdicts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mainstem.decisions.tries import Seen, Weighed
    from mainstem.domain.proposal import CommitId
    from mainstem.domain.stack import Objective, Stack
    from mainstem.engine.ports import Trees
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.engine.tries import Question, TriedPair

_NOBODY = ProposalId("")
"""Stands for what is tried among the open proposals: no proposal can have this id."""


def tried(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    *,
    question: Question,
    pairs: Sequence[TriedPair],
    branch: str,
) -> dict[str, Any]:
    """The documented JSON of `mainstem try`, without what only git and the disk can say.

    Args:
        stack: The stack, at the rung that decides.
        record: What the ledger holds.
        campaign: The latest campaign, if any.
        state: Its state.
        question: What was compared with what.
        pairs: The pairs at the smallest rung, in order.
        branch: The branch's name.
    """
    rung, decides = stack.smallest_rung, stack.confirm_rung
    whole = [pair for pair in pairs if pair.branch is not None]
    number = _number(campaign, state, question.trunk)
    weighed = _weigh(stack, whole, number) if whole else None
    failed = [pair for pair in pairs if pair.failure is not None]
    return {
        "branch": branch,
        "commit": question.commit,
        "trunk": question.trunk,
        "rung": rung.name,
        "confirm_rung": decides.name,
        "cost": {"rung": rung.cost, "confirm_rung": decides.cost},
        "pairs": len(whole),
        "failed": len(failed),
        "outlook": "fails" if failed else None if weighed is None else weighed.outlook,
        "objectives": {} if weighed is None else _objectives(stack, weighed),
        "candidate": _candidate(weighed, number),
        "proposal": _proposal(record, campaign, state, question.commit),
        "earlier": _earlier(record, branch, question.commit),
        "trial_s": float(np.median([s for p in pairs for s in p.wall_s])) if pairs else None,
        "trials": [_pair(pair, stack.objectives) for pair in pairs],
    }


def conflicts(
    record: Record,
    trees: Trees,
    question: Question,
    *,
    branch: str,
    base: CommitId,
    missing: Collection[CommitId],
) -> dict[str, Any]:
    """The open proposals, other than the branch itself, that git cannot merge together with it.

    Args:
        record: What the ledger holds.
        trees: Merges.
        question: What is tried.
        branch: The branch's name.
        base: Its merge base with the trunk.
        missing: Commits that are not in this clone.

    Returns:
        Keys of the documented JSON: `others_open`, how many there are; `conflicts`; and
        `not_fetched`, of which nothing is known.

    Raises:
        GitError: git cannot merge at all.
    """
    mine = Proposal(
        id=_NOBODY,
        branch=branch,
        commit=question.commit,
        base=base,
        tree=None,
        components=(),
        order=record.taken + 1,
    )
    every = [p for p in record.open_proposals() if p.branch != branch]
    others = [p for p in every if p.commit not in missing]
    found = trees.trees(question.trunk, [[other, mine] for other in others])
    rows = [
        {"with": other.id, "paths": list(merged.paths)}
        for other, merged in zip(others, found, strict=True)
        if isinstance(merged, Conflict) and _NOBODY in merged.proposals
    ]
    return {
        "others_open": len(every),
        "conflicts": rows,
        "not_fetched": [p.id for p in every if p.commit in missing],
    }


def _number(campaign: CampaignRecord | None, state: Restored | None, trunk: CommitId) -> int:
    """The number that the branch would have as a candidate: the next one, on this trunk."""
    if campaign is None or state is None or campaign.trunk != trunk:
        return 1
    return len(state.integrator.candidates()) + 1


def _weigh(stack: Stack, pairs: Sequence[TriedPair], number: int) -> Weighed:
    problem = Problem(
        proposals=(_NOBODY,), objectives=stack.objectives, alpha=stack.decisions.alpha
    )
    return weigh(problem, tuple(_as_evidence(pair) for pair in pairs), number=number)


def _as_evidence(pair: TriedPair) -> Pair:
    """A pair as the decisions know them."""
    trunk, branch = (
        Result(
            trial=None,
            recipe=frozenset(recipe),
            seed=pair.seed,
            purpose=Purpose.CONFIRM,
            values=values,
        )
        for recipe, values in (((), pair.trunk), ((_NOBODY,), pair.branch))
    )
    return Pair(seed=pair.seed, trunk=trunk, candidate=branch)


def _objectives(stack: Stack, weighed: Weighed) -> dict[str, Any]:
    return {
        objective.name: _objective(objective, seen)
        for objective, seen in zip(stack.objectives, weighed.seen, strict=True)
    }


def _objective(objective: Objective, seen: Seen) -> dict[str, Any]:
    gain, evidence = estimate(seen.gain), tested(seen.test)
    del evidence["objective"]
    in_margins = {
        end: None if gain[end] is None else gain[end] / seen.margin
        for end in ("mean", "low", "high")
    }
    return {
        "role": objective.role,
        "margin": seen.margin,
        "noise_sd": seen.noise_sd,
        "difference_sd": seen.difference_sd,
        "gain": gain,
        "gain_in_margins": {**gain, **in_margins, "unit": "margins"},
        **evidence,
    }


def _candidate(weighed: Weighed | None, number: int) -> dict[str, Any] | None:
    """What it would take as a candidate."""
    if weighed is None:
        return None
    missing = weighed.missing
    return {
        "number": number,
        "threshold": weighed.threshold,
        "gain_threshold": weighed.gain_threshold,
        "pairs": {
            "expected": missing.expected,
            "fewest": missing.fewest,
            "most": missing.most,
        },
    }


def _proposal(
    record: Record, campaign: CampaignRecord | None, state: Restored | None, commit: CommitId
) -> dict[str, Any] | None:
    """What the record says of this commit, if it was proposed; its line in `show`."""
    known = next((p for p in reversed(record.in_order()) if p.commit == commit), None)
    if known is None:
        return None
    judged = verdicts(record, state)
    [shown] = rows(record, campaign, state, judged, only=[known])
    return {key: shown[key] for key in ("id", "verdict", "reason", "with", "gain", "trials")}


def _earlier(record: Record, branch: str, commit: CommitId) -> ProposalId | None:
    """The open proposal of this branch as it was before; None if there is none."""
    found = [p.id for p in record.open_proposals() if p.branch == branch and p.commit != commit]
    return found[-1] if found else None


def _pair(pair: TriedPair, objectives: Sequence[Objective]) -> dict[str, Any]:
    """A pair as JSON, values in the order of the objectives: the ledger keeps them by name."""
    names = [objective.name for objective in objectives]
    trunk, branch = (
        None if values is None else {name: values[name] for name in names}
        for values in (pair.trunk, pair.branch)
    )
    return {
        "pair": pair.number,
        "seed": pair.seed,
        "trunk": {"trial": pair.trials[0], "values": trunk},
        "branch": {"trial": pair.trials[1], "values": branch},
        "failure": None if pair.failure is None else dict(pair.failure),
    }
