"""A user's own way of working: one file with one class (`mainstem.lab.policies.policy`).

The file is read anew in every process that plays it, so nothing of it has to be carried there.
"""

from __future__ import annotations

import importlib.util
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.lab.policies.policy import Policy, Whole, work

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.lab.desk import Desk
    from mainstem.lab.policies.policy import Way

_ASKED = "give it `name` and the methods `admits`, `runs` and `merges`, or `play` alone"


@dataclass(frozen=True, kw_only=True)
class OwnPolicy:
    """A way of working from a file.

    Attributes:
        path: The file.
        name: What its class is called in tables.
    """

    path: Path
    name: str

    def play(self, desk: Desk) -> None:
        """Works as the class in the file does.

        Raises:
            UsageError: It raised something.
        """
        try:
            work(load(self.path), desk)
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a user's file raises is its own
            raise UsageError(
                f"{self.path}: {self.name} failed after {desk.spent} runs: "
                f"{type(error).__name__}: {error}"
            ) from None


def own_policy(path: Path) -> OwnPolicy:
    """The way of working in a file, once it was seen to load.

    Raises:
        UsageError: The file cannot be read or loaded, or holds no policy or several.
    """
    return OwnPolicy(path=path.resolve(), name=load(path).name)


def load(path: Path) -> Way:
    """One of the class in a file, as it begins.

    Raises:
        UsageError: The file cannot be read or loaded, or holds no policy or several.
    """
    module = _module(path)
    classes = [
        one
        for one in vars(module).values()
        if inspect.isclass(one) and one.__module__ == module.__name__ and hasattr(one, "name")
    ]
    if len(classes) != 1:
        listed = ", ".join(one.__name__ for one in classes) or "none"
        raise UsageError(f"{path}: one class with a `name` is to be in it, not {listed}; {_ASKED}")
    (made,) = classes
    try:
        way = made()
    except Exception as error:  # noqa: BLE001 - as above
        raise UsageError(
            f"{path}: {made.__name__}() failed: {type(error).__name__}: {error}"
        ) from None
    if not isinstance(way, Policy | Whole):
        raise UsageError(f"{path}: {made.__name__} is no policy: {_ASKED}")
    name: object = way.name
    if not isinstance(name, str) or not name:
        raise UsageError(f"{path}: `name` of {made.__name__} is {name!r}: give it a word")
    return way


def _module(path: Path) -> Any:
    """The file as a module of its own.

    Raises:
        UsageError: It cannot be read, or fails.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    spec = importlib.util.spec_from_file_location(f"mainstem_own_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: no Python file; its name is to end in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 - as above
        where = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UsageError(
            f"{path}{where}: it cannot be loaded: {type(error).__name__}: {error}"
        ) from None
    return module
