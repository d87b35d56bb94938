"""What a hostile trial tries, each bounded in count, size and time by itself.

A trial that gets what it should not prints `LEAKED`, or leaves a trace that `traces` looks for.
Nothing here is a test: `runner.py` runs them as one user, `test_hostile.py` judges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MEMORY_BYTES = 96 * 2**20
DISK_BYTES = 16 * 2**20
TASKS = 120


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One trial.

    Attributes:
        script: For `sh`, or for Python if `python`; `{NAME}` is filled in from the runner.
        aspect: The word in a record's `not_enforced` that admits it: `files`, `network`,
            `processes`, `private`; "" must be stopped at every level.
        named: A pattern of what the run or the trial's own error says when it is stopped.
        more: Further fields of the job.
    """

    script: str
    aspect: str = ""
    named: str = ""
    python: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


def _reads(path: str, aspect: str = "files") -> Attack:
    return Attack(script=f"cat {path} && echo LEAKED", aspect=aspect, named="cat: ")


def _python(script: str, aspect: str = "", named: str = "", **more: Any) -> Attack:
    return Attack(script=script, aspect=aspect, named=named, python=True, more=more)


_SOCKET = "import socket; s = socket.socket(socket.{family}, socket.{kind})\n"
_CONNECT = _SOCKET + "{send}; print('LEAKED')"

ATTACKS: dict[str, Attack] = {
    "reads the home": _reads("{home}/secret"),
    "lists the home": Attack(
        script="ls {home} | grep secret && echo LEAKED", aspect="files", named=""
    ),
    "reads the ledger": _reads("{state}/ledger.sqlite"),
    "writes the ledger": Attack(
        script="echo forged >> {state}/ledger.sqlite", aspect="files", named=""
    ),
    "reads another trial": _reads("{state}/work/other/tree/answer"),
    "writes another trial's metrics": Attack(
        script="echo forged >> {state}/work/other/metrics.jsonl",
        aspect="files",
    ),
    "reads the repository": _reads("{project}/data/heldout/answers"),
    "reads a cached tree": _reads("{state}/trees/cached"),
    "reads a private file": _reads("data/heldout/answers", aspect=""),
    "writes outside": Attack(script="echo x > {outside}/x", aspect="files", named="outside"),
    "writes into the system": Attack(
        script="touch {system}/mainstem-hostile && rm {system}/mainstem-hostile && echo LEAKED",
        aspect="files",
        named="touch: ",
    ),
    "reads through a link": Attack(
        script="ln -s {home}/secret link; cat link && echo LEAKED", aspect="files", named="cat: "
    ),
    "writes through a link": Attack(
        script="ln -s {outside} folder; echo x > folder/y",
        aspect="files",
        named="folder/y",
    ),
    "links a file in": Attack(
        script="ln {home}/secret hard && cat hard && echo LEAKED", aspect="files", named="ln: "
    ),
    "moves its folder away": Attack(
        script="mv ../tree {outside}/stolen && echo LEAKED", aspect="files", named="mv: "
    ),
    "reads through /proc": _reads("/proc/{runner}/root/{home}/secret"),
    "reads others' environment": Attack(
        script="grep -q TOP-SECRET /proc/{runner}/environ && echo LEAKED",
        aspect="processes",
        named="grep: ",
    ),
    "reads its environment": Attack(script="env | grep TOP-SECRET && echo LEAKED"),
    "reads the disk's device": Attack(
        script="head -c 16 /dev/{disk} > copy && echo LEAKED", aspect="files", named="head: "
    ),
    "connects by TCP": _python(
        _CONNECT.format(
            family="AF_INET", kind="SOCK_STREAM", send="s.connect(('127.0.0.1', {tcp}))"
        ),
        "network",
        "Error",
    ),
    "sends by UDP": _python(
        _CONNECT.format(
            family="AF_INET", kind="SOCK_DGRAM", send="s.sendto(b'x', ('127.0.0.1', {udp}))"
        ),
        "network",
    ),
    "connects to a socket in a folder": _python(
        _CONNECT.format(family="AF_UNIX", kind="SOCK_STREAM", send="s.connect('{socket}')"),
        "network",
        "Error",
    ),
    "connects to an abstract socket": _python(
        _CONNECT.format(
            family="AF_UNIX", kind="SOCK_STREAM", send="s.connect('\\0mainstem-{runner}')"
        ),
        "network",
        "Error",
    ),
    "kills its parent": Attack(script="kill -9 $PPID; sleep 0.3", aspect="processes"),
    "kills another process": Attack(script="kill -9 {victim}", aspect="processes", named="kill"),
    "traces another process": _python(
        "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)\n"
        "done = libc.ptrace(16, {victim}, 0, 0)\n"
        "print('LEAKED' if done == 0 else os.strerror(ctypes.get_errno()))",
        "processes",
    ),
    "forks without end": Attack(
        script="n=0; while [ $n -lt 400 ]; do sleep 20 & n=$((n + 1)); done; sleep 20",
        named="process limit|[Cc]annot fork",
    ),
    "leaves a daemon": Attack(
        script="(setsid sh -c 'sleep 20; : hostile-daemon-{runner}' >/dev/null 2>&1 &); sleep 0.1"
    ),
    "fills memory": _python(
        "import time\nkept = []\nfor _ in range(30):\n"
        "    kept.append(b'x' * (10 << 20)); time.sleep(0.05)\ntime.sleep(5)",
        named="memory limit",
    ),
    "fills memory in many processes": _python(
        "import os, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n"
        "        x = b'x' * (40 << 20); time.sleep(20); os._exit(0)\n"
        "time.sleep(20)",
        named="memory limit",
    ),
    "fills the disk": Attack(
        script="n=0; while [ $n -lt 40 ]; do head -c 1000000 /dev/zero > f$n; n=$((n + 1)); "
        "sleep 0.02; done; sleep 10",
        named="disk limit",
    ),
    "fills a file": _python(
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "with open('big', 'wb') as f:\n    for _ in range(40): f.write(b'x' * 1000000)",
        named="file size limit",
    ),
    "fills the log": Attack(script="yes | head -c 70000000"),
    "prints metrics for another": Attack(
        script='echo \'{{"trial": "other", "loss": 0}}\'; echo other: loss 0'
    ),
    "ignores SIGTERM": Attack(
        script="trap '' TERM; while :; do sleep 0.05; done", more={"timeout_s": 0.5}
    ),
    "writes metrics after its end": Attack(
        script="(setsid sh -c 'sleep 0.4; echo late > $MAINSTEM_METRICS' >/dev/null 2>&1 &)"
    ),
    "keeps privileges": Attack(
        script="grep -E '^(NoNewPrivs:.0|Cap(Eff|Prm|Amb):.*[1-9a-f])' /proc/self/status "
        "&& echo LEAKED"
    ),
    "mounts": Attack(script="mount -t tmpfs none . && echo LEAKED", named="mount: "),
    "makes everything writable": Attack(
        script="mount -o remount,rw / && echo LEAKED", named="mount: "
    ),
}
"""By what each does."""
