"""A campaign at a glance: the lines of a screen, as wide and as high as it is.

What is known stands in a `Scene`; the same picture is drawn by whoever runs the campaign and by
whoever only looks on. Every line fits, colours repeat what words say, and what is of others is
text.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from mainstem.cli import words
from mainstem.cli.rungs import ran
from mainstem.cli.sparks import bar, fit, interval, padded, spark
from mainstem.domain.recipe import in_order
from mainstem.domain.stack import Role
from mainstem.engine import views
from mainstem.engine.rungs import counted
from mainstem.engine.views.course import Course
from mainstem.plots.visible import in_a_line, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.stack import Objective
    from mainstem.domain.trial import TrialId
    from mainstem.engine.campaign_record import Asked, CampaignRecord
    from mainstem.integrator import Effect, Integrator

NAME = 22
"""Cells of a proposal's name, at most."""

_GAP = "  "
_SPARK, _TRIAL_BAR, _LEAST_BAR = 24, 10, 8
_MOST_RECIPE, _MOST_OBJECTIVES = 6, 6
_LAST = 64
_FEW = 3
"""Names of trials to look up; lines of a part with a head, below which it is left out."""


@dataclass(kw_only=True)
class Scene:
    """What is known of a campaign at a moment.

    Attributes:
        slots: How many trials run at once.
        campaign: The campaign; None before it is opened.
        objectives: What is measured.
        order: Proposals in order.
        state: What its state is, beside the numbers; "" for one that runs here.
        running: Trials that run, each with its seconds so far; None: not known.
        best: The best recipe, as `status` has it; None where nothing is known.
        effects: What each proposal does alone.
        course: How far the best measured set was, batch by batch.
        recent: The last results, a line each.
    """

    slots: int
    campaign: CampaignRecord | None = None
    objectives: Sequence[Objective] = ()
    order: Sequence[str] = ()
    state: str = ""
    running: Mapping[TrialId, float | None] = field(default_factory=dict)
    best: Mapping[str, Any] | None = None
    effects: Sequence[Effect] = ()
    course: Course | None = None
    recent: Sequence[str] = ()

    def learn(self, integrator: Integrator) -> None:
        """Takes in what the integrator believes now."""
        self.order = integrator.proposals
        self.objectives = integrator.objectives
        self.best = views.best(integrator)
        self.effects = integrator.effects(pairs=False)
        self.follow()

    def follow(self) -> None:
        """Takes in the batches that have ended since."""
        if self.campaign is None or not self.objectives:
            return
        if self.course is None:
            self.course = Course(objectives=self.objectives)
        self.course.take(self.campaign)

    def recipe(self, asked: Asked) -> str:
        """A trial's recipe for people, and its rung where there are several."""
        at = "" if asked.trial.rung is None else f" at {asked.trial.rung}"
        members = in_order(asked.trial.recipe, self.order)
        return in_a_line(words.recipe(members, most=_MOST_RECIPE)) + at

    def head(self) -> str:
        """Trials done of the budget, and failed ones."""
        if self.campaign is None:
            return self.state
        campaign = self.campaign
        failed = sum(r.values is None for r in campaign.finished.values())
        budget = f"/{campaign.budget:g}" if campaign.budget is not None else ""
        done = f"{campaign.spent:g}{budget} trials"
        if campaign.rungs:
            done += f" of {campaign.rung}{ran(counted(campaign))}"
        state = f", {self.state}" if self.state else ""
        return f"campaign {campaign.id}: {done}, {failed} failed{state}"

    def left(self) -> str:
        """The time left at most; "" if it is not known."""
        left = views.eta_s(self.campaign, slots=self.slots)
        return f"at most {words.duration(left)} left" if left else ""

    def best_line(self) -> str:
        """The best recipe in one sentence, with its gain."""
        found = "best so far: the trunk" if self.best is None else words.best_line(self.best)
        return in_a_line(found)

    def best_set(self) -> str:
        """The same without the gain, for where that stands by objective."""
        if self.best is None or self.course is None or not self.course.points:
            return self.best_line()
        return in_a_line(words.best_line({**self.best, "gain": {}}).removesuffix(": "))


def standing(scene: Scene, *, width: int, unicode: bool) -> list[Text]:
    """Objectives with their course, and failures: what belongs to a campaign at rest too.

    Args:
        scene: What is known.
        width: Cells of a line.
        unicode: Whether blocks can be drawn.
    """
    draw = _Draw(scene, width, unicode=unicode)
    return [*draw.objectives(_MOST_OBJECTIVES), *draw.failures(_FEW)]


