"""A campaign of a real `Integrator` whose trials are arithmetic, told to a listener by steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.domain.measurement import Cause, Failure, Measurement
from mainstem.domain.proposal import CommitId, ProposalId, TreeId
from mainstem.domain.recipe import in_order
from mainstem.domain.stack import Objective
from mainstem.domain.trial import Ending, Run, TrialId
from mainstem.engine.record import Asked, CampaignRecord, Finished
from mainstem.integrator import Integrator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.engine.campaign import Listener

EFFECTS = {"muon": 0.30, "rope": 0.20, "bad": -0.40}
CRASH = "exit code 1: fatal: unable to read tree\n\n  (3d5f2a)\tof the stack " + "x" * 200


def planted(recipe: frozenset[str], seed: int) -> Mapping[str, float] | None:
    """What a trial measures: muon and rope win, bad loses, muon and bad crash together."""
    if {"muon", "bad"} <= recipe:
        return None
    noise = np.random.default_rng(seed).normal(0.0, 0.02)
    return {"loss": 2.0 - sum(EFFECTS[p] for p in recipe) + noise}


@dataclass
class Campaign:
    """A campaign in memory, and what happened in it.

    Attributes:
        integrator: The real one.
        record: What the ledger would hold.
        events: What the listener was told, by kind.
    """

    budget: int | None = 40
    batch: int = 4
    integrator: Integrator = field(init=False)
    record: CampaignRecord = field(init=False)
    events: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        proposals = list(EFFECTS)
        self.integrator = Integrator(
            proposals=proposals,
            objectives=[Objective("loss", margin=0.05, unit="nats")],
            budget=self.budget,
        )
        self.record = CampaignRecord(
            id="c1",
            seed=0,
            trunk=CommitId("0" * 40),
            setup="setup",
            batch=self.batch,
            budget=self.budget,
            rung="small",
            proposals=[ProposalId(p) for p in proposals],
        )

    def open(self, listener: Listener, *, resumed: bool = False) -> None:
        """The campaign is opened."""
        listener.opened(self.record, self.integrator, resumed=resumed)
        self.events.append("opened")

    def ask(self, listener: Listener) -> list[Asked]:
        """The next batch is asked for, and all of it starts to run."""
        batch = [
            Asked(name=TrialId(f"c1.{trial.id}"), trial=trial, tree=TreeId("1" * 40))
            for trial in self.integrator.ask(self.batch)
        ]
        self.record.batches.append(batch)
        listener.asked(batch)
        self.events.append("asked")
        listener.ticked([asked.name for asked in batch])
        self.events.append("ticked")
        return batch

    def finish(self, listener: Listener, batch: list[Asked]) -> None:
        """Every trial of a batch ends after a second, and all is told."""
        for asked in batch:
            values = planted(asked.trial.recipe, asked.trial.seed)
            failure = Failure(cause=Cause.EXIT, what=CRASH) if values is None else None
            self.record.finished[asked.name] = Finished(
                name=asked.name,
                values=values,
                failure=None if failure is None else {"cause": "exit", "what": CRASH},
                run={"wall_s": 1.0},
            )
            run = Run(trial=asked.name, ending=Ending.EXITED, exit_code=0, wall_s=1.0)
            listener.finished(asked, Measurement(values=values or {}, failure=failure), run)
            self.events.append("finished")
        for asked in batch:
            self.integrator.tell(asked.trial, self.record.finished[asked.name].values)
        listener.ticked([])
        listener.learnt(self.integrator)
        self.events.append("learnt")

    def run(self, listener: Listener) -> None:
        """The campaign takes its whole course."""
        self.open(listener)
        while batch := self.ask(listener):
            self.finish(listener, batch)

    def best(self) -> tuple[str, ...]:
        """The recipe that the integrator would recommend now."""
        return in_order(self.integrator.recommend().recipe, self.integrator.proposals)


@pytest.fixture
def campaign() -> Campaign:
    """A campaign with a budget."""
    return Campaign()
