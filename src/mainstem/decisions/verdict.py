"""What is decided of each proposal, and why, in words and numbers.

`merge` rests on confirmed pairs alone. The other verdicts describe a proposal given the best recipe
known: they cost nobody anything, since a shelved proposal is judged again when the trunk moves, so
they rest on the posterior and say so by their intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.contribution import (
    Contribution,
    clashes,
    contributions,
    interval,
    width_of,
)
from mainstem.domain.recipe import Recipe, in_order
from mainstem.domain.stack import Role
from mainstem.domain.verdict import Verdict, VerdictKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.decisions.confirm import Candidate
    from mainstem.domain.stack import Objective

SURE = 0.9
"""Probability from which the words say that something is so."""

SURE_OF_LITTLE = 0.975
"""The same for a member that adds less than a margin: it was chosen for looking good."""

LIKELY = 0.75
"""Probability from which a proposal counts as good alone, or as spoiled by another."""


UNLIKELY = 0.2
"""A gain of a margin less probable than this is not worth more runs now: shelve."""


def verdicts(
    belief: Belief, best: Recipe, confirmed: Candidate | None, *, done: bool
) -> dict[str, Verdict]:
    """The verdict of every proposal that is not in the trunk.

    Args:
        belief: The state of knowledge.
        best: The confirmed recipe if there is one, else the favourite.
        confirmed: The confirmed candidate, if any.
        done: Whether the campaign has ended.
    """
    parts = contributions(belief, best)
    bench = _Bench(belief=belief, best=best, confirmed=confirmed, parts=parts, done=done)
    return {
        proposal: bench.judge(i)
        for i, proposal in enumerate(belief.problem.proposals)
        if proposal not in belief.problem.trunk
    }


def _kind(objective: Objective) -> str:
    """What to call an objective whose margin is broken."""
    return "guard" if objective.role is Role.GUARD else "margin of"


def spoilers(losses: NDArray[np.float64], ran: NDArray[np.bool_]) -> list[int]:
    """The members that clearly spoil a proposal, the worst first.

    Clearly: the pair has run by itself, it loses a margin or more on average beyond the sum of the
    two, and loses at all with probability `SURE`.

    Args:
        losses: Draws of the interactions with each member in margins, shape (S, members).
        ran: Whether the pair has run, shape (members,).
    """
    mean = losses.mean(0)
    clear = ran & (mean <= -1.0) & ((losses < 0.0).mean(0) >= SURE)
    return [int(m) for m in np.argsort(mean, kind="stable") if clear[m]]


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """Everything one verdict reads."""

    belief: Belief
    best: Recipe
    confirmed: Candidate | None
    parts: list[Contribution]
    done: bool

    def judge(self, i: int) -> Verdict:
        """The verdict of proposal i: the first rule that applies."""
        for rule in (self._merge, self._broken, self._conflict, self._guard, self._spoiled):
            verdict = rule(i)
            if verdict is not None:
                return verdict
        return self._shelve_or_open(i)

    def _merge(self, i: int) -> Verdict | None:
        """Members of the confirmed recipe."""
        if self.confirmed is None or self._name(i) not in self.confirmed.recipe:
            return None
        adds = self.parts[i].within_value
        part = f"adds {self._words(self.parts[i].within_gain)} to the rest of the set"
        kept = self._keeps(self.parts[i])
        if kept is not None:
            part += f" and keeps {kept}"
        elif float(np.mean(adds > 0.0)) < (SURE if adds.mean() > 1.0 else SURE_OF_LITTLE):
            passenger = float(np.mean(adds > 1.0)) < 0.5
            what = "cannot be told from nothing" if passenger else "is not settled"
            part = f"{'a passenger: ' if passenger else ''}its own part {what} ({part})"
        pairs = len(self.confirmed.pairs)
        fresh = "1 fresh pair" if pairs == 1 else f"{pairs} fresh pairs"
        others = in_order(self.confirmed.recipe - {self._name(i)}, self.belief.problem.proposals)
        return Verdict(
            kind=VerdictKind.MERGE,
            reason=f"in the set that {fresh} confirmed; {part}",
            others=others,
        )

    def _keeps(self, part: Contribution) -> str | None:
        """The objective whose margin the rest of the set would break, in words; None: none."""
        for j, objective in enumerate(self.belief.problem.objectives):
            without = part.joined[:, j] - part.within[:, j]
            if np.mean(without < -1.0) >= SURE:
                words = f"the {_kind(objective)} {objective.name}"
                return f"{words}: without it {self._words(without)}, where -1.0 is tolerated"
        return None

    def _broken(self, i: int) -> Verdict | None:
        """Crashes alone, or with a proposal that the best recipe holds."""
        crashes, name = self.belief.crashes, self._name(i)
        for members in crashes.guilty:
            if i not in members:
                continue
            others = tuple(self._name(k) for k in members if k != i)
            how = "" if members in crashes.proven else " (so the evidence says; not yet run alone)"
            if not others:
                return Verdict(kind=VerdictKind.BROKEN, reason=f"crashes alone{how}")
            if name not in self.best and set(others) <= self.best:
                reason = f"runs alone, but crashes together with {' + '.join(others)}{how}"
                return Verdict(kind=VerdictKind.BROKEN, reason=reason, others=others)
        return None

    def _conflict(self, i: int) -> Verdict | None:
        """Cannot be merged with the trunk, or, if it is good, with a member of the best recipe."""
        name = self._name(i)
        if frozenset({name}) in self.belief.problem.conflicts:
            reason = "conflicts with the trunk: rebase it"
            return Verdict(kind=VerdictKind.REWORK, reason=reason)
        if name in self.best or not self._good_alone(i):
            return None
        order = self.belief.problem.proposals
        for conflict in sorted(
            (c for c in self.belief.problem.conflicts if name in c and c - {name} <= self.best),
            key=lambda c: [order.index(p) for p in in_order(c, order)],
        ):
            others = in_order(conflict - {name}, order)
            reason = (
                f"gains {self._words(self.parts[i].alone_gain)} alone, but git cannot merge it "
                f"with {' + '.join(others)}"
            )
            return Verdict(kind=VerdictKind.REWORK, reason=reason, others=others)
        return None

    def _guard(self, i: int) -> Verdict | None:
        """Gains, or might, but breaks the margin of an objective, alone and with the best set."""
        part = self.parts[i]
        if part.member or float(np.mean(part.alone_gain > 0.0)) < 1.0 - SURE:
            return None
        for j, objective in enumerate(self.belief.problem.objectives):
            alone, joined = part.alone[:, j], part.joined[:, j]
            if np.mean(alone < -1.0) < SURE or np.mean(joined < -1.0) < SURE:
                continue
            reason = (
                f"breaks the {_kind(objective)} {objective.name}: {self._words(alone)} alone, "
                f"where -1.0 is tolerated (for {self._words(part.alone_gain)} on what is to be "
                "improved)"
            )
            return Verdict(kind=VerdictKind.SHELVE, reason=reason)
        return None

    def _spoiled(self, i: int) -> Verdict | None:
        """Good alone, but not next to a named member of the best recipe."""
        name, part = self._name(i), self.parts[i]
        if name in self.best or not self._good_alone(i):
            return None
        if np.mean(part.within_value < 0.0) < LIKELY:
            return None
        members = in_order(self.best - self.belief.problem.trunk, self.belief.problem.proposals)
        losses, ran = clashes(self.belief, self.best, i)
        found = spoilers(losses, ran)
        if not found:
            return None
        named = [f"{members[m]} ({self._words(losses[:, m])})" for m in found]
        reason = (
            f"gains {self._words(part.alone_gain)} alone, but adds "
            f"{self._words(part.within_gain)} to the best set: it is spoiled, beyond the sum of "
            f"the two, by {' and by '.join(named)}"
        )
        return Verdict(
            kind=VerdictKind.REWORK, reason=reason, others=tuple(members[m] for m in found)
        )

    def _shelve_or_open(self, i: int) -> Verdict:
        """No gain given what is known, or not known yet."""
        part = self.parts[i]
        alone, adds = self._words(part.alone_gain), self._words(part.within_gain)
        if part.member and self.best:
            reason = f"in the best set so far, not confirmed yet; adds {adds}"
            return Verdict(kind=VerdictKind.OPEN, reason=reason)
        if not np.any(self.belief.anywhere[:, i] > 0.5):
            reason = "undecided: no run with it has succeeded yet"
            return Verdict(kind=VerdictKind.OPEN, reason=reason)
        worth = float(np.mean(part.within_value > 1.0))
        settled = self.done and self.confirmed is not None
        if worth < UNLIKELY or (settled and worth < 0.5):
            reason = f"{self._why_little(part)}: adds {adds} ({alone} alone)"
            return Verdict(kind=VerdictKind.SHELVE, reason=reason)
        reason = f"undecided: would add {adds} to the best set ({alone} alone)"
        return Verdict(kind=VerdictKind.OPEN, reason=reason)

    def _why_little(self, part: Contribution) -> str:
        """Why a proposal is worth less than a margin beside the best set, in words.

        Where it gains a margin or more, some margin is likely broken, if not as surely as `_guard`
        asks for.
        """
        gain = float(part.within_gain.mean())
        if gain < 1.0:
            return f"{'less than a margin' if gain > 0.0 else 'no gain'} given the best set"
        worst = int(np.argmax((part.joined < -1.0).mean(0)))
        objective = self.belief.problem.objectives[worst]
        return (
            f"likely breaks the {_kind(objective)} {objective.name} beside the best set "
            f"({self._words(part.joined[:, worst])}, where -1.0 is tolerated)"
        )

    def _good_alone(self, i: int) -> bool:
        """Whether it likely gains alone, and by a margin unless that is sure: less is no win."""
        value = self.parts[i].alone_value
        helps = float(np.mean(value > 0.0))
        return helps >= SURE or (helps >= LIKELY and float(value.mean()) >= 1.0)

    def _name(self, i: int) -> str:
        return self.belief.problem.proposals[i]

    def _words(self, draws: NDArray[np.float64]) -> str:
        """Draws in margins as `+1.2 [+0.8, +1.7] margins`."""
        level, width = self.belief.problem.level, width_of(self.belief)
        mean, low, high = interval(draws, level, width=width)
        mean, low, high = (round(number, 1) + 0.0 for number in (mean, low, high))  # no -0.0
        return f"{mean:+.1f} [{low:+.1f}, {high:+.1f}] margins"
