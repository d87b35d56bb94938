from __future__ import annotations

import json
from typing import Any

import pytest

from mainstem.cli.transfer import show


def estimate(mean: float, spread: float, unit: str = "nats") -> dict[str, Any]:
    """An estimate as the report has it."""
    low, high = mean - spread, mean + spread
    return {"mean": mean, "low": low, "high": high, "level": 0.9, "unit": unit}


def of(holding: str, same: float, *gains: float) -> dict[str, Any]:
    """One proposal on one objective, at two rungs."""
    effects = [
        {"rung": rung, "runs": 5, "gain": estimate(gain, 0.02)}
        for rung, gain in zip(("small", "large"), gains, strict=True)
    ]
    return {"holding": holding, "same": same, "effects": effects}


REPORT = {
    "stack": "toy",
    "campaign": "c1",
    "known": True,
    "confirm_rung": "large",
    "rungs": [{"rung": "small", "done": 36}, {"rung": "large", "done": 8}],
    "proposals": [
        {
            "id": "longer-warmup",
            "objectives": {"val_bpb": of("held", 0.999, 0.2, 0.3), "params": of("open", 0.7, 0, 1)},
        },
        {"id": "rope", "objectives": {"val_bpb": of("turned", 0.04, -0.2, 0.3)}},
        {"id": "z", "objectives": {"val_bpb": of("no effect", 0.5, 0.0, 0.0)}},
    ],
    "agreement": [
        {
            "rung": "small",
            "objective": "val_bpb",
            "rank": estimate(0.9, 0.05, ""),
            "recipes": 14,
            "both": 6,
            "carries": estimate(1.2, 0.2, ""),
        }
    ],
}


def test_a_report_fits_into_eighty_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every rung's effect on a line of its own, and the word at the rung that decides."""
    monkeypatch.setenv("COLUMNS", "80")
    show(REPORT, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    rows = [" ".join(line.split()) for line in lines]
    assert rows[0].startswith("toy, campaign c1 (36 at small, 8 at large); posterior: verdicts")
    at = rows.index("longer-warmup val_bpb small +0.200 [+0.180, +0.220] 5")
    assert rows[at + 1] == "large +0.300 [+0.280, +0.320] 5 held, over 99%"
    assert any(row.startswith("rope val_bpb small") for row in rows)
    text = " ".join(rows)
    assert "turned, 96%" in text
    assert "open, 70%" in text
    assert "5 no effect" in text
    assert "small val_bpb +0.900 [+0.850, +0.950] +1.20 [+1.00, +1.40] 14 (6)" in text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"campaign": None}, "no campaign yet"),
        ({"known": False}, "campaign c1 ran with other settings of mainstem.toml"),
        ({"rungs": [{"rung": "large", "done": 8}]}, "campaign c1 runs at rung large only"),
        ({"proposals": []}, "the trunk has not run at both"),
    ],
)
def test_where_there_is_nothing_to_tell_it_says_why(
    capsys: pytest.CaptureFixture[str], change: dict[str, Any], why: str
) -> None:
    """In a sentence, and the JSON has every key all the same."""
    show({**REPORT, **change}, as_json=False)
    assert why in capsys.readouterr().out
    show({**REPORT, **change}, as_json=True)
    assert json.loads(capsys.readouterr().out) == {**REPORT, **change}
