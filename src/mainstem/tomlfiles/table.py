"""A TOML table that is read key by key and collects what is wrong instead of stopping.

A person mends a file faster when all its problems are named at once, each with its line. So every
reading returns something usable, a default if need be, and the caller raises when all was read.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from mainstem.domain.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mainstem.tomlfiles.locate import Place

_LONGEST_SHOWN = 60
_Number = TypeVar("_Number", int, float)


def shown(value: Any) -> str:
    """A value as the file has it, cut where it gets long."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    try:
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    except ValueError:  # a whole number with too many digits to be written out
        return "a very large number"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def suggestion(word: str, known: Iterable[str]) -> str:
    """` (did you mean "direction"?)`, or nothing if no known word is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file and what was found wrong with it.

    Attributes:
        where: The file's name, for people.
        lines: The line of every place.
        found: Line and words of every problem so far.
    """

    where: str
    lines: Mapping[Place, int]
    found: list[tuple[int, str]] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest one around it."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, what: str) -> None:
        """Notes what is wrong at a place."""
        self.found.append((self.line(place), what))

    def settle(self) -> None:
        """Ends the reading.

        Raises:
            ConfigurationError: Something was wrong; holds every problem, in order of lines.
        """
        if self.found:
            ordered = sorted(dict.fromkeys(self.found), key=lambda item: item[0])
            raise ConfigurationError(
                tuple(Problem(where=f"{self.where}:{line}", what=what) for line, what in ordered)
            )


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the file.

    Attributes:
        data: What `tomllib` read.
        place: Where it is.
        source: The file.
    """

    data: Mapping[str, Any]
    place: Place
    source: Source

    def problem(self, key: str | None, what: str) -> None:
        """Notes what is wrong with a key, or with the table (None)."""
        self.source.problem(self.place if key is None else (*self.place, key), what)

    def name(self, key: str) -> str:
        """A key's name for people, such as `run.threads`."""
        return ".".join([*(part for part in self.place if isinstance(part, str)), key])

    def only(self, known: Iterable[str]) -> None:
        """Names every key that is not known, with the nearest known one."""
        known = tuple(known)
        for key in self.data:
            if key not in known:
                what = f"unknown key {shown(self.name(key))}{suggestion(key, known)}"
                self.problem(key, f"{what}; known here: {', '.join(known)}")

    def require(self, key: str, hint: str) -> bool:
        """Whether the key is there; if not, says what is missing and what to write."""
        if key not in self.data:
            self.problem(None, f"{self.name(key)} is missing: {hint}")
        return key in self.data

    def _wrong(self, key: str, expected: str) -> None:
        self.problem(key, f"{self.name(key)} is {shown(self.data[key])}: {expected}")

    def text(self, key: str, default: str) -> str:
        """A string that is not empty."""
        value = self.data.get(key, default)
        if not isinstance(value, str):
            self._wrong(key, "write a string, in quotes")
        elif key in self.data and not value.strip():
            self._wrong(key, "it may not be empty")
        elif "\0" in value:
            self._wrong(key, "it may not hold a NUL character")
        else:
            return value
        return default

    def choice(self, key: str, default: str, known: Iterable[str]) -> str:
        """One of a few words."""
        value = self.data.get(key, default)
        known = tuple(known)
        if isinstance(value, str) and value in known:
            return value
        near = suggestion(value, known) if isinstance(value, str) else ""
        self._wrong(key, "write " + " or ".join(f'"{word}"' for word in known) + near)
        return default

    def number(
        self, key: str, default: float, *, above: float, most: float = math.inf, other: str = ""
    ) -> float:
        """A finite number above `above` and at most `most`; a boolean is none."""
        value = self.data.get(key, default)
        try:
            number = math.nan if isinstance(value, bool | str) else float(value)
        except (TypeError, OverflowError):
            number = math.nan
        if math.isfinite(number) and above < number <= most:
            return number
        limit = f" and at most {most:g}" if math.isfinite(most) else ""
        self._wrong(key, f"write a number above {above:g}{limit}{other}")
        return default

    def whole(self, key: str, default: int, *, least: int) -> int:
        """A whole number of at least `least`; a boolean is none."""
        value = self.data.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**31:
            return value
        self._wrong(key, f"write a whole number of at least {least}")
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """A boolean."""
        value = self.data.get(key, default)
        if isinstance(value, bool):
            return value
        self._wrong(key, "write true or false")
        return default

    def quantity(self, key: str, read: Callable[[str | float], _Number]) -> _Number | None:
        """A duration or a size; None if it is not given or wrong."""
        if key not in self.data:
            return None
        value = self.data[key]
        try:
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                return read("")
            return read(value)
        except ValueError as error:
            self._wrong(key, str(error))
            return None

    def texts(self, key: str, fault: Callable[[str], str | None]) -> tuple[str, ...]:
        """A list of strings, none of them empty and each without a fault."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            self._wrong(key, 'write a list of strings, such as ["a", "b"]')
            return ()
        found = []
        for index, item in enumerate(value):
            if isinstance(item, str) and item.strip() and "\0" not in item:
                what = fault(item)
                found.append(item)
            else:
                what = "each item is a string, not empty"
            if what is not None:
                words = f"{self.name(key)} holds {shown(item)}: {what}"
                self.source.problem((*self.place, key, index), words)
        return tuple(found)

    def table(self, key: str) -> Table:
        """A table within; empty if it is not given or wrong."""
        value = self.data.get(key, {})
        place = (*self.place, key)
        if isinstance(value, dict):
            return Table(data=value, place=place, source=self.source)
        header = ".".join(str(part) for part in place if isinstance(part, str))
        self.problem(key, f"{self.name(key)} is {shown(value)}: write it as a table, [{header}]")
        return Table(data={}, place=place, source=self.source)

    def tables(self, key: str) -> list[Table]:
        """An array of tables; empty if it is not given or wrong."""
        value = self.data.get(key, [])
        place = (*self.place, key)
        if not isinstance(value, list):
            self._wrong(key, f"write [[{key}]], once for each")
            return []
        found = []
        for index, item in enumerate(value):
            if isinstance(item, dict):
                found.append(Table(data=item, place=(*place, index), source=self.source))
            else:
                what = f"{self.name(key)} holds {shown(item)}: write [[{key}]] for each"
                self.source.problem((*place, index), what)
        return found
