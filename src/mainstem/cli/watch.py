"""`mainstem status --watch`: a campaign that somebody else runs, as it goes on; reads only.

The record and who works are looked at once a second, on whatever machine they are. What takes
longer, the posterior, is worked out beside that, so that the picture never stands still.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import TYPE_CHECKING, Any

from mainstem.cli import words
from mainstem.cli.live import paintable
from mainstem.cli.output import console, say, writes_unicode
from mainstem.cli.painter import Painter
from mainstem.cli.scene import Scene, lines
from mainstem.domain.errors import MainstemError
from mainstem.engine.record import Record, advance
from mainstem.engine.restore import restore
from mainstem.engine.rungs import same_question
from mainstem.engine.snapshot import snapshot
from mainstem.plots.visible import in_a_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mainstem.domain.stack import Stack
    from mainstem.domain.trial import TrialId
    from mainstem.engine.campaign_record import CampaignRecord
    from mainstem.integrator import Integrator
    from mainstem.wiring import Project

EVERY_S = 1.0
_RECENT = 5
_SHOWN_FAILURE = 60
_REST = 2.0  # times what working something out took, until it is worked out again


def watch(project: Project) -> bool:
    """Shows a campaign until it has ended, or until Ctrl-C.

    Returns:
        Whether it has ended.

    Raises:
        StoreError: The record cannot be read any more.
    """
    out, looker = console(), Looker(project)
    if not paintable(out):
        return _told(looker)
    with Painter(out) as painter:
        try:
            while True:
                looker.look()
                width, height = out.size
                picture = lines(
                    looker.scene, width=width, height=height - 1, unicode=writes_unicode()
                )
                painter.paint(picture)
                if looker.over:
                    return True
                time.sleep(EVERY_S)
        except KeyboardInterrupt:
            painter.keep()
            return False


def _told(looker: Looker) -> bool:
    """The same as lines, for pipes and logs; those from before the first look are not told."""
    try:
        looker.look()
        looker.told = len(looker.campaign.finished) if looker.campaign is not None else 0
        said = None
        while True:
            for line in looker.news():
                say(line)
            stands = looker.stands
            if stands != said and (looker.settled or looker.over):
                scene = looker.scene
                best = "" if scene.campaign is None else f"; {scene.best_line()}"
                say(f"{scene.head()}{best}")
                said = stands
            if looker.over:
                return True
            time.sleep(EVERY_S)
            looker.look()
    except KeyboardInterrupt:
        return False


class Looker:
    """Looks at a record as it grows, and at who works on it; writes nothing.

    Attributes:
        scene: What is known, for a picture.
        told: How many finished trials were told of as lines.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.record = Record()
        self.scene = Scene(slots=0, objectives=project.stack.objectives)
        self.told = 0
        self._believer = Believer(project.stack)
        self._first: dict[TrialId, float] | None = None
        self._working = False

    @property
    def campaign(self) -> CampaignRecord | None:
        """The campaign that was opened or taken up last."""
        return self.record.latest()

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for: the campaign has ended, and all is worked out."""
        ended = self.campaign is not None and self.campaign.ended
        return ended and not self._working and not self._believer.busy

    @property
    def settled(self) -> bool:
        """Whether what is believed is of all that has ended."""
        return not self._believer.busy

    @property
    def stands(self) -> tuple[str, int, str]:
        """What is worth another line: its state, the batches that have ended, the best set."""
        batches = 0 if self.scene.course is None else len(self.scene.course.points)
        return self.scene.state, batches, self.scene.best_line()

    def look(self) -> None:
        """Takes in what is new."""
        for entry in self.project.ledger.entries(after=self.record.seq):
            advance(self.record, entry)
        progress = self.project.progress(self.record)
        self._working = bool(progress.get("pid"))
        campaign, scene = self.campaign, self.scene
        if campaign is not scene.campaign:
            self.told = 0
            self.scene = scene = Scene(slots=0, objectives=self.project.stack.objectives)
            scene.campaign = campaign
        scene.slots = int(progress.get("slots", 0))
        scene.state = self._state(progress)
        scene.running = self._running(progress)
        scene.order = [p.id for p in self.record.in_order()]
        scene.recent = list(self._results(-_RECENT))
        scene.follow()
        if campaign is not None and same_question(self.project.stack, campaign):
            batches = len(scene.course.points) if scene.course is not None else 0
            believed = self._believer.of(self.record, campaign, batches)
            if believed is not None:
                scene.learn(believed)

    def news(self) -> Iterator[str]:
        """A line for every trial that has ended since the last time."""
        known = 0 if self.campaign is None else len(self.campaign.finished)
        if known > self.told:
            yield from self._results(self.told - known)
        self.told = known

    def _state(self, progress: Mapping[str, Any]) -> str:
        if self.campaign is None:
            return "no campaign yet: waits for `mainstem integrate`"
        if self._working:
            workers = progress.get("workers", ())
            on = words.plural(len(workers), "worker")
            return f"running on {on}" if workers else f"running as pid {progress['pid']}"
        return "ended" if self.campaign.ended else "stopped"

    def _running(self, progress: Mapping[str, Any]) -> dict[TrialId, float | None]:
        """Seconds so far: since the worker says it started, else since it was first seen here."""
        now, clock = dt.datetime.now(dt.UTC), time.monotonic()
        names: list[TrialId] = list(progress.get("running", ()))
        since: Mapping[str, str] = progress.get("since", {})
        first = self._first
        # What ran before the first look may have run for hours.
        seen = {n: -1.0 if first is None else first.get(n, clock) for n in names}
        self._first = seen
        found: dict[TrialId, float | None] = {}
        for name in names:
            if name in since:
                started = dt.datetime.fromisoformat(since[name])
                found[name] = max(0.0, (now - started).total_seconds())
            else:
                found[name] = None if seen[name] < 0.0 else clock - seen[name]
        return found

    def _results(self, last: int) -> Iterator[str]:
        """A line for each of the last results, in the order in which they were written down."""
        campaign = self.campaign
        if campaign is None:
            return
        asked = {one.name: one for one in campaign.asked()}
        for name, result in list(campaign.finished.items())[last:]:
            if result.failure is not None:
                what = words.brief(f"failed: {in_a_line(result.failure['what'])}", _SHOWN_FAILURE)
            else:
                first = self.project.stack.objectives[0].name
                values = result.values or {}
                what = words.values({n: v for n, v in values.items() if n == first})
            yield f"{name}  {self.scene.recipe(asked[name])}  {what}"


class Believer:
    """Works out the posterior in a thread, from a record that stays as it was."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._thread: threading.Thread | None = None
        self._found: Integrator | MainstemError | None = None
        self._of = self._wanted = ("", -1)
        self._took_s = 0.0
        self._ended_s = 0.0

    @property
    def busy(self) -> bool:
        """Whether something is being worked out, or waits to be."""
        return self._thread is not None or self._of != self._wanted

    def of(self, record: Record, campaign: CampaignRecord, batches: int) -> Integrator | None:
        """What is believed, where that is new; begins to work on what came since.

        Args:
            record: What the ledger holds.
            campaign: The latest campaign of it.
            batches: How many of its batches have ended.

        Raises:
            MainstemError: Whatever came up while it was worked out.
        """
        self._wanted = (campaign.id, batches)
        found = self._take()
        rested = time.monotonic() - self._ended_s >= _REST * self._took_s
        if self._thread is None and self._of != self._wanted and (rested or campaign.ended):
            self._of = self._wanted
            self._thread = threading.Thread(
                target=self._work, args=(snapshot(record), campaign.id), daemon=True
            )
            self._thread.start()
        return found

    def _take(self) -> Integrator | None:
        if self._thread is None or self._thread.is_alive():
            return None
        found, self._found, self._thread = self._found, None, None
        self._ended_s = time.monotonic()
        if isinstance(found, MainstemError):
            raise found
        return found

    def _work(self, record: Record, campaign: str) -> None:
        started = time.monotonic()
        try:
            integrator = restore(self._stack, record, record.campaigns[campaign]).integrator
            integrator.recommend()  # what the picture asks is worked out here, and kept
            integrator.effects(pairs=False)
            self._found = integrator
        except MainstemError as error:
            self._found = error
        self._took_s = time.monotonic() - started
