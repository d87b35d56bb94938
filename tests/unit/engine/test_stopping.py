from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.stack import Metrics, MetricsSource
from mainstem.domain.trial import Ending, Purpose, Run
from tests.unit.engine.conftest import CONTENT, Arithmetic, World, planted

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.domain.trial import Job

PROPOSALS = ("muon", "rope", "noise", "bad", "wide")
STEPS = range(50, 801, 50)
PATTERNS = {"step": r"^step=(\d+)", "loss": r"loss=(\S+)", "params": r"params=(\S+)"}


@dataclass
class Training(Arithmetic):
    """Trials that report as they train; some are ended in time, others run whole all the same."""

    prints: bool = False
    watches: Callable[[int], bool] = bool

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """The runs of trials with curves."""
        waiting = self.queue[-1:]
        return [self._trained(waiting[0], run) for run in super().wait(timeout_s)]

    def _trained(self, job: Job, run: Run) -> Run:
        if run.exit_code != 0:
            return run
        final = dict(planted(frozenset(CONTENT[job.tree]), job.seed))  # type: ignore[arg-type]  # it did not crash
        lines = [{"params": final["params"]}]
        lines += [{"step": s, "loss": final["loss"] + 3.0 * (1.0 - s / 800)} for s in STEPS]
        said = self._text(lines)
        early = None if job.stopper is None else job.stopper.outcome(said)
        if early is None or not self.watches(job.seed):
            return self._with(run, said)
        late = [line for line in lines if line.get("step", 0) <= early.step + 50]
        ended = replace(run, ending=Ending.STOPPED, exit_code=None)
        return self._with(ended, self._text(late))

    def _text(self, lines: list[dict[str, float]]) -> str:
        if not self.prints:
            return "".join(f"{json.dumps(line)}\n" for line in lines)
        return "".join(" ".join(f"{k}={v}" for k, v in line.items()) + "\n" for line in lines)

    def _with(self, run: Run, text: str) -> Run:
        return replace(run, metrics="", stdout=text) if self.prints else replace(run, metrics=text)


@dataclass
class TrainingWorld(World):
    """A world whose trials report as they train."""

    watches: Callable[[int], bool] = bool

    def executor(self, *, die_after: int | None = None) -> Training:
        """What runs its trials."""
        prints = self.stack.metrics.source is MetricsSource.STDOUT
        return Training(self.outcome, die_after=die_after, prints=prints, watches=self.watches)


def trains(world: World, watches: Callable[[int], bool] = bool) -> TrainingWorld:
    """The same world with curves, its proposals taken in."""
    stack = replace(world.stack, run=replace(world.stack.run, early_stopping=True))
    made = TrainingWorld(folder=world.folder, trees=world.trees, stack=stack, watches=watches)
    made.propose(*PROPOSALS)
    return made


def test_search_trials_end_early_and_verdicts_stand(make: Callable[..., World]) -> None:
    """No run of the trunk and none that confirms is among them; every sixth is whole."""
    world = trains(make("ruled"))
    found = world.integrate(budget=60)
    ended = [
        asked for asked, result in found.campaign.ended_trials() if result.stopped_at is not None
    ]
    assert len(ended) >= 4
    assert all(a.trial.purpose is Purpose.SEARCH and a.trial.recipe for a in ended)
    assert all(a.trial.id % 6 for a in ended)
    whole = trains(make("whole"))
    whole.stack = replace(whole.stack, run=replace(whole.stack.run, early_stopping=False))
    without = whole.integrate(budget=60)
    assert all(r.stopped_at is None for r in without.campaign.finished.values())
    assert all(asked.stopper is None for asked in without.campaign.asked())
    assert found.verdicts() == without.verdicts()


@pytest.mark.parametrize("watches", [lambda _: False, lambda seed: seed % 2 == 0])
def test_whether_a_machine_ends_trials_in_time_does_not_matter(
    make: Callable[..., World], watches: Callable[[int], bool]
) -> None:
    """A trial that ran whole all the same counts for what it would have been ended with."""
    expected = trains(make("watched")).integrate(budget=50)
    found = trains(make("not"), watches).integrate(budget=50)
    assert found.asks() == expected.asks()
    results = [
        {name: (r.values, r.stopped_at) for name, r in each.campaign.finished.items()}
        for each in (found, expected)
    ]
    assert results[0] == results[1]


def test_a_killed_campaign_takes_the_same_course(make: Callable[..., World]) -> None:
    """Rules are read from the ledger with the batch; results and asks are those without kills."""
    calm, shot = trains(make("calm")), trains(make("shot"))
    expected = calm.integrate(budget=50)
    for death in (7, 9, 5, 3):
        assert shot.integrate(budget=50, die_after=death).died
    rest = shot.integrate(budget=50)
    assert rest.asks() == expected.asks()
    assert [a.stopper for a in rest.campaign.asked()] == [
        a.stopper for a in expected.campaign.asked()
    ]
    assert any(a.stopper for a in rest.campaign.asked())
    assert rest.verdicts() == expected.verdicts()


def test_a_script_that_prints_is_read_with_a_pattern_for_steps(make: Callable[..., World]) -> None:
    """An unchanged script may end early too."""
    world = make("prints")
    printed = Metrics(source=MetricsSource.STDOUT, patterns=PATTERNS)
    world.stack = replace(world.stack, metrics=printed)
    found = trains(world).integrate(budget=50)
    assert any(r.stopped_at is not None for r in found.campaign.finished.values())


def test_a_stack_without_curves_is_as_it_was(make: Callable[..., World]) -> None:
    """Line by line its ledger does not know of early stopping, whether it is on or off."""
    bodies = []
    for name, on in (("on", True), ("off", False)):
        world = make(name)
        world.stack = replace(world.stack, run=replace(world.stack.run, early_stopping=on))
        world.propose(*PROPOSALS)
        world.integrate(budget=40)
        ledger = world.ledger()
        bodies.append([(e.kind, e.body) for e in ledger.entries()])
        ledger.close()
    assert bodies[0] == bodies[1]
    text = json.dumps(bodies[0])
    assert not any(word in text for word in ('"stopper"', '"curves"', '"stopped_at"'))
