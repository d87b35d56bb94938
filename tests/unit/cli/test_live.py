from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from mainstem.cli import words
from mainstem.cli.live import Plain, Screen, interval_bar, showing
from mainstem.engine.campaign_record import PlayedRung
from mainstem.integrator import Integrator

if TYPE_CHECKING:
    from conftest import Campaign

WIDTH = 100


def terminal() -> Console:
    """A terminal of fixed size that remembers what was drawn."""
    return Console(record=True, force_terminal=True, width=WIDTH, height=40, color_system=None)


def seen(screen: Screen) -> list[str]:
    """The screen as it stands, as lines of text."""
    out = terminal()
    with out.capture() as capture:
        out.print(screen.picture())
    return [line.rstrip() for line in capture.get().splitlines()]


def after(lines: list[str], head: str) -> list[str]:
    """The rows of the table whose header begins so, up to the next empty line."""
    start = next(at for at, line in enumerate(lines) if line.startswith(head))
    rows = lines[start + 1 :]
    return rows[: rows.index("")] if "" in rows else rows


def gain_of_the_best(campaign: Campaign) -> str:
    """The interval of the best recipe's gain, as people read it."""
    gain = campaign.integrator.recommend().gain["loss"]
    return words.estimate(
        {"mean": gain.mean, "low": gain.low, "high": gain.high, "unit": gain.unit}
    )


def test_the_screen_shows_what_runs_with_its_recipe(campaign: Campaign) -> None:
    """Each running trial is a row with name, time and recipe; a trial that has ended is none."""
    screen = Screen(terminal(), slots=2)
    campaign.open(screen)
    campaign.finish(screen, campaign.ask(screen))
    batch = campaign.ask(screen)
    screen.ticked([batch[0].name, batch[1].name])
    rows = after(seen(screen), "running")
    assert len(rows) == 2
    for row, asked in zip(rows, batch, strict=False):
        name, since, recipe = re.split(r"  +", row)
        assert name == asked.name
        assert re.fullmatch(r"[\d.]+ (ms|s)", since)
        assert recipe == screen.name(asked)
    screen.ticked([])
    assert not any(line.startswith("running") for line in seen(screen))


def test_the_screen_shows_the_best_recipe_with_its_interval(campaign: Campaign) -> None:
    """The second line is the integrator's recommendation, its gain and the gain's interval."""
    screen = Screen(terminal(), slots=2)
    campaign.open(screen)
    assert seen(screen)[1] == "best so far: the trunk"
    for _ in range(3):
        campaign.finish(screen, campaign.ask(screen))
    assert campaign.best() == ("muon", "rope")
    line = seen(screen)[1]
    assert line.startswith("best so far (")
    assert line.endswith(f": muon + rope: loss {gain_of_the_best(campaign)}")
    assert re.search(r"\[\+0\.\d+, \+0\.\d+\] nats$", line)


def test_the_screen_says_when_the_best_is_confirmed(campaign: Campaign) -> None:
    """At the end of a campaign whose set was proved on fresh seeds, the screen says so."""
    screen = Screen(terminal(), slots=2)
    campaign.run(screen)
    assert campaign.integrator.recommend().confirmed
    assert seen(screen)[1].startswith("best so far (confirmed on fresh seeds): muon + rope: loss")


def test_the_screen_counts_trials_failures_and_the_time_left(campaign: Campaign) -> None:
    """The head line: trials done of the budget, failed ones, and the time left at most."""
    screen = Screen(terminal(), slots=2)
    campaign.open(screen)
    assert seen(screen)[0] == "campaign c1: 0/40 trials, 0 failed"
    while not any(r.values is None for r in campaign.record.finished.values()):
        campaign.finish(screen, campaign.ask(screen))
    done = len(campaign.record.finished)
    failed = sum(r.values is None for r in campaign.record.finished.values())
    left = words.duration((40 - done) * 1.0 / 2)  # a second each, two at a time
    head = f"campaign c1: {done}/40 trials, {failed} failed, at most {left} left"
    assert seen(screen)[0] == head


def test_the_screen_shows_what_is_learnt_of_each_proposal(campaign: Campaign) -> None:
    """One row per proposal: its gain alone and an interval on the side where it belongs."""
    screen = Screen(terminal(), slots=2)
    campaign.open(screen)
    for _ in range(3):
        campaign.finish(screen, campaign.ask(screen))
    rows = {row.split()[0]: row for row in after(seen(screen), "alone, loss")}
    assert set(rows) == {"muon", "rope", "bad"}
    for effect in campaign.integrator.effects(pairs=False):
        (name,) = effect.proposals
        places = words.digits(0.5 * (effect.high - effect.low))
        assert words.number(effect.mean, places, signed=True) in rows[name]
    worse, better = rows["muon"].split("|") if "|" in rows["muon"] else ("-", "")
    assert "-" not in worse.removeprefix("muon").replace("-0.", "")
    assert "-" in better


