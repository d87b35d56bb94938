"""The board over a large record: 1,000 proposals and 10,000 trials, in ten campaigns or in one.

`mainstem board` is started on a project that `large_ledger` makes. First, how long each question
takes to be answered the first time, by a process that starts from nothing; then every page, made
anew each time: its median time and its weight, compressed. The goals are those of the board: 300 ms
and 300 KB. Last, 200 open boards: each listens for events and fetches its page again at every one,
while a line a second is written for half a minute; what that costs of a core, in a board that was
started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from large_ledger import Size, make_project
from mainstem.board.pages import PAGES
from mainstem.executors.kin import processes, stat_fields
from mainstem.wiring import open_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_MS, MOST_KB = 300.0, 300.0
SIZES = {
    "ten campaigns": Size(proposals=1000, trials=10_000, campaigns=10),
    "one campaign": Size(proposals=1000, trials=10_000, campaigns=1),
}
QUICK = {"two campaigns": Size(proposals=40, trials=200, campaigns=2)}
QUESTIONS = ("status", "show", "transfer", "shares", "verify", "stale", "frontier", "audit")
BOARDS, LINES = 200, 30
REPEATS = 5
PATIENCE_S = 900.0

_COMMAND = "from mainstem.cli.main import main; main()"


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Seconds of questions, milliseconds and kilobytes of pages, cores of many boards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = {}
    for name, size in (QUICK if quick else SIZES).items():
        began_s = time.perf_counter()
        stack = make_project(folder / name.replace(" ", "-"), size)
        made_s = time.perf_counter() - began_s
        with _board(stack) as (url, pid):
            found[name] = {
                "made_s": made_s,
                "questions_s": _questions(url, _ids(stack)),
                "pages": {path: _page(url, path) for path in _paths(stack)},
            }
        # Another one, which finds what was answered: pages that were opened once above had things
        # worked out for the first time, which is no part of what many boards cost.
        with _board(stack) as (url, pid):
            boards = 20 if quick else BOARDS
            found[name]["cores"] = asyncio.run(_watched(url, pid, stack, boards, LINES))
    return found


@contextlib.contextmanager
def _board(stack: Path) -> Iterator[tuple[str, int]]:
    """A board of the project: its address and its process."""
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "board", "--port", "0", "--json"],
        cwd=stack,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the board says nothing")
        said = json.loads(process.stdout.readline())
        yield said["url"].rstrip("/"), process.pid
    finally:
        process.terminate()
        process.communicate()


def _ids(stack: Path) -> list[str]:
    with open_project(stack) as project:
        return [p.id for p in project.record().in_order()]


def _paths(stack: Path) -> list[str]:
    """Every page, of those of one thing the last one."""
    with open_project(stack) as project:
        record = project.record()
    campaign = record.latest()
    if campaign is None:
        raise RuntimeError("the project has no campaign")
    of = {"id": campaign.proposals[-1], "trial": next(reversed(campaign.finished))}
    found = []
    for page in PAGES:
        path = page.path
        for name, value in of.items():
            for form in (f"{{{name}:path}}", f"{{{name}}}"):
                path = path.replace(form, urllib.parse.quote(value, safe=""))
        if "{" not in path:
            found.append(path)
    return found


def _questions(url: str, ids: list[str]) -> dict[str, float]:
    """Seconds until each is answered, one after the other; some may have no answer."""
    asked = dict.fromkeys(QUESTIONS, "")
    asked["why"] = f"?id={urllib.parse.quote(ids[-1])}"
    block = {"rows": ",".join(ids[-60:-30]), "columns": ",".join(ids[-30:]), "objective": "loss"}
    asked["interactions"] = f"?{urllib.parse.urlencode(block)}"
    found = {}
    for question, words in asked.items():
        began_s = time.perf_counter()
        while _status(f"{url}/api/{question}{words}") == 202:
            if time.perf_counter() - began_s > PATIENCE_S:
                raise RuntimeError(f"{question} was not answered in {PATIENCE_S:.0f} s")
            time.sleep(0.05)
        found[question] = time.perf_counter() - began_s
    return found


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310  # our own board
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _page(url: str, path: str) -> dict[str, float]:
    """Median milliseconds of a page that is made anew, and its kilobytes as they are sent."""
    took, raw = [], b""
    for repeat in range(REPEATS):
        request = urllib.request.Request(  # noqa: S310  # our own board
            f"{url}{path}?fresh={repeat}", headers={"accept-encoding": "gzip"}
        )
        began_s = time.perf_counter()
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # the same
            raw = answer.read()
        took.append(time.perf_counter() - began_s)
    shown = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    return {
        "ms": 1000.0 * statistics.median(took),
        "kb": len(raw) / 1000.0,
        "open_kb": len(shown) / 1000.0,
    }


async def _watched(url: str, pid: int, stack: Path, boards: int, lines: int) -> float:
    """Cores that a board and what works aside for it take while many look and lines come."""
    host, port = urllib.parse.urlsplit(url).netloc.split(":")
    fetched = [0]
    watchers = [asyncio.create_task(_watch(host, int(port), fetched)) for _ in range(boards)]
    await asyncio.sleep(3.0)
    before, began_s = _processor_s(pid), time.perf_counter()
    for number in range(lines):
        await asyncio.to_thread(_write, stack, number)
        await asyncio.sleep(1.0)
    cores = (_processor_s(pid) - before) / (time.perf_counter() - began_s)
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    if not fetched[0]:
        raise RuntimeError("no board was told of a line")
    return cores


async def _watch(host: str, port: int, fetched: list[int]) -> None:
    """An open page: told of what moves, it fetches itself again."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /events HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode())
    tag = ""
    async for line in reader:
        if not line.startswith(b"data:"):
            continue
        again, ask = await asyncio.open_connection(host, port)
        known = f"if-none-match: {tag}\r\n" if tag else ""
        ask.write(
            f"GET /proposals HTTP/1.1\r\nhost: {host}:{port}\r\naccept-encoding: gzip\r\n"
            f"{known}connection: close\r\n\r\n".encode()
        )
        head, _, _ = (await again.read()).partition(b"\r\n\r\n")
        tag = next(
            (row[6:].decode() for row in head.split(b"\r\n") if row.startswith(b"etag: ")), ""
        )
        fetched[0] += 1
        ask.close()


