r"""Vetoes: how likely decisions are, given how often seniors veto what evidence would merge.

**Strength** s of the evidence for a proposal, in sds: the least of (gain over all objectives to
improve, in margins) / (its sd), and (mean + margin) / sd of every objective, which says how surely
no margin is broken. To the gain counts the interaction with what was merged before in its round, as
far as the decider saw it: with proposals of the decider's own silo (`lab.teams`).

**Model.** Evidence would merge a proposal with probability
:math:`a = \epsilon + (1 - 2 \epsilon) \Phi((s - c) / d)`, with a bar c and the noise d of
judgement, both not known, and lapses :math:`\epsilon` of half a percent. A senior vetoes what
evidence would merge with probability v (the **veto rate**), whatever its strength. So

====================================  =================
approved, merged                      a (1 - v)
approved, not merged                  a v
not approved                          1 - a
*approval not known:* merged          a (1 - v)
*approval not known:* not merged      1 - a (1 - v)
====================================  =================

The last line is the mixture of not good enough and vetoed: proposals whose evidence is so strong
that they would have been merged tell one from the other. Whether a veto was written down is left
out on purpose: many are not, and many that are fall on what evidence would not merge anyway. What
was vetoed of the approved was not merged, and that counts.

**Prior.** v has Jeffreys' prior of a share, alike in :math:`\theta` with :math:`v = \sin^2 \theta`;
c is alike from -2 to 4, log d from .1 to 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from mainstem.domain.stack import Role
from mainstem.lab.teams import NOBODY, owners

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.lab.decisions_log import DecisionsLog, LoggedDecision
    from mainstem.lab.teams import Layout

    Floats = NDArray[np.float64]

LAPSE = 0.005
STRONGEST = 8.0
"""Strengths beyond are as good as certain, in sds."""

ANGLES = (np.arange(200) + 0.5) * np.pi / 400.0
RATES = np.sin(ANGLES) ** 2
"""The veto rates that are looked at."""

_BARS = np.linspace(-2.0, 4.0, 41)
_NOISES = np.geomspace(0.1, 4.0, 9)
_COARSE = np.linspace(0.0, np.pi / 2.0, 33)
_EXACT = 1e-9  # margins: the sd of what was measured without noise


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What counts of a log.

    Attributes:
        merged: Merged though a veto would have been possible: approved, or approval not known.
        vetoed: Approved and not merged, whether or not a veto was written down.
        unclear: Not merged; the approval is not known, but the evidence is.
        refused: What evidence would not merge: says nothing of vetoes.
        unused: Neither approval nor evidence is known.
        written: Vetoes that were written down.
        beside_the_point: Those of them that fell on what evidence would not merge anyway.
    """

    merged: int
    vetoed: int
    unclear: int
    refused: int
    unused: int
    written: int
    beside_the_point: int

    @property
    def telling(self) -> int:
        """Decisions that say something of vetoes."""
        return self.merged + self.vetoed + self.unclear


def counts(log: DecisionsLog) -> Counts:
    """Sorts the decisions of a log."""
    known = [one for one in log.decisions if one.approved is not None or one.gain]
    refused = [one for one in known if one.approved is False]
    left = [one for one in known if one.approved is not False and not one.merged]
    vetoed = sum(one.approved is True for one in left)
    return Counts(
        merged=len(known) - len(refused) - len(left),
        vetoed=vetoed,
        unclear=len(left) - vetoed,
        refused=len(refused),
        unused=len(log.decisions) - len(known),
        written=sum(one.vetoed for one in log.decisions),
        beside_the_point=sum(one.vetoed for one in refused),
    )


def strength(one: LoggedDecision, interaction: float = 0.0) -> float:
    """The strength of the evidence for a proposal, in sds, at most `STRONGEST` either way.

    Args:
        one: A decision with evidence.
        interaction: What is added to the gain, in margins.
    """
    total, spread, bound = _parts(one)
    return float(np.clip(min((total + interaction) / spread, bound), -STRONGEST, STRONGEST))


