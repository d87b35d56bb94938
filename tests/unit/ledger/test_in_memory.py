from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.ledger.in_memory import MemoryLedger
from tests.unit.ledger.conftest import StillClock

if TYPE_CHECKING:
    from mainstem.ledger.on_sqlite import SqliteLedger

RECORDS = [
    ("note", {"a": (1, 2), "é": "Ä 100% of it"}),
    ("trial-finished", {"value": 1e-05, "text": 'a "quoted" ÄB'}),
    ("note", {"a": None}),
]


@pytest.fixture
def both(ledger: SqliteLedger) -> tuple[MemoryLedger, SqliteLedger]:
    """A ledger in memory and one on a disk, with the same lines."""
    found = MemoryLedger(StillClock())
    for one in (found, ledger):
        one.append(RECORDS[:1])
        one.append(RECORDS[1:])
    return found, ledger


def test_its_lines_are_those_of_a_ledger_on_a_disk(both: tuple[MemoryLedger, SqliteLedger]) -> None:
    """To the hash, from any line on and of any kind."""
    memory, disk = both
    assert memory.end() == disk.end()
    for after in range(5):
        assert list(memory.entries(after=after)) == list(disk.entries(after=after))
    assert list(memory.entries(kinds=["note"])) == list(disk.entries(kinds=["note"]))
    assert memory.verify() == disk.verify() == []


@pytest.mark.parametrize("text", ["", "NOTE", "äb", "Äb", '"quoted"', '"a":', "100%", "none", "\0"])
def test_it_is_searched_as_one_on_a_disk(
    both: tuple[MemoryLedger, SqliteLedger], text: str
) -> None:
    """From the end, with small and large letters of ASCII alike, and no others."""
    memory, disk = both
    assert memory.latest(text=text, most=9) == disk.latest(text=text, most=9)
    assert memory.latest(text=text, most=1) == disk.latest(text=text, most=1)
    for before in range(5):
        found = memory.latest(text=text, most=9, before=before, kinds=["note"])
        assert found == disk.latest(text=text, most=9, before=before, kinds=["note"])


def test_all_of_an_append_is_there_or_nothing() -> None:
    """What is not JSON leaves no line, nor what follows from another end."""
    memory = MemoryLedger(StillClock())
    with pytest.raises(ValueError, match="not JSON"):
        memory.append([("note", {}), ("note", {"a": float("nan")})])
    assert memory.end()[0] == 0
    assert memory.append_if_last(0, RECORDS) is not None
    assert memory.append_if_last(2, RECORDS) is None
    assert memory.end()[0] == 3
    assert memory.append([]) == []


def test_what_was_read_is_nobody_elses() -> None:
    """Changing a body that was handed out changes no line; a reading ends where it began."""
    memory = MemoryLedger(StillClock())
    (entry,) = memory.append([("note", {"a": [1]})])
    entry.body["a"].append(2)
    (again,) = memory.entries()
    assert again.body == {"a": [1]}
    reading = memory.entries()
    memory.append(RECORDS)
    assert len(list(reading)) == 1
    memory.close()
    memory.close()
