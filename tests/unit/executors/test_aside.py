from __future__ import annotations

import functools
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstem.executors.aside import NICENESS, Aside, AsideEndedError
from mainstem.executors.kin import stat_fields

if TYPE_CHECKING:
    from collections.abc import Callable

PARENT = """
import functools, signal, sys, threading, time
from mainstem.executors.aside import Aside
if __name__ == "__main__":
    aside = Aside(functools.partial, time.sleep)
    threading.Thread(target=aside.ask, args=(600,), daemon=True).start()
    while aside.pid is None:
        time.sleep(0.01)
    print(aside.pid, flush=True)
    time.sleep(600)
"""


def until(true: Callable[[], bool]) -> None:
    """Waits until something is so."""
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it never came")


def test_it_keeps_what_it_has_and_answers_one_by_one() -> None:
    """The same process counts on from question to question, behind all others."""
    aside = Aside(functools.partial, next, itertools.count())
    assert aside.pid is None
    assert [aside.ask(None) for _ in range(3)] == [0, 1, 2]
    pid = aside.pid
    assert pid is not None
    assert pid != os.getpid()
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(
        19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
    )
    aside.close()
    aside.close()
    assert not stat_fields(pid)
    with pytest.raises(AsideEndedError):
        aside.ask(None)


@pytest.mark.parametrize(
    ("dies", "how", "said"),
    [(os._exit, 3, "exit code 3"), (signal.raise_signal, 9, "ended by SIGKILL")],
)
def test_one_that_dies_is_told_and_the_next_question_starts_another(
    dies: Callable[[int], None], how: int, said: str
) -> None:
    """Nothing hangs, whatever ends it."""
    aside = Aside(functools.partial, dies)
    for _ in range(2):
        with pytest.raises(AsideEndedError, match=said):
            aside.ask(how)
    assert aside.pid is None
    aside.close()


def test_closing_ends_it_in_the_middle_of_a_question() -> None:
    """Whoever waits for the answer is told."""
    aside = Aside(functools.partial, time.sleep)
    told: list[str] = []

    def ask() -> None:
        with pytest.raises(AsideEndedError) as error:
            aside.ask(600)
        told.append(str(error.value))

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: aside.pid is not None)
    aside.close()
    asking.join(20)
    assert told == ["it was ended by SIGKILL"]


def test_it_does_not_outlive_who_asks(tmp_path: Path) -> None:
    """Killed outright in the middle of a question, the one that asked takes it along."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    until(lambda: Path(f"/proc/{pid}/fd").exists())
    parent.kill()
    parent.communicate()
    until(lambda: not stat_fields(pid) or stat_fields(pid)[0] == b"Z")
