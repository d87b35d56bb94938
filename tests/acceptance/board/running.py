"""`mainstem board` as a process that a test starts, kills and starts again on the same port."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.conftest import MAINSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

QUESTIONS = (
    *("status", "show", "transfer", "stale", "credit", "shares", "audit", "frontier"),
    *("forecast", "lab", "verify"),
)
"""What can be asked without a word of what."""

_START_S = 60
_ANSWER_S = 60


@dataclass(frozen=True, kw_only=True)
class Got:
    """An answer of the board."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """As text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """As JSON."""
        return json.loads(self.body)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer too."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]  its arguments do not matter here
        """Follows nothing."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


@dataclass(kw_only=True)
class Board:
    """A board over the project in a folder.

    Attributes:
        path: The project.
        words: More options.
        url: Where it is, once it runs; with a slash at the end.
        token: What visitors must know; None on loopback.
    """

    path: Path
    words: tuple[str, ...] = ()
    url: str = ""
    token: str | None = None
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it, on the port that it had before if it had one; returns once it answers."""
        port = self.url.rpartition(":")[2].strip("/") or "0"
        self._process = subprocess.Popen(
            [*MAINSTEM, "board", "--port", port, "--json", *self.words],
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        late = threading.Timer(_START_S, self._process.kill)
        late.start()
        first = self._process.stdout.readline()
        line = self._process.stdout.readline()
        late.cancel()
        if not (first.startswith("reading the record") and line.startswith("{")):
            pytest.fail(f"the board did not start: {first}{line}{self.stop()}")
        said = json.loads(line)
        assert self.url in {"", said["url"]}
        self.url, self.token = said["url"], said["token"]

    def kill(self) -> None:
        """Ends it as a power cut does: every process of it, with no word."""
        self._end(signal.SIGKILL)

    def stop(self) -> str:
        """Ends it as Ctrl-C does; returns what it had said since it started."""
        return self._end(signal.SIGINT)

    def _end(self, sign: signal.Signals) -> str:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, sign)
        return self._process.communicate(timeout=_START_S)[0]

    def get(self, place: str, *, method: str = "GET", **headers: str) -> Got:
        """What the board answers, whatever the status."""
        asked = urllib.request.Request(  # noqa: S310  our own loopback address
            self.url + place.lstrip("/"), method=method, headers=headers
        )
        try:
            with _OPENER.open(asked, timeout=_ANSWER_S) as found:
                return Got(status=found.status, headers=found.headers, body=found.read())
        except TimeoutError:
            pytest.fail(f"{method} {place}: no answer in {_ANSWER_S} s")
        except urllib.error.HTTPError as found:
            with found:
                return Got(status=found.code, headers=found.headers, body=found.read())

    def settle(self) -> dict[str, Any]:
        """Waits until everything that can be worked out is; returns the answers by question.

        A question that cannot be answered here has its error in the answer's place.
        """
        return {name: self.get(f"/api/{name}?wait=30").json for name in QUESTIONS}


@contextlib.contextmanager
def settled(path: Path) -> Iterator[Board]:
    """A board over a project that has worked everything out; it ends with the block."""
    found = Board(path=path)
    found.start()
    try:
        found.settle()
        yield found
    finally:
        found.kill()
