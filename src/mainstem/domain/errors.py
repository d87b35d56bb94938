"""Errors say whose fault, where, which value and what to do next.

A failed trial is never an exception: it is a value with a cause (`mainstem.domain.measurement`).
What remains are the few things a user must mend before anything can go on.
"""

from __future__ import annotations

from dataclasses import dataclass


class MainstemError(Exception):
    """Anything Mainstem says to a user instead of doing what was asked.

    Attributes:
        exit_code: What the command line exits with (see `docs/parts/cli.md`).
    """

    exit_code = 2


class UsageError(MainstemError):
    """Wrong use: the words of the call, or the state of the repository, do not allow it."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in a file.

    Attributes:
        where: The place as a person would look for it, such as `mainstem.toml:12`.
        what: What is wrong, with the value found, and how to mend it.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ConfigurationError(MainstemError):
    """A configuration file is wrong; carries every problem of the file at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class StoreError(MainstemError):
    """The store cannot be opened, read or written (busy, read-only, full, foreign, altered)."""


class GitError(MainstemError):
    """git is missing, too old, or refused something that should have worked."""


class NothingToDoError(MainstemError):
    """The call was right, but there is nothing to do (exit code 1)."""

    exit_code = 1


class TrunkFailedError(MainstemError):
    """No trial of the trunk succeeded, so nothing can be compared with it (exit code 3)."""

    exit_code = 3
