from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mainstem
from mainstem.executors.vfork import Borrower, can_borrow

pytestmark = pytest.mark.skipif(not can_borrow(), reason="this Python cannot lend its memory")

# Each in a process of its own, as a keeper is: this one has threads.
_ALONE = """
import os, signal, sys
sys.path.append(sys.argv[1])
from mainstem.executors.vfork import Borrower
borrower, seen = Borrower(), []
"""


def alone(script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script that has a borrower and a list."""
    return subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            _ALONE + script,
            str(Path(mainstem.__file__).parents[1]),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_the_child_assigns_is_seen_and_what_is_the_childs_stays_there() -> None:
    """Memory is shared; files, the working directory and the clock for patience are not."""
    done = alone("""
def work():
    seen.append(os.getpid())
    os.chdir("/proc")
    os.close(2)
    seen.extend(str(number) * 9 for number in range(4_000))

for _ in range(60):
    seen.clear()
    borrower.run(work)
    assert seen[0] != os.getpid() and seen[-1] == "3999" * 9 and len(seen) == 4_001
assert os.getcwd() != "/proc" and os.fstat(2) and signal.alarm(0) == 0
try:
    os.waitpid(-1, 0)
except ChildProcessError:
    print("nobody left", sys.getrefcount(work) < 5)
""")
    assert (done.stdout, done.stderr) == ("nobody left True\n", "")


def test_what_the_child_raises_is_raised_here() -> None:
    """From any depth, with its kind, and the next child runs."""
    done = alone("""
def deep(left):
    return deep(left - 1) if left else os.chdir("/nonexistent")

for _ in range(50):
    try:
        borrower.run(lambda: deep(200))
    except FileNotFoundError as failure:
        seen.append(failure.filename)
borrower.run(lambda: seen.append("after"))
print(len(seen), set(seen) == {"/nonexistent", "after"})
""")
    assert (done.stdout, done.stderr) == ("51 True\n", "")


def test_a_program_that_the_child_started_becomes_ours_with_its_own_end() -> None:
    """To a subreaper; a signal is a signal, an exit code an exit code."""
    done = alone("""
import ctypes
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
for script in ("kill -TERM $$", "exit 143"):
    def start():
        seen.append(os.posix_spawn("/bin/sh", ["sh", "-c", script], {}, setsid=True))
    borrower.run(start)
    process, status = os.waitpid(-1, 0)
    print(process == seen[-1], os.waitstatus_to_exitcode(status))
""")
    assert (done.stdout, done.stderr) == ("True -15\nTrue 143\n", "")


def test_a_child_that_is_killed_takes_this_process_along() -> None:
    """Its memory was left half written: nothing that it says afterwards could be trusted."""
    done = alone("borrower.run(lambda: os.kill(os.getpid(), signal.SIGKILL)); print('on')")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")


def test_a_child_beyond_the_systems_limit_is_an_error() -> None:
    """The kernel says why; this process goes on."""
    if os.geteuid() == 0:
        script = """
import resource
os.setgroups([]); os.setgid(65534); os.setuid(65534)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
"""
    else:
        script = "import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\n"
    done = alone(
        script
        + """
try:
    borrower.run(lambda: None)
except BlockingIOError:
    print("refused")
"""
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_borrower_is_made_without_a_process() -> None:
    """A keeper makes one when it starts, whether or not it needs it."""
    before = Path("/proc/self/task").stat().st_nlink
    assert Borrower()
    assert Path("/proc/self/task").stat().st_nlink == before
