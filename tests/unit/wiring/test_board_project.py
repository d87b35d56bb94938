from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from large_ledger import Size, make_project
from mainstem.decisions.belief import believe
from mainstem.domain.errors import StoreError
from mainstem.engine import record as records, views
from mainstem.engine.restore import restore
from mainstem.wiring import board_project, open_project
from mainstem.wiring.board_project import WatchedProject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.decisions.belief import Belief
    from mainstem.engine.restore import Restored

NOTE = (
    "review-given",
    {"proposal": "rope-0001", "merge": 0.5, "effects": {}, "note": "", "by": "x"},
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a merged campaign and one that waits for a batch."""
    folder = tmp_path_factory.mktemp("made") / "stack"
    return make_project(folder, Size(proposals=12, trials=48, campaigns=2))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be written to."""
    return Path(shutil.copytree(made, tmp_path / "stack"))


@pytest.fixture
def watched(folder: Path) -> Iterator[WatchedProject]:
    """The project, opened to be looked at."""
    with open_project(folder, read_only=True) as project:
        yield WatchedProject.of(project)


def write(folder: Path, *lines: tuple[str, dict[str, Any]]) -> None:
    """Lines that somebody else writes."""
    with open_project(folder) as project:
        project.ledger.append(lines)


def shown(project: Any) -> dict[str, Any]:
    """What `show` says of it."""
    record = project.record()
    campaign, state = project.standing(record)
    return views.show(project.stack, record, campaign, state, trunk=project.trunk_commit)


def test_it_says_what_a_command_says_and_works_out_only_what_is_new(
    folder: Path, watched: WatchedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that changes no campaign takes no restoring, a trial in mid-batch no fitting."""
    done: list[str] = []

    def restored(*words: Any) -> Restored:
        done.append("restore")
        return restore(*words)

    def believed(*words: Any) -> Belief | None:
        done.append("believe")
        return believe(*words)

    monkeypatch.setattr("mainstem.wiring.board_project.restore", restored)
    monkeypatch.setattr("mainstem.integrator.believe", believed)
    watched.refresh()
    first = shown(watched)
    assert done == ["restore", "believe"]
    write(folder, NOTE)
    watched.refresh()
    assert shown(watched) == first
    assert done == ["restore", "believe"]
    asked = watched.record().campaigns["c2"].batches[-1]
    values = {"loss": 3.0, "accuracy": 60.0, "latency": 40.0, "params": 1e6}
    ended = {"campaign": "c2", "failure": None, "values": values}
    write(folder, (records.TRIAL_FINISHED, {**ended, "trial": asked[0].name}))
    watched.refresh()
    assert shown(watched)["trials"]["done"] == first["trials"]["done"] + 1
    assert done == ["restore", "believe", "restore"]
    rest = [(records.TRIAL_FINISHED, {**ended, "trial": one.name}) for one in asked[1:]]
    write(folder, *rest)
    watched.refresh()
    again = shown(watched)
    assert done == ["restore", "believe", "restore", "restore", "believe"]
    with open_project(folder) as project:
        assert shown(project) == again


def test_between_two_refreshes_everything_is_of_one_line(
    folder: Path, watched: WatchedProject
) -> None:
    """Whatever others write meanwhile; nothing is written here."""
    watched.refresh()
    line, ledger = watched.record().seq, watched.ledger
    write(folder, NOTE, NOTE)
    assert [e.seq for e in ledger.entries(after=line - 2)] == [line - 1, line]
    assert [e.seq for e in ledger.latest(most=2)] == [line, line - 1]
    assert [e.seq for e in ledger.latest(most=2, before=line)] == [line - 1, line - 2]
    assert ledger.end() == (line, next(iter(ledger.entries(after=line - 1))).hash)
    with pytest.raises(StoreError):
        ledger.append([NOTE])
    with pytest.raises(StoreError):
        ledger.append_if_last(line + 2, [NOTE])
    watched.refresh()
    assert watched.ledger.end()[0] == watched.record().seq == line + 2
    assert watched.ledger.verify() == []


def test_a_merge_that_was_killed_is_left_to_who_may_write(
    folder: Path, watched: WatchedProject
) -> None:
    """A command writes it down; looking does not."""
    watched.refresh()
    trunk = watched.trunk_commit
    planned = {"campaign": "c1", "old": trunk, "new": trunk, "recipe": ["rope-0001"]}
    write(folder, (records.MERGE_PLANNED, planned))
    watched.refresh()
    assert watched.record().planned is not None
    assert "rope-0001" not in watched.record().merged
    with open_project(folder) as project:
        assert "rope-0001" in project.record().merged


def test_few_campaigns_are_kept(watched: WatchedProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ones that were looked at last."""
    monkeypatch.setattr(board_project, "KEPT_STATES", 1)
    watched.refresh()
    record = watched.record()
    first, second = record.campaigns.values()
    kept = watched.restored(watched.stack, record, second)
    assert watched.restored(watched.stack, record, second) is kept
    watched.restored(watched.stack, record, first)
    assert watched.restored(watched.stack, record, second) is not kept


def test_authors_are_read_once(
    folder: Path, watched: WatchedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit never changes; who contributes is read anew all the same."""
    watched.refresh()
    first = watched.shares()
    monkeypatch.setattr("mainstem.wiring.project.authors_of", None)
    (folder / "contributors.toml").write_text(
        '[[contributors]]\nhandle = "seven"\nkind = "human"\nemails = ["author07@example.org"]\n'
    )
    watched.refresh()
    names = {row["handle"] for row in watched.shares()["contributors"]}
    assert "seven" in names
    assert len(names) == len(first["contributors"])
