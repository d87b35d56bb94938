from __future__ import annotations

from typing import TYPE_CHECKING

from large_ledger import Size, make_project
from mainstem.engine import record as records
from mainstem.engine.record import fold
from mainstem.ledger.chain import GENESIS
from mainstem.ledger.on_sqlite import SqliteLedger
from mainstem.wiring.board_follow import Ended, Follower
from mainstem.wiring.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

WORKER = {"host": "far", "pid": 7, "folder": "/far/.mainstem"}


def ledger_of(folder: Path) -> SqliteLedger:
    """The ledger in a folder."""
    return SqliteLedger(folder / "ledger.sqlite", SystemClock())


def test_line_by_line_it_holds_what_folding_gives(tmp_path: Path) -> None:
    """However many come between two looks; what was given out before stays as it was."""
    folder = make_project(tmp_path / "stack", Size(proposals=20, trials=40, campaigns=2))
    whole = ledger_of(folder / ".mainstem")
    every = list(whole.entries())
    whole.close()
    ledger, follower = ledger_of(tmp_path), Follower()
    assert not follower.follow(ledger)
    assert (follower.hash, follower.at, follower.first) == (GENESIS, None, "")
    done = 0
    for step in (1, 1, 30, 20, len(every)):
        before, old = follower.record, fold(ledger.entries())
        lines = ledger.append([(e.kind, e.body) for e in every[done : done + step]])
        done += len(lines)
        assert follower.follow(ledger)
        assert not follower.follow(ledger)
        assert follower.record == fold(ledger.entries())
        assert before == old
        assert (follower.hash, follower.at) == (lines[-1].hash, lines[-1].at)
    assert follower.first == next(ledger.entries()).hash
    ledger.close()


def test_another_ledger_is_read_from_its_beginning(tmp_path: Path) -> None:
    """A shorter one, one as long, and none at all."""
    for name, kinds in (("one", "aaa"), ("two", "bb"), ("three", "ccc"), ("four", "")):
        (tmp_path / name).mkdir()
        ledger = ledger_of(tmp_path / name)
        ledger.append([(kind, {}) for kind in kinds])
        ledger.close()
    follower = Follower()
    for name in ("one", "two", "three", "four", "one"):
        ledger = ledger_of(tmp_path / name)
        assert follower.follow(ledger)
        assert (follower.record.seq, follower.hash) == ledger.end()
        ledger.close()


def test_how_trials_ended_is_noted(tmp_path: Path) -> None:
    """Of campaigns, checks and tries, with who ran them."""
    ledger, follower = ledger_of(tmp_path), Follower()
    ended = {"campaign": "c1", "values": None, "failure": {"cause": "exit", "what": "code 1"}}
    ledger.append(
        [
            (records.TRIAL_FINISHED, {**ended, "trial": "c1.1", "worker": WORKER}),
            (records.TRIAL_FINISHED, {**ended, "trial": "c1.2"}),
            (records.CHECK_FINISHED, {"trials": [{"trial": "k1.1"}, {"trial": "k1.2"}]}),
            (records.TRY_FINISHED, {"trials": ["t1.1", "t1.2"], "worker": WORKER}),
        ]
    )
    follower.follow(ledger)
    ledger.close()
    names = ["c1.1", "c1.2", "k1.1", "k1.2", "t1.1", "t1.2"]
    assert list(follower.ended) == names
    assert [follower.ended[n] == Ended(worker=WORKER) for n in names] == [1, 0, 0, 0, 1, 1]
