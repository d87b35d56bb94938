"""Fair shares: which proposals may enter a campaign now, so that filing many buys no larger share.

Trials inform every proposal in them, so compute is not dealt out trial by trial: what one owner
takes from the others is room. Twice the proposals take more than twice the runs until anything is
decided. So owners have *places*, max-min fair (Bertsekas and Gallager 1992, section 6.5): nobody
gets more than they ask for, and what they leave is the others'. The level up to which an owner is
served at once is the third quartile of what owners ask for; whoever asks for more waits with the
rest until the campaign has decided on those before. Where owners ask for about the same, nobody
waits and nothing changes.

A turn has a price: what is good among those who are in is confirmed by itself, and again together
with those who follow. That is a few dozen trials, however large the campaign, so where the line
would be short nobody waits either (`LEAST_LINE`).

Owners are numbers here. Who they are is not known, and what was measured does not depend on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

QUARTILE = 0.75
"""The share of owners who need not wait for what they ask: others wait with what is beyond."""

LEAST_LINE = 39
"""So many proposals have to be in line, or nobody waits: a turn for fewer is too dear.

A turn adds a fifth of the trials to campaigns of 20 and of 41. Nobody's filing makes a line of 39
in a campaign of 40, so up to there a turn never costs anything; who files 40 of 50 makes one.
`benchmarks/shares.py` has the figures.
"""

ROOM = 0.5
"""A proposal enters if owners of so much of it have room left; authors share what it takes."""

_SLACK = 1e-9  # shares are sums of fractions


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Whose proposals are to be decided.

    Attributes:
        owners: Per proposal in the order of proposing, each owner's part; parts sum to 1. One
            that is nobody's waits for nobody.
        weights: Per owner, how large a claim is; 1 unless a team says otherwise.
        least_line: How many have to be in line for anybody to wait.
    """

    owners: Sequence[Mapping[int, float]]
    weights: Mapping[int, float]
    least_line: int = LEAST_LINE

    def asked(self, chosen: Collection[int] | None = None) -> dict[int, float]:
        """What each owner asks for, in proposals, among all or the chosen places."""
        total: dict[int, float] = {}
        for place, parts in enumerate(self.owners):
            if chosen is None or place in chosen:
                for owner, part in parts.items():
                    total[owner] = total.get(owner, 0.0) + part
        return total

    def weight(self, owner: int) -> float:
        """How large an owner's claim is."""
        return self.weights.get(owner, 1.0)


def level(claims: Claims) -> float:
    """How many proposals an owner of weight 1 may have in a campaign; 0 if there is no owner.

    Owners in order of what they ask for by weight: the one at the third quartile sets it, of two
    the lower one. If what is beyond makes no line that is worth a turn, it is the last one.
    """
    asked = claims.asked()
    levels = sorted(amount / claims.weight(owner) for owner, amount in asked.items())
    if not levels:
        return 0.0
    served = levels[math.floor(QUARTILE * (len(levels) - 1))]
    line = sum(asked.values()) - sum(_places(claims, served).values())
    return served if line > claims.least_line - _SLACK else levels[-1]


def places(claims: Claims) -> dict[int, float]:
    """How many proposals of each owner may be in a campaign at once; one at least."""
    return _places(claims, level(claims))


def _places(claims: Claims, served: float) -> dict[int, float]:
    """What each owner has up to a level."""
    return {
        owner: min(amount, max(1.0, served * claims.weight(owner)))
        for owner, amount in claims.asked().items()
    }


def entering(claims: Claims, active: Collection[int]) -> list[int]:
    """The proposals that enter now, in the order of proposing; those beyond wait.

    Args:
        claims: Every proposal that is to be decided, and whose it is.
        active: Those that are in the campaign.
    """
    room = places(claims)
    for owner, amount in claims.asked(active).items():
        room[owner] -= amount
    found = []
    for place, parts in enumerate(claims.owners):
        if place in active:
            continue
        if not parts or sum(part for owner, part in parts.items() if room[owner] > _SLACK) >= ROOM:
            found.append(place)
            for owner, part in parts.items():
                room[owner] -= part
    return found


def kept_back(claims: Claims, waiting: Collection[int]) -> float:
    """The part of a budget that belongs to those who wait.

    Owners have equal claims on it, by weight, and what of an owner's proposals waits has that part
    of the owner's claim.
    """
    asked, later = claims.asked(), claims.asked(waiting)
    total = sum(claims.weight(owner) for owner in asked)
    return sum(claims.weight(o) * amount / asked[o] for o, amount in later.items()) / total
