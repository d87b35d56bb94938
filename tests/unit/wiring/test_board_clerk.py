from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.wiring import board_clerk, open_project
from mainstem.wiring.board_clerk import Clerk, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import GitRepo


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often."""
    monkeypatch.setattr(board_clerk, "LOOKS_S", 0.01)
    monkeypatch.setattr(board_clerk, "_AFTER_TROUBLE_S", 0.01)


@pytest.fixture
def clerk(repo: GitRepo) -> Iterator[Clerk]:
    """A clerk at the small stack."""
    with contextlib.closing(Clerk(repo.path, None)) as found:
        yield found


def until(clerk: Clerk, true: Callable[[Seen], bool]) -> Seen:
    """What is seen as soon as something is so."""
    for _ in range(4000):
        seen, _ = clerk.look()
        if true(seen):
            return seen
        time.sleep(0.005)
    pytest.fail("it was never seen")


def test_what_moves_is_seen_and_marked(repo: GitRepo, clerk: Clerk) -> None:
    """Lines, the trunk, settings, who contributes; what was seen before stays as it was."""
    marks = [clerk.look()[1]]
    first = clerk.seen
    with open_project(repo.path) as project:
        project.propose(["clip"], proposal_id=None, claim="")
        end = project.ledger.end()
    seen = until(clerk, lambda s: s.record.seq > 0)
    assert (seen.record.seq, seen.hash) == end
    assert list(seen.record.proposals) == ["clip"]
    assert not first.record.proposals
    marks.append(clerk.look()[1])
    commit = repo.commit({"depth": "5\n"})
    assert until(clerk, lambda s: s.trunk != seen.trunk).trunk == commit
    marks.append(clerk.look()[1])
    text = (repo.path / "mainstem.toml").read_text()
    (repo.path / "mainstem.toml").write_text(text.replace("0.03", "0.05"))
    assert until(clerk, lambda s: s.settings != seen.settings).stack.objectives[0].margin == 0.05
    marks.append(clerk.look()[1])
    (repo.path / "contributors.toml").write_text("")
    until(clerk, lambda s: s.files != seen.files)
    marks.append(clerk.look()[1])
    assert len(set(marks)) == 5
    assert clerk.seen.record == seen.record


def test_a_look_at_what_stands_still_changes_nothing(repo: GitRepo) -> None:
    """No mark, no word to whoever listens; git is not asked."""
    told: list[int] = []
    with contextlib.closing(Clerk(repo.path, None, moved=lambda: told.append(1))) as clerk:
        _, mark = clerk.look()
        before = clerk.seen
        until(clerk, lambda s: s is not before)
        before = clerk.seen
        until(clerk, lambda s: s is not before)
        assert clerk.look()[1] == mark
    assert told == [1]


def test_while_the_settings_are_wrong_the_last_ones_stand_with_a_word(
    repo: GitRepo, clerk: Clerk
) -> None:
    """As soon as they are right again it is gone."""
    file = repo.path / "mainstem.toml"
    text = file.read_text()
    file.write_text(text + "\nunknown = 1\n")
    seen = until(clerk, lambda s: bool(s.trouble))
    assert "unknown" in seen.trouble
    assert seen.stack.trunk == "main"
    file.write_text(text)
    assert until(clerk, lambda s: not s.trouble).stack == seen.stack


def test_another_ledger_in_the_place_of_the_first_is_seen(repo: GitRepo, clerk: Clerk) -> None:
    """Such as a copy that was put back; the file may not even be there for a moment."""
    with open_project(repo.path) as project:
        project.propose(["clip"], proposal_id=None, claim="")
    until(clerk, lambda s: s.record.seq > 0)
    for file in (repo.path / ".mainstem").glob("ledger.sqlite*"):
        file.unlink()
    until(clerk, lambda s: s.record.seq == 0)
    with open_project(repo.path) as project:
        project.propose(["deeper"], proposal_id=None, claim="")
    assert list(until(clerk, lambda s: s.record.seq > 0).record.proposals) == ["deeper"]


def test_who_comes_back_after_a_while_sees_what_is_there(
    repo: GitRepo, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clerk whom nobody asks sleeps; the first question wakes it."""
    monkeypatch.setattr(board_clerk, "IDLE_S", 0.05)
    time.sleep(0.2)
    still = clerk.seen
    with open_project(repo.path) as project:
        project.propose(["clip"], proposal_id=None, claim="")
    monkeypatch.setattr(board_clerk, "IDLE_S", 60.0)
    clerk._looked_s -= 120.0
    assert clerk.seen is still
    until(clerk, lambda s: list(s.record.proposals) == ["clip"])


def test_what_cannot_be_opened_is_said_at_once(git_repo: Callable[[], GitRepo]) -> None:
    """As any command says it."""
    repo = git_repo()
    repo.commit({"a": "1"})
    with pytest.raises(UsageError, match=r"no mainstem\.toml"):
        Clerk(repo.path, None)
