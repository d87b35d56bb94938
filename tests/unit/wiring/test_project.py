from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import StoreError, UsageError
from mainstem.engine import record as records
from mainstem.wiring import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepo

WHOLE = {"rung": None, "curves": {}, "stopped_at": None}
"""What is said of a trial that reported no steps."""


def ended(trial: str, what: str | None) -> dict[str, Any]:
    """The ledger's record of a trial's end, as far as its log goes."""
    failure = None if what is None else {"cause": "exit", "what": what}
    return {"campaign": "c1", "trial": trial, "values": None, "failure": failure}


def test_the_log_of_a_trial_has_its_failure_whole(repo: GitRepo) -> None:
    """All lines of the last failure of that trial; a trial that never printed anything too."""
    long = "cannot start: " + "fatal: not here\n" * 40
    with open_project(repo.path) as project:
        project.ledger.append(
            [
                (records.TRUNK_FAILED, ended("c1.1", "exit code 1")),
                (records.TRIAL_FINISHED, ended("c1.2", long)),
                (records.TRIAL_FINISHED, ended("c1.1", None)),
            ]
        )
        logs = project.state / "logs" / "c1.1"
        logs.mkdir(parents=True)
        (logs / "stdout").write_text("loss: 2\n")
        assert project.logs("c1.1") == {
            "stdout": "loss: 2\n",
            "stderr": "",
            "failure": None,
            **WHOLE,
        }
        failure = {"cause": "exit", "what": long}
        assert project.logs("c1.2") == {"stdout": "", "stderr": "", "failure": failure, **WHOLE}


def test_a_trunk_that_the_campaign_s_own_merge_moved_is_no_warning(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved by other means, or by a merge before the last one, it is; with what to do."""
    campaign = SimpleNamespace(id="c1", trunk="0" * 40)
    with open_project(repo.path) as project:
        now = project.trunk_commit
        monkeypatch.setattr(type(project), "strays", lambda *_: [])

        def told(*merges: tuple[str, str]) -> list[str]:
            found = [{"old": old, "new": new} for old, new in merges]
            record: Any = SimpleNamespace(latest=lambda: campaign, merges=found)
            return project.warnings(record)

        assert told(("0" * 40, now)) == []
        (said,) = told(("0" * 40, "1" * 40))
        assert said.endswith("`mainstem integrate` measures the trunk of today")
        assert told(("1" * 40, now)) == told() == [said]


@pytest.mark.parametrize("name", ["c9.9", "..", "../logs/c1.1", ""])
def test_a_trial_that_is_not_there_has_no_log(repo: GitRepo, name: str) -> None:
    """Whatever the name: it is never taken for a path."""
    with open_project(repo.path) as project:
        (project.state / "logs" / "c1.1").mkdir(parents=True)
        with pytest.raises(UsageError, match="no log of a trial"):
            project.logs(name)


def test_the_ledger_is_let_go(repo: GitRepo) -> None:
    """After the block nothing is open, so that another process or a move is not in the way."""
    with open_project(repo.path) as project:
        assert list(project.ledger.entries()) == []
    with pytest.raises(StoreError):
        list(project.ledger.entries())


def test_no_process_is_left_when_a_workshop_ends_in_an_error(repo: GitRepo) -> None:
    """The executor is closed however the block ends, and takes nothing more."""
    with open_project(repo.path) as project:
        with pytest.raises(KeyboardInterrupt), project.workshop(slots=1) as shop:
            raise KeyboardInterrupt
        assert shop.executor.running() == []


def test_a_second_campaign_on_one_store_is_refused(repo: GitRepo) -> None:
    """The lock is held while the block lasts, and free again after it."""
    with open_project(repo.path) as project, open_project(repo.path) as other:
        refused = pytest.raises(UsageError, match="another `mainstem integrate`")
        with project.only_campaign(), refused, other.only_campaign():
            pass
        with other.only_campaign():
            pass


def test_whoever_acts_is_a_token(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each person, the same in every process; whose it is stands beside the record."""
    with open_project(repo.path) as project:
        grace = project.signature
        assert project.identities.known()[grace].email == "grace@example.org"
        assert list(project.ledger.entries()) == []
    with open_project(repo.path) as project:
        assert project.signature == grace
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "ada@example.org")
    with open_project(repo.path) as project:
        assert project.signature != grace


def test_nobody_acts_where_git_knows_nobody(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is signed under a guessed name."""
    for part in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{part}")
        monkeypatch.delenv(f"GIT_AUTHOR_{part}")
    config = tmp_path / "config"
    config.write_text("[user]\n\tuseConfigOnly = true\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    with open_project(repo.path) as project:
        with pytest.raises(UsageError, match="git does not know who acts here: set `git config us"):
            _ = project.signature
        assert project.identities.known() == {}
