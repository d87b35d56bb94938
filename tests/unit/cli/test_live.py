from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from mainstem.cli.live import Plain, Screen, paintable, showing
from mainstem.cli.painter import Painter

if TYPE_CHECKING:
    from conftest import Campaign


def terminal() -> Console:
    """A terminal of fixed size, whose file remembers what was drawn."""
    return Console(file=io.StringIO(), force_terminal=True, width=200, height=40, color_system=None)


def drawn(out: Console) -> str:
    """All that was written to a terminal."""
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


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
    out = terminal()
    with Painter(out) as painter:
        campaign.open(Screen(painter, slots=slots, batch=batch), resumed=resumed)
    above, _, picture = drawn(out).partition("\x1b[?25l")[2].partition("campaign c1: ")
    assert [line for line in above.replace("\r", "").splitlines() if line] == notes
    assert picture


def test_without_a_terminal_and_quiet_nothing_is_drawn(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipe gets plain lines, and `--json` keeps its standard output to itself."""
    with showing(slots=2) as listener:
        assert isinstance(listener, Plain)
    with showing(slots=8, batch=8, quiet=True) as listener:
        campaign.run(listener)
    assert capsys.readouterr().out == ""


def test_the_screen_follows_a_campaign(campaign: Campaign) -> None:
    """What runs, what has ended, what is believed: each as soon as it is heard."""
    screen = Screen(Painter(terminal()), slots=2)
    campaign.open(screen)
    batch = campaign.ask(screen)
    assert list(screen.scene.running) == [asked.name for asked in batch]
    assert screen.scene.best is None
    campaign.finish(screen, batch)
    assert screen.scene.running == {}
    assert screen.scene.best is not None
    assert len(screen.scene.recent) == 4
    assert screen.scene.course is not None
    assert len(screen.scene.course.points) == 1


def test_the_screen_keeps_the_last_results(campaign: Campaign) -> None:
    """Five at most, the newest last; a failure of many lines is one, cut."""
    screen = Screen(Painter(terminal()), slots=2)
    campaign.open(screen)
    while not any("failed" in line for line in screen.scene.recent):
        campaign.finish(screen, campaign.ask(screen))
    assert 4 <= len(screen.scene.recent) <= 5
    crashed = next(line for line in screen.scene.recent if "failed" in line)
    assert crashed.endswith("  failed: exit code 1: fatal: unable to read tree (3d5f2a)...")


def test_the_screen_gives_the_terminal_back(campaign: Campaign) -> None:
    """A whole campaign is drawn, nothing of it stays, and the cursor is there again."""
    out = terminal()
    with Painter(out) as painter:
        campaign.run(Screen(painter, slots=2))
    text = drawn(out)
    assert "campaign c1: " in text
    assert "best so far (confirmed on fresh seeds): muon + rope" in text
    assert text.endswith("\x1b[J\x1b[?25h")


def test_a_campaign_that_goes_on_shows_what_is_known(campaign: Campaign) -> None:
    """Before the first new trial has ended, the screen has all that was learnt before."""
    quiet = Plain(slots=2, quiet=True)
    campaign.open(quiet)
    for _ in range(2):
        campaign.finish(quiet, campaign.ask(quiet))
    screen = Screen(Painter(terminal()), slots=2)
    campaign.open(screen, resumed=True)
    assert screen.scene.best is not None
    assert screen.scene.course is not None
    assert len(screen.scene.course.points) == 2


@pytest.mark.parametrize(
    ("variables", "paints"),
    [
        ({}, True),
        ({"CI": "true"}, False),
        ({"CI": "false"}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1"}, True),
    ],
)
def test_where_a_picture_may_change_in_place(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, paints: bool
) -> None:
    """On a terminal that can move its cursor and whose output nobody keeps as a log."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert not paintable(terminal())  # standard output is none here
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert paintable(terminal()) is paints
