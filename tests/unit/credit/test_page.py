from __future__ import annotations

import re
from pathlib import Path


def test_the_example_of_the_page_is_true() -> None:
    """What docs/parts/credit.md shows can be typed, and its assertions hold."""
    page = Path(__file__).parents[3] / "docs" / "parts" / "credit.md"
    text = page.read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert "assert" in code
    exec(compile(code, str(page), "exec"), {})  # noqa: S102  # our own page
