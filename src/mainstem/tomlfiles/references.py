"""References as the text of `frontier.toml`: what an import adds, below what a person wrote.

The file belongs to people: their text stays to the last character, comments and all, and new
entries stand at its end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mainstem.tomlfiles.template import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.reference import Reference, Scale

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def appended(text: str, references: Iterable[Reference]) -> str:
    """A file's text with further references at its end; what was there begins it unchanged."""
    entries = "".join(f"\n{entry(one)}" for one in references)
    if not entries:
        return text
    if not text:
        return entries.removeprefix("\n")
    return text + ("" if text.endswith("\n") else "\n") + entries


def entry(one: Reference) -> str:
    """A reference as a `[[references]]` table; what is not stated is left out."""
    stated: dict[str, str | None] = {
        "id": quoted(one.id),
        "objective": quoted(one.objective) if one.objective else None,
        "metric": quoted(one.metric) if one.metric and one.metric != one.objective else None,
        "value": _number(one.value),
        "unit": quoted(one.unit) if one.unit else None,
        "spread": None if one.spread is None else _number(one.spread),
        "seeds": None if one.seeds is None else str(one.seeds),
        "standard_error": None if one.standard_error is None else _number(one.standard_error),
        "scale": _inline(one.scale) if one.scale else None,
        "harness": quoted(one.harness) if one.harness else None,
        "version": quoted(one.version) if one.version else None,
        "date": one.date.isoformat(),
        "source": quoted(one.source),
        "obtained": quoted(one.obtained),
        "gain": None if one.gain is None else _number(one.gain),
        "note": quoted(one.note) if one.note else None,
    }
    lines = [f"{key} = {value}" for key, value in stated.items() if value is not None]
    return "\n".join(["[[references]]", *lines, ""])


def _inline(scale: Mapping[str, Scale]) -> str:
    pairs = (
        f"{key if _BARE.fullmatch(key) else quoted(key)} = {_value(value)}"
        for key, value in scale.items()
    )
    return f"{{ {', '.join(pairs)} }}"


def _value(value: Scale) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    """A number that reads back as itself."""
    return repr(value)
