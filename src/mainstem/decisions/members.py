"""What was merged: does each member of the trunk still earn its place?

A set is merged because it gains as a whole, against the trunk of its day. Later merges may do the
same work again, or a member may have been a passenger from the start. The trunk is a point of the
landscape like any other, so what it would lose without a member is read there:
f(trunk) - f(trunk without it), from every run, those of before the merge included. This is
posterior, for reading: nothing is taken out of a trunk because of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import estimates
from mainstem.decisions.belief import rows
from mainstem.decisions.verdict import SURE
from mainstem.domain.recipe import in_order
from mainstem.domain.trunk import MemberState, TrunkMember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.domain.recipe import Recipe

WORTH = 0.5
"""Margins on an objective to improve from which a member is worth its lines.

A merge needs the whole set to gain, not each member a margin, so a margin would be too much to ask
of one; and several that add less than half of one cannot be told from passengers.
"""

TOLERATED = 1.0
"""Margins that any objective may lose when a member is taken out, as when one is merged."""

_TAG = 10


def members(belief: Belief) -> list[TrunkMember]:
    """What each member of the trunk still adds to it, in the order of proposing."""
    order = in_order(belief.problem.trunk, belief.problem.proposals)
    return [_judge(belief, proposal) for proposal in order]


def removable(belief: Belief, found: Sequence[TrunkMember]) -> tuple[str, ...]:
    """Dead weight that may leave the trunk together, in the order of proposing.

    Each of two that do the same work is dead weight beside the other, and only one may go: the
    surest comes first, then whatever is still dead weight once those before it are gone.
    """
    dead = [m for m in found if m.state is MemberState.DEAD_WEIGHT]
    out: list[str] = []
    for member in sorted(dead, key=lambda m: m.matters or 0.0):
        if _matters(belief, frozenset([*out, member.proposal])) <= 1.0 - SURE:
            out.append(member.proposal)
    return in_order(out, belief.problem.proposals)


def _judge(belief: Belief, proposal: str) -> TrunkMember:
    """One member, by every run that leaves it out."""
    lacks = _runs(belief)[:, belief.problem.proposals.index(proposal)] < 0.5
    without = int(lacks.sum())
    if not without:
        return TrunkMember(proposal=proposal, state=MemberState.UNKNOWN)
    alone, unmet = _company(belief, proposal)
    matters = _matters(belief, frozenset([proposal]))
    return TrunkMember(
        proposal=proposal,
        state=_state(matters, settled=not unmet),
        adds=estimates.contribution(belief, belief.problem.trunk, proposal),
        matters=matters,
        runs_without=without,
        runs_without_it_alone=alone,
        unmet=unmet,
    )


def _state(matters: float, *, settled: bool) -> MemberState:
    """In one word, only where runs say it: a pair that never came apart is a guess of the prior."""
    if settled and matters <= 1.0 - SURE:
        return MemberState.DEAD_WEIGHT
    if settled and matters >= SURE:
        return MemberState.EARNS
    return MemberState.UNSETTLED


def _runs(belief: Belief) -> NDArray[np.float64]:
    """The recipes of every run that says something, crashed ones that never ran too, (T, n)."""
    return np.concatenate([belief.x, belief.crashes.crashed])


def _company(belief: Belief, proposal: str) -> tuple[int, tuple[str, ...]]:
    """Runs that hold the trunk without this member, and members that no run holds without it."""
    x, i = _runs(belief), belief.problem.proposals.index(proposal)
    rest = belief.trunk_row.copy()
    rest[i] = 0.0
    lacks = x[x[:, i] < 0.5]
    alone = int(np.all(lacks >= rest, axis=1).sum())
    unmet = np.flatnonzero((rest > 0.5) & ~np.any(lacks > 0.5, axis=0))
    return alone, tuple(belief.problem.proposals[int(q)] for q in unmet)


def _matters(belief: Belief, leaving: Recipe) -> float:
    """Posterior probability that the trunk needs these members: it would lose what matters.

    That is half a margin or more on an objective to improve, or more than a margin on any. A trunk
    that crashed without them in every such run needs them for certain.
    """
    row = rows([belief.problem.trunk - leaving], belief.problem.proposals)
    if np.any(np.all(belief.crashes.crashed == row, axis=1)):
        return 1.0
    lost = -belief.draw_gains(row, _TAG)[:, 0]
    worth = np.any(lost[:, list(belief.problem.improve)] >= WORTH, axis=1)
    return float(np.mean(worth | np.any(lost > TOLERATED, axis=1)))
