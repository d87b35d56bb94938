"""Durations and sizes as people write them: `"1h30m"`, `"512MiB"`, or a plain number."""

from __future__ import annotations

import math
import re

LONGEST_S = 365 * 24 * 3600.0
"""Longest duration: more is a slip of the pen, and clocks of the system overflow far above it."""

LARGEST_BYTES = 2**63 - 1
"""Largest size that the system's limits can hold."""

_UNIT_S = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_UNIT_BYTES = {"b": 1} | {
    f"{letter}{middle}b": base**power
    for middle, base in (("", 1000), ("i", 1024))
    for power, letter in enumerate("kmgt", start=1)
}
_PART = r"(?:([0-9]+(?:\.[0-9]+)?)\s*{}\s*)?"
_DURATION = re.compile(r"\s*" + "".join(_PART.format(unit) for unit in _UNIT_S))
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?i?b)\s*", flags=re.IGNORECASE)


def duration_s(value: str | float) -> float:
    """Seconds of a duration.

    Args:
        value: Such as `"10m"`, `"90s"`, `"1h30m"`, `"2d"`, or a number of seconds.

    Raises:
        ValueError: It is no duration, or not above 0, or longer than `LONGEST_S`.
    """
    seconds = _parts_s(value) if isinstance(value, str) else _float(value)
    if seconds is None or math.isnan(seconds):
        raise ValueError('write a duration such as "10m", "90s", "1h30m", or a number of seconds')
    if not 0.0 < seconds <= LONGEST_S:
        raise ValueError("a duration is above 0 and at most 365 days")
    return seconds


def _parts_s(text: str) -> float | None:
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    pairs = zip(found.groups(), _UNIT_S.values(), strict=True)
    return sum(float(number) * unit_s for number, unit_s in pairs if number)


def _float(number: float) -> float:
    """The number as a float; one too large for that is infinite."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def size_bytes(value: str | float) -> int:
    """Bytes of a size.

    Args:
        value: Such as `"4GB"` (powers of 1000), `"512MiB"` (powers of 1024), or a number of bytes.

    Raises:
        ValueError: It is no size, or below one byte, or above `LARGEST_BYTES`.
    """
    if isinstance(value, str):
        found = _SIZE.fullmatch(value)
        unit_bytes = _UNIT_BYTES.get(found[2].lower()) if found else None
        if found is None or unit_bytes is None:
            raise ValueError('write a size such as "4GB", "512MiB", or a number of bytes')
        size = float(found[1]) * unit_bytes
    else:
        size = value
    if not 1 <= size <= LARGEST_BYTES:
        raise ValueError("a size is at least one byte and below 2^63")
    return int(size)