def _write(stack: Path, number: int) -> None:
    with open_project(stack) as project:
        project.ledger.append([("note", {"number": number})])


def _processor_s(pid: int) -> float:
    """Processor seconds of a process and its children so far."""
    ticks = 0
    for one in processes():
        fields = stat_fields(one)
        if fields and (one == pid or int(fields[1]) == pid):
            words = fields[-1].split()
            ticks += int(words[6]) + int(words[7])
    return ticks / os.sysconf("SC_CLK_TCK")


def table(figures: dict[str, Any]) -> str:
    """Questions, pages and what many boards cost."""
    out = []
    for name, found in figures.items():
        out.append(f"{name}: made in {found['made_s']:.1f} s")
        out.append("  first answers, one after the other, from a process that starts:")
        out += [f"    {question:14s}{s:8.1f} s" for question, s in found["questions_s"].items()]
        out.append(f"  {'pages, made anew':36s}{'ms':>8s}{'KB sent':>9s}{'KB':>8s}")
        for path, page in found["pages"].items():
            late = "  above the goal" if page["ms"] > MOST_MS or page["kb"] > MOST_KB else ""
            out.append(
                f"    {path:34s}{page['ms']:8.0f}{page['kb']:9.0f}{page['open_kb']:8.0f}{late}"
            )
        out.append(f"  {BOARDS} open boards, a line a second: {found['cores']:.2f} cores")
    return "\n".join(out)
