from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Ending, Run, TrialId
from mainstem.executors import spool
from mainstem.executors.parcel import ForeignParcelError

if TYPE_CHECKING:
    from pathlib import Path


def run(stdout: str = "") -> Run:
    """A run that ended."""
    return Run(trial=TrialId("c1.1"), ending=Ending.EXITED, exit_code=0, stdout=stdout)


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """A batch's folder where one would be."""
    folder = tmp_path / "cluster" / "slurm" / "owner" / "b1"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """What a trial left on its node; one file is a link that leads elsewhere."""
    folder = tmp_path / "node" / "c1.1"
    folder.mkdir(parents=True)
    (folder / "stdout").write_text("said\n")
    (tmp_path / "secret").write_text("secret")
    (folder / "stderr").symlink_to(tmp_path / "secret")
    return folder


def test_a_result_arrives_with_its_logs(batch: Path, logs: Path, tmp_path: Path) -> None:
    """Where those of local trials are; a link is not followed."""
    assert not spool.is_done(batch, 3)
    assert spool.publish(batch, 3, run("said\n"), logs)
    assert spool.is_done(batch, 3)
    assert spool.take_in(batch, 3, TrialId("c1.1"), tmp_path / "logs") == run("said\n")
    assert (tmp_path / "logs" / "c1.1" / "stdout").read_text() == "said\n"
    assert not (tmp_path / "logs" / "c1.1" / "stderr").exists()
    again = spool.take_in(batch, 3, TrialId("c1.1"), tmp_path / "logs")
    assert again == run("said\n"), "whoever was killed with it can have it again"
    assert (tmp_path / "logs" / "c1.1" / "stdout").read_text() == "said\n"


def test_the_first_result_counts(batch: Path, logs: Path, tmp_path: Path) -> None:
    """A second one changes nothing and leaves nothing."""
    assert spool.publish(batch, 0, run("first"), logs)
    assert not spool.publish(batch, 0, run("second"), logs)
    assert spool.take_in(batch, 0, TrialId("c1.1"), tmp_path / "logs").stdout == "first"
    assert [path.name for path in batch.iterdir()] == ["0.done"]


def test_half_a_result_is_none(batch: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up while it is written leaves nothing that looks like one."""

    def full(*_words: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        spool.publish(batch, 0, run(), logs)
    assert not spool.is_done(batch, 0)
    assert list(batch.iterdir()) == []


@pytest.mark.parametrize("left", [b"\xff\xfe", b"{}", b'{"trial": "c1.2", "ending": "exited"}'])
def test_what_is_no_result_of_the_trial_is_one_error(
    batch: Path, logs: Path, tmp_path: Path, left: bytes
) -> None:
    """Whatever a node wrote there, and another trial's; no log is moved."""
    assert spool.publish(batch, 0, run(), logs)
    (batch / "0.done" / "run.json").write_bytes(left)
    with pytest.raises(ForeignParcelError):
        spool.take_in(batch, 0, TrialId("c1.1"), tmp_path / "logs")
    assert not (tmp_path / "logs" / "c1.1").exists()


def test_who_works_on_a_task_is_known(batch: Path) -> None:
    """The last one; nobody where nothing or nonsense was said."""
    assert spool.who_started(batch, 0) is None
    for restart in (0, 1):
        spool.say_started(batch, 0, spool.Started(node="n1", restart=restart))
    assert spool.who_started(batch, 0) == spool.Started(node="n1", restart=1)
    (batch / "1.start").write_text("{}")
    assert spool.who_started(batch, 1) is None


def test_an_order_can_be_taken_back(batch: Path) -> None:
    """Twice does no harm."""
    spool.write_whole(spool.order(batch, 0), b"order")
    assert spool.order(batch, 0).stat().st_mode & 0o777 == 0o600
    spool.withdraw(batch, 0)
    spool.withdraw(batch, 0)
    assert list(batch.iterdir()) == []


def test_the_last_line_of_a_log_is_kept_short(batch: Path) -> None:
    """The scheduler's own lines may be long and of any bytes."""
    assert spool.log_tail(batch, 0) == ""
    (batch / "0.log").write_bytes(b"first\n\xff" + 1000 * b"x" + b"\n \n")
    assert len(spool.log_tail(batch, 0)) == 200


def test_packs_are_kept_as_long_as_they_are_used(
    batch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those not asked for longest go first; workers find the same folder."""
    monkeypatch.setattr(spool, "KEPT_PACKS", 2)
    packs = spool.packs_of(batch)
    trees = [TreeId(letter * 40) for letter in "abc"]
    for at, tree in enumerate(trees[:2]):
        packs.put(tree, tree.encode())
        path = batch.parents[2] / "trees" / f"{tree}.pack"
        assert path.exists()
        import os

        os.utime(path, (at, at))
    assert packs.has(trees[0])
    packs.put(trees[2], b"c")
    assert [packs.has(tree) for tree in trees] == [True, False, True]
    assert packs.get(trees[0]) == trees[0].encode()
