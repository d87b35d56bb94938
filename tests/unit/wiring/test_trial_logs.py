from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.engine import record as records
from mainstem.wiring import open_project
from mainstem.wiring.trial_logs import trial_log

if TYPE_CHECKING:
    from conftest import GitRepo

WHOLE = {"curves": {}, "stopped_at": None}
"""What is said of a trial that reported no steps."""


def ended(trial: str, host: str, folder: str, *, what: str | None = None) -> dict[str, Any]:
    """The ledger's record of a trial that a worker ran."""
    failure = None if what is None else {"cause": "exit", "what": what}
    worker = {"host": host, "pid": 7, "folder": folder}
    return {
        "campaign": "c1",
        "trial": trial,
        "values": None,
        "failure": failure,
        "worker": worker,
    }


def test_a_log_is_where_its_worker_ran(repo: GitRepo) -> None:
    """Here it is shown; elsewhere its place is, and never another run's log of the same name."""
    with open_project(repo.path) as project:
        here, mine = platform.node(), str(project.state.resolve())
        lines = [
            ended("c1.1", here, mine),
            ended("c1.2", "other", mine, what="exit code 1"),
            ended("c1.3", here, "/elsewhere/.mainstem"),
        ]
        project.ledger.append([(records.TRIAL_FINISHED, line) for line in lines])
        for name in ("c1.1", "c1.2", "c1.3"):
            logs = project.state / "logs" / name
            logs.mkdir(parents=True)
            (logs / "stdout").write_text("loss: 2\n")
        found = [trial_log(project.ledger, project.state, f"c1.{n}") for n in (1, 2, 3)]
    assert found[0] == {
        "stdout": "loss: 2\n",
        "stderr": "",
        "failure": None,
        "rung": None,
        **WHOLE,
    }
    assert [f["stdout"] for f in found[1:]] == ["", ""]
    assert [f["elsewhere"] for f in found[1:]] == [
        {"host": "other", "folder": f"{mine}/logs/c1.2"},
        {"host": here, "folder": "/elsewhere/.mainstem/logs/c1.3"},
    ]
    assert found[1]["failure"] == {"cause": "exit", "what": "exit code 1"}


def test_a_late_result_is_not_a_trials_log(repo: GitRepo) -> None:
    """The first result counts here too: a late one does not take the log's place."""
    with open_project(repo.path) as project:
        mine = str(project.state.resolve())
        project.ledger.append(
            [
                (records.TRIAL_FINISHED, ended("c1.1", "other", mine)),
                (records.TRIAL_LATE, ended("c1.1", platform.node(), mine)),
            ]
        )
        assert trial_log(project.ledger, project.state, "c1.1")["elsewhere"]["host"] == "other"
        with pytest.raises(UsageError, match="no log of a trial"):
            trial_log(project.ledger, project.state, "c1.2")


def test_a_trial_is_told_with_its_rung(repo: GitRepo) -> None:
    """Whoever asked for it: a campaign, a check at several rungs, or a try."""

    def trials(*names: str, **more: str) -> list[dict[str, str]]:
        return [{"trial": name, **more} for name in names]

    asked = {"campaign": "c1", "trials": [*trials("c1.1", rung="small"), *trials("c1.2", rung="l")]}
    checked = {
        "rung": "l",
        "trials": trials("k1.1"),
        "setup": "s",
        "trunk_tree": "t",
        "rungs": [{"rung": "small", "setup": "x", "trials": trials("k1.2")}],
    }
    tried = {"try": "t1", "rung": "small", "setup": "s", "trunk_tree": "t", "tree": "u"}
    with open_project(repo.path) as project:
        project.ledger.append(
            [
                (records.BATCH_ASKED, asked),
                (records.CHECK_FINISHED, checked),
                (records.TRY_OPENED, tried),
            ]
        )
        found = {}
        for name in ("c1.1", "c1.2", "k1.1", "k1.2", "t1.2"):
            logs = project.state / "logs" / name
            logs.mkdir(parents=True)
            (logs / "stdout").write_text("")
            found[name] = trial_log(project.ledger, project.state, name)["rung"]
    assert found == {"c1.1": "small", "c1.2": "l", "k1.1": "l", "k1.2": "small", "t1.2": "small"}
