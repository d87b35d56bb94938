"""Whole campaigns of the real engine on a landscape of the arena: no git and no processes.

Trees are sets and trials are arithmetic, behind the doors of the lab (`mainstem.lab.doors`); the
loop, the ledger, the turns and the decisions are the real ones. What is kept of a campaign is when
verdicts were written down, and the true gain of what it recommends meanwhile.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from arena.rivals.mainstem_search import MARGIN_SDS
from mainstem.decisions.shares import Claims
from mainstem.domain.proposal import CommitId
from mainstem.domain.stack import Objective, Rung, Stack
from mainstem.domain.verdict import VerdictKind
from mainstem.engine import record as records
from mainstem.engine.campaign import BATCH, Workshop, integrate
from mainstem.engine.proposing import propose
from mainstem.engine.record import fold
from mainstem.lab.doors import Arithmetic, Clock, Sets, branch
from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from arena.landscapes import Landscape
    from mainstem.domain.measurement import Measurement
    from mainstem.domain.proposal import Proposal
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Asked, CampaignRecord
    from mainstem.engine.turns import ClaimsOf
    from mainstem.integrator import Integrator
    from mainstem.lab.doors import Batch

TRUNK = CommitId("0" * 40)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a campaign is asked.

    Attributes:
        owners: Per proposal that is filed, in the order of proposing: its place on the landscape
            and the number of its owner.
        least_line: How many have to be in line for turns to be taken; None: nothing is shared out.
        budget: Trials in all; None: until decided.
        seed: The campaign's seed.
        first_turn: Whether to stop when those in line would enter.
    """

    owners: Sequence[tuple[int, int]]
    least_line: int | None
    budget: int | None
    seed: int
    first_turn: bool = False


@dataclass(frozen=True, kw_only=True)
class Course:
    """What became of a campaign.

    Attributes:
        trials: Trials that ran.
        turns: Trials by the end of each turn.
        sealed: By place on the landscape, the trial by which the verdict was written that stands;
            a proposal that stayed undecided is missing.
        gains: After each batch, trials so far and the true gain of the recommended recipe as a
            share of the best possible.
    """

    trials: int
    turns: list[int]
    sealed: dict[int, int]
    gains: list[tuple[int, float]]


def play(landscape: Landscape, question: Question) -> Course:
    """Plays one campaign to its end, or to the end of its first turn."""
    sets, clock = Sets(), Clock()
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.sqlite", clock)
        filed = [branch(_name(place), base=TRUNK) for place, _ in question.owners]
        propose(ledger, sets, fold(ledger.entries()), filed, trunk=TRUNK, claim="")
        shop = Workshop(
            stack=_stack(landscape),
            trunk=TRUNK,
            trunk_tree=sets.tree(TRUNK, []),
            trees=sets,
            executor=Arithmetic(_losses(landscape), sets, clock, BATCH),
            ledger=ledger,
            claims_of=_claims_of(question),
        )
        notes = _Notes(landscape, first_turn=question.first_turn)
        with contextlib.suppress(_TurnOver):
            integrate(shop, budget=question.budget, seed=question.seed, batch=BATCH, listener=notes)
        course = _course(ledger.entries(), notes.gains)
        ledger.close()
    return course


def _claims_of(question: Question) -> ClaimsOf | None:
    """Whose proposals are, for the engine."""
    owner = {_name(place): number for place, number in question.owners}
    least_line = question.least_line
    if least_line is None:
        return None

    def claims(proposals: Sequence[Proposal]) -> Claims:
        owners = [{owner[p.id]: 1.0} for p in proposals]
        return Claims(owners=owners, weights={}, least_line=least_line)

    return claims


def _course(entries: Iterable[Entry], gains: list[tuple[int, float]]) -> Course:
    """Reads off the ledger's lines when each verdict was written that stands."""
    trials, turns, sealed = 0, [], dict[int, int]()
    for entry in entries:
        if entry.kind == records.TRIAL_FINISHED:
            trials += 1
        elif entry.kind == records.CAMPAIGN_ENDED:
            turns.append(trials)
        elif entry.kind == records.VERDICT:
            place = _place(entry.body["proposal"])
            if entry.body["kind"] == VerdictKind.OPEN:
                sealed.pop(place, None)
            else:
                sealed.setdefault(place, trials)
    return Course(trials=trials, turns=turns, sealed=sealed, gains=gains)


def _stack(landscape: Landscape) -> Stack:
    """One objective, whose margin is that of the arena."""
    return Stack(
        name="simulated",
        trunk="main",
        command="simulated",
        timeout_s=1.0,
        objectives=(Objective("loss", margin=MARGIN_SDS * landscape.trunk_sd),),
        rungs=(Rung(name="default"),),
    )


def _name(place: int) -> str:
    return f"p{place:04d}"


def _place(name: str) -> int:
    return int(name[1:])


def _losses(landscape: Landscape) -> Callable[[Batch], list[dict[str, float]]]:
    """What runs measure; no figure is in seconds, so they take no time."""

    def losses(batch: Batch) -> list[dict[str, float]]:
        n = landscape.n
        return [{"loss": landscape.evaluate(_bits(recipe, n), seed)} for recipe, seed in batch]

    return losses


def _bits(recipe: Iterable[str], n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """A recipe as the landscape knows it, shape (n,)."""
    bits = np.zeros(n, np.int64)
    bits[[_place(name) for name in recipe]] = 1
    return bits


class _TurnOver(Exception):  # noqa: N818 - no error: the first turn has ended
    """Those in line would enter now."""


class _Notes:
    """A listener that notes the true gain of what is recommended."""

    def __init__(self, landscape: Landscape, *, first_turn: bool) -> None:
        self.gains: list[tuple[int, float]] = []
        self._gain = _gain(landscape)
        self._first_turn = first_turn
        self._inside = 0

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """Who is in it."""
        del campaign, resumed
        self._inside = len(integrator.proposals)

    def asked(self, batch: Sequence[Asked]) -> None:
        """Nothing to note."""

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Nothing to note."""

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """Nothing to note."""

    def learnt(self, integrator: Integrator) -> None:
        """What is recommended now.

        Raises:
            _TurnOver: Others have entered, and only the first turn is wanted.
        """
        if self._first_turn and len(integrator.proposals) > self._inside:
            raise _TurnOver
        self.gains.append((integrator.spent, self._gain(integrator.recommend().recipe)))


def _gain(landscape: Landscape) -> Callable[[Iterable[str]], float]:
    """The true gain of a recipe as a share of the best; 0 where nothing can be gained."""
    base = landscape.truth(np.zeros(landscape.n, np.int64))
    full = base - landscape.oracle()[1]

    def gain(recipe: Iterable[str]) -> float:
        found = base - landscape.truth(_bits(recipe, landscape.n))
        return float(found / full) if full > 0.0 else 0.0

    return gain
