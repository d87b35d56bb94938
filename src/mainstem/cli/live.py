"""What `integrate` shows while it works: a live screen on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.text import Text

from mainstem.cli import words
from mainstem.cli.output import console, say, table
from mainstem.cli.rungs import ran
from mainstem.cli.status import best_line
from mainstem.domain.recipe import in_order
from mainstem.engine import views
from mainstem.engine.rungs import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, RenderableType

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.campaign import Listener
    from mainstem.engine.record import Asked, CampaignRecord
    from mainstem.integrator import Integrator

_SHOWN_EFFECTS = 8
_SHOWN_FINISHED = 5
_SHOWN_FAILURE = 60
_BAR = 24


@contextlib.contextmanager
def showing(*, slots: int, batch: int | None = None, quiet: bool = False) -> Iterator[Listener]:
    """A listener that shows what it hears; it has the terminal, if there is one, until the end.

    Args:
        slots: How many trials run at once.
        batch: The batch that the user asked for; None if it was left to the campaign.
        quiet: Show nothing; what is not done as asked goes to standard error.
    """
    out = console()
    if quiet or not out.is_terminal:
        yield Plain(slots=slots, batch=batch, quiet=quiet)
        return
    screen = Screen(out, slots=slots, batch=batch)
    with screen.live:
        yield screen


class _Memory:
    """What both views know of the campaign."""

    def __init__(self, *, slots: int, batch: int | None) -> None:
        self.slots = slots
        self.batch = batch
        self.campaign: CampaignRecord | None = None
        self.asked_at: dict[TrialId, Asked] = {}
        self.started_s: dict[TrialId, float] = {}
        self.order: tuple[str, ...] = ()
        self.best = "best so far: the trunk"

    def open(self, campaign: CampaignRecord, integrator: Integrator) -> None:
        """Remembers the campaign."""
        self.campaign = campaign
        self.order = integrator.proposals

    def notes(self, *, resumed: bool) -> list[str]:
        """What was asked for on the command line and is not what happens."""
        if self.campaign is None:
            return []
        name, batch = self.campaign.id, self.campaign.batch
        found = []
        if resumed and self.batch not in {None, batch}:
            found.append(
                f"note: campaign {name} keeps the batches of {batch} that it was opened with; "
                f"--batch {self.batch} is for a new one"
            )
        if self.slots > batch:
            found.append(
                f"note: -j {self.slots}, but campaign {name} asks in batches of {batch}, which "
                f"are all that runs at once: another --seed with --batch {self.slots} uses all"
            )
        return found

    def take(self, integrator: Integrator) -> None:
        """Remembers the best recipe."""
        self.order = integrator.proposals
        self.best = best_line(views.best(integrator))

    def head(self) -> str:
        """Trials done, budget, time left."""
        if self.campaign is None:
            return ""
        campaign = self.campaign
        failed = sum(r.values is None for r in self.campaign.finished.values())
        budget = f"/{campaign.budget:g}" if campaign.budget is not None else ""
        done = f"{campaign.spent:g}{budget} trials"
        if campaign.rungs:
            done += f" of {campaign.rung}{ran(counted(campaign))}"
        left = views.eta_s(campaign, slots=self.slots)
        time_left = f", at most {words.duration(left)} left" if left else ""
        return f"campaign {campaign.id}: {done}, {failed} failed{time_left}"

    def values(self, measurement: Measurement) -> str:
        """A trial's result in a few words: the objective that stands first, or the failure."""
        if measurement.failure is not None:
            return words.brief(f"failed: {measurement.failure.what}", _SHOWN_FAILURE)
        return words.values(dict(list(measurement.values.items())[:1]))

    def name(self, asked: Asked) -> str:
        """A trial's recipe for people, and its rung where there are several."""
        at = "" if asked.trial.rung is None else f" at {asked.trial.rung}"
        return words.recipe(in_order(asked.trial.recipe, self.order), most=6) + at


class Plain(_Memory):
    """A line per event, for pipes and logs."""

    def __init__(self, *, slots: int, batch: int | None = None, quiet: bool = False) -> None:
        super().__init__(slots=slots, batch=batch)
        self.quiet = quiet

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """Says which campaign it is."""
        self.open(campaign, integrator)
        how = "goes on" if resumed else "opened"
        count = words.plural(len(campaign.proposals), "proposal")
        for note in self.notes(resumed=resumed):
            say(note, err=self.quiet)
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
            say(line)


class Screen(_Memory):
    """A live screen: running trials, what is being learnt, the best recipe, the time left."""

    def __init__(self, out: Console, *, slots: int, batch: int | None = None) -> None:
        super().__init__(slots=slots, batch=batch)
        self.live = Live(console=out, refresh_per_second=4, transient=True)
        self.recent: list[str] = []
        self.effects: list[tuple[str, float, float, float]] = []
        self.objective = ""
        self.running: Sequence[TrialId] = ()

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """Begins to draw."""
        self.open(campaign, integrator)
        for note in self.notes(resumed=resumed):
            self.live.console.print(note)
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
        self.live.update(self.picture())

    def picture(self) -> RenderableType:
        """The whole screen as it stands."""
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
        return Group(*parts)

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
