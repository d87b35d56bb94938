"""The collective: Mainstem itself, every proposal tried together by its own engine.

Not a model of it: `engine.campaign.integrate` with its ledger, its decisions and its statistics,
behind simulated doors (`lab.doors`). A landscape's proposals are its branches, a desk's runs are
its trials. It is shown no names, so who proposed what cannot matter.

What a campaign decides to merge is merged when it ends. Then, while there is budget and something
is still open, another one begins on the moved trunk, with what was shelved, which a moved trunk
opens again. It begins without the runs of the one before, which is less than the real one knows.
What comes in while nothing has moved joins the campaign that there is, runs and all. While more is
to come a campaign has at most `each` runs a proposal, or the first few would be given all there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.domain.proposal import CommitId
from mainstem.domain.stack import DecisionSettings, Rung, Stack
from mainstem.domain.verdict import VerdictKind
from mainstem.engine import record as records
from mainstem.engine.campaign import BATCH, Workshop, integrate
from mainstem.engine.proposing import propose
from mainstem.engine.record import fold
from mainstem.lab.campaign import Act, Decision
from mainstem.lab.doors import Arithmetic, Clock, Sets, branch, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.ports import Clock as EngineClock, Ledger
    from mainstem.engine.record import Asked, CampaignRecord
    from mainstem.integrator import Integrator
    from mainstem.lab.desk import Desk
    from mainstem.lab.doors import Batch
    from mainstem.lab.landscapes.landscape import BoolArray

    OpenLedger = Callable[[EngineClock], AbstractContextManager[Ledger]]
    """Opens an empty ledger for a campaign; leaving it throws it away."""

LEAST = 8
"""Runs that a further campaign on a moved trunk must have: less decides nothing."""


@dataclass(frozen=True, kw_only=True)
class Collective:
    """Mainstem's own engine.

    Attributes:
        open_ledger: Opens an empty ledger; to be handed over to other processes it must be a
            function of a module.
        alpha: Chance of any false merge of a campaign.
        batch: Trials asked for at once.
        each: Runs a proposal that a campaign has at most while more proposals are to come; an
            assumption, the largest of the budgets of docs/lab.md.
        proof: Whether only what was proved is merged, as Mainstem does. Else what is recommended
            when a campaign ends is merged, proved or not: that is no way in which Mainstem works,
            but tells what the proof costs.
        name: What it is called in tables.
    """

    open_ledger: OpenLedger
    alpha: float = 0.05
    batch: int = BATCH
    each: int = 8
    proof: bool = True
    name: str = "collective"

    def play(self, desk: Desk) -> None:
        """Campaign after campaign, until nothing moves or nothing is left."""
        fewest = 1
        while desk.left >= fewest:
            moved = bool((desk.here & ~desk.trunk).any()) and self._campaign(desk)
            fewest = LEAST
            if not moved and not desk.wait():
                return

    def _campaign(self, desk: Desk) -> bool:
        """One campaign on the trunk as it is; whether it merged anything."""
        seed, began = int(desk.rng.integers(2**31)), desk.spent
        filed = desk.trunk.copy()
        clock, listener = Clock(), _Last()
        with self.open_ledger(clock) as ledger:
            shop = _shop(desk, ledger, clock, self.alpha)
            while True:
                _file(desk, shop, np.flatnonzero(desk.here & ~filed))
                filed |= desk.here
                budget = desk.spent - began + desk.left
                if not desk.here.all():
                    budget = min(budget, self.each * int((filed & ~desk.trunk).sum()))
                integrate(shop, budget=budget, seed=seed, batch=self.batch, listener=listener)
                verdicts = _verdicts(ledger) if self.proof else listener.recommended()
                moved = any(decision.act is Act.MERGED for decision in verdicts)
                if moved or not desk.left or not self._more(desk, filed):
                    desk.decide(verdicts)
                    return moved

    def _more(self, desk: Desk, filed: BoolArray) -> bool:
        """Whether somebody has come in meanwhile, or will: then time goes on to them."""
        return bool((desk.here & ~filed).any()) or desk.wait()


def _shop(desk: Desk, ledger: Ledger, clock: Clock, alpha: float) -> Workshop:
    """What a campaign on the desk's trunk works with, nothing filed yet."""
    trunk = CommitId(digest(f"trunk {np.flatnonzero(desk.trunk).tolist()}"))
    sets = Sets()
    return Workshop(
        stack=_stack(desk, alpha),
        trunk=trunk,
        trunk_tree=sets.tree(trunk, []),
        trees=sets,
        executor=Arithmetic(_Measured(desk), sets, clock, desk.slots, run_s=1.0),
        ledger=ledger,
        audited=False,  # the ledger goes with the campaign, and only what was decided is read
    )


def _file(desk: Desk, shop: Workshop, places: Sequence[int] | np.ndarray) -> None:
    """Proposes those at these places, in their order."""
    if len(places):
        filed = [
            branch(_name(p), base=shop.trunk, components=(desk.components[p],)) for p in places
        ]
        record = fold(shop.ledger.entries())
        propose(shop.ledger, shop.trees, record, filed, trunk=shop.trunk, claim="")


def _verdicts(ledger: Ledger) -> list[Decision]:
    """What was decided last of each proposal, in the order of proposing; what is open is not."""
    last = dict[int, Decision]()
    for entry in ledger.entries(kinds=[records.VERDICT]):
        place, kind = _place(entry.body["proposal"]), entry.body["kind"]
        last.pop(place, None)
        if kind != VerdictKind.OPEN:
            act = Act.MERGED if kind == VerdictKind.MERGE else Act.REFUSED
            last[place] = Decision(proposal=place, act=act)
    return [last[place] for place in sorted(last)]


def _stack(desk: Desk, alpha: float) -> Stack:
    return Stack(
        name="simulated",
        trunk="main",
        command="simulated",
        timeout_s=1.0,
        objectives=desk.objectives,
        rungs=(Rung(name="default"),),
        decisions=DecisionSettings(alpha=alpha),
    )


def _name(place: int) -> str:
    return f"p{place:04d}"


def _place(name: str) -> int:
    return int(name[1:])


@dataclass(frozen=True)
class _Measured:
    """Runs at a desk, as the metrics of trials."""

    desk: Desk

    def __call__(self, batch: Batch) -> list[Mapping[str, float]]:
        recipes = np.array([self._recipe(members) for members, _ in batch])
        values = self.desk.run(recipes, [seed for _, seed in batch])
        objectives = self.desk.objectives
        return [
            {o.name: o.sign * float(v) for o, v in zip(objectives, row, strict=True)}
            for row in values
        ]

    def _recipe(self, members: frozenset[str]) -> BoolArray:
        recipe = self.desk.trunk.copy()
        recipe[[_place(name) for name in members]] = True
        return recipe


@dataclass
class _Last:
    """A listener that keeps the integrator, to be asked when all has been told."""

    integrator: Integrator | None = None

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """The first."""
        del campaign, resumed
        self.integrator = integrator

    def asked(self, batch: Sequence[Asked]) -> None:
        """Nothing to keep."""

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Nothing to keep."""

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """Nothing to keep."""

    def learnt(self, integrator: Integrator) -> None:
        """The latest."""
        self.integrator = integrator

    def recommended(self) -> list[Decision]:
        """What is recommended now, to be merged."""
        recipe = self.integrator.recommend().recipe if self.integrator else ()
        return [Decision(proposal=place, act=Act.MERGED) for place in sorted(map(_place, recipe))]
