"""Which line of a TOML file a key stands on: `tomllib` forgets it, and people look for it.

This walks over the raw text of a file that `tomllib` has accepted, so it only has to know where
strings, lists and inline tables begin and end, not what they mean. Text that it does not
understand ends the walk: what was found so far is right, and a caller names the nearest place.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field

Place = tuple[str | int, ...]
"""Where a value is, such as `("objectives", 0, "margin")`."""

_BLANK = re.compile(r"[ \t]*")
_SKIPPED = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE_KEY = re.compile(r"[^\s.=\"'#,{}\[\]]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\[^\n])*"'
    r"|'[^'\n]*'"
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class _LostError(Exception):
    """The text is not what was expected here."""


def locate(text: str) -> dict[Place, int]:
    """The line, from 1, of every table, key and list item in a TOML text.

    A table's line is that of its header; one that is only implied has the line that implied it.
    """
    walk = _Walk(text=text)
    with suppress(_LostError):  # a later TOML than this walk knows: the lines so far are right
        walk.file()
    return walk.lines


@dataclass(kw_only=True)
class _Walk:
    """A position in the text and what was found before it.

    Attributes:
        text: The whole text.
        at: The next character.
        lines: Line by place.
        counts: How many `[[tables]]` each array of tables has so far.
        newlines: Where lines end.
    """

    text: str
    at: int = 0
    lines: dict[Place, int] = field(default_factory=dict)
    counts: dict[Place, int] = field(default_factory=dict)
    newlines: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.newlines = [i for i, character in enumerate(self.text) if character == "\n"]

    def file(self) -> None:
        """Walks over headers and keys to the end."""
        table: Place = ()
        self._skip(_SKIPPED)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SKIPPED)

    def _header(self) -> Place:
        """A `[table]` or `[[table]]` header; the place that the keys below it belong to."""
        line = self._line()
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        keys = self._keys()
        self._expect("]" * brackets)
        place: Place = ()
        for key in keys[:-1]:
            place = (*place, key)
            self.lines.setdefault(place, line)
            if place in self.counts:
                place = (*place, self.counts[place] - 1)
        place = (*place, keys[-1])
        if brackets == 1:
            self.lines[place] = line
            return place
        self.lines.setdefault(place, line)
        index = self.counts.get(place, 0)
        self.counts[place] = index + 1
        self.lines[*place, index] = line
        return (*place, index)

    def _pair(self, table: Place) -> None:
        """A `key = value`, dotted or not."""
        line = self._line()
        place = table
        for key in self._keys():
            place = (*place, key)
            self.lines.setdefault(place, line)
        self._expect("=")
        self._skip(_BLANK)
        self._value(place)

    def _keys(self) -> list[str]:
        """A key's parts."""
        parts = [self._key()]
        while self.text.startswith(".", self.at):
            self.at += 1
            parts.append(self._key())
        return parts

    def _key(self) -> str:
        self._skip(_BLANK)
        quoted = self.text.startswith(('"', "'"), self.at)
        raw = self._take(_STRING if quoted else _BARE_KEY)
        self._skip(_BLANK)
        return _unquoted(raw) if quoted else raw

    def _value(self, place: Place) -> None:
        if self.text.startswith(('"', "'"), self.at):
            self._take(_STRING)
        elif self.text.startswith("[", self.at):
            self._list(place)
        elif self.text.startswith("{", self.at):
            self._inline_table(place)
        else:
            self._take(_SCALAR)

    def _list(self, place: Place) -> None:
        index = 0
        while self._goes_on("]"):
            self.lines[*place, index] = self._line()
            self._value((*place, index))
            index += 1

    def _inline_table(self, place: Place) -> None:
        while self._goes_on("}"):
            self._pair(place)

    def _goes_on(self, end: str) -> bool:
        """Steps over an opening bracket or a comma; False after the closing bracket."""
        self._skip(_SKIPPED)
        if not self.text.startswith(("[", "{", ",", end), self.at):
            raise _LostError
        closed = self.text.startswith(end, self.at)
        self.at += 1
        if closed:
            return False
        self._skip(_SKIPPED)
        if self.text.startswith(end, self.at):  # an empty list, or a comma at its end
            self.at += 1
            return False
        return True

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise _LostError
        self.at = found.end()
        return found.group()

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at

    def _expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise _LostError
        self.at += len(mark)

    def _line(self) -> int:
        return bisect_right(self.newlines, self.at - 1) + 1


def _unquoted(raw: str) -> str:
    """The key that a quoted key means; `tomllib` knows the escapes."""
    try:
        return str(tomllib.loads(f"key = {raw}")["key"])
    except tomllib.TOMLDecodeError:
        raise _LostError from None
