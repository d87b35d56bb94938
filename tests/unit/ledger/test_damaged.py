from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import StoreError
from mainstem.ledger.on_sqlite import SqliteLedger

LINES = [{"n": n, "x": "y" * (n % 50)} for n in range(60)]


class Clock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ledger."""
    path = tmp_path_factory.mktemp("whole") / "ledger.sqlite"
    with contextlib.closing(SqliteLedger(path, Clock())) as ledger:
        ledger.append([("a", body) for body in LINES])
    return path


def read(content: bytes) -> list[object] | None:
    """Every line of a ledger's file; None if something is said to be wrong, each in one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ledger.sqlite")
        path.write_bytes(content)
        try:
            with contextlib.closing(SqliteLedger(path, Clock())) as ledger:
                said = ledger.verify()
                lines: list[object] = [] if said else [dict(e.body) for e in ledger.entries()]
        except StoreError as error:
            said, lines = [str(error)], []
    assert not any("\n" in line for line in said)
    return None if said else lines


places = st.integers(0, 2**16)


@pytest.mark.fuzz
@given(
    changes=st.lists(st.tuples(places, st.binary(min_size=1, max_size=8)), min_size=1, max_size=3),
    cut=st.none() | places,
)
def test_no_damage_is_read_as_another_record(
    whole: Path, changes: list[tuple[int, bytes]], cut: int | None
) -> None:
    """Bytes of the file are overwritten or cut: it is said, or every line is still what it was."""
    content = bytearray(whole.read_bytes())
    size = len(content)
    for place, new in changes:
        content[place % size : place % size + len(new)] = new
    kept = bytes(content if cut is None else content[: cut % size])
    lines = read(kept)
    same = lines == (LINES if kept else [])
    assert lines is None or same  # in two steps: a whole file is no readable message
