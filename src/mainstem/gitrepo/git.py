"""The one door to git: every call of the program goes through `Git.run`.

The same repository must give the same trees on every machine and for every user. What git does
depends on variables of the environment, on configuration and attributes of the system and of the
user, on hooks and on the language of messages: here all of that is shut out. Only what updates the
user's own work tree may see the user's configuration (`own_config`), because its filters and line
endings decide what files there look like.

Words and answers are bytes outside and `str` inside, as UTF-8 with surrogate escapes, so that any
name of a branch or file survives the round trip.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
import shutil
import subprocess
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

OLDEST = (2, 38)
"""The first git with `merge-tree --write-tree`."""

# What finds git's own programs and bounds its search for a repository; none of it changes content.
_KEPT = ("GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
# What says who the user is and where their configuration lies.
_OWN_CONFIG = (
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_DATE",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
)
_ALWAYS = {
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "",
    "LC_ALL": "C",
}
_ISOLATED = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
_ISOLATED_SETTINGS = (f"core.attributesFile={os.devnull}", f"core.excludesFile={os.devnull}")
_SHOWN_CHARACTERS = 160


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one call of git gave back.

    Attributes:
        code: The exit code; below 0 is minus a signal's number.
        out: Standard output.
        err: Standard error.
    """

    code: int
    out: bytes
    err: str


class Git:
    """git in one folder.

    Attributes:
        folder: Where git runs.
        version: The version as text, such as `2.39.5`.

    Raises:
        GitError: git is not installed, cannot run, or is too old.
    """

    def __init__(
        self,
        folder: Path,
        *,
        env: Mapping[str, str] | None = None,
        settings: Sequence[str] = (),
        own_config: bool = False,
    ) -> None:
        """Finds git and checks its version.

        Args:
            folder: Where git runs.
            env: Further variables of the environment.
            settings: Further configuration, as `key=value`.
            own_config: Whether the user's and the system's configuration count.
        """
        self.folder = folder
        self._program = find_git()
        self.version = git_version(self._program)
        self._env = dict(env or {})
        self._settings = tuple(settings)
        self._own_config = own_config

    def but(
        self,
        *,
        folder: Path | None = None,
        env: Mapping[str, str] | None = None,
        settings: Sequence[str] = (),
        own_config: bool | None = None,
    ) -> Git:
        """The same door with another folder, more variables or more settings."""
        other = Git.__new__(Git)
        other.__dict__.update(self.__dict__)
        other.folder = self.folder if folder is None else folder
        other._env = {**self._env, **(env or {})}  # noqa: SLF001  # one of our own
        other._settings = (*self._settings, *settings)  # noqa: SLF001  # the same
        if own_config is not None:
            other._own_config = own_config  # noqa: SLF001  # the same
        return other

    def run(self, *words: str, stdin: bytes = b"", ok: Collection[int] | None = (0,)) -> Said:
        """Runs git and returns what it said.

        Args:
            words: The command's words after `git`.
            stdin: What it reads.
            ok: The exit codes that are answers; None takes any.

        Raises:
            GitError: It could not start or ended with another exit code.
        """
        argv = self._argv(words)
        try:
            done = subprocess.run(  # noqa: S603  # argv is ours, no shell
                argv,
                check=False,
                cwd=self.folder,
                env=self._environment(),
                input=stdin,
                capture_output=True,
            )
        except OSError as error:
            raise GitError(f"{_shown(words)} cannot run in {self.folder}: {error}") from None
        said = Said(code=done.returncode, out=done.stdout, err=decode(done.stderr))
        if ok is not None and said.code not in ok:
            raise refusal(self.folder, words, said)
        return said

    def beginning(self, *words: str, most: int, timeout_s: float) -> tuple[bytes, bool]:
        """The first bytes of an answer that may be of any length, and whether there are more.

        Args:
            words: The command's words after `git`.
            most: So many bytes at most; git is stopped then.
            timeout_s: How long it may take.

        Raises:
            GitError: It could not start, failed, or took too long.
        """
        argv = self._argv(words)
        try:
            process = subprocess.Popen(  # noqa: S603  # argv is ours, no shell
                argv,
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise GitError(f"{_shown(words)} cannot run in {self.folder}: {error}") from None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(timeout_s, stop)
        timer.start()
        with process:
            out = b"" if process.stdout is None else process.stdout.read(most + 1)
            more = len(out) > most
            if more:
                process.kill()
            err = b"" if process.stderr is None else process.stderr.read()
            code = process.wait()
            timer.cancel()
        if late.is_set():
            raise GitError(f"{_shown(words)} took more than {timeout_s:g} s in {self.folder}")
        if code != 0 and not more:
            raise refusal(self.folder, words, Said(code=code, out=b"", err=decode(err)))
        return out[:most], more

    def text(self, *words: str, stdin: bytes = b"") -> str:
        """The answer as text, without its last newline.

        Raises:
            GitError: git failed.
        """
        return decode(self.run(*words, stdin=stdin).out).removesuffix("\n")

    def records(self, *words: str, stdin: bytes = b"") -> list[str]:
        """The answer's records, each of which ends with NUL.

        Raises:
            GitError: git failed.
        """
        return split(self.run(*words, stdin=stdin).out)

    def _argv(self, words: Sequence[str]) -> list[bytes]:
        """The whole command."""
        settings = _SETTINGS if self._own_config else (*_SETTINGS, *_ISOLATED_SETTINGS)
        flags = [flag for each in (*settings, *self._settings) for flag in ("-c", each)]
        return [encode(word) for word in (self._program, *flags, *words)]

    def _environment(self) -> dict[bytes, bytes]:
        """The variables that git sees: the caller's without git's own, and what this door adds."""
        kept = (*_KEPT, *_OWN_CONFIG) if self._own_config else _KEPT
        seen = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name in kept
        }
        seen |= _ALWAYS if self._own_config else {**_ALWAYS, **_ISOLATED}
        return {encode(name): encode(value) for name, value in (seen | self._env).items()}


