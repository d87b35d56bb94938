"""From an order to a running command: what happens between fork and exec.

By hand rather than by `subprocess`, because the child needs a signal for its parent's death,
default signal handlers, and to say at which step it failed; all of it is safe as the keeper has one
thread.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
from typing import Any, NoReturn

LIBC = ctypes.CDLL(None, use_errno=True)
"""The C library, for `prctl`, which Python does not offer."""

_PR_SET_PDEATHSIG = 1


class CannotStartError(Exception):
    """The trial's first process could not become the command.

    Attributes:
        stage: What was attempted: `log`, `chdir` or `exec`.
        number: The system's error number.
    """

    def __init__(self, stage: str, number: int) -> None:
        super().__init__(f"{stage}: {os.strerror(number)}")
        self.stage = stage
        self.number = number


def start(order: dict[str, Any], stdout: int, stderr: int) -> int:
    """Starts the command in a session of its own and returns the process's id.

    Raises:
        CannotStartError: The command did not come to run.
    """
    keeper = os.getpid()
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        become(order, stdout, stderr, writer, keeper)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        problem = pipe.read().decode()  # ends when exec closes the other end
    if problem:
        stage, number = problem.split()
        raise CannotStartError(stage, int(number))
    return process


def become(order: dict[str, Any], stdout: int, stderr: int, problems: int, keeper: int) -> NoReturn:
    """Turns this forked process into the command; reports on `problems` why it cannot."""
    stage = "exec"
    try:
        os.setsid()
        LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != keeper:
            os._exit(127)
        signal.set_wakeup_fd(-1)
        # Python ignores SIGPIPE, and a campaign under nohup ignores SIGHUP; a trial starts clean.
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        stage = "chdir"
        os.chdir(order["cwd"])
        stage = "exec"
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606  # no shell, on purpose
    except OSError as failure:
        os.write(problems, f"{stage} {failure.errno or errno.EIO}".encode())
    except ValueError:  # a NUL byte in a word
        os.write(problems, f"{stage} {errno.EINVAL}".encode())
    finally:
        os._exit(127)
