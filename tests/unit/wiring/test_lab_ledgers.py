from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.lab.doors import Clock
from mainstem.wiring.lab_ledgers import passing_ledger

if TYPE_CHECKING:
    from pathlib import Path


def test_a_passing_ledger_is_a_whole_one_and_goes() -> None:
    """Empty at first, chained like any other, and gone with its folder afterwards."""
    with passing_ledger(Clock()) as ledger:
        folder = ledger.path.parent
        assert list(ledger.entries()) == []
        (entry,) = ledger.append([("note", {"a": 1})])
        assert (entry.seq, entry.at) == (1, "2026-01-01T00:00:00.000Z")
        assert ledger.verify() == []
        assert folder.is_dir()
    assert not folder.exists()


def test_it_goes_on_errors_too() -> None:
    """A campaign that fails leaves no file behind."""
    seen: list[Path] = []

    def fails() -> None:
        with passing_ledger(Clock()) as ledger:
            seen.append(ledger.path)
            raise KeyError("campaign")

    with pytest.raises(KeyError, match="campaign"):
        fails()
    assert not seen[0].parent.exists()
