"""What several tests of a session read and only one of its workers should play."""

from __future__ import annotations

import fcntl
import pickle
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


class Once(Protocol):
    """Makes something once a session, whichever worker comes first."""

    def __call__(self, name: str, make: Callable[[], Any]) -> Any:
        """What was made; others wait while it is."""
        ...


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Keeps what was made in the folder that all workers of this session share."""
    own = tmp_path_factory.getbasetemp()
    root = own.parent if own.name.startswith("popen-") else own

    def made(name: str, make: Callable[[], Any]) -> Any:
        file = root / f"{name}.pickle"
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                file.write_bytes(pickle.dumps(make()))
        return pickle.loads(file.read_bytes())  # noqa: S301  # this session's own file

    return made
