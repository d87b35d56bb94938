from __future__ import annotations

import importlib.util
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "README.md"


def test_the_transcripts_of_the_readme_are_what_its_commands_print() -> None:
    """Run again, every command prints what the page shows, but for times, memory and commit ids."""
    spec = importlib.util.spec_from_file_location("transcripts", HERE / "transcripts.py")
    assert spec is not None
    assert spec.loader is not None
    transcripts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(transcripts)
    page = README.read_text(encoding="utf-8")
    assert page.count("<!-- transcript -->") >= 6
    assert transcripts.timeless(transcripts.fresh(page)) == transcripts.timeless(page)
