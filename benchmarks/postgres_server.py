"""A real PostgreSQL server in a temporary folder, for tests and for the bench.

Debian's package `postgresql` puts its programs below `/usr/lib/postgresql`, off the `PATH`. They
refuse to work as root, so where root asks for a server it is the user `postgres`. The server ends
with the process that started it, however that ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

WHERE = Path("/usr/lib/postgresql")
USER = "postgres"
MEMORY = "/dev/shm"  # noqa: S108  # what is made there has a random name
_ROOM_BYTES = 2 * 2**30

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_PATIENCE_S = 60.0


class MissingServerError(Exception):
    """There is no PostgreSQL server to start on this machine; says how to install one."""


def programs() -> Path:
    """The folder of the newest server's programs.

    Raises:
        MissingServerError: There is none, or root has no user to run it as.
    """
    found = shutil.which("initdb")
    folders = [folder for folder in WHERE.glob("*/bin") if (folder / "initdb").exists()]
    if found is not None and (Path(found).resolve().parent / "postgres").exists():
        folders = [Path(found).resolve().parent]
    newest = max(folders, key=lambda folder: _number(folder.parent.name), default=None)
    if newest is None or (os.geteuid() == 0 and not _has_user()):
        raise MissingServerError(
            "no PostgreSQL server is installed here (Debian, Ubuntu: apt install postgresql)"
        )
    return newest


def _number(name: str) -> float:
    return float(name) if name.replace(".", "", 1).isdigit() else 0.0


def _has_user() -> bool:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


def _has_room(folder: str) -> bool:
    """Whether a folder is there for everybody, with room enough for a few hundred databases."""
    with contextlib.suppress(OSError):
        return shutil.disk_usage(folder).free > _ROOM_BYTES and os.access(folder, os.W_OK)
    return False


class Server:
    """A server of its own, reached by a socket in its folder.

    Attributes:
        folder: Holds the socket, the data and the log.
    """

    def __init__(self, *, durable: bool = False, auth: str = "trust") -> None:
        """Makes an empty cluster; nothing runs yet.

        Args:
            durable: Whether commits wait for the disk; tests do without, as a kill of the server
                loses nothing that the system has.
            auth: How users are let in, as `initdb --auth` has it, but for the owner: `trust`.

        Raises:
            MissingServerError: There is no server to start on this machine.
        """
        self._programs = programs()
        # A socket's path has at most 107 bytes, and another user must get there: so it is in /tmp,
        # or in memory where nothing has to last: each database is three hundred files.
        where = MEMORY if not durable and _has_room(MEMORY) else "/tmp"  # noqa: S108  # as above
        self.folder = Path(tempfile.mkdtemp(prefix="mainstem-pg-", dir=where))
        self.folder.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": USER, "group": USER, "extra_groups": []}
            shutil.chown(self.folder, USER, USER)
        words = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        self._run("initdb", *words, f"--username={USER}", "--pgdata", str(self.data))
        settings = [
            "listen_addresses = ''",
            f"unix_socket_directories = '{self.folder}'",
            "max_connections = 60",
            "shared_buffers = 16MB",
            f"fsync = {'on' if durable else 'off'}",
        ]
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(settings) + "\n")
        (self.data / "pg_hba.conf").write_text(f"local all {USER} trust\nlocal all all {auth}\n")

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.folder / "data"

    def start(self) -> None:
        """Starts it, and returns when it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C is not for it
                preexec_fn=_end_with_parent,  # noqa: PLW1509  # one call of libc, loaded before
                **self._as,
            )
        deadline_s = time.monotonic() + _PATIENCE_S
        while not self._answers():
            said = (self.folder / "log").read_text(encoding="utf-8")
            assert self._process.poll() is None, said  # noqa: S101  # a broken cluster is a bug here
            assert time.monotonic() < deadline_s, said  # noqa: S101  # see above
            time.sleep(0.05)

    def _answers(self) -> bool:
        words = ["-h", str(self.folder), "-U", USER, "-d", USER, "--quiet"]
        command = [str(self._programs / "pg_isready"), *words]
        return subprocess.run(command, check=False).returncode == 0

    def stop(self, *, hard: bool = False) -> None:
        """Stops it, open connections or not; hard: it has no time to write anything down."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGQUIT if hard else signal.SIGINT)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def restart(self, *, hard: bool = False) -> None:
        """Stops and starts it."""
        self.stop(hard=hard)
        self.start()

    def remove(self) -> None:
        """Stops it and removes its folder."""
        self.stop(hard=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self) -> str:
        """The name of a new, empty database."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.sql(f'CREATE DATABASE "{name}"')
        return name

    def drop(self, database: str) -> None:
        """Removes a database, whoever is connected to it."""
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def address(self, database: str, *, user: str = USER, password: str = "") -> str:
        """The address of a database."""
        who = f"{user}:{password}" if password else user
        return f"postgresql://{who}@/{database}?host={self.folder}"

    def sql(self, *statements: str, database: str = USER) -> list[tuple[Any, ...]]:
        """Runs statements as the owner of everything would; the rows of the last one."""
        import psycopg

        rows: list[tuple[Any, ...]] = []
        with psycopg.connect(self.address(database), autocommit=True) as db:
            for statement in statements:
                cursor = db.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description is not None else []
        return rows

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *words],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"},
            **self._as,
        )
        assert done.returncode == 0, done.stdout + done.stderr  # noqa: S101  # see `start`


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
