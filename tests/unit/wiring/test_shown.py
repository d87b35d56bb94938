from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.engine import views
from mainstem.wiring import open_project, shown

if TYPE_CHECKING:
    from conftest import GitRepo

STACK = """
[stack]
trunk = "main"
command = "sh train.sh {seed}"
[[objectives]]
name = "loss"
margin = 0.05
"""


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The trunk each time that the whole record is weighed."""
    found: list[str] = []
    show = views.show

    def noted(*words: Any, trunk: str) -> dict[str, Any]:
        found.append(trunk)
        return show(*words, trunk=trunk)

    monkeypatch.setattr(views, "show", noted)
    return found


def test_the_same_record_is_weighed_once(repo: GitRepo, weighed: list[str]) -> None:
    """Each time the same is shown, as it was the first time; also by another process."""
    reports = []
    for _ in range(3):
        with open_project(repo.path) as project:
            reports.append(project.show())
    assert len(weighed) == 1
    assert reports[0] == reports[1] == reports[2]


def test_whatever_is_written_down_is_shown(repo: GitRepo, weighed: list[str]) -> None:
    """A proposal more, and it is there at once."""
    with open_project(repo.path) as project:
        assert project.show()["proposals"] == []
        project.propose(["clip"], proposal_id=None, claim="")
        assert [p["id"] for p in project.show()["proposals"]] == ["clip"]
    assert len(weighed) == 2


@pytest.mark.parametrize("what", ["settings", "trunk"])
def test_other_settings_and_another_trunk_are_weighed_anew(
    repo: GitRepo, weighed: list[str], what: str
) -> None:
    """What is shown depends on both."""
    with open_project(repo.path) as project:
        project.show()
    if what == "settings":
        (repo.path / "mainstem.toml").write_text(STACK, encoding="utf-8")
    else:
        repo.commit({"more": "1\n"})
    with open_project(repo.path) as project:
        project.show()
    assert len(weighed) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "0"}', "\x00\xff"])
def test_a_kept_file_that_is_damaged_is_not_believed(
    repo: GitRepo, weighed: list[str], text: str
) -> None:
    """It is written anew."""
    with open_project(repo.path) as project:
        first = project.show()
        (project.state / "shown.json").write_text(text, encoding="latin-1")
        assert project.show() == project.show() == first
    assert len(weighed) == 2


def test_a_folder_that_cannot_be_written_costs_time_only(repo: GitRepo, weighed: list[str]) -> None:
    """A folder in the file's place stands for a full disk."""
    with open_project(repo.path) as project:
        (project.state / "shown.json").mkdir()
        assert project.show() == project.show()
    assert len(weighed) == 2


def test_what_runs_is_never_kept(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes without a line in the record."""
    with open_project(repo.path) as project:
        assert project.show()["trials"]["running"] == 0
        monkeypatch.setattr(type(project), "progress", lambda _self, _record: {"running": ["c1.1"]})
        assert project.show()["trials"]["running"] == 1
        kept = json.loads((project.state / "shown.json").read_text(encoding="utf-8"))
    assert kept["report"]["trials"]["running"] == 0
    assert shown.read(project.state, "another") is None
