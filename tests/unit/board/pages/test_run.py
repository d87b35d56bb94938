"""The page of one run: whatever it printed is text, and what it printed last is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.logs import PIECE_BYTES
from mainstem.board.page import NotHereError, Visit
from mainstem.board.pages import run
from mainstem.domain.errors import UsageError
from mainstem.engine import record as records
from tests.unit.board import ledgers
from tests.unit.board.given import Given, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mainstem.board.reader import LogPiece

HALF = {"wall_s": 3.0, "cpu_s": 1.0, "host": ledgers.HOST, "confinement": {}}


@pytest.fixture
def reader(tmp_path: Path) -> Given:
    """A pair of a campaign, a run that failed, one that reported by step, and a pair tried."""
    tried = {"try": "t1", "commit": "c" * 40, "rung": "small", "pairs": [1]}
    pair = {"try": "t1", "pair": 1, "seed": 5, "trials": ["t1.1", "t1.2"], "runs": [HALF, HALF]}
    failure = {"cause": "exit", "what": "exit code 1"}
    curve = {"loss": [[1, 9.0], [40, 2.5]]}
    lines = [
        ledgers.proposal("clip", 1, "optimizer"),
        ledgers.opened("clip"),
        ledgers.asked(
            {"n": 1, "recipe": [], "purpose": "confirm", "seed": 3},
            {"n": 2, "recipe": ["clip"], "purpose": "confirm", "seed": 3},
            {"n": 3, "recipe": ["clip"]},
            {"n": 4, "recipe": ["clip"]},
        ),
        ledgers.ended("c1.1", 2.6),
        ledgers.ended("c1.2", 2.4, stopped_at=40, curves=curve),
        ledgers.ended("c1.3", failure=("signal", "killed by SIGKILL")),
        (records.TRIAL_LATE, {"campaign": "c1", "trial": "c1.1", "values": {"loss": 2.7}}),
        (records.TRY_OPENED, tried),
        (records.TRY_FINISHED, {**pair, "values": [{"loss": 2.0}, None], "failure": failure}),
    ]
    return Given(lines=ledgers.written(tmp_path, lines), folder=tmp_path)


def content(reader: Given, trial: str, **query: str) -> Mapping[str, Any]:
    """What the page of a trial shows."""
    return run.content(reader, Visit(place={"trial": trial}, query=query))


def test_a_run_among_others(reader: Given) -> None:
    """Its neighbours, the other half of its pair, and other runs of its recipe."""
    found = content(reader, "c1.2")
    assert (found["before"], found["after"]) == ("c1.1", "c1.3")
    assert found["pair"].trial == "c1.1"
    assert [row.trial for row in found["same"]] == ["c1.3", "c1.4"]
    assert content(reader, "c1.1")["before"] is None
    assert content(reader, "c1.4")["after"] is None
    assert content(reader, "c1.3")["pair"] is None


def test_what_it_measured_by_step(reader: Given) -> None:
    """A small picture with its first and last value, and a table of the same points."""
    page = shown(run.PAGE, reader, place="c1.2")
    assert "loss by step: from 9 to 2.5" in page
    assert "ended early, at step 40" in page
    assert '<td class="n">40</td><td class="n">2.5</td>' in page


def test_a_failure_in_words(reader: Given) -> None:
    """What the cause means, and what was said."""
    page = shown(run.PAGE, reader, place="c1.3")
    assert "Killed by a signal." in page
    assert "killed by SIGKILL" in page


def test_a_second_result_is_told(reader: Given) -> None:
    """It counts nowhere, and nobody has to find that out."""
    page = shown(run.PAGE, reader, place="c1.1")
    assert "The first result counts" in page
    assert "2.7" in page


def test_a_run_of_a_try_has_its_page(reader: Given) -> None:
    """The branch's half may have failed, the trunk's has a value."""
    trunk, branch = (content(reader, name)["row"] for name in ("t1.1", "t1.2"))
    assert (trunk.state, trunk.values, trunk.rung) == ("succeeded", {"loss": 2.0}, "small")
    assert (branch.state, branch.failure["what"]) == ("failed", "exit code 1")


@pytest.mark.parametrize("name", ["c1.9", "c9.1", "t1.3", "t9.1", "../logs", "<b>"])
def test_what_is_no_run_is_not_here(reader: Given, name: str) -> None:
    """Whatever stands in the address."""
    with pytest.raises(NotHereError, match="no run"):
        content(reader, name)


def test_a_run_without_a_log_says_so(reader: Given) -> None:
    """One that waits has printed nothing, and nothing is followed yet."""
    page = shown(run.PAGE, reader, place="c1.4")
    assert "it has not run" in page
    assert "data-log" not in page


def test_a_run_that_has_just_begun_is_followed_from_its_first_byte(reader: Given) -> None:
    """Its log is not there yet, and comes by itself."""
    reader.at_work = {"pid": 1, "slots": 1, "running": ["c1.4"]}
    assert content(reader, "c1.4")["follow"] == {"stdout": 0, "stderr": 0}
    assert 'id="log-stdout"' in shown(run.PAGE, reader, place="c1.4")


def test_a_log_that_cannot_be_read_says_why(reader: Given) -> None:
    """The rest of the page stands."""

    class Broken(Given):
        """Its logs are behind a link that is not followed."""

        def log(self, trial: str, stream: str, *, start: int, most: int) -> LogPiece:
            """It cannot be read."""
            del stream, start, most
            raise UsageError(f"the log of {trial} cannot be read: it is a link")

    page = shown(run.PAGE, Broken(lines=reader.lines, folder=reader.folder), place="c1.1")
    assert "it is a link" in page
    assert "What it measured" in page


def test_the_last_of_a_long_log_comes_first(reader: Given) -> None:
    """A megabyte is not sent: its end is, with a link to what stands before."""
    whole = b"x" * (2**20 - 1) + b"!"
    reader.logs = {("c1.1", "stdout"): whole, ("c1.1", "stderr"): b""}
    page = shown(run.PAGE, reader, place="c1.1")
    first = 2**20 - PIECE_BYTES
    assert page.count("x") < PIECE_BYTES + 1000
    assert "x!</pre>" in page
    assert f'href="/runs/c1.1?stdout={first - PIECE_BYTES}#stdout"' in page


def test_an_earlier_piece_is_a_link_away(reader: Given) -> None:
    """And leads on to the later one and to the end."""
    reader.logs = {("c1.1", "stdout"): b"a" * 200_000, ("c1.1", "stderr"): b"e"}
    one = content(reader, "c1.1", stdout="1000")["logs"][0]
    assert (one["piece"].start, one["earlier"], one["later"]) == (1000, 0, 1000 + PIECE_BYTES)
    page = shown(run.PAGE, reader, place="c1.1", stdout="1000")
    assert f'href="/runs/c1.1?stdout={1000 + PIECE_BYTES}#stdout"' in page


def test_what_a_log_holds_is_text(reader: Given) -> None:
    """Markup, colours of a terminal, and what turns text round do nothing."""
    reader.logs = {
        ("c1.1", "stdout"): b"<script>alert(1)</script>\x1b[31mred\x00",
        ("c1.1", "stderr"): "\u202eevil\xff".encode() + b"\xff",
    }
    page = shown(run.PAGE, reader, place="c1.1")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "\\x1b[31mred\\x00" in page


def test_a_log_that_grows_is_followed_from_where_it_was_sent(reader: Given) -> None:
    """Both streams on one line; an earlier piece is read and not followed."""
    reader.logs = {("c1.4", "stdout"): b"step 1\n", ("c1.4", "stderr"): b""}
    reader.ended, reader.at_work = False, {"pid": 1, "slots": 1, "running": ["c1.4"]}
    assert content(reader, "c1.4")["follow"] == {"stdout": 7, "stderr": 0}
    page = shown(run.PAGE, reader, place="c1.4")
    assert 'data-log="/runs/c1.4/log?stdout=7&amp;stderr=0"' in page
    reader.logs["c1.4", "stdout"] = b"a" * 200_000
    assert content(reader, "c1.4", stdout="0")["follow"] is None
    reader.ended = True
    assert content(reader, "c1.4")["follow"] is None
