from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.executors.kept import Piece, kept_logs, kept_piece
from mainstem.executors.logs import HEAD_BYTES, TAIL_BYTES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the logs of c1.1."""
    folder = tmp_path / "logs" / "c1.1"
    folder.mkdir(parents=True)
    return folder


def test_logs_are_whole(tmp_path: Path, folder: Path) -> None:
    """A log that is longer than what a run carries is read to its end, whatever its bytes."""
    text = b"caf\xe9\n" + b"line\n" * ((HEAD_BYTES + TAIL_BYTES) // 5 + 1)
    (folder / "stdout").write_bytes(text)
    found = kept_logs(tmp_path, "c1.1")
    assert found is not None
    assert found["stdout"] == text.decode(errors="replace")
    assert found["stderr"] == ""


def test_a_trial_without_logs(tmp_path: Path, folder: Path) -> None:
    """No folder is nothing, which differs from a trial that printed nothing."""
    assert kept_logs(tmp_path, "c1.2") is None
    assert kept_logs(tmp_path, folder.name) == {"stdout": "", "stderr": ""}


def test_links_and_pipes_of_a_hostile_trial_are_not_read(tmp_path: Path, folder: Path) -> None:
    """A link to somebody's key is refused by name, and a pipe does not hang."""
    (tmp_path / "key").write_text("secret")
    (folder / "stdout").symlink_to(tmp_path / "key")
    with pytest.raises(UsageError, match=r"the log .*stdout cannot be read"):
        kept_logs(tmp_path, "c1.1")
    (folder / "stdout").unlink()
    os.mkfifo(folder / "stderr")
    with pytest.raises(UsageError, match=r"stderr cannot be read: not a regular file"):
        kept_logs(tmp_path, "c1.1")


def piece(workspace: Path, start: int, most: int = 1000) -> Piece:
    """A piece of the standard output of c1.1."""
    found = kept_piece(workspace, "c1.1", "stdout", start=start, most=most)
    assert found is not None
    return found


@pytest.mark.parametrize("most", [4, 5, 7, 1000])
def test_pieces_make_the_whole(tmp_path: Path, folder: Path, most: int) -> None:
    """Whatever is cut where: no character is lost, doubled or torn."""
    text = "naïve ☃ 𝛼𝛽 " * 3 + "end"
    raw = text.encode()
    (folder / "stdout").write_bytes(raw)
    start, said = 0, ""
    while start < len(raw):
        found = piece(tmp_path, start, most)
        assert (found.start, found.size) == (start, len(raw))
        assert found.end > start
        said, start = said + found.text, found.end
    assert said == text
    assert piece(tmp_path, start) == Piece(text="", start=start, end=start, size=start)


def test_a_log_that_grows_is_read_on(tmp_path: Path, folder: Path) -> None:
    """A character of which half is written yet comes when it is whole; what is none is shown."""
    (folder / "stdout").write_bytes(b"loss \xe2\x98")
    first = piece(tmp_path, 0)
    assert (first.text, first.end, first.size) == ("loss ", 5, 7)
    with (folder / "stdout").open("ab") as file:
        file.write(b"\x83 \xff!")
    second = piece(tmp_path, first.end)
    assert (second.text, second.end) == ("☃ \\xff!", 11)


def test_a_piece_counted_from_the_end_begins_with_a_character(tmp_path: Path, folder: Path) -> None:
    """Also where so many bytes before the end lie in the middle of one."""
    (folder / "stdout").write_bytes("a☃b".encode())
    assert piece(tmp_path, -2) == Piece(text="b", start=4, end=5, size=5)
    assert piece(tmp_path, -4).text == "☃b"
    assert piece(tmp_path, -99).text == "a☃b"
    (folder / "stdout").write_bytes(b"\x83" * 9)
    assert piece(tmp_path, -8).text == "\\x83" * 8


def test_pieces_of_what_is_not_there(tmp_path: Path, folder: Path) -> None:
    """No folder, no file yet, a link, and a start beyond the end."""
    assert kept_piece(tmp_path, "c1.2", "stdout", start=0, most=9) is None
    assert piece(tmp_path, 7) == Piece(text="", start=0, end=0, size=0)
    (folder / "stderr").symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="cannot be read"):
        kept_piece(tmp_path, "c1.1", "stderr", start=0, most=9)
    (folder / "stdout").write_text("abc")
    assert piece(tmp_path, 7) == Piece(text="", start=3, end=3, size=3)
