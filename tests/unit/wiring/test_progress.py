from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from mainstem.cli.live import Plain
from mainstem.domain.proposal import CommitId, TreeId
from mainstem.domain.trial import Purpose, Trial, TrialId
from mainstem.engine.ports import Worker
from mainstem.engine.record import Asked, CampaignRecord, Finished, Record
from mainstem.ledger.locks import CampaignLock
from mainstem.wiring.progress import PROGRESS_FILE, of_workers, read_progress, telling_others

if TYPE_CHECKING:
    from pathlib import Path


def test_others_see_what_runs_while_it_runs(tmp_path: Path) -> None:
    """The file says what runs as long as its writer works, and goes with it."""
    assert read_progress(tmp_path) == {}
    with CampaignLock(tmp_path):
        assert read_progress(tmp_path) == {"pid": os.getpid()}
        with telling_others(Plain(slots=2, quiet=True), tmp_path, slots=2) as listener:
            listener.ticked([TrialId("c1.1"), TrialId("c1.2")])
            seen = {"pid": os.getpid(), "slots": 2, "running": ["c1.1", "c1.2"], "queued": 0}
            found = read_progress(tmp_path)
            assert found.pop("since").keys() == {"c1.1", "c1.2"}
            assert found == seen
        assert read_progress(tmp_path) == {"pid": os.getpid()}


def test_since_when_a_trial_runs_stays_while_it_does(tmp_path: Path) -> None:
    """It is the moment at which it was first seen, and goes with the trial."""
    watched = telling_others(Plain(slots=2, quiet=True), tmp_path, slots=2)
    with CampaignLock(tmp_path), watched as listener:
        listener.ticked([TrialId("c1.1")])
        first = read_progress(tmp_path)["since"]["c1.1"]
        time.sleep(0.002)
        listener.ticked([TrialId("c1.1"), TrialId("c1.2")])
        since = read_progress(tmp_path)["since"]
        assert since["c1.1"] == first < since["c1.2"]
        listener.ticked([TrialId("c1.2")])
        assert read_progress(tmp_path)["since"] == {"c1.2": since["c1.2"]}


def test_what_a_killed_process_left_says_nothing(tmp_path: Path) -> None:
    """Without the lock nobody works; with it, only its holder's words count."""
    said = {"pid": os.getpid() + 1, "slots": 2, "running": ["c1.1"], "queued": 0}
    (tmp_path / PROGRESS_FILE).write_text(json.dumps(said))
    assert read_progress(tmp_path) == {}
    with CampaignLock(tmp_path):
        assert read_progress(tmp_path) == {"pid": os.getpid()}
        (tmp_path / PROGRESS_FILE).write_text('{"half')
        assert read_progress(tmp_path) == {"pid": os.getpid()}


def test_a_full_disk_costs_the_picture_not_the_campaign(tmp_path: Path) -> None:
    """A file that cannot be written is passed over, and what comes is handed on."""
    (tmp_path / "progress.part").mkdir()
    with telling_others(Plain(slots=1, quiet=True), tmp_path, slots=1) as listener:
        listener.ticked([TrialId("c1.1")])
    assert not (tmp_path / PROGRESS_FILE).exists()


def test_workers_of_a_team_in_the_words_of_one() -> None:
    """Slots are summed, what has a result runs no more, and what nobody holds is queued."""
    record = Record()
    record.active = "c1"
    record.campaigns["c1"] = CampaignRecord(
        id="c1", seed=0, trunk=CommitId("t"), setup="", batch=4, budget=None, rung="", proposals=[]
    )
    names = [TrialId(f"c1.{n}") for n in range(1, 6)]
    trees = [TreeId("x"), TreeId("x"), None, TreeId("x"), TreeId("x")]
    trial = Trial(id=1, recipe=frozenset(), seed=0, rung=None, purpose=Purpose.SEARCH)
    record.campaigns["c1"].batches.append(
        [Asked(name=n, trial=trial, tree=t) for n, t in zip(names, trees, strict=True)]
    )
    record.campaigns["c1"].finished[names[0]] = Finished(
        name=names[0], values=None, failure=None, run={}
    )
    workers = [
        Worker(host="h", pid=1, slots=2, folder="/a", since="s", running=(names[0], names[1])),
        Worker(host="i", pid=2, slots=3, folder="/b", since="s"),
    ]
    found = of_workers(workers, record)
    assert (found["pid"], found["slots"], found["running"]) == (1, 5, ["c1.2"])
    assert found["queued"] == 2
    assert [(w["pid"], w["running"]) for w in found["workers"]] == [(1, ["c1.2"]), (2, [])]
    assert of_workers([], record) == {}
