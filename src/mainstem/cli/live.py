"""What `integrate` shows while it works: a live screen on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

from mainstem.cli import words
from mainstem.cli.output import console, say, writes_unicode
from mainstem.cli.painter import Painter
from mainstem.cli.scene import Scene, lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.campaign import Listener
    from mainstem.engine.record import Asked, CampaignRecord
    from mainstem.integrator import Integrator

_KEPT_FINISHED = 5
_SHOWN_FAILURE = 60


@contextlib.contextmanager
def showing(*, slots: int, batch: int | None = None, quiet: bool = False) -> Iterator[Listener]:
    """A listener that shows what it hears; it has the terminal, if there is one, until the end.

    Args:
        slots: How many trials run at once.
        batch: The batch that the user asked for; None if it was left to the campaign.
        quiet: Show nothing; what is not done as asked goes to standard error.
    """
    out = console()
    if quiet or not paintable(out):
        yield Plain(slots=slots, batch=batch, quiet=quiet)
        return
    with Painter(out) as painter:
        yield Screen(painter, slots=slots, batch=batch)


def paintable(out: Console) -> bool:
    """Whether a picture can change in place here: a terminal that is no log of a build."""
    build = os.environ.get("CI", "").lower() not in {"", "0", "false"}
    return sys.stdout.isatty() and out.is_terminal and not out.is_dumb_terminal and not build


class _Memory:
    """What both views know of the campaign."""

    def __init__(self, *, slots: int, batch: int | None) -> None:
        self.scene = Scene(slots=slots)
        self.batch = batch

    def open(self, campaign: CampaignRecord, integrator: Integrator) -> None:
        """Remembers the campaign."""
        self.scene.campaign = campaign
        self.scene.order = integrator.proposals

    def notes(self, *, resumed: bool) -> list[str]:
        """What was asked for on the command line and is not what happens."""
        campaign, slots = self.scene.campaign, self.scene.slots
        if campaign is None:
            return []
        name, batch = campaign.id, campaign.batch
        found = []
        if resumed and self.batch not in {None, batch}:
            found.append(
                f"note: campaign {name} keeps the batches of {batch} that it was opened with; "
                f"--batch {self.batch} is for a new one"
            )
        if slots > batch:
            found.append(
                f"note: -j {slots}, but campaign {name} asks in batches of {batch}, which "
                f"are all that runs at once: another --seed with --batch {slots} uses all"
            )
        return found

    def values(self, measurement: Measurement) -> str:
        """A trial's result in a few words: the objective that stands first, or the failure."""
        if measurement.failure is not None:
            return words.brief(f"failed: {measurement.failure.what}", _SHOWN_FAILURE)
        return words.values(dict(list(measurement.values.items())[:1]))


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
        self._say(f"{asked.name}{purpose}  {self.scene.recipe(asked)}  {what}  {took}")

    def learnt(self, integrator: Integrator) -> None:
        """One line per batch."""
        self.scene.learn(integrator)
        if integrator.spent:
            left = self.scene.left()
            head = self.scene.head() + (f", {left}" if left else "")
            self._say(f"{head}; {self.scene.best_line()}")

    def _say(self, line: str) -> None:
        if not self.quiet:
            say(line)


class Screen(_Memory):
    """A live screen: running trials, what is being learnt, the best recipe, the time left."""

    def __init__(self, painter: Painter, *, slots: int, batch: int | None = None) -> None:
        super().__init__(slots=slots, batch=batch)
        self.painter = painter
        self.started_s: dict[TrialId, float] = {}

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        """Begins to draw."""
        self.open(campaign, integrator)
        for note in self.notes(resumed=resumed):
            self.painter.say(note)
        if resumed:
            self.scene.learn(integrator)
        self._draw()

    def asked(self, batch: Sequence[Asked]) -> None:
        """Nothing: the campaign's record has them."""

    def ticked(self, running: Sequence[TrialId]) -> None:
        """Time goes on for what is running."""
        now = time.monotonic()
        self.started_s = {name: self.started_s.get(name, now) for name in running}
        self.scene.running = {name: now - since for name, since in self.started_s.items()}
        self._draw()

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        """The last few results."""
        del run
        line = f"{asked.name}  {self.scene.recipe(asked)}  {self.values(measurement)}"
        self.scene.recent = [*self.scene.recent, line][-_KEPT_FINISHED:]

    def learnt(self, integrator: Integrator) -> None:
        """What is known now of each proposal alone, and the best recipe."""
        self.scene.learn(integrator)
        self._draw()

    def _draw(self) -> None:
        width, height = self.painter.out.size
        self.painter.paint(
            lines(self.scene, width=width, height=height - 1, unicode=writes_unicode())
        )
