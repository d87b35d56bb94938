"""Twenty kills: `kill -9` of `mainstem integrate` at random moments, then the same command again.

On the shell stack with trials of a little over a second. The course must be that of the undisturbed
run: same asks, same results, none twice, same verdicts, and no process left.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMMAND = ["mainstem", "integrate", "--budget", "50", "-j", "2"]
STACK = """
[stack]
command = "sh train.sh {seed}"
[metrics]
source = "stdout"
[metrics.patterns]
loss = '^final_loss:\\s+(\\S+)'
weights = '^weights:\\s+(\\S+)'
[[objectives]]
name = "loss"
margin = 0.03
[[objectives]]
name = "weights"
role = "guard"
margin = "10%"
"""


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Runs the campaign undisturbed and killed, and compares the two ledgers."""
    shutil.rmtree(folder, ignore_errors=True)
    calm, shot = (_stack(folder / name) for name in ("calm", "shot"))
    subprocess.run(COMMAND, cwd=calm, check=True, capture_output=True)
    rng = random.Random(0)
    kills = hits = 0
    wanted = 3 if quick else 20
    while hits < wanted and kills < 3 * wanted:
        kills += 1
        hits += _kill(shot, rng.uniform(0.5, 3.0))
    subprocess.run(COMMAND, cwd=shot, check=True, capture_output=True)
    left, right = _course(calm), _course(shot)
    names = [name for name, _ in right["finished"]]
    return {
        "kills": hits,
        "trials": len(names),
        "doubled": len(names) - len(set(names)),
        "same_asks": left["asked"] == right["asked"],
        "same_results": left["finished"] == right["finished"],
        "same_verdicts": left["verdicts"] == right["verdicts"],
    }


def _stack(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["sh", ROOT / "examples/shell/build.sh", path], check=True, capture_output=True)
    script = (path / "train.sh").read_text(encoding="utf-8")
    (path / "train.sh").write_text(script.replace("set -eu", "set -eu; sleep 1.2"), "utf-8")
    (path / "mainstem.toml").write_text(STACK, encoding="utf-8")
    for words in (["add", "."], ["commit", "--quiet", "--message", "Describe the stack"]):
        subprocess.run(["git", *words], cwd=path, check=True)
    branches = ["lr-high", "lr-low", "clip", "warmup-long", "deeper"]
    subprocess.run(["mainstem", "propose", *branches], cwd=path, check=True, capture_output=True)
    return path


def _kill(path: Path, after_s: float) -> bool:
    """Kills the campaign after so long; False if it had ended by itself."""
    process = subprocess.Popen(COMMAND, cwd=path, stdout=subprocess.DEVNULL)
    try:
        process.wait(timeout=after_s)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def _course(path: Path) -> dict[str, Any]:
    """Asks, results and verdicts as the ledger has them."""
    file = path / ".mainstem" / "ledger.sqlite"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        rows = [(kind, json.loads(body)) for kind, body in store.execute(QUERY)]
    finished = [(b["trial"], b["values"]) for kind, b in rows if kind == "trial-finished"]
    verdicts = {b["proposal"]: b["kind"] for kind, b in rows if kind == "verdict"}
    asked = [b["trials"] for kind, b in rows if kind == "batch-asked"]
    return {"asked": asked, "finished": sorted(finished), "verdicts": verdicts}


QUERY = "SELECT kind, body FROM entries ORDER BY seq"


def table(figures: dict[str, Any]) -> str:
    """What came out."""
    return "\n".join(f"  {name:14s}{value}" for name, value in figures.items())
