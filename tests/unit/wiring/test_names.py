from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.engine import record as records
from mainstem.wiring import open_project, project as projects
from mainstem.wiring.names import authors, that_name_authors

if TYPE_CHECKING:
    from conftest import GitRepo
    from mainstem.wiring import Project


def shown(project: Project) -> list[dict[str, Any]]:
    """The bodies of the lines that say that names were shown."""
    return [dict(entry.body) for entry in project.ledger.entries(kinds=["names-shown"])]


def test_names_of_the_undecided_are_shown_on_record(repo: GitRepo) -> None:
    """What was shown by which command, to whom as a token; no name is in the chain."""
    with open_project(repo.path) as project:
        project.propose(["clip", "deeper"], proposal_id=None, claim="")
        found, line = authors(project, command="status")
        assert line == project.ledger.end()[0]
        assert found == {"clip": {"ada@example.org": 1.0}, "deeper": {"ada@example.org": 1.0}}
        body = {"command": "status", "proposals": ["clip", "deeper"], "by": project.signature}
        assert shown(project) == [body]
        assert list(authors(project, command="why", only=["clip"])[0]) == ["clip"]
        assert shown(project)[1:] == [{**body, "command": "why", "proposals": ["clip"]}]
        lines = " ".join(str(entry.body) for entry in project.ledger.entries())
        assert "example.org" not in lines
        assert project.ledger.verify() == []


def test_who_files_hears_that_a_branch_names_its_author(repo: GitRepo) -> None:
    """By address, handle or claim; another one's name is no hint, and a broken file no obstacle."""
    for branch in ("ada/rope", "eve/rope"):
        repo.git("branch", branch, "clip")
    file = repo.path / "contributors.toml"

    def told(*branches: str, claim: str = "") -> list[str]:
        with open_project(repo.path) as project:
            taken = project.propose(branches, proposal_id=None, claim=claim)
            return that_name_authors(project, taken["proposals"])

    assert told("ada/rope", "eve/rope") == ["ada/rope"]
    file.write_text('[[contributors]]\nhandle = "eve"\nemails = ["ada@example.org"]\n')
    assert told("ada/rope", "eve/rope") == ["ada/rope", "eve/rope"]
    assert told("deeper", claim="as Ada said") == ["deeper"]
    file.write_text("handle = ")
    assert told("clip", claim="as Ada said") == []


def test_of_what_is_sealed_nothing_is_written_down(repo: GitRepo) -> None:
    """What is in the trunk has a commit with its author; only the other one is recorded."""
    with open_project(repo.path) as project:
        project.propose(["clip", "deeper"], proposal_id=None, claim="")
        project.ledger.append([(records.MERGED, {"recipe": ["clip"]})])
        assert list(authors(project, command="why", only=["clip"])[0]) == ["clip"]
        assert shown(project) == []
        assert list(authors(project, command="show")[0]) == ["clip", "deeper"]
        assert [body["proposals"] for body in shown(project)] == [["deeper"]]


def test_nothing_is_shown_that_cannot_be_written_down(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where git does not know who asks, the answer is an error and no name."""

    def nobody(_repository: object, *, does: str) -> None:
        raise UsageError(f"git does not know who {does}")

    monkeypatch.setattr(projects, "committer", nobody)
    with open_project(repo.path) as project:
        project.propose(["clip"], proposal_id=None, claim="")
        with pytest.raises(UsageError, match="who acts here"):
            authors(project, command="status")
        assert shown(project) == []


def test_names_never_get_into_what_is_kept_of_show(repo: GitRepo) -> None:
    """The file beside the ledger holds what everybody may see."""
    with open_project(repo.path) as project:
        project.propose(["clip"], proposal_id=None, claim="")
        authors(project, command="show")
        project.show()
        kept = (project.state / "shown.json").read_text(encoding="utf-8")
    assert "clip" in kept
    assert re.search(r"\bada\b", kept, re.IGNORECASE) is None  # a word: hashes hold any letters
    assert "authors" not in kept
