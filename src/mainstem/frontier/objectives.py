"""What the numbers of a foreign file are: objectives, as an option or a JSON file names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.foreign import quoted, shown
from mainstem.domain.stack import Direction, Objective, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KEYS = ("margin", "direction", "role", "unit")

FORM = "NAME,margin=0.002,direction=minimize,role=improve,unit=bits/byte"
"""How an objective is named on the command line; all but the name may be left out for records."""


def spec(text: str) -> dict[str, str]:
    """An objective of the command line, such as `val_bpb,margin=0.002`.

    Returns:
        Its settings by key, `name` among them.

    Raises:
        UsageError: It has no name, or a key that no objective has.
    """
    name, *settings = (part.strip() for part in text.split(","))
    found = {"name": name}
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not equals or key not in KEYS or key in found:
            raise UsageError(
                f"--objective {quoted(text)}: {quoted(setting)} is not one of "
                f"{', '.join(f'{k}=...' for k in KEYS)}; write it as {FORM}"
            )
        found[key] = value
    if not name:
        raise UsageError(f"--objective {quoted(text)} has no name; write it as {FORM}")
    direction_of(found)
    return found


def direction_of(settings: Mapping[str, Any]) -> Direction:
    """Which way is better; `minimize` unless it says otherwise.

    Raises:
        UsageError: It is no direction.
    """
    said = settings.get("direction") or Direction.MINIMIZE
    try:
        return Direction(said)
    except ValueError:
        raise UsageError(
            f"objective {quoted(settings['name'])}: direction is {quoted(said)}; "
            "write minimize or maximize"
        ) from None


def objective(settings: Mapping[str, Any]) -> Objective:
    """An objective of a campaign.

    Args:
        settings: By key, as an option or a JSON file has them.

    Raises:
        UsageError: A setting is missing or is none.
    """
    name = settings.get("name")
    if not isinstance(name, str) or not name:
        raise UsageError(f"an objective needs a name; it has {quoted(dict(settings))}")
    if not name.isprintable():
        raise UsageError(f"an objective is called {quoted(name)}: it holds control characters")
    unknown = sorted(set(settings) - {"name", *KEYS})
    if unknown:
        raise UsageError(f"objective {quoted(name)} has {quoted(unknown[0])}, which none has")
    margin = settings.get("margin")
    if margin is None:
        raise UsageError(
            f"objective {quoted(name)} has no margin, the smallest change that matters: "
            f"say --objective {quoted(name)},margin=0.002 or, in JSON, under `objectives`"
        )
    try:
        return Objective(
            name,
            margin=_margin(margin),
            direction=direction_of(settings),
            role=Role(settings.get("role") or Role.IMPROVE),
            unit=shown(str(settings.get("unit") or "")),
        )
    except (TypeError, ValueError) as error:
        raise UsageError(f"objective {quoted(name)}: {quoted(str(error))}") from None


def objectives(given: Iterable[Mapping[str, Any]]) -> tuple[Objective, ...]:
    """Objectives of a campaign, at least one of them to improve.

    Raises:
        UsageError: One is wrong, two have one name, or none is to improve.
    """
    found = [objective(settings) for settings in given]
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"two objectives are called {quoted(twice)}")
    if not any(one.role is Role.IMPROVE for one in found):
        raise UsageError(
            "no objective to improve: name one with --objective "
            f"{FORM}, or under `objectives` in a JSON file"
        )
    return tuple(found)


def listed(given: Any, file: str) -> Sequence[Mapping[str, Any]]:
    """The objectives that a JSON file names; none if it names none.

    Raises:
        UsageError: What stands under `objectives` is no list of objects.
    """
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise UsageError(f"{file}: `objectives` is no list of objects")
    return given


def _margin(value: Any) -> float | str:
    """A number, or a percentage as it stands.

    Raises:
        TypeError: It is neither.
        ValueError: It is a text that is neither.
    """
    if isinstance(value, str):
        return value if value.strip().endswith("%") else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"margin is {value!r}: give a number above 0 or a percentage")
    return float(value)
