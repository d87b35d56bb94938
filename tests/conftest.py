"""Seals the world for every test, so that a test says the same on every machine.

Home, configuration, dates, locale and terminal width come from here and from nowhere else. It
happens while this file loads: numerical libraries read their thread count and kernel when they are
first imported, and pytest loads this file before any test module.
"""

from __future__ import annotations

import os
import signal

from tests.kernel import settled

for _name in tuple(os.environ):
    # A hook of the user's own repository runs with GIT_DIR and GIT_INDEX_FILE set: our
    # temporary repositories must not inherit them. The same holds for a surrounding trial.
    if _name.startswith(("GIT_", "MAINSTEM_", "PG", "XDG_")):
        del os.environ[_name]

os.environ.update(
    settled()
    | {
        "COLUMNS": "100",
        "GIT_AUTHOR_DATE": "2024-01-02T03:04:05+00:00",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_COMMITTER_DATE": "2024-01-02T03:04:05+00:00",
        "GIT_COMMITTER_EMAIL": "grace@example.org",
        "GIT_COMMITTER_NAME": "Grace",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "LINES": "40",
        "MKL_NUM_THREADS": "1",
        "NO_COLOR": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TZ": "UTC",
    }
)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A script's `make test &` ignores Ctrl-C, and every process below inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
for _name in ("CLICOLOR_FORCE", "FORCE_COLOR", "LANGUAGE", "PYTHONWARNINGS"):
    os.environ.pop(_name, None)

import subprocess  # noqa: E402  # after the world is sealed, like everything below
import time  # noqa: E402  # see above
from typing import TYPE_CHECKING, Protocol  # noqa: E402  # see above

import hypothesis  # noqa: E402  # see above
import pytest  # noqa: E402  # see above

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from postgres_server import Server

time.tzset()

# No deadline: no test asserts on time. Derandomised: the suite says the same every time; the
# thorough profile is for a person who looks for trouble (`--hypothesis-profile=thorough`).
hypothesis.settings.register_profile("default", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
# What `make bench BENCH_ARGS=fuzz` uses.
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=5000, database=None)
hypothesis.settings.load_profile("default")


@pytest.fixture(scope="session", autouse=True)
def _sealed_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Gives the whole session an empty home of its own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name, folder in (
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_STATE_HOME", ".local/state"),
        ):
            patch.setenv(name, str(home / folder))
        yield


class GitRepo:
    """A throw-away git repository that a test fills as it goes.

    Attributes:
        path: The work tree.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        """Runs git in the work tree and returns what it prints, without the last newline.

        Raises:
            AssertionError: git failed; the message holds what it said.
        """
        done = subprocess.run(
            ["git", *words], cwd=self.path, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr or done.stdout}"
        return done.stdout.removesuffix("\n")

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "change") -> str:
        """Writes files (None deletes one), commits exactly them, and returns the commit's id."""
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        if files:
            self.git("add", "--all", "--force", "--", *files)
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "main") -> None:
        """Makes a branch at `start` and checks it out."""
        self.git("checkout", "--quiet", "-b", name, start)

    def checkout(self, name: str) -> None:
        """Checks out an existing branch or commit."""
        self.git("checkout", "--quiet", name)


class MakeGitRepo(Protocol):
    """How a test asks for a repository."""

    def __call__(self, name: str = "repo") -> GitRepo:
        """Makes an empty repository (no commit yet) in a folder of that name."""
        ...


@pytest.fixture
def git_repo(tmp_path: Path) -> MakeGitRepo:
    """Builds throw-away repositories; see `GitRepo` for what a test can do with one."""

    def make(name: str = "repo") -> GitRepo:
        return GitRepo(tmp_path / name)

    return make


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A running PostgreSQL server of this test process; where none is installed, tests skip."""
    from postgres_server import MissingServerError, Server

    try:
        server = Server()
    except MissingServerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def database(postgres_server: Server) -> Iterator[str]:
    """The name of a database of the test's own; `postgres_server.address` leads there."""
    name = postgres_server.database()
    yield name
    postgres_server.drop(name)
