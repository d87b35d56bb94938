"""Anything at all, thrown for minutes at every reader of what others write.

The tests marked `fuzz` run in `make test` for seconds, always with the same examples; here they run
with many more, new ones each time. What is found is an example that hypothesis prints.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Runs them; how many passed, in how many seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    profile = "default" if quick else "fuzz"
    words = [sys.executable, "-m", "pytest", "--quiet", "-m", "fuzz", "-p", "no:cacheprovider"]
    start_s = time.monotonic()
    done = subprocess.run(
        [*words, f"--hypothesis-profile={profile}", "tests"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    (folder / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    passed = re.search(r"(\d+) passed", done.stdout)
    return {
        "passed": int(passed[1]) if passed else 0,
        "failed": re.findall(r"^FAILED (\S+)", done.stdout, flags=re.MULTILINE),
        "took_s": time.monotonic() - start_s,
        "profile": profile,
        "code": done.returncode,
    }


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    passed, took_s = figures["passed"], figures["took_s"]
    lines = [f"{passed} readers took everything, profile {figures['profile']!r}, in {took_s:.0f} s"]
    lines += [f"  BROKEN: {name}" for name in figures["failed"]]
    if figures["code"] != 0:
        lines.append(f"  pytest ended with {figures['code']}: see build/bench/fuzz/said.txt")
    return "\n".join(lines)
