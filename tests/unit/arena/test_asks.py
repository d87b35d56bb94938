from __future__ import annotations

from typing import TYPE_CHECKING

import asks

if TYPE_CHECKING:
    import pytest


def test_an_integrator_is_filled_and_asked() -> None:
    """Asks take time and memory, and every one is answered."""
    found = asks.ask(4, 12)
    assert found["peak_bytes"] > 2**20
    assert 0.0 < found["ask_s"] <= found["round_s"]


def test_a_size_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A size that is given up, or whose process fails, is a line and not an error."""
    monkeypatch.setattr(asks, "LIMIT_S", 1e-3)
    size = asks.SIZES[0]
    late = asks._measured(size)
    assert late["failed"] == "no answer within 0 s"
    failed = {"n": size.n, "runs": size.runs, "failed": "MemoryError"}
    fine = {"n": 1000, "runs": 20000, "ask_s": 1.0, "first_s": 9.0, "round_s": 2.0}
    lines = asks.table({"sizes": [failed, fine | {"peak_bytes": 2**30}]}).splitlines()
    assert lines[0].endswith("MemoryError")
    assert "1.000 s an ask of 4 (goal 5)" in lines[1]
    assert "peak 1024 of 2048 MiB" in lines[1]