class _Draw:
    """The parts of the picture, each as the lines that it may have."""

    def __init__(self, scene: Scene, width: int, *, unicode: bool) -> None:
        self.scene = scene
        self.width = width
        self.unicode = unicode

    def top(self) -> list[Text]:
        """Where it stands: trials, a bar of the budget, the time left, the best set."""
        scene = self.scene
        found = [self._line(scene.head(), style="bold")]
        campaign = scene.campaign
        if campaign is not None and campaign.budget:
            part = campaign.spent / campaign.budget
            said = f"{_GAP}{int(100.0 * part + 1e-9):3d}%" + (
                f"{_GAP}{scene.left()}" if scene.left() else ""
            )
            room = max(_LEAST_BAR, min(60, self.width - len(said)))
            drawn = Text(bar(part, room, unicode=self.unicode), style="cyan")
            found.append(self._cut(drawn.append(said, style="default")))
        return [*found, self._line(scene.best_set())]

    def objectives(self, most: int) -> list[Text]:
        """Each objective: the course of the best measured set, and the gain of the best set."""
        scene = self.scene
        points = scene.course.points if scene.course is not None else []
        gains = scene.best["gain"] if scene.best and scene.best["recipe"] else {}
        if not points:
            return []
        ordered = sorted(scene.objectives, key=lambda o: o.role is not Role.IMPROVE)
        name = min(NAME, max(len(o.name) for o in ordered))
        room = max(_LEAST_BAR, min(_SPARK, self.width - name - 34))
        found = []
        for objective in ordered[:most]:
            values = [p["gain"][objective.name] for p in points if p["gain"]]
            drawn = spark(values, room, unicode=self.unicode)
            gain = gains.get(objective.name)
            line = Text(self._padded(objective.name, name) + _GAP)
            line.append(drawn + " " * (room - len(drawn)), style="cyan")
            line.append(_GAP + words.estimate(gain), style=_tone(gain))
            found.append(self._cut(line))
        return found

    def running(self, most: int) -> list[Text]:
        """What runs: since when, of how long others took, with which recipe."""
        scene = self.scene
        campaign = scene.campaign
        if campaign is None or not scene.running:
            return []
        asked = {a.name: a for batch in campaign.batches for a in batch if a.name in scene.running}
        rows = [(name, since) for name, since in scene.running.items() if name in asked]
        if not rows:
            return []
        found = [self._line(f"{self._padded('running', 10)}{_GAP}time", style="bold")]
        shown = rows if len(rows) < most else rows[: max(1, most - 2)]
        took = self._expected()
        expect = {name: took.get(asked[name].trial.rung) for name, _ in shown}
        times = [_time(since, expect[name]) for name, since in shown]
        widest = max(map(len, times))
        for (name, since), said in zip(shown, times, strict=True):
            expected = expect[name]
            line = Text(self._padded(name, 10) + _GAP)
            if expected and since is not None:
                line.append(
                    bar(since / expected, _TRIAL_BAR, unicode=self.unicode) + _GAP, style="cyan"
                )
            line.append(said.rjust(widest) + _GAP)
            confirms = " (confirming)" if asked[name].trial.purpose == "confirm" else ""
            found.append(self._cut(line.append(scene.recipe(asked[name]) + confirms)))
        if len(rows) > len(shown):
            found.append(self._line(f"and {len(rows) - len(shown)} more"))
        return found

    def _expected(self) -> dict[str | None, float]:
        """The median time of the last trials that have ended, by rung."""
        took: dict[str | None, list[float]] = {}
        campaign = self.scene.campaign
        for one, result in () if campaign is None else campaign.ended_trials():
            if result.run.get("wall_s") and result.values is not None:
                took.setdefault(one.trial.rung, []).append(float(result.run["wall_s"]))
        return {rung: statistics.median(each[-_LAST:]) for rung, each in took.items()}

    def failures(self, most: int) -> list[Text]:
        """Failed trials by what they said, the most frequent first."""
        campaign = self.scene.campaign
        if campaign is None:
            return []
        groups: dict[str, list[str]] = {}
        for name, result in campaign.finished.items():
            if result.values is None:
                what = (result.failure or {}).get("what", "no result")
                groups.setdefault(words.brief(in_a_line(what), 200), []).append(name)
        ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
        found = []
        for what, names in ordered[:most]:
            which = ", ".join(names[:_FEW]) + (", ..." if len(names) > _FEW else "")
            line = (
                Text()
                .append("failed", "red")
                .append(f" {len(names)}x ({which}): {what}", "default")
            )
            found.append(self._cut(line))
        return found

    def effects(self, most: int) -> list[Text]:
        """What each proposal does alone to the first objective, as intervals about no change."""
        effects = self.scene.effects
        if not effects:
            return []
        objective = effects[0].objective
        first = [e for e in effects if e.objective == objective]
        first.sort(key=lambda e: -abs(e.mean) / max(e.high - e.low, 1e-12))
        shown = first[: most - 1]
        labels = [in_a_line(next(iter(e.proposals))) for e in shown]
        head = f"alone, {objective}"
        name = min(NAME, max(len(head), *map(len, labels)))
        numbers = [_number(e) for e in shown]
        number = max(len("gain"), *map(len, numbers))
        room = max(11, min(41, self.width - name - number - 2 * len(_GAP)))
        room -= 1 - room % 2
        reach = max(abs(end) for e in shown for end in (e.low, e.high)) or 1.0
        sides = padded("worse", room // 2, unicode=self.unicode) + " better"
        found = [
            self._line(
                self._padded(head, name) + _GAP + "gain".rjust(number) + _GAP + sides, style="bold"
            )
        ]
        for effect, label, said in zip(shown, labels, numbers, strict=True):
            drawn = interval(
                effect.low / reach,
                effect.mean / reach,
                effect.high / reach,
                room,
                unicode=self.unicode,
            )
            line = Text(self._padded(label, name) + _GAP + said.rjust(number) + _GAP)
            sure = "green" if effect.low > 0.0 else "red" if effect.high < 0.0 else "default"
            found.append(self._cut(line.append(drawn.rstrip(), style=sure)))
        return found

    def recent(self, most: int) -> list[Text]:
        """The last results, the newest last."""
        shown = self.scene.recent[-most:]
        return [self._line(line) for line in shown]

    def _line(self, text: str, style: str = "default") -> Text:
        shown = visible(text).replace("\n", " ").replace("\t", " ")
        return Text(fit(shown, self.width, unicode=self.unicode), style=style)

    def _padded(self, text: str, width: int) -> str:
        return padded(in_a_line(text), width, unicode=self.unicode)

    def _cut(self, line: Text) -> Text:
        """A line of parts, cut at the screen's edge with its colours."""
        if line.cell_len <= self.width:
            return line
        end = "\N{HORIZONTAL ELLIPSIS}" if self.unicode else "..."
        found = line.copy()
        found.truncate(self.width - cell_len(end))
        return found.append(end)


def _time(since: float | None, expected: float | None) -> str:
    """How long a trial runs, of how long others took."""
    if since is None:
        return f"about {words.duration(expected)}" if expected else "-"
    said = words.duration(since)
    return f"{said} of {words.duration(expected)}" if expected else said


def _number(effect: Effect) -> str:
    return words.number(effect.mean, words.digits(0.5 * (effect.high - effect.low)), signed=True)


def _tone(gain: Mapping[str, Any] | None) -> str:
    """The colour of a gain whose sign is clear."""
    if gain is None or gain["low"] is None:
        return "default"
    return "green" if gain["low"] > 0.0 else "red" if gain["high"] < 0.0 else "default"


_Part = Callable[[_Draw, int], list[Text]]

_IN_TURN: Mapping[_Part, tuple[int, int]] = {
    _Draw.objectives: (_MOST_OBJECTIVES, 4),
    _Draw.running: (100, 3),
    _Draw.failures: (_FEW, 3),
    _Draw.effects: (100, 1),
    _Draw.recent: (5, 1),
}
"""The parts in the order in which they have their room: most lines, and the part of what is left
that they may have, as its denominator; a few lines in any case."""


def lines(scene: Scene, *, width: int, height: int, unicode: bool = True) -> list[Text]:
    """The picture: at most `height` lines of at most `width` cells.

    What matters most has its room first; what is left over is shared out from the top down.

    Args:
        scene: What is known.
        width: Cells of a line.
        height: Lines.
        unicode: Whether blocks and lines can be drawn.
    """
    draw = _Draw(scene, width, unicode=unicode)
    top = draw.top()
    left = height - len(top)
    found: dict[_Part, list[Text]] = {}
    for part, (most, share) in _IN_TURN.items():
        room = min(left - 1, most, max(_FEW, left // share))
        found[part] = part(draw, room) if room >= _FEW - 1 else []
        left -= len(found[part]) + 1 if found[part] else 0
    for part in (_Draw.objectives, _Draw.running, _Draw.effects, _Draw.failures, _Draw.recent):
        top += [Text(""), *found[part]] if found[part] else []
    return top[:height]
