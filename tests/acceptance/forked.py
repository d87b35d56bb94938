"""Runs the command without starting Python anew: a process that has loaded it forks for each call.

Half a second of every call is loading; a test of ten calls is mostly that. What runs is the same
`main` in a process of its own, with its own folder, environment and standard streams. `Stack.start`
and `fresh=True` start Python as a user does, with another hash seed each time.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SERVER = "import sys; from tests.acceptance import forked; forked.serve(int(sys.argv[1]))"
_MOST_BYTES = 1 << 20


class Forks:
    """A process that forks for each call, for as long as this one lives."""

    def __init__(self, root: Path) -> None:
        """Starts it.

        Args:
            root: The project, whose folder holds the package `tests`.
        """
        self._here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(there.fileno())],
            cwd=root,
            pass_fds=(there.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        there.close()

    def run(self, words: Sequence[str], *, cwd: Path) -> tuple[int, str, str]:
        """One call, in this process's environment: its exit code, output and errors."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            asked = {"words": list(words), "cwd": str(cwd), "env": dict(os.environ)}
            streams = array.array("i", [out.fileno(), err.fileno()])
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)]
            self._here.sendmsg([json.dumps(asked).encode()], rights)
            code = int(self._here.recv(_MOST_BYTES))
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
        return code, texts[0], texts[1]

    def close(self) -> None:
        """Ends it."""
        self._here.close()
        self._process.wait()


def serve(descriptor: int) -> None:
    """Answers calls until the other end is closed."""
    _load()
    door = socket.socket(fileno=descriptor)
    while True:
        content, descriptors, _flags, _address = socket.recv_fds(door, _MOST_BYTES, 2)
        if not content:
            return
        child = os.fork()
        if child == 0:
            door.close()
            _call(json.loads(content), descriptors)
        for each in descriptors:
            os.close(each)
        _pid, status = os.waitpid(child, 0)
        door.send(str(os.waitstatus_to_exitcode(status)).encode())


def _load() -> None:
    """Everything that a command may import; what is not there is not needed."""
    import importlib
    import pkgutil

    import mainstem

    for module in pkgutil.walk_packages(mainstem.__path__, "mainstem."):
        with contextlib.suppress(ImportError):
            if "ray" not in module.name:  # starts threads, and nobody forks those
                importlib.import_module(module.name)


def _call(asked: Mapping[str, object], streams: Sequence[int]) -> None:
    """In the child: becomes the command, and ends as Python would."""
    from mainstem.cli.main import main

    for place, stream in enumerate(streams, start=1):
        os.dup2(stream, place)
        os.close(stream)
    os.chdir(str(asked["cwd"]))
    os.environ.clear()
    os.environ.update(asked["env"])  # type: ignore[call-overload]  # JSON of our own making
    sys.argv = ["-c", *asked["words"]]  # type: ignore[misc]  # the same
    code: object = 0
    try:
        main()
    except SystemExit as ending:
        code = ending.code
    except BaseException:  # noqa: BLE001  # what Python does with what nobody caught
        sys.excepthook(*sys.exc_info())
        code = 1
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


__all__ = ["Forks", "serve"]
