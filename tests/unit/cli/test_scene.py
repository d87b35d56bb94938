from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mainstem.cli import words
from mainstem.cli.live import Screen
from mainstem.cli.painter import Painter
from mainstem.cli.scene import Scene, lines
from mainstem.engine.campaign_record import PlayedRung
from mainstem.integrator import Integrator

if TYPE_CHECKING:
    from conftest import Campaign

HOSTILE = "\x1b[2J\x1b]0;owned\x07\N{RIGHT-TO-LEFT OVERRIDE}\r\n" + "z" * 5000


@pytest.fixture
def screen() -> Screen:
    """A listener whose scene is looked at."""
    from rich.console import Console

    return Screen(Painter(Console(force_terminal=True, quiet=True)), slots=2)


def seen(scene: Scene, width: int = 80, height: int = 40, *, unicode: bool = True) -> list[str]:
    """The picture as text."""
    found = lines(scene, width=width, height=height, unicode=unicode)
    return [line.plain.rstrip() for line in found]


def after(shown: list[str], head: str) -> list[str]:
    """The rows of the part whose head begins so, up to the next empty line."""
    start = next(at for at, line in enumerate(shown) if line.startswith(head))
    rows = shown[start + 1 :]
    return rows[: rows.index("")] if "" in rows else rows


def test_the_head_counts_trials_and_failures(campaign: Campaign, screen: Screen) -> None:
    """Done of the budget and failed ones; a bar of it, and the time left at most."""
    campaign.open(screen)
    assert seen(screen.scene)[0] == "campaign c1: 0/40 trials, 0 failed"
    while not any(r.values is None for r in campaign.record.finished.values()):
        campaign.finish(screen, campaign.ask(screen))
    done = len(campaign.record.finished)
    failed = sum(r.values is None for r in campaign.record.finished.values())
    head, bar, *_ = seen(screen.scene)
    assert head == f"campaign c1: {done}/40 trials, {failed} failed"
    left = words.duration((40 - done) * 1.0 / 2)  # a second each, two at a time
    assert bar.endswith(f"  {100 * done // 40:3d}%  at most {left} left")
    assert len(bar) == 80


def test_running_trials_have_their_time_and_recipe(campaign: Campaign, screen: Screen) -> None:
    """Since when, of how long others took; a trial that has ended is no row."""
    campaign.open(screen)
    campaign.finish(screen, campaign.ask(screen))
    batch = campaign.ask(screen)
    screen.scene.running = {batch[0].name: 0.5, batch[1].name: None}
    rows = after(seen(screen.scene), "running")
    assert len(rows) == 2
    assert re.fullmatch(rf"{batch[0].name} +█████░░░░░  0.5 s of 1.0 s  .+", rows[0])
    assert re.fullmatch(rf"{batch[1].name} +about 1.0 s  .+", rows[1])
    for row, asked in zip(rows, batch, strict=False):
        assert row.endswith(screen.scene.recipe(asked))
    screen.ticked([])
    assert not any(line.startswith("running") for line in seen(screen.scene))


def test_many_running_trials_leave_room(campaign: Campaign, screen: Screen) -> None:
    """Some of them, and how many more there are."""
    campaign.open(screen)
    campaign.ask(screen)
    shown = seen(screen.scene, height=10)
    assert after(shown, "running")[-1] == "and 3 more"
    assert len(shown) <= 10


def test_each_objective_has_its_course_and_its_gain(campaign: Campaign, screen: Screen) -> None:
    """A column a batch, and the gain of the best set with its interval."""
    campaign.open(screen)
    for _ in range(4):
        campaign.finish(screen, campaign.ask(screen))
    gain = campaign.integrator.recommend().gain["loss"]
    said = words.estimate(
        {"mean": gain.mean, "low": gain.low, "high": gain.high, "unit": gain.unit}
    )
    shown = seen(screen.scene)
    [row] = [line for line in shown if line.startswith("loss ")]
    assert re.fullmatch(rf"loss  [▁-█]{{4}} +{re.escape(said)}", row)
    assert any(re.fullmatch(r"best so far \(.* sure\): muon \+ rope", line) for line in shown)


def test_the_end_is_said(campaign: Campaign, screen: Screen) -> None:
    """A set that was proved on fresh seeds is told so."""
    campaign.run(screen)
    assert "best so far (confirmed on fresh seeds): muon + rope" in seen(screen.scene)


