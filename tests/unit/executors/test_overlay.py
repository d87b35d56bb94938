from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Ending, Job, Run, TrialId
from mainstem.executors.confine import unconfined
from mainstem.executors.ladder import probe, standing_at
from mainstem.executors.local import LocalExecutor
from mainstem.executors.plan import Level
from mainstem.executors.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.executors.confine import Confine

TREE = TreeId("ab" * 20)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount an overlay")

CHANGES = """
    set -e
    echo mine >> kept
    rm dropped
    mv folder renamed
    mkdir dropped
    cat kept renamed/inside
    ls
    stat -f -c %T .
"""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A tree that many trials share; its path holds what separates mount options."""
    tree = tmp_path / "a,b:c\\d é"
    (tree / "folder").mkdir(parents=True)
    for name in ("kept", "dropped", "folder/inside"):
        (tree / name).write_text(f"{name}\n", encoding="utf-8")
    return tree


def contents(folder: Path) -> dict[str, str]:
    """Every file below, with its text."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files}


@contextlib.contextmanager
def executor(state: Path, held: Path, confine: Confine = unconfined) -> Iterator[LocalExecutor]:
    """An executor of one slot; a copy of its tree would hold only `copied`."""

    def copy(_tree: TreeId, into: Path) -> None:
        into.mkdir()
        (into / "copied").touch()

    made = LocalExecutor(
        slots=1,
        workspace=state,
        materialise=copy,
        held=lambda _tree: contextlib.nullcontext(held),
        confine=confine,
    )
    with contextlib.closing(made):
        yield made


def run(executor: LocalExecutor, script: str, **more: object) -> Run:
    """Runs a shell script as a trial."""
    fields = {"seed": 7, "rung": "small", "timeout_s": 60.0} | more
    job = Job(trial=TrialId("t1"), tree=TREE, argv=("sh", "-c", script), **fields)  # type: ignore[arg-type]  # fields of any type
    executor.submit(job)
    (found,) = executor.wait()
    return found


@as_root
@pytest.mark.parametrize("level", [None, *Level])
def test_a_trial_changes_its_own_tree_only(
    tmp_path: Path, shared: Path, level: Level | None
) -> None:
    """At every level it writes, removes and renames, unseen by the shared tree and the next."""
    state = tmp_path / "state"
    confine: Confine = unconfined
    if level is not None:
        if why := probe(level):
            pytest.skip(f"{level} does not work here: {why}")
        confine = Profile(state=state, standing=standing_at(level))
    before = contents(shared)
    with executor(state, shared, confine) as slots:
        for _ in range(2):
            found = run(slots, CHANGES)
            said = "kept\nmine\nfolder/inside\ndropped\nkept\nrenamed\noverlayfs\n"
            assert (found.exit_code, found.stdout) == (0, said), found.stderr_tail
    assert contents(shared) == before


@as_root
def test_no_mount_and_no_folder_is_left(tmp_path: Path, shared: Path) -> None:
    """Nobody but the keeper ever sees the mount, and what a trial wrote goes with it."""
    state = tmp_path / "state"
    with executor(state, shared) as slots:
        found = run(slots, "echo x > new; grep -c overlay /proc/self/mounts", timeout_s=60.0)
        assert int(found.stdout) >= 1
        assert str(state) not in Path("/proc/self/mounts").read_text(encoding="utf-8")
        assert list((state / "overlays").iterdir()) == []
        assert list((state / "work").iterdir()) == []


@as_root
def test_where_the_kernel_refuses_the_tree_is_copied(tmp_path: Path, shared: Path) -> None:
    """A file is no layer; the trial runs all the same, and so does the next one."""
    with executor(tmp_path / "state", shared / "kept") as slots:
        for _ in range(2):
            found = run(slots, "ls")
            assert (found.ending, found.stdout) == (Ending.EXITED, "copied\n")


def test_a_stack_with_private_files_gets_a_copy(tmp_path: Path, shared: Path) -> None:
    """They are taken out of it, which a shared tree does not allow."""
    with executor(tmp_path / "state", shared) as slots:
        assert run(slots, "ls", private=("dropped",)).stdout == "copied\n"


def test_without_the_right_to_mount_the_tree_is_copied(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who is not root is not asked to be."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with executor(tmp_path / "state", shared) as slots:
        assert run(slots, "ls").stdout == "copied\n"
