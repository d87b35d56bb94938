"""What `integrate` shows while it works: a live screen on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, Self

import click
from rich.console import Group
from rich.live import Live
from rich.text import Text

from mainstem.cli import words
from mainstem.cli.output import console, table
from mainstem.cli.status import best_line
from mainstem.domain.recipe import in_order
from mainstem.engine import views
from mainstem.engine.campaign import Listener

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from rich.console import RenderableType

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.record import Asked, CampaignRecord
    from mainstem.integrator import Integrator

_SHOWN_EFFECTS = 8
_SHOWN_FINISHED = 5
_BAR = 24


class View(Listener, Protocol):
    """A listener that owns the terminal while it is entered."""

    def __enter__(self) -> Self:
        """Takes the terminal."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Gives the terminal back."""
        ...


class _Memory:
    """What both views know of the campaign."""

    def __init__(self) -> None:
        self.campaign: CampaignRecord | None = None
        self.asked_at: dict[TrialId, Asked] = {}
        self.started_s: dict[TrialId, float] = {}
        self.order: tuple[str, ...] = ()
        self.best = "best so far: the trunk"
        self.slots = 1

    def take(self, integrator: Integrator) -> None:
        """Remembers the best recipe."""
        self.order = integrator.proposals
        found = integrator.recommend()
        self.best = best_line(
            {
                "recipe": in_order(found.recipe, self.order),
                "gain": views.estimates(found.gain),
                "probability": found.probability,
                "confirmed": found.confirmed,
            }
        )

    def head(self) -> str:
        """Trials done, budget, time left."""
        if self.campaign is None:
            return ""
        done = len(self.campaign.finished)
        failed = sum(r.values is None for r in self.campaign.finished.values())
        budget = f"/{self.campaign.budget}" if self.campaign.budget is not None else ""
        left = views.eta_s(self.campaign, slots=self.slots)
        time_left = f", at most {words.duration(left)} left" if left is not None else ""
        return f"campaign {self.campaign.id}: {done}{budget} trials, {failed} failed{time_left}"

    def values(self, measurement: Measurement) -> str:
        """A trial's result in a few words: the objective that stands first, or the failure."""
        if measurement.failure is not None:
            return f"failed: {measurement.failure.what}"
        return words.values(dict(list(measurement.values.items())[:1]))

    def name(self, asked: Asked) -> str:
        """A trial's recipe for people."""
        return words.recipe(in_order(asked.trial.recipe, self.order), most=6)


class Plain(_Memory):
    """A line per event, for pipes and logs."""

    def __init__(self, *, slots: int, quiet: bool = False) -> None:
        super().__init__()
        self.slots = slots
        self.quiet = quiet

    def __enter__(self) -> Self:
        """Nothing to take."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to give back."""

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """Says which campaign it is."""
        self.campaign = campaign
        self.order = integrator.proposals
        how = "goes on" if resumed else "opened"
        count = words.plural(len(campaign.proposals), "proposal")
        self._say(f"campaign {campaign.id} {how}: {count}, seed {campaign.seed}")

    def asked(self, batch: Sequence[Asked]) -> None:
        """Nothing: trials are told of when they end."""

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Nothing: a log does not tick."""

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """One line per trial."""
        what = self.values(measurement)
        purpose = " (confirmation)" if asked.trial.purpose == "confirm" else ""
        took = words.duration(run.wall_s)
        self._say(f"{asked.name}{purpose}  {self.name(asked)}  {what}  {took}")

    def learnt(self, integrator: Integrator) -> None:
        """One line per batch."""
        self.take(integrator)
        if integrator.spent:
            self._say(f"{self.head()}; {self.best}")

    def _say(self, line: str) -> None:
        if not self.quiet:
            click.echo(line)


class Screen(_Memory):
    """A live screen: running trials, what is being learnt, the best recipe, the time left."""

    def __init__(self, *, slots: int) -> None:
        super().__init__()
        self.slots = slots
        self.console = console()
        self.live = Live(console=self.console, refresh_per_second=4, transient=True)
        self.recent: list[str] = []
        self.effects: list[tuple[str, float, float, float]] = []
        self.unit = ""
        self.objective = ""
        self.running: Sequence[TrialId] = ()

    def __enter__(self) -> Self:
        """Takes the terminal."""
        self.live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Gives the terminal back."""
        self.live.__exit__(kind, error, trace)

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """Begins to draw."""
        del resumed
        self.campaign = campaign
        self.order = integrator.proposals
        self._draw()

    def asked(self, batch: Sequence[Asked]) -> None:
        """Remembers the recipes."""
        self.asked_at |= {asked.name: asked for asked in batch}

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Time goes on for what is running."""
        now = time.monotonic()
        self.running = running
        for name in running:
            self.started_s.setdefault(name, now)
        self._draw()

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """The last few results."""
        del run
        what = self.values(measurement)
        self.recent = [*self.recent, f"{asked.name}  {self.name(asked)}  {what}"][-_SHOWN_FINISHED:]

    def learnt(self, integrator: Integrator) -> None:
        """What is known now of each proposal alone, on the first objective to improve."""
        self.take(integrator)
        effects = integrator.effects(pairs=False)
        if effects:
            self.objective = effects[0].objective
            first = [e for e in effects if e.objective == self.objective]
            first.sort(key=lambda e: -abs(e.mean) / max(e.high - e.low, 1e-12))
            self.effects = [
                (next(iter(e.proposals)), e.mean, e.low, e.high) for e in first[:_SHOWN_EFFECTS]
            ]
        self._draw()

    def _draw(self) -> None:
        parts: list[RenderableType] = [Text(self.head(), style="bold"), Text(self.best)]
        now = time.monotonic()
        rows = [
            [
                name,
                words.duration(now - self.started_s.get(name, now)),
                self.name(self.asked_at[name]),
            ]
            for name in self.running
            if name in self.asked_at
        ]
        if rows:
            parts += [Text(""), table("running", "since", "recipe", rows=rows, right=(1,))]
        if self.effects:
            parts += [Text(""), self._learning()]
        if self.recent:
            parts += [Text(""), Text("\n".join(self.recent), overflow="ellipsis", no_wrap=True)]
        self.live.update(Group(*parts))

    def _learning(self) -> RenderableType:
        """Effects as intervals on a common axis with zero in its middle."""
        reach = max(max(abs(low), abs(high)) for _, _, low, high in self.effects) or 1.0
        rows = []
        for name, mean, low, high in self.effects:
            places = words.digits(0.5 * (high - low))
            shown = words.number(mean, places, signed=True)
            rows.append([name, shown, interval_bar(low / reach, high / reach)])
        return table(f"alone, {self.objective}", "gain", "worse | better", rows=rows, right=(1,))


def interval_bar(low: float, high: float, width: int = _BAR) -> str:
    """An interval within [-1, 1] as text, zero marked in the middle."""

    def place(at: float) -> int:
        return round((max(-1.0, min(1.0, at)) + 1.0) * width)

    cells = [" "] * (2 * width + 1)
    cells[width] = "|"
    for at in range(place(low), place(high) + 1):
        cells[at] = "+" if at == width else "-"
    return "".join(cells)