def test_effects_are_intervals(campaign: Campaign, screen: Screen) -> None:
    """A row a proposal: its gain alone, and on which side of no change it lies."""
    campaign.open(screen)
    for _ in range(3):
        campaign.finish(screen, campaign.ask(screen))
    rows = {row.split()[0]: row for row in after(seen(screen.scene), "alone, loss")}
    assert set(rows) == {"muon", "rope", "bad"}
    for effect in campaign.integrator.effects(pairs=False):
        (name,) = effect.proposals
        places = words.digits(0.5 * (effect.high - effect.low))
        assert words.number(effect.mean, places, signed=True) in rows[name]
    assert rows["muon"].index("●") > rows["muon"].index("│")
    assert rows["bad"].index("●") < rows["bad"].index("│")


def test_failures_are_grouped(campaign: Campaign, screen: Screen) -> None:
    """One line for one cause, with how often, which trials, and what was said."""
    campaign.open(screen)
    while sum(r.values is None for r in campaign.record.finished.values()) < 2:
        campaign.finish(screen, campaign.ask(screen))
    failed = [n for n, r in campaign.record.finished.items() if r.values is None]
    [line] = [line for line in seen(screen.scene, width=200) if line.startswith("failed")]
    assert line.startswith(f"failed {len(failed)}x ({', '.join(failed[:3])}")
    assert "exit code 1: fatal: unable to read tree (3d5f2a)" in line


def test_every_line_fits(campaign: Campaign, screen: Screen) -> None:
    """On wide and narrow screens, low and high; where there is only ASCII, all is ASCII."""
    campaign.open(screen)
    for _ in range(3):
        campaign.finish(screen, campaign.ask(screen))
    campaign.ask(screen)
    for width, height in ((80, 23), (60, 19), (40, 8), (132, 50), (20, 3)):
        for unicode in (True, False):
            found = lines(screen.scene, width=width, height=height, unicode=unicode)
            assert len(found) <= height
            assert all(line.cell_len <= width for line in found)
            assert unicode or all(line.plain.isascii() for line in found)
            assert found[0].plain.startswith("campaign c1: 12")


def test_text_of_others_is_text(campaign: Campaign, screen: Screen) -> None:
    """Names and messages steer nothing, break no line, and are cut where the screen ends."""
    campaign.open(screen)
    while not any(r.values is None for r in campaign.record.finished.values()):
        campaign.finish(screen, campaign.ask(screen))
    batch = campaign.ask(screen)
    scene = screen.scene
    for result in campaign.record.finished.values():
        if result.failure is not None:
            object.__setattr__(result, "failure", {"cause": "exit", "what": HOSTILE})
    scene.recent = [HOSTILE]
    scene.order = (*scene.order, HOSTILE)
    scene.best = {**(scene.best or {}), "recipe": [HOSTILE]}
    object.__setattr__(batch[0].trial, "recipe", frozenset({HOSTILE}))
    for line in lines(scene, width=80, height=40):
        assert line.plain.isprintable()
        assert line.cell_len <= 80
    assert sum("\\x1b[2J" in line for line in seen(scene)) == 4


def test_colours_only_repeat_what_words_say(campaign: Campaign, screen: Screen) -> None:
    """A gain is green and has its sign, a failure is red and is called one."""
    campaign.open(screen)
    while not any(r.values is None for r in campaign.record.finished.values()):
        campaign.finish(screen, campaign.ask(screen))
    for line in lines(screen.scene, width=80, height=40):
        for span in line.spans:
            part = line.plain[span.start : span.end]
            if span.style == "red":
                assert part.startswith(("failed", "-")) or "-" in line.plain
            if span.style == "green":
                assert "+" in line.plain


def test_with_several_rungs_each_is_named(campaign: Campaign, screen: Screen) -> None:
    """A trial's own, what ran at each, and the budget in trials of the one that confirms."""
    costs = {"small": 1.0, "large": 8.0}
    campaign.integrator = Integrator(
        proposals=campaign.integrator.proposals,
        objectives=campaign.integrator.objectives,
        budget=40,
        rungs=costs,
        confirm_rung="large",
    )
    campaign.record.rung = "large"
    campaign.record.rungs = {n: PlayedRung(cost=c, setup=n) for n, c in costs.items()}
    campaign.open(screen)
    batch = campaign.ask(screen)
    assert {screen.scene.recipe(a).rpartition(" at ")[2] for a in batch} <= {"small", "large"}
    campaign.finish(screen, batch)
    done = {r: sum(a.trial.rung == r for a in batch) for r in ("small", "large")}
    spent = done["small"] / 8 + done["large"]
    assert screen.scene.head() == (
        f"campaign c1: {spent:g}/40 trials of large "
        f"({done['small']} at small, {done['large']} at large), 0 failed"
    )


def test_before_a_campaign_there_is_its_state() -> None:
    """Nothing is made up where nothing is known."""
    scene = Scene(slots=0, state="no campaign yet")
    assert seen(scene) == ["no campaign yet", "best so far: the trunk"]
