"""An organisation's log: what it tried together, what stood as evidence, what came of it.

Whoever asks how an organisation decides has such a log or can write one: a line per decision and a
line per recipe that was run. Nothing here says who anybody is; of a veto only the level of
seniority is kept that it came from. Files: `lab.log_text`; Mainstem's own ledger: `lab.own_log`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.stack import Role


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What was known of a proposal's gain on one objective when it was decided.

    Attributes:
        mean: The estimate, in the objective's unit, above 0 is better.
        sd: Its standard error, from 0.
        margin: The smallest change that matters, above 0.
        role: Whether the objective is to be improved, or only not to get worse.
    """

    mean: float
    sd: float
    margin: float
    role: Role


@dataclass(frozen=True, kw_only=True)
class LoggedDecision:
    """What was decided of one proposal.

    Attributes:
        number: The proposal's number, from 1.
        round: In which round (campaign, quarter) it was decided: those of one round were open at
            the same time.
        components: What it changes; empty where the log does not say.
        gain: By objective, the evidence that stood, alone on the trunk; empty where there is none.
        beside: Its interaction with proposals of its round that were merged before, by their
            number, in margins over all objectives to improve; as estimated by anybody since.
        approved: Whether the evidence that the decider saw would merge it; None where the log does
            not say.
        vetoed: Whether a veto was written down.
        by: The level of seniority that a veto came from; None where the log does not say.
        merged: Whether it was merged.
    """

    number: int
    round: int = 1
    components: tuple[str, ...] = ()
    gain: Mapping[str, Gain] = field(default_factory=dict)
    beside: Mapping[int, float] = field(default_factory=dict)
    approved: bool | None = None
    vetoed: bool = False
    by: int | None = None
    merged: bool


@dataclass(frozen=True, kw_only=True)
class LoggedRun:
    """A recipe that somebody chose to run before its members were decided.

    Attributes:
        round: In which round.
        members: The numbers of its proposals.
    """

    round: int
    members: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class DecisionsLog:
    """A log.

    Attributes:
        components: The stack's components, neighbours beside each other; empty where the log knows
            none.
        decisions: In the order of deciding.
        runs: Recipes; one that is only repeated with another seed stands here once.
    """

    components: tuple[str, ...] = ()
    decisions: tuple[LoggedDecision, ...]
    runs: tuple[LoggedRun, ...] = ()
