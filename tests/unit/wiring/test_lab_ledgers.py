from __future__ import annotations

from mainstem.lab.doors import Clock
from mainstem.wiring.lab_ledgers import passing_ledger


def test_a_passing_ledger_is_a_whole_one_of_its_own() -> None:
    """Empty at first, and chained like any other; the next one knows nothing of it."""
    with passing_ledger(Clock()) as ledger:
        assert list(ledger.entries()) == []
        (entry,) = ledger.append([("note", {"a": 1})])
        assert (entry.seq, entry.at) == (1, "2026-01-01T00:00:00.000Z")
        assert ledger.verify() == []
        with passing_ledger(Clock()) as other:
            assert list(other.entries()) == []
