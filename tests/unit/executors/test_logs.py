from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from mainstem.executors import logs

if TYPE_CHECKING:
    from pathlib import Path


@given(pieces=st.lists(st.binary(max_size=40), max_size=12))
def test_a_log_keeps_the_beginning_and_the_end_of_any_stream(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    """However the stream is cut into pieces; a short one is kept whole."""
    file = tmp_path_factory.mktemp("log") / "stdout"
    log = logs.Log(str(file), limit_bytes=32, tail_bytes=16)
    for piece in pieces:
        log.take(piece)
    log.close()
    stream, kept = b"".join(pieces), file.read_bytes()
    assert log.total_bytes == len(stream)
    if len(stream) <= 48:
        assert kept == stream
    else:
        marker = b"\n[mainstem: %d bytes are left out here]\n" % (len(stream) - 48)
        assert kept == stream[:32] + marker + stream[-16:]


def test_a_full_disk_costs_the_log_not_the_trial(tmp_path: Path) -> None:
    """The stream is taken to its end, and the error remembered."""
    file = tmp_path / "stdout"
    log = logs.Log(str(file))
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, log._file)
    os.close(full)
    log.take(b"one")
    log.take(b"two")
    log.close()
    assert os.strerror(log.error) == "No space left on device"
    assert log.total_bytes == 6


def test_a_log_is_not_written_through_a_link(tmp_path: Path) -> None:
    """A trial that plants a link cannot have another file overwritten."""
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "stdout").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        logs.Log(str(tmp_path / "stdout"))
    assert (tmp_path / "precious").read_text() == "keep"


def test_a_long_log_is_cut_at_ends_of_lines(tmp_path: Path) -> None:
    """No half number stands at a cut, and the count of what is missing is exact."""
    file = tmp_path / "stdout"
    lines = [f"loss: {number}\n" for number in range(100_000)]
    file.write_text("".join(lines))
    text = logs.read_log(file)
    head, marker, tail = text.partition("[mainstem: ")
    left_out, _, tail = tail.partition(" bytes are left out here]\n")
    assert marker
    assert set((head + tail).splitlines(keepends=True)) <= set(lines)
    assert tail.endswith(lines[-1])
    assert len(head) + len(tail) + int(left_out) == file.stat().st_size


def test_one_endless_line_is_still_read(tmp_path: Path) -> None:
    """Without any end of line, the ends are cut where they fall."""
    file = tmp_path / "stdout"
    file.write_bytes(b"x" * 10**6)
    text = logs.read_log(file)
    assert text.startswith("x" * logs.HEAD_BYTES + "\n[mainstem: ")
    assert text.endswith("]\n" + "x" * logs.TAIL_BYTES)


def test_a_log_shorter_than_its_stream_says_so(tmp_path: Path) -> None:
    """What a full disk swallowed is counted."""
    file = tmp_path / "stdout"
    file.write_text("one\n")
    assert logs.read_log(file, 10) == "one\n[mainstem: 6 bytes are left out here]\n"


def test_a_huge_metrics_file_stays_lines_of_json(tmp_path: Path) -> None:
    """What is left out is said in a line that is JSON too, and the last values are there."""
    file = tmp_path / "metrics.jsonl"
    file.write_text("".join(f'{{"step": {number}}}\n' for number in range(100_000)))
    entries = [json.loads(line) for line in logs.read_metrics(file).splitlines()]
    assert entries[-1] == {"step": 99_999}
    assert next(entry for entry in entries if "step" not in entry).keys() == {"mainstem_left_out"}


def test_metrics_are_read_from_a_regular_file_only(tmp_path: Path) -> None:
    """A pipe would block for ever; a link would copy somebody's key into the ledger."""
    (tmp_path / "key").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "key")
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("link", "symbolic links"), ("pipe", "not a regular file")):
        with pytest.raises(OSError, match=said):
            logs.read_metrics(tmp_path / name)
    with pytest.raises(OSError, match=r"directory|regular"):
        logs.read_metrics(tmp_path)
    assert logs.read_metrics(tmp_path / "none") == ""


def test_the_last_lines_of_a_log(tmp_path: Path) -> None:
    """As many as there are, at most the number asked for; bytes of any kind."""
    file = tmp_path / "stderr"
    file.write_bytes(b"a\n\xff\nc")
    assert logs.last_lines(file) == "a\n\N{REPLACEMENT CHARACTER}\nc"
    assert logs.last_lines(file, 1) == "c"
    file.write_bytes(b"x\n" * 10**6 + b"end\n")
    assert logs.last_lines(file, 2) == "x\nend\n"