def test_the_screen_keeps_the_last_results_on_a_line_each(campaign: Campaign) -> None:
    """Five results at most, the newest last; a failure text of many lines is one, cut."""
    screen = Screen(terminal(), slots=2)
    campaign.open(screen)
    while not any("failed" in line for line in screen.recent):
        campaign.finish(screen, campaign.ask(screen))
    shown = [line for line in seen(screen) if re.match(r"c1\.\d+  ", line)]
    assert shown == [line[:WIDTH] for line in screen.recent]
    assert 4 <= len(shown) <= 5
    crashed = next(line for line in shown if "failed" in line)
    assert crashed.endswith("  failed: exit code 1: fatal: unable to read tree (3d5f2a)...")


def test_the_screen_gives_the_terminal_back(campaign: Campaign) -> None:
    """A whole campaign is drawn, nothing of it stays, and the cursor is there again."""
    out = terminal()
    screen = Screen(out, slots=2)
    with out.capture() as capture, screen.live:
        campaign.run(screen)
        screen.live.refresh()
    drawn = capture.get()
    assert "campaign c1: " in drawn
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")
    assert drawn.rindex("\x1b[2K") > drawn.rindex("campaign c1: ")


def test_plain_says_a_line_per_event(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    """One when it opens, one per finished trial, one per batch; none when trials start or run."""
    campaign.run(Plain(slots=2))
    lines = capsys.readouterr().out.splitlines()
    told = [event for event in campaign.events if event in {"opened", "finished", "learnt"}]
    assert len(lines) == len(told)
    for line, event in zip(lines, told, strict=True):
        if event == "finished":
            assert re.match(r"c1\.\d+( \(confirmation\))?  (the trunk|[a-z+ ]+)  ", line)
            assert line.endswith("  1.0 s")
        else:
            assert line.startswith("campaign c1")


def test_the_words_of_plain(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    """The course of a campaign in a log, from its opening to its confirmed set."""
    campaign.run(Plain(slots=2))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "campaign c1 opened: 3 proposals, seed 0"
    first = campaign.record.batches[0][0]
    loss = campaign.record.finished[first.name].values
    assert loss is not None
    assert lines[1] == f"c1.1  the trunk  loss {loss['loss']:.6g}  1.0 s"
    assert any(" (confirmation)  muon + rope  loss 1.5" in line for line in lines)
    assert any(re.match(r"c1\.\d+  muon \+ bad  failed: exit code 1: ", line) for line in lines)
    done, best = lines[-1].split("; ")
    assert done.startswith(f"campaign c1: {len(campaign.record.finished)}/40 trials, ")
    assert best.startswith("best so far (confirmed on fresh seeds): muon + rope: loss +0.5")


def test_a_campaign_that_goes_on_says_so(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader of a log sees whether this is another campaign."""
    campaign.open(Plain(slots=2), resumed=True)
    assert capsys.readouterr().out == "campaign c1 goes on: 3 proposals, seed 0\n"


@pytest.mark.parametrize(
    ("slots", "batch", "resumed", "words_said"),
    [
        (2, None, True, []),
        (2, 4, True, []),
        (2, 8, False, []),
        (2, 8, True, ["keeps the batches of 4", "--batch 8"]),
        (6, None, False, ["-j 6", "batches of 4", "--batch 6"]),
    ],
)
def test_a_batch_that_is_not_used_is_said(
    campaign: Campaign,
    capsys: pytest.CaptureFixture[str],
    slots: int,
    batch: int | None,
    *,
    resumed: bool,
    words_said: list[str],
) -> None:
    """`--batch` on a campaign that goes on, and slots that stay idle, are one note each."""
    campaign.open(Plain(slots=slots, batch=batch), resumed=resumed)
    *notes, last = capsys.readouterr().out.splitlines()
    assert last.startswith("campaign c1 ")
    assert len(notes) == bool(words_said)
    for word in words_said:
        assert word in notes[0]
        assert notes[0].startswith("note: ")
    screen = Screen(out := terminal(), slots=slots, batch=batch)
    campaign.open(screen, resumed=resumed)
    assert " ".join(out.export_text().split()) == " ".join(notes)


def test_without_a_terminal_and_quiet_nothing_is_drawn(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipe gets plain lines, and `--json` keeps its standard output to itself."""
    with showing(slots=2) as listener:
        assert isinstance(listener, Plain)
    with showing(slots=8, batch=8, quiet=True) as listener:
        campaign.run(listener)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("low", "high", "bar"),
    [(-1.0, 1.0, "--+--"), (0.5, 1.0, "  |--"), (-1.0, -0.5, "--|  "), (0.0, 0.0, "  +  ")],
)
def test_an_interval_is_drawn_where_it_lies(low: float, high: float, bar: str) -> None:
    """Worse is to the left of the middle, better to the right; the middle is no change."""
    assert interval_bar(low, high, width=2) == bar


def test_with_several_rungs_each_is_named(campaign: Campaign) -> None:
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
    screen = Screen(terminal(), slots=2)
    campaign.open(screen)
    batch = campaign.ask(screen)
    assert {screen.name(a).rpartition(" at ")[2] for a in batch} <= {"small", "large"}
    campaign.finish(screen, batch)
    done = {r: sum(a.trial.rung == r for a in batch) for r in ("small", "large")}
    spent = done["small"] / 8 + done["large"]
    assert screen.head().startswith(
        f"campaign c1: {spent:g}/40 trials of large "
        f"({done['small']} at small, {done['large']} at large), 0 failed"
    )
