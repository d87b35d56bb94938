from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from mainstem.cli.live import Plain
from mainstem.domain.trial import TrialId
from mainstem.ledger.locks import CampaignLock
from mainstem.wiring.progress import PROGRESS_FILE, read_progress, telling_others

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
            assert read_progress(tmp_path) == seen
        assert read_progress(tmp_path) == {"pid": os.getpid()}


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
