from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.wiring import frontier

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """With the mode that it had, through a link, byte by byte; a new one like any new file."""
    real, link = tmp_path / "real.toml", tmp_path / "frontier.toml"
    real.write_bytes(b"x = 1\r\n")
    real.chmod(0o640)
    link.symlink_to(real)
    frontier._write(link, "x = 1\r\ny = '\u00fc'\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"x = 1\r\ny = '\xc3\xbc'\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    frontier._write(tmp_path / "new.toml", "z = 1\n")
    assert (tmp_path / "new.toml").read_text() == "z = 1\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["frontier.toml", "new.toml", "real.toml"]


def test_two_imports_do_not_overwrite_each_other(tmp_path: Path) -> None:
    """The second says what to do, and leaves everything as it is."""
    path = tmp_path / "frontier.toml"
    path.write_text("x = 1\n")
    (tmp_path / "frontier.toml.part").write_text("half")
    with pytest.raises(UsageError, match="another import is at work, or was killed; remove it"):
        frontier._write(path, "x = 2\n")
    assert path.read_text() == "x = 1\n"
    assert (tmp_path / "frontier.toml.part").read_text() == "half"


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """And nothing is left behind."""
    with pytest.raises(UsageError, match=r"frontier.toml cannot be written: No such file"):
        frontier._write(tmp_path / "nowhere" / "frontier.toml", "x = 1\n")
    assert list(tmp_path.iterdir()) == []


def test_only_a_file_of_the_folder_is_its_own_source(tmp_path: Path) -> None:
    """By its path from there; for one from elsewhere a person has to say where it is from."""
    (tmp_path / "here" / "runs").mkdir(parents=True)
    inside, outside = tmp_path / "here" / "runs" / "a.json", tmp_path / "b.json"
    inside.write_text("{}")
    outside.write_text("{}")
    assert frontier._place(tmp_path / "here", inside) == "runs/a.json"
    assert frontier._place(tmp_path / "here", outside) == ""