def encode(text: str) -> bytes:
    """Text as git has it."""
    return text.encode("utf-8", "surrogateescape")


def decode(raw: bytes) -> str:
    """Bytes of git as text; what is not UTF-8 becomes surrogates and survives."""
    return raw.decode("utf-8", "surrogateescape")


def split(raw: bytes) -> list[str]:
    """Records that end with NUL each."""
    return [decode(record) for record in raw.split(b"\0")[:-1]]


def borrowing(objects: Path) -> dict[str, str]:
    """The variables by which git also finds the objects of another folder.

    The path is quoted as in C, because a plain one ends at a colon.
    """
    quoted = str(objects).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}


def printable(text: str) -> str:
    """A name for people on one line: what a terminal cannot show is escaped."""
    plain = text if text.isprintable() else repr(text)[1:-1]
    return encode(plain).decode("utf-8", "backslashreplace")


def find_git() -> str:
    """The path of the git program.

    Raises:
        GitError: There is none.
    """
    program = shutil.which("git")
    if program is None:
        raise GitError(
            f"git is not installed or not in PATH; Mainstem needs git {_dotted(OLDEST)} or newer"
        )
    return program


@functools.cache
def git_version(program: str) -> str:
    """The version of a git program, checked once per process.

    Raises:
        GitError: It cannot run, or is too old.
    """
    try:
        done = subprocess.run(  # noqa: S603  # argv is ours, no shell
            [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise GitError(f"{program} cannot run: {error}") from None
    said = decode(done.stdout).strip()
    found = re.search(r"\d+(?:\.\d+)+", said)
    if found is None:
        raise GitError(f"{program} --version says {said!r}, which names no version of git")
    if numbers(found[0]) < OLDEST:
        raise GitError(
            f"git {found[0]} found at {program}; Mainstem needs git {_dotted(OLDEST)} or newer "
            "(merge-tree --write-tree): install a newer git and put it first in PATH"
        )
    return found[0]


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, to compare."""
    return tuple(int(part) for part in version.split("."))


def refusal(folder: Path, words: Sequence[str], said: Said) -> GitError:
    """The error for an unexpected exit code: command, place, code and git's last line."""
    lines = [line for line in said.err.splitlines() if line.strip()]
    ending = f"killed by signal {-said.code}" if said.code < 0 else f"exit code {said.code}"
    reason = printable(lines[-1].strip()) if lines else "no message"
    return GitError(f"{_shown(words)} failed in {folder} ({ending}): {reason}")


def _shown(words: Sequence[str]) -> str:
    """A command for people, on one line."""
    line = printable(shlex.join(["git", *words]))
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 3] + "..."


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
