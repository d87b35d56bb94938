"""Eight clients hammer one store for a minute, on SQLite and on PostgreSQL: nothing may be lost.

Each client is a process of its own that appends as campaigns do: single results, batches of several
lines, and lines that are written on the last one or not at all. It notes what was acknowledged. In
the end every acknowledged line must be there, once, in its client's order, and the chain must hold.
Commits wait for the disk on both stores.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from postgres_server import Server

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = 8

OPENING = """
import json, sys, time
from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.on_postgres import PostgresLedger
from mainstem.ledger.on_sqlite import SqliteLedger
class Clock:
    def now(self): return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    def monotonic_s(self): return time.monotonic()
def opened(url):
    address = parse(url)
    if isinstance(address, PostgresAddress):
        return PostgresLedger(address, Clock())
    return SqliteLedger(address.path, Clock())
"""

CLIENT = """
url, me, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
ledger = opened(url)
values = {"loss": 2.5, "params": 1000.0}
written = overtaken = 0
took_s = []
print("ready", flush=True)
sys.stdin.readline()
end_s = time.monotonic() + seconds
while (start_s := time.monotonic()) < end_s:
    size = 1 + 3 * (written % 4 == 3)
    records = [("trial-finished", {"by": me, "n": written + i, "values": values})
               for i in range(size)]
    if written % 3 == 2:
        last = max((e.seq for e in ledger.entries(after=overtaken)), default=overtaken)
        overtaken = last
        done = ledger.append_if_last(last, records) is not None
    else:
        done = bool(ledger.append(records))
    took_s.append(time.monotonic() - start_s)
    written += size * done
ledger.close()
print(json.dumps({"written": written, "took_s": took_s}))
"""


def hammer(url: str, *, seconds: float) -> dict[str, Any]:
    """What eight clients wrote in so many seconds, and what of it stands.

    Args:
        url: The store's address; a file's is `sqlite:PATH`.
        seconds: How long they write, once all are connected.
    """
    clients = [
        subprocess.Popen(
            [sys.executable, "-c", OPENING + CLIENT, url, str(me), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for me in range(CLIENTS)
    ]
    for client in clients:
        assert client.stdout is not None  # noqa: S101  # it was asked for above
        client.stdout.readline()
    for client in clients:  # all at once: `communicate` would wait for each one's end
        assert client.stdin is not None  # noqa: S101  # see above
        client.stdin.write("go\n")
        client.stdin.flush()
    ended = [client.communicate() for client in clients]
    errors = [said for (_, said), c in zip(ended, clients, strict=True) if c.returncode]
    reports = [json.loads(out) for out, _ in ended if out]
    took_s = sorted(t for report in reports for t in report["took_s"])
    written = sum(report["written"] for report in reports)
    found, wrong = _standing(url)
    expected = {me: list(range(report["written"])) for me, report in enumerate(reports)}
    lost = sum((Counter(expected[me]) - Counter(found.get(me, []))).total() for me in expected)
    doubled = sum((Counter(found[me]) - Counter(expected.get(me, []))).total() for me in found)
    return {
        "clients": CLIENTS,
        "seconds": seconds,
        "lines": written,
        "lines_per_s": round(written / seconds),
        "median_ms": round(1000.0 * took_s[len(took_s) // 2], 1),
        "worst_ms": round(1000.0 * took_s[-1], 1),
        "errors": errors,
        "lost": lost,
        "doubled": doubled,
        "in_order": all(found.get(me, []) == expected[me] for me in expected),
        "alterations": wrong,
    }


def _standing(url: str) -> tuple[dict[int, list[int]], list[str]]:
    """What each client's lines say, in the order in which they stand; what verify finds."""
    space: dict[str, Any] = {}
    exec(OPENING, space)  # noqa: S102  # our own text, as every client runs it
    ledger = space["opened"](url)
    found: dict[int, list[int]] = {}
    for entry in ledger.entries():
        found.setdefault(entry.body["by"], []).append(entry.body["n"])
    wrong = ledger.verify()
    ledger.close()
    return found, wrong


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Both stores, one after the other; the server is made for it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seconds = 5.0 if quick else 60.0
    figures = {"sqlite": hammer(f"sqlite:{folder / 'ledger.sqlite'}", seconds=seconds)}
    server = Server(durable=True)
    try:
        server.start()
        figures["postgresql"] = hammer(server.address(server.database()), seconds=seconds)
        figures["postgresql"]["version"] = server.sql("SHOW server_version")[0][0]
    finally:
        server.remove()
    return figures


def table(figures: dict[str, Any]) -> str:
    """What came out, a row for each store."""
    columns = ("lines", "lines_per_s", "median_ms", "worst_ms", "lost", "doubled", "in_order")
    rows = [f"  {'':12s}" + "".join(f"{name:>13s}" for name in (*columns, "errors"))]
    for name, found in figures.items():
        cells = [str(found[column]) for column in columns] + [str(len(found["errors"]))]
        rows.append(f"  {name:12s}" + "".join(f"{cell:>13s}" for cell in cells))
    return "\n".join(rows)
