"""Three workers on one campaign, killed at random, while their database is restarted at random.

Each works in a clone of its own on one store in PostgreSQL. Now and then one is killed (`kill -9`)
and started again, now and then the server is stopped as by a power cut and started. The course must
be that of one undisturbed process on SQLite: same asks, results and verdicts, each once.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

from kills import ROOT, STACK
from postgres_server import Server

if TYPE_CHECKING:
    from pathlib import Path

BRANCHES = ("lr-high", "lr-low", "clip", "warmup-long", "deeper")
WORKERS = 3
COMMAND = ("mainstem", "integrate", "--budget", "40", "-j", "2")
LEASE = '[store]\nlease = "2s"\n'


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Campaigns until enough workers were killed, each compared with the undisturbed one."""
    shutil.rmtree(folder, ignore_errors=True)
    calm = _stack(folder / "calm")
    _run(calm, "mainstem", "propose", *BRANCHES)
    _run(calm, *COMMAND)
    copied = Server()
    try:
        copied.start()
        url = copied.address(copied.database())
        _run(calm, "mainstem", "store", "copy", "--from", "sqlite", "--to", url)
        expected = _course(copied, url)
        found: dict[str, Any] = {"kills": 0, "restarts": 0, "campaigns": 0, "trials": 0, "late": 0}
        same = True
        while found["kills"] < (5 if quick else 40):
            found["campaigns"] += 1
            one = _disturbed(folder / str(found["campaigns"]), copied, seed=found["campaigns"])
            for name in ("kills", "restarts", "late"):
                found[name] += one[name]
            found["trials"] += len(one["course"]["finished"])
            same = same and one["course"] == expected
    finally:
        copied.remove()
    return {**found, "same_course": same}


def _stack(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    _run(path.parent, "sh", str(ROOT / "examples/shell/build.sh"), str(path))
    script = (path / "train.sh").read_text(encoding="utf-8")
    (path / "train.sh").write_text(script.replace("set -eu", "set -eu; sleep 0.7"), "utf-8")
    (path / "mainstem.toml").write_text(STACK + LEASE, encoding="utf-8")
    _run(path, "git", "add", ".")
    _run(path, "git", "commit", "--quiet", "--message", "Describe the stack")
    return path


def _run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


def _disturbed(folder: Path, server: Server, *, seed: int) -> dict[str, Any]:
    """One campaign of three workers, who are killed until it has ended."""
    rng = random.Random(seed)
    clones = [_stack(folder / "0")]
    url = server.address(server.database())
    _run(clones[0], "mainstem", "propose", *BRANCHES, "--store", url)
    for number in range(1, WORKERS):
        clones.append(folder / str(number))
        _run(folder, "git", "clone", "--quiet", str(clones[0]), str(clones[-1]))
    workers = [_start(clone, url) for clone in clones]
    kills = restarts = 0
    while not _lines(server, url, "campaign-ended"):
        time.sleep(rng.uniform(1.5, 4.0))
        at = rng.randrange(WORKERS)
        if workers[at].poll() is None:
            os.kill(workers[at].pid, signal.SIGKILL)
            workers[at].wait()
            workers[at] = _start(clones[at], url)
            kills += 1
        if rng.random() < 0.15:
            server.restart(hard=True)
            restarts += 1
    ended = [worker.wait() for worker in workers]
    assert ended == [0] * WORKERS, ended  # noqa: S101  # nothing else is a right end
    late = len(_lines(server, url, "trial-late"))
    course = _course(server, url)
    return {"kills": kills, "restarts": restarts, "late": late, "course": course}


def _start(clone: Path, url: str) -> subprocess.Popen[bytes]:
    with (clone.parent / f"{clone.name}.log").open("ab") as log:
        command = [*COMMAND, "--store", url]
        return subprocess.Popen(command, cwd=clone, stdout=log, stderr=subprocess.STDOUT)


def _lines(server: Server, url: str, kind: str) -> list[Any]:
    """The bodies of a store's lines of a kind."""
    name = url.partition("@/")[2].partition("?")[0]
    rows = server.sql("SELECT kind, body FROM mainstem.entries ORDER BY seq", database=name)
    return [json.loads(body) for found, body in rows if found == kind]


def _course(server: Server, url: str) -> dict[str, Any]:
    """Asks, results and verdicts; a result or a verdict that stands twice is another course."""
    finished = _lines(server, url, "trial-finished")
    verdicts = _lines(server, url, "verdict")
    return {
        "opened": len(_lines(server, url, "campaign-opened")),
        "asked": [body["trials"] for body in _lines(server, url, "batch-asked")],
        "finished": sorted((b["trial"], json.dumps(b["values"])) for b in finished),
        "verdicts": sorted((b["proposal"], b["kind"], b["reason"]) for b in verdicts),
    }


def table(figures: dict[str, Any]) -> str:
    """What came out."""
    return "\n".join(f"  {name:14s}{value}" for name, value in figures.items())
