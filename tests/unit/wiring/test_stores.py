from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.engine import record as records
from mainstem.wiring import copy_store, open_project

if TYPE_CHECKING:
    from conftest import GitRepo
    from postgres_server import Server


def test_an_address_on_the_command_line_goes_before_the_file(
    repo: GitRepo, postgres_server: Server, database: str
) -> None:
    """The file's store is not touched: no file in the state folder, no lock of the store."""
    with open_project(repo.path, store=postgres_server.address(database)) as project:
        project.ledger.append([("a", {})])
        assert project.team is not None
    assert not (repo.path / ".mainstem" / "ledger.sqlite").exists()
    with open_project(repo.path) as project:
        assert project.team is None
        assert list(project.ledger.entries()) == []


def test_workers_are_seen_while_they_work(
    repo: GitRepo, postgres_server: Server, database: str
) -> None:
    """Who is in the workshop stands in `progress`, whoever asks; afterwards nobody does."""
    url = postgres_server.address(database)
    with (
        open_project(repo.path, store=url) as project,
        open_project(repo.path, store=url) as other,
    ):
        with project.workshop(slots=3, shared=True):
            found = other.progress(other.record())
            assert (found["pid"], found["slots"]) == (os.getpid(), 3)
            [worker] = found["workers"]
            assert worker["folder"] == str(project.state.resolve())
        assert other.progress(other.record()) == {}
        with project.workshop(slots=3):  # such as that of a check
            assert other.progress(other.record()) == {}


def test_a_merge_that_was_killed_is_written_down_once(
    repo: GitRepo, postgres_server: Server, database: str
) -> None:
    """Whichever command of whoever sees it first."""
    url = postgres_server.address(database)
    with open_project(repo.path, store=url) as project:
        body = {"recipe": [], "old": "0" * 40, "new": project.trunk_commit}
        project.ledger.append([(records.MERGE_PLANNED, body)])
        with open_project(repo.path, store=url) as other:
            other.record()
            project.record()
        kinds = [entry.kind for entry in project.ledger.entries()]
    assert kinds == [records.MERGE_PLANNED, records.MERGED]


def test_the_projects_own_file_is_only_known_in_a_project(
    repo: GitRepo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`sqlite` leads to the state folder; where there is none, the line says so."""
    with open_project(repo.path) as project:
        project.ledger.append([("a", {})])
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    copy = f"sqlite:{elsewhere / 'copy.sqlite'}"
    done = copy_store("sqlite", copy, repo.path)
    assert (done["copied"], done["identities"]) == (1, 0)
    assert copy_store(copy, f"sqlite:{elsewhere / 'again.sqlite'}", elsewhere)["lines"] == 1
    with pytest.raises(UsageError, match=r"mainstem\.toml"):
        copy_store("sqlite", copy, elsewhere)
