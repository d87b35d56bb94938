from __future__ import annotations

import re
from pathlib import Path


def test_the_example_of_the_page_runs() -> None:
    """What docs/parts/stats.md shows can be typed, and its figures are finite numbers."""
    page = Path(__file__).parents[3] / "docs" / "parts" / "stats.md"
    text = page.read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    scope: dict[str, object] = {}
    exec(compile(code, str(page), "exec"), scope)  # noqa: S102  # our own page
    low, high = scope["evidence"].confidence_interval(scope["d"], 0.9)  # type: ignore[attr-defined]  # from the page
    assert low < scope["d"].mean() < high  # type: ignore[attr-defined]  # from the page
