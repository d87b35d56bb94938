"""Components: what was worked on in each, what it cost, and what of the gain came from it.

A proposal that touches several components counts in equal parts for each, as a trial counts in
equal parts for the proposals in it; so columns sum to what there is in all.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.verdict import VerdictKind
from mainstem.plots.numbers import digits, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.domain.proposal import ProposalId
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import Record

NONE = ""
"""The name of what touches no component."""

MERGED, CLOSED = "merged", "closed"
"""Where a proposal can be beside its verdict: in the trunk; superseded, vetoed or withdrawn."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A merged proposal's part of what a component gained.

    Attributes:
        proposal: Its id.
        part: How much of it is counted here: 1 if it touches nothing else.
        value: What it earned in all, as an ESTIMATE of `credit`.
    """

    proposal: str
    part: float
    value: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What a component gained on an objective.

    Attributes:
        mean: The sum over its proposals, each in part.
        whole: The ESTIMATE of the only proposal, where there is one that touches nothing else: of
            a sum the interval is not known here.
        unit: The objective's.
        parts: Where it comes from.
    """

    mean: float
    whole: Mapping[str, Any] | None
    unit: str
    parts: tuple[Part, ...]

    @property
    def said(self) -> str:
        """The mean in the precision of its parts."""
        halves = [0.5 * p.part * (p.value["high"] - p.value["low"]) for p in self.parts]
        return number(self.mean, digits(math.hypot(*halves), self.mean), signed=True)


@dataclass(kw_only=True)
class Component:
    """A component as it stands.

    Attributes:
        name: Its name; `NONE` for what touches none.
        globs: What belongs to it.
        states: Proposals that touch it, by where they are, in the order of proposing.
        trials: Trials spent on them, in those of the rung that confirms.
        gains: What was gained by those that are merged, by objective.
    """

    name: str
    globs: tuple[str, ...] = ()
    states: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    trials: float = 0.0
    gains: dict[str, Gain] = field(default_factory=dict)

    @property
    def filed(self) -> int:
        """How many proposals touch it."""
        return sum(map(len, self.states.values()))

    @property
    def work(self) -> str:
        """Whether anybody works on it: `open`, `idle` (somebody did), or `never`."""
        if self.states.get(VerdictKind.OPEN):
            return "open"
        return "idle" if self.filed else "never"


def known(stack: Stack, record: Record) -> tuple[str, ...]:
    """Names of components that an address may ask for: the stack's, and those on record."""
    touched = (name for p in record.in_order() for name in p.components)
    return tuple(dict.fromkeys([*(c.name for c in stack.components), *touched]))


def standing(
    stack: Stack, record: Record, credit: Mapping[str, Any] | None
) -> tuple[list[Component], float]:
    """Every component, in the order of the stack, and the trials that ran the trunk alone.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        credit: The documented JSON of `mainstem credit`; None where it is not known.
    """
    found = {c.name: Component(name=c.name, globs=c.globs) for c in stack.components}
    where = {p.id: p.components or (NONE,) for p in record.in_order()}
    for name in (name for names in where.values() for name in names):
        found.setdefault(name, Component(name=name))
    closed = record.closed()
    for proposal, names in where.items():
        state = CLOSED if proposal in closed else state_of(record, proposal)
        for name in names:
            found[name].states[state].append(proposal)
    alone = _spend(record, where, found)
    for division in () if credit is None else credit["objectives"]:
        _earn(division, where, found)
    return list(found.values()), alone


def state_of(record: Record, proposal: ProposalId) -> str:
    """Where a proposal is that nobody closed: `merged`, or the last verdict that counts."""
    if proposal in record.merged:
        return MERGED
    latest = record.latest()
    if latest is not None and not latest.ended and proposal in latest.proposals:
        return VerdictKind.OPEN.value
    written = [
        campaign.verdicts[proposal]["kind"]
        for campaign in record.campaigns.values()
        if proposal in campaign.verdicts
    ]
    return str(written[-1]) if written else VerdictKind.OPEN.value


def _spend(
    record: Record,
    where: Mapping[ProposalId, Sequence[str]],
    found: Mapping[str, Component],
) -> float:
    """Books every finished trial on the components of its proposals; those of the trunk apart."""
    alone = 0.0
    for campaign in record.campaigns.values():
        shares = campaign.shares
        for asked, _ in campaign.ended_trials():
            cost, recipe = shares[campaign.rung_of(asked.trial)], asked.trial.recipe
            if not recipe:
                alone += cost
            for proposal in recipe:
                names = where.get(proposal, (NONE,))  # type: ignore[call-overload]  # ids as text
                for name in names:
                    found[name].trials += cost / len(recipe) / len(names)
    return alone


def _earn(
    division: Mapping[str, Any],
    where: Mapping[ProposalId, Sequence[str]],
    found: Mapping[str, Component],
) -> None:
    """Books what each merged proposal earned on an objective."""
    parts: dict[str, list[Part]] = defaultdict(list)
    for member in division["members"]:
        names = where.get(member["id"], ())
        for name in names:
            part = Part(proposal=member["id"], part=1 / len(names), value=member["value"])
            parts[name].append(part)
    for name, earned in parts.items():
        found[name].gains[division["objective"]] = _gain(earned, division["total"]["unit"])


def _gain(parts: Iterable[Part], unit: str) -> Gain:
    listed = tuple(parts)
    only = listed[0] if len(listed) == 1 and listed[0].part == 1.0 else None
    return Gain(
        mean=sum(p.part * p.value["mean"] for p in listed),
        whole=None if only is None else only.value,
        unit=unit,
        parts=listed,
    )