def _parts(one: LoggedDecision) -> tuple[float, float, float]:
    """Gain over all objectives to improve and its sd, in margins; how surely no margin is broken.

    Objectives count as independent of each other.
    """
    scaled = [(g.mean / g.margin, g.sd / g.margin, g.role) for g in one.gain.values()]
    improve = [(mean, sd) for mean, sd, role in scaled if role is Role.IMPROVE]
    total = sum(mean for mean, _ in improve)
    spread = max(math.hypot(*(sd for _, sd in improve)), _EXACT)
    return total, spread, min((mean + 1.0) / max(sd, _EXACT) for mean, sd, _ in scaled)


def strengths(
    decisions: Sequence[LoggedDecision], log: DecisionsLog, known: Sequence[Layout]
) -> Floats:
    """Strengths under each layout, by what the decider sees of interactions; shape (layouts, D)."""
    total, spread, bound = np.array([_parts(one) for one in decisions]).T
    seen = np.array([_seen(decisions, owners(log, layout)) for layout in known])
    least = np.minimum((total + seen) / spread, bound)
    return np.asarray(np.clip(least, -STRONGEST, STRONGEST))


def _seen(decisions: Sequence[LoggedDecision], teams: Mapping[int, int]) -> list[float]:
    """The interactions within each proposal's team; all of them where its team is not known."""
    found = []
    for one in decisions:
        own = teams.get(one.number)
        own_team = [
            value
            for other, value in one.beside.items()
            if own is None or (own != NOBODY and teams.get(other) == own)
        ]
        found.append(sum(own_team))
    return found


def log_likelihood(log: DecisionsLog, known: Sequence[Layout]) -> Floats:
    """Log likelihood of the decisions by layout and veto rate, up to what is common to all.

    Bar and noise of judgement are integrated out.

    Returns:
        Shape (layouts, rates), the rates those of `RATES`.
    """
    from scipy.interpolate import CubicSpline  # takes long to load, and a replay never asks for it

    found = counts(log)
    plain = found.vetoed * np.log(RATES) + found.merged * np.log1p(-RATES)
    return np.asarray(plain + CubicSpline(_COARSE, _mixture(log, known), axis=1)(ANGLES))


def _mixture(log: DecisionsLog, known: Sequence[Layout]) -> Floats:
    """Log likelihood of approvals and of what is unclear, by layout and rate (on `_COARSE`)."""
    told = [one for one in log.decisions if one.gain]
    if not told:
        return np.zeros((len(known), len(_COARSE)))
    at, s, holds = _distinct(strengths(told, log, known))
    yes = np.array([one.approved is not False and _shows(one) for one in told])[at]
    unclear = np.array([one.approved is None and not one.merged for one in told])[at]
    bars, noises = (axis.ravel() for axis in np.meshgrid(_BARS, _NOISES))
    approved = LAPSE + (1.0 - 2.0 * LAPSE) * ndtr((s[:, None] - bars) / noises)
    sure = np.log(np.where(yes[:, None], approved, 1.0 - approved)[~unclear])
    cells = holds[:, ~unclear] @ sure
    if not unclear.any():
        return np.repeat(_log_mean(cells)[:, None], len(_COARSE), axis=1)
    open_ones, holds = approved[unclear], holds[:, unclear]
    shares = np.cos(_COARSE) ** 2
    return np.array([_log_mean(cells + holds @ np.log1p(-s * open_ones)) for s in shares]).T


def _log_mean(logs: Floats) -> Floats:
    """The log of the mean along the last axis, of logs."""
    most = logs.max(axis=-1)
    return np.asarray(most + np.log(np.exp(logs - most[..., None]).mean(axis=-1)))


def _shows(one: LoggedDecision) -> bool:
    """Whether a decision shows that evidence would merge, if it is not known not to."""
    return one.merged or one.approved is True


def _distinct(s: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The strengths that layouts tell apart: most layouts show the same of most decisions.

    Args:
        s: Strengths, shape (layouts, D).

    Returns:
        Of each distinct strength of a decision, the decision's place and the strength, shape (U,);
        and which of them each layout has, 0 or 1, shape (layouts, U).
    """
    places, values, holds = [], [], []
    for at, column in enumerate(np.round(s, 9).T):
        found, which = np.unique(column, return_inverse=True)
        places += [at] * len(found)
        values.append(found)
        holds.append(np.eye(len(found))[which])
    return np.array(places), np.concatenate(values), np.concatenate(holds, axis=1)
