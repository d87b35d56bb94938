"""What has been played: one small file per method, version, landscape and repeat.

Written whole or not at all, so that a bench can be stopped anywhere and goes on where it was. A
file of another version is never read; it may be deleted.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arena.play import Episode

if TYPE_CHECKING:
    from pathlib import Path

    from arena.catalogue import Spec
    from arena.methods import Entrant

PROTOCOL = 1
"""Raise it when `play` or `recommend` change what is scored."""

_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which episode.

    Attributes:
        landscape: Name and version of the landscape.
        method: Name and version of the method.
        seed0: Tells sets of repeats apart.
        repeat: Number of the repeat.
    """

    landscape: str
    method: str
    seed0: int
    repeat: int

    @classmethod
    def of(cls, spec: Spec, entrant: Entrant, seed0: int, repeat: int) -> Key:
        """The key of one repeat of a method on a landscape."""
        return cls(
            landscape=f"{spec.name}@{spec.version}",
            method=f"{entrant.name}@{entrant.version}",
            seed0=seed0,
            repeat=repeat,
        )

    def path(self, folder: Path) -> Path:
        """Its file."""
        return folder / self.landscape / self.method / f"{self.seed0}-{self.repeat}.json"


def read(folder: Path, key: Key) -> Episode | None:
    """A kept episode; None if there is none of this protocol."""
    try:
        kept = json.loads(key.path(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if kept["protocol"] != PROTOCOL:
        return None
    return Episode(gains=kept["gains"], runs=kept["runs"], seconds=kept["seconds"])


def write(folder: Path, key: Key, episode: Episode, libraries: dict[str, str]) -> None:
    """Keeps an episode, with the versions of the libraries that played it."""
    path = key.path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {
        "protocol": PROTOCOL,
        "libraries": libraries,
        "runs": episode.runs,
        "seconds": round(episode.seconds, 4),
        "gains": {
            rule: [round(gain, _DIGITS) for gain in gains] for rule, gains in episode.gains.items()
        },
    }
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(body), encoding="utf-8")
    draft.replace(path)
