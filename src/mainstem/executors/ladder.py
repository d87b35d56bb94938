"""Which confinement this machine can do: tried for real, the best first, once per process.

Whether a mechanism works hangs on the kernel, its settings, the container around us and the rights
of the user; the only answer worth having is that of a command that ran.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.executors import landlock
from mainstem.executors.plan import Level, plan, program
from mainstem.executors.process import Keeper, KeeperLostError, Order, Refusal
from mainstem.executors.view import look

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S = 30.0
_INSTALL = "install bubblewrap (on Debian and Ubuntu: apt install bubblewrap)"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How high this machine stands.

    Attributes:
        level: What works.
        lacking: Why each better level does not work.
        landlock_abi: The version of Landlock, 0 without it.
    """

    level: Level
    lacking: Mapping[Level, str] = field(default_factory=dict)
    landlock_abi: int = 0

    @property
    def remedy(self) -> str:
        """What a user can do to have more enforced."""
        why = self.lacking.get(Level.BUBBLEWRAP, "")
        if program("bwrap") is None or not why:
            return _INSTALL
        return f"bubblewrap is installed but does not work here: {why}"


def standing_at(level: Level) -> Standing:
    """A machine that stands at this level, whether or not it could stand higher."""
    return Standing(level=level, landlock_abi=landlock.abi())


@lru_cache(maxsize=1)
def stand() -> Standing:
    """The best level that works here, tried once per process."""
    lacking: dict[Level, str] = {}
    for level in Level:
        why = probe(level)
        if not why:
            return Standing(level=level, lacking=lacking, landlock_abi=landlock.abi())
        lacking[level] = why
    return Standing(level=Level.LIMITS, lacking=lacking, landlock_abi=landlock.abi())


def probe(level: Level) -> str:
    """Why a level does not work here, in one line; "" if it does."""
    if level is Level.BUBBLEWRAP and program("bwrap") is None:
        return "bubblewrap is not installed"
    if level is Level.LANDLOCK and not landlock.abi():
        return "this kernel has no Landlock"
    try:
        with tempfile.TemporaryDirectory(prefix="mainstem-probe-") as folder:
            return _try(level, Path(folder).resolve())
    except OSError as error:
        return f"it cannot be tried: {error}"


def _try(level: Level, folder: Path) -> str:
    """Runs a command that must see its own folder and must not see its neighbour."""
    own, other = folder / "own", folder / "other"
    own.mkdir()
    other.mkdir()
    (other / "secret").touch()
    view = look(secret=[folder], closed=[], opened=[], writable=[own])
    made = plan(level, view, network=False, rlimits={}, scratch_bytes=2**20)
    script = f"echo > here && ! cat {other}/secret" if level is not Level.LIMITS else "echo > here"
    order = Order(
        argv=(program("sh") or "sh", "-c", script),
        env={"PATH": os.environ.get("PATH", "")},
        cwd=str(own),
        stdout=str(folder / "stdout"),
        stderr=str(folder / "stderr"),
        timeout_s=_TIMEOUT_S,
        grace_s=0.0,
        confine=made,
    )
    keeper = Keeper(folder)
    try:
        outcome = keeper.run(order)
    except KeeperLostError as lost:
        return f"its keeper was lost ({lost.returncode})"
    finally:
        keeper.join()
    if isinstance(outcome, Refusal):
        return outcome.said or os.strerror(outcome.number)
    if outcome.status != 0:
        return f"a command that it should let run ended with status {outcome.status}"
    return ""
