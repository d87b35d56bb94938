from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.wiring import open_project, people

if TYPE_CHECKING:
    from conftest import GitRepo

FILE = """
[[contributors]]
handle = "ada"
kind = "student"
emails = ["ada@example.org", "ada@home.example"]
weight = 2.0
"""


@pytest.fixture
def lab(repo: GitRepo) -> GitRepo:
    """A project with a file, two proposals of Ada's, and a line that Grace signed."""
    (repo.path / "contributors.toml").write_text(FILE, encoding="utf-8")
    with open_project(repo.path) as project:
        project.propose(["clip", "deeper"], proposal_id=None, claim="")
        project.ledger.append([("reviewed", {"proposal": "clip", "by": project.signature})])
    return repo


def handles(repo: GitRepo) -> list[str]:
    """Whom the project knows."""
    with open_project(repo.path) as project:
        return [row["handle"] for row in people.listing(project)["people"]]


def forget(repo: GitRepo, *whom: str, dry_run: bool = False) -> dict[str, Any]:
    """Forgets somebody."""
    with open_project(repo.path) as project:
        return people.pseudonymise(project, whom, dry_run=dry_run)


def test_a_pseudonym_stands_in_every_place(lab: GitRepo) -> None:
    """Listing, shares, authors and export, in this process and the next; the chain is whole."""
    assert handles(lab) == ["ada", "grace@example.org"]
    with open_project(lab.path) as project:
        before = [entry.hash for entry in project.ledger.entries()]
        done = people.pseudonymise(project, ["ada"], dry_run=False)
        name = done["pseudonym"]
        assert name.startswith("contributor-")
        assert (done["handles"], done["addresses"]) == (["ada"], 2)
        assert people.listing(project)["people"][0]["handle"] == name
    assert handles(lab) == [name, "grace@example.org"]
    with open_project(lab.path) as project:
        assert [entry.hash for entry in project.ledger.entries()] == before
        assert project.ledger.verify() == []
        [row] = project.shares()["contributors"]
        assert (row["handle"], row["kind"], row["weight"]) == (name, "student", 2.0)
        report = people.export(project, name)
        assert re.search(r"\bada\b", str(report), re.IGNORECASE) is None  # hashes hold any letters
        assert len(report["identities"]) == 2
        assert all(row["email"] is None for row in report["identities"])


def test_the_file_may_then_be_cleaned(lab: GitRepo) -> None:
    """Without an entry, or with one of the pseudonym and no address, it stays one person."""
    name = forget(lab, "ada")["pseudonym"]
    file = lab.path / "contributors.toml"
    file.write_text(f'[[contributors]]\nhandle = "{name}"\nweight = 3.0\n', encoding="utf-8")
    with open_project(lab.path) as project:
        [row] = project.shares()["contributors"]
        assert (row["handle"], row["weight"], row["proposals"]) == (name, 3.0, 2.0)
    file.unlink()
    assert handles(lab) == [name, "grace@example.org"]


def test_who_only_acts_can_be_forgotten_too(lab: GitRepo) -> None:
    """Their lines stay, and stand for the pseudonym; acting again brings no name back."""
    name = forget(lab, "grace@example.org")["pseudonym"]
    with open_project(lab.path) as project:
        token = project.signature
        assert project.identities.known()[token].pseudonym == name
        [line] = people.export(project, name)["signed"]
        assert (line["kind"], line["body"]["by"]) == ("reviewed", token)
    assert handles(lab) == ["ada", name]
    assert forget(lab, name)["pseudonym"] == name


def test_handles_of_one_person_become_one(lab: GitRepo) -> None:
    """Such as two addresses that no file unites."""
    (lab.path / "contributors.toml").unlink()
    name = forget(lab, "ada@example.org", "grace@example.org")["pseudonym"]
    assert handles(lab) == [name]


def test_two_people_never_become_one(lab: GitRepo) -> None:
    """Nobody could tell them apart again; nothing is changed, and a dry run says so too."""
    two = FILE + '[[contributors]]\nhandle = "grace"\nemails = ["grace@example.org"]\n'
    (lab.path / "contributors.toml").write_text(two, encoding="utf-8")
    for dry_run in (True, False):
        with pytest.raises(UsageError, match="ada and grace are 2 contributors in contributors"):
            forget(lab, "ada", "grace", dry_run=dry_run)
    assert handles(lab) == ["ada", "grace"]


def test_a_dry_run_changes_nothing(lab: GitRepo) -> None:
    """It says what would be out of reach; nobody has got a row by it."""
    said = forget(lab, "ada", dry_run=True)
    assert (said["dry_run"], said["pseudonym"]) == (True, None)
    assert [place["where"] for place in said["remains"]] == ["contributors.toml", "git", "copies"]
    assert handles(lab) == ["ada", "grace@example.org"]
    with open_project(lab.path) as project:
        assert [one.name for one in project.identities.known().values()] == ["Grace"]


def test_to_export_somebody_else_is_on_record(
    lab: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows whose the undecided proposals are; to oneself that is no news."""

    def looks() -> list[Any]:
        with open_project(lab.path) as project:
            people.export(project, "ada")
            return [
                (entry.body["command"], entry.body["proposals"])
                for entry in project.ledger.entries(kinds=["names-shown"])
            ]

    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "Ada@Home.example")
    assert looks() == []
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "grace@example.org")
    assert looks() == [("people export", ["clip", "deeper"])]


def test_nobody_of_that_name_changes_nothing(lab: GitRepo) -> None:
    """Also beside somebody who is known."""
    with pytest.raises(UsageError, match="nobody is called 'eve' here"):
        forget(lab, "ada", "eve")
    assert handles(lab) == ["ada", "grace@example.org"]


def test_a_co_author_is_not_lost_unsaid(repo: GitRepo) -> None:
    """Who has no address is said to be missing; under another id the mended branch has them."""
    repo.branch("both")
    repo.commit({"clip": "half\n"}, "x\n\nCo-authored-by: Bob")
    repo.checkout("main")
    with open_project(repo.path) as project:
        taken = project.propose(["both", "deeper"], proposal_id=None, claim="")
    assert taken["authors_without_address"] == {"both": 1}
    repo.checkout("both")
    repo.git("commit", "--quiet", "--amend", "--message=x\n\nCo-authored-by: Bob <b@example.org>")
    repo.checkout("main")
    with open_project(repo.path) as project:
        taken = project.propose(["both"], proposal_id="again", claim="")
        assert taken["authors_without_address"] == {}
        again = project.record().proposals[taken["proposals"][0]["id"]]
        assert project.directory.authors(again) == {"ada@example.org": 0.5, "b@example.org": 0.5}
