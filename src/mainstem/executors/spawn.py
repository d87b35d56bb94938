"""From an order to a running command: what happens between fork and exec.

By hand rather than by `subprocess`, because the child needs a signal for its parent's death,
default signal handlers, limits and a confinement, and to say at which step it failed; all of it is
safe as the keeper has one thread.

Where bubblewrap makes a sandbox, the command gets in by way of a *pilot*:

    keeper -> pilot -> command       the pilot joins the sandbox's namespaces; it is outside of its
    keeper -> sandbox                process namespace, which only children enter

The pilot gives up what the command must not have, starts it (`posix_spawn`) and goes; the keeper,
as the subreaper, adopts the command and sees its exit code or signal, and its use of time and
memory, as without a sandbox. It borrows the keeper's memory (`mainstem.executors.vfork`), as a fork
of a Python process costs as much as a third of the sandbox.

Where that cannot be, and in namespaces of our own, which need a process of ours inside, a forked
*guard* stands in the pilot's place, waits for the command and ends as it did.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import signal
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from mainstem.executors import bubblewrap, landlock
from mainstem.executors.bubblewrap import PATIENCE_S, SandboxError
from mainstem.executors.privileges import LIBC, die_first, drop_privileges, limit_resources
from mainstem.executors.vfork import Borrower, can_borrow

if TYPE_CHECKING:
    from collections.abc import Mapping

_PR_SET_PDEATHSIG = 1
# Python ignores SIGPIPE, and a campaign under nohup ignores SIGHUP; a trial starts clean. Handlers
# go with exec by themselves.
_IGNORED = tuple(n for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN)
_CHUNK_BYTES = 4096
_BORROWER = Borrower() if can_borrow() else None


class CannotStartError(Exception):
    """The trial's first process could not become the command.

    Attributes:
        stage: What was attempted: `log`, `overlay`, `confine`, `chdir` or `exec`.
        number: The system's error number.
        said: For `confine`: what the sandbox said.
    """

    def __init__(self, stage: str, number: int, said: str = "") -> None:
        super().__init__(f"{stage}: {said or os.strerror(number)}")
        self.stage = stage
        self.number = number
        self.said = said


class Started(NamedTuple):
    """A trial that runs.

    Attributes:
        process: The child to wait for, whose end is the trial's.
        group: The process group to ask to end.
        sandbox: The child that is the sandbox and goes with it; 0 where there is none.
        hold: Holds the sandbox as long as it is open; -1 where others do, or there is none.
    """

    process: int
    group: int
    sandbox: int = 0
    hold: int = -1


def start(order: dict[str, Any], stdout: int, stderr: int) -> Started:
    """Starts the command in a session of its own.

    Raises:
        CannotStartError: The command did not come to run.
    """
    if "namespaces" in order["confine"]:
        # Before the fork: the child may not see the library any more. Few machines need it.
        import_module("mainstem.executors.namespaces")
    ruleset = _ruleset(order["confine"])
    sandbox = _sandbox(order["confine"])
    if sandbox is not None and _BORROWER is not None:
        return _start_by_pilot(_BORROWER, order, (stdout, stderr), sandbox)
    keeper = os.getpid()
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        become(order, stdout, stderr, writer, keeper=keeper, sandbox=sandbox, ruleset=ruleset)
    os.close(writer)
    if sandbox is not None:
        sandbox.let_go()
    if ruleset is not None:
        os.close(ruleset)
    try:
        said = _read_all(reader)
    except TimeoutError:
        os.kill(process, signal.SIGKILL)
        raise CannotStartError("confine", errno.ETIMEDOUT) from None
    finally:
        os.close(reader)
    group = process
    for line in said.splitlines():
        word, number, *rest = line.split(" ", 2)
        if word == "group":
            group = int(number)
        else:
            raise CannotStartError(word, int(number), *rest)
    return Started(process, group, 0 if sandbox is None else sandbox.process)


def _start_by_pilot(
    borrower: Borrower,
    order: dict[str, Any],
    outputs: tuple[int, int],
    sandbox: bubblewrap.Sandbox,
) -> Started:
    """Starts the command in a sandbox by a child that is gone when this returns.

    Raises:
        CannotStartError: The command did not come to run.
    """
    pilot = _Pilot(order, outputs, sandbox)
    try:
        borrower.run(pilot.fly)
    except (OSError, ValueError) as failure:
        sandbox.let_go()
        # A ValueError is a NUL byte in a word.
        number = failure.errno if isinstance(failure, OSError) else errno.EINVAL
        raise CannotStartError(pilot.stage, number or errno.EIO) from None
    return Started(pilot.command, pilot.command, sandbox.process, sandbox.left())


class _Pilot:
    """Joins a sandbox, starts the command in it and goes.

    It writes in the keeper's memory: what is the keeper's own there it leaves alone.

    Attributes:
        command: The command's process, once it was started.
        stage: What was attempted last, as in `CannotStartError`.
    """

    def __init__(
        self, order: dict[str, Any], outputs: tuple[int, int], sandbox: bubblewrap.Sandbox
    ) -> None:
        self._order = order
        self._outputs = outputs
        self._sandbox = sandbox
        self.command = 0
        self.stage = "exec"

    def fly(self) -> None:
        """Runs in a child that borrows this process's memory.

        Raises:
            OSError: The kernel refuses, or the command cannot be started.
            ValueError: A word holds a NUL byte.
        """
        plan = self._order["confine"]
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for place, end in enumerate(self._outputs, start=1):
            os.dup2(end, place)
        self.stage = "confine"
        die_first()
        bubblewrap.join(self._sandbox)
        limit_resources(plan["rlimits"])
        drop_privileges()
        self.stage = "chdir"
        os.chdir(self._order["cwd"])
        self.stage = "exec"
        self.command = _spawn(self._order["argv"], self._order["env"])


def _sandbox(plan: dict[str, Any]) -> bubblewrap.Sandbox | None:
    """The sandbox of bubblewrap, if the plan asks for one.

    Raises:
        CannotStartError: It could not be made.
    """
    if "bubblewrap" not in plan:
        return None
    try:
        return bubblewrap.make(plan["bubblewrap"], ignored=_IGNORED)
    except SandboxError as failure:
        raise CannotStartError("confine", errno.EPERM, " ".join(str(failure).split())) from None
    except OSError as failure:
        raise CannotStartError("confine", failure.errno or errno.EIO) from None


def _ruleset(plan: dict[str, Any]) -> int | None:
    """Landlock's rules, built here: a forked process would copy each page that it touches for it.

    Raises:
        CannotStartError: The kernel refuses.
    """
    if "landlock" not in plan:
        return None
    try:
        return landlock.build(plan["landlock"], tcp=plan["network"])
    except OSError as failure:
        raise CannotStartError("confine", failure.errno or errno.EIO) from None


def _read_all(reader: int) -> str:
    """All that is said until exec closes the other end.

    Raises:
        TimeoutError: It takes longer than any sandbox does.
    """
    data = b""
    while select.select([reader], [], [], PATIENCE_S)[0]:
        more = os.read(reader, _CHUNK_BYTES)
        if not more:
            return data.decode(errors="replace")
        data += more
    raise TimeoutError


def become(
    order: dict[str, Any],
    stdout: int,
    stderr: int,
    problems: int,
    *,
    keeper: int,
    sandbox: bubblewrap.Sandbox | None,
    ruleset: int | None,
) -> NoReturn:
    """Turns this forked process into the command; reports on `problems` why it cannot."""
    stage = "exec"
    plan = order["confine"]
    try:
        _start_alone(keeper)
        if sandbox is None:
            _restore_signals()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        stage = "confine"
        if plan:
            die_first()
        inside = _enter(plan, sandbox, keeper)
        if plan:
            limit_resources(plan["rlimits"])
            drop_privileges()
        if ruleset is not None:
            landlock.restrict(ruleset)
        stage = "chdir"
        os.chdir(order["cwd"])
        stage = "exec"
        if inside:
            _guard(_spawn(order["argv"], order["env"]), problems)
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606  # no shell, on purpose
    except SandboxError as failure:
        said = " ".join(str(failure).split())
        os.write(problems, f"{stage} {errno.EPERM} {said}\n".encode())
    except OSError as failure:
        os.write(problems, f"{stage} {failure.errno or errno.EIO}\n".encode())
    except ValueError:  # a NUL byte in a word
        os.write(problems, f"{stage} {errno.EINVAL}\n".encode())
    finally:
        os._exit(127)


def _start_alone(parent: int) -> None:
    """A session of its own that ends with its parent."""
    os.setsid()
    LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(127)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _restore_signals() -> None:
    """No signal is handled or ignored any more."""
    for number in (signal.SIGCHLD, signal.SIGTERM, *_IGNORED):
        signal.signal(number, signal.SIG_DFL)


def _enter(plan: dict[str, Any], sandbox: bubblewrap.Sandbox | None, parent: int) -> bool:
    """Makes or joins the sandbox that the plan asks for; whether there is one.

    Raises:
        SandboxError: It could not be made.
        OSError: The kernel refuses.
    """
    if sandbox is not None:
        bubblewrap.join(sandbox)
    elif "namespaces" in plan:
        from mainstem.executors import namespaces  # `start` has loaded it

        namespaces.enter(plan["namespaces"])
    else:
        return False
    # Joining another user namespace clears it.
    LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(127)
    return True


def _spawn(argv: list[str], env: Mapping[str, str]) -> int:
    """Starts the command, inside, as a child that leads a session; found as `execvpe` finds it.

    Raises:
        OSError: It cannot be started.
    """
    if "/" in argv[0]:
        return os.posix_spawn(argv[0], argv, env, setsid=True, setsigdef=_IGNORED)
    found: OSError | None = None
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        program = f"{folder}/{argv[0]}" if folder else argv[0]  # "" is this folder
        if not os.access(program, os.F_OK):
            continue
        try:
            return os.posix_spawn(program, argv, env, setsid=True, setsigdef=_IGNORED)
        except OSError as failure:
            found = found or failure
    raise found or FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])


def _guard(command: int, problems: int) -> NoReturn:
    """Waits for the command and ends as it does; with the guard ends the whole sandbox."""
    os.write(problems, f"group {command}\n".encode())
    os.close(problems)
    _, status = os.waitpid(command, 0)
    if os.WIFSIGNALED(status):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _restore_signals()
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
