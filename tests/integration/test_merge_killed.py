from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.engine import record as records
from mainstem.wiring import open_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).resolve().parents[2]

STACK = r"""
[stack]
command = "sh train.sh {seed}"
[metrics]
source = "stdout"
[metrics.patterns]
loss = '^final_loss:\s+(\S+)'
[[objectives]]
name = "loss"
margin = 0.03
"""


class KilledError(Exception):
    """Stands for SIGKILL at a chosen line."""


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def decided(tmp_path: Path) -> Path:
    """The shell stack with a confirmed set that waits for its merge."""
    folder = tmp_path / "stack"
    build = ROOT / "examples" / "shell" / "build.sh"
    subprocess.run(["sh", build, folder], check=True, capture_output=True)
    (folder / "mainstem.toml").write_text(STACK)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Describe the stack")
    for words in (["propose", "clip", "lr-high"], ["integrate", "--budget", "34"]):
        script = "from mainstem.cli.main import main; main()"
        subprocess.run(
            [sys.executable, "-c", script, *words], cwd=folder, check=True, capture_output=True
        )
    return folder


@pytest.mark.parametrize("written", [1, 2])
def test_a_merge_killed_at_any_line_ends_whole_or_not_at_all(
    decided: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """Killed before the trunk moved it is as if never called; after, the next command notes it."""
    old = git(decided, "rev-parse", "main")
    appended = 0

    with open_project(decided) as project:
        append = project.ledger.append

        def killed(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Any]:
            nonlocal appended
            appended += 1
            if appended == written:
                raise KilledError
            return append(entries)

        monkeypatch.setattr(project.ledger, "append", killed)
        with pytest.raises(KilledError):
            project.merge(dry_run=False)

    moved = git(decided, "rev-parse", "main") != old
    assert moved == (written == 2)
    with open_project(decided) as project:
        record = project.record()
        assert record.merged == ({"clip", "lr-high"} if moved else set())
        if not moved:
            project.merge(dry_run=False)
        kinds = [e.kind for e in project.ledger.entries(kinds=[records.MERGED])]
        assert kinds == [records.MERGED]
        assert project.record().merges[-1]["new"] == git(decided, "rev-parse", "main")
    assert git(decided, "status", "--porcelain") == ""


def test_the_next_campaign_starts_from_the_merged_trunk_with_what_still_counts(
    decided: Path,
) -> None:
    """After a merge the open proposals are judged anew; runs that held the whole set are kept."""
    script = "from mainstem.cli.main import main; main()"
    for words in (["merge"], ["propose", "deeper"], ["integrate", "--budget", "34"]):
        subprocess.run(
            [sys.executable, "-c", script, *words], cwd=decided, check=True, capture_output=True
        )
    with open_project(decided) as project:
        record = project.record()
        campaign = record.latest()
        assert campaign is not None
        assert campaign.id == "c2"
        assert campaign.proposals == ["deeper"]
        assert any(not row["recipe"] for row in campaign.inherited)
        assert campaign.verdicts["deeper"]["kind"] == "merge"  # type: ignore[index]  # ids are text
