"""What a trial leaves, written and read with a limit.

A trial fills these files and may be hostile: a log of a terabyte, a metrics file that is a pipe or
a link to somebody's key. So files are opened without following links, only regular ones are read,
and of a long one its beginning and its end, cut at ends of lines so that no half number is read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

LOG_BYTES = 64 * 2**20
"""How much of the beginning of a log is kept on disk; of the rest, `TAIL_BYTES` of the end."""

HEAD_BYTES = 256 * 2**10
"""How much of the beginning of a long file is read."""

TAIL_BYTES = 256 * 2**10
"""How much of the end of a long file is kept and read."""

TAIL_LINES = 20
"""How many lines of the standard error a run carries."""


class Log:
    """A log file that keeps the beginning and the end of an endless stream.

    A full disk does not stop the trial: the error is remembered and reported, so that nobody takes
    what is there for the whole.

    Attributes:
        total_bytes: How much the stream has had so far.
        error: The error number of the first failed write, or 0.
    """

    def __init__(
        self, path: str, limit_bytes: int = LOG_BYTES, tail_bytes: int = TAIL_BYTES
    ) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        self._limit_bytes = limit_bytes
        self._tail_bytes = tail_bytes
        self._tail = bytearray()
        self.total_bytes = 0
        self.error = 0

    def take(self, data: bytes) -> None:
        """Takes the next piece of the stream."""
        room = max(self._limit_bytes - self.total_bytes, 0)
        self.total_bytes += len(data)
        self._write(data[:room])
        self._tail += data[room:]
        if len(self._tail) > 2 * self._tail_bytes:
            del self._tail[: -self._tail_bytes]

    def close(self) -> None:
        """Writes the end of the stream and lets go of the file."""
        tail = bytes(self._tail[-self._tail_bytes :])
        left_out = self.total_bytes - self._limit_bytes - len(tail)
        if left_out > 0:
            self._write(f"\n[mainstem: {left_out} bytes are left out here]\n".encode())
        self._write(tail)
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        """Writes all of `data`, unless the file has already failed."""
        while data and not self.error:
            try:
                data = data[os.write(self._file, data) :]
            except OSError as failure:
                self.error = failure.errno or errno.EIO


def read_log(path: Path | str, total_bytes: int | None = None) -> str:
    """A log's text; of a long one, its beginning and its end and a line between that says so.

    Args:
        path: The file.
        total_bytes: How long the stream was, if its file is shorter; None is the file's size.

    Raises:
        OSError: The file cannot be read.
    """
    head, tail, size = _ends(path)
    left_out = max(total_bytes or 0, size) - len(head) - len(tail)
    if left_out == 0:
        return (head + tail).decode(errors="replace")
    marker = f"[mainstem: {left_out} bytes are left out here]\n".encode()
    if not head.endswith(b"\n"):
        marker = b"\n" + marker
    return (head + marker + tail).decode(errors="replace")


def read_metrics(path: Path | str) -> str:
    """The text of a metrics file, "" if there is none; what is left out is said as a JSON line.

    Raises:
        OSError: The file is there but cannot be read, or is not a regular file.
    """
    if not os.path.lexists(path):
        return ""  # as of most trials that print what they measure
    try:
        head, tail, size = _ends(path)
    except FileNotFoundError:
        return ""
    left_out = size - len(head) - len(tail)
    note = b"" if left_out == 0 else b'{"mainstem_left_out": "%d bytes"}\n' % left_out
    if note and not head.endswith(b"\n"):
        note = b"\n" + note
    return (head + note + tail).decode(errors="replace")


def last_lines(path: Path | str, count: int = TAIL_LINES) -> str:
    """The last lines of a log.

    Raises:
        OSError: The file cannot be read.
    """
    head, tail, _ = _ends(path)
    text = (tail or head)[-TAIL_BYTES:].decode(errors="replace")
    return "".join(text.splitlines(keepends=True)[-count:])


@contextlib.contextmanager
def open_regular(path: Path | str) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file, opened for reading, with its size.

    Raises:
        OSError: It cannot be opened (a link is not followed) or is not a regular file.
    """
    # Not blocking: opening a named pipe would wait for a writer that never comes.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "not a regular file", str(path))
        yield file, status.st_size


def _ends(path: Path | str) -> tuple[bytes, bytes, int]:
    """Beginning, end and size of a file; a file that is short enough is all beginning.

    Raises:
        OSError: It cannot be opened (a link is not followed) or is not a regular file.
    """
    with open_regular(path) as (file, size):
        if size <= HEAD_BYTES + TAIL_BYTES:
            data = file.read(HEAD_BYTES + TAIL_BYTES)
            return data, b"", len(data)
        head = file.read(HEAD_BYTES)
        file.seek(size - TAIL_BYTES)
        tail = file.read(TAIL_BYTES)
    # A line that is longer than a whole end is kept cut: better than nothing at all.
    head = head[: head.rfind(b"\n") + 1] or head
    tail = tail[tail.find(b"\n") + 1 :] or tail
    return head, tail, size
