"""Numbers, intervals and times as people read them: units always, digits as the data allow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_DIGITS = 5
"""No number is shown with more significant digits, however narrow its interval."""

WHOLE = 100.5
"""A part that is shown as more percent than all there is."""

_ROUNDING = 1e-9


def digits(spread: float, largest: float = 0.0) -> int:
    """Decimals that show two significant digits of a spread, and at most five of a number.

    Args:
        spread: What the number is uncertain by; 0 if it is exact.
        largest: The number itself; 0 if only the spread counts.
    """
    if not math.isfinite(spread) or spread <= 0.0:
        spread = abs(largest) * 1e-4 or 1e-2
    places = 1 - math.floor(math.log10(spread))
    if largest != 0.0 and math.isfinite(largest):
        places = min(places, MOST_DIGITS - 1 - math.floor(math.log10(abs(largest))))
    return max(0, min(9, places))


def decimals(value: float, low: float | None, high: float | None) -> int:
    """Decimals of an estimate: as its interval allows, none of a whole number that is exact.

    Args:
        value: The estimate.
        low: Lower end of its interval; None where there is none.
        high: Upper end.

    Returns:
        Below 0 for a number of more than `MOST_DIGITS` digits before the point: -3 rounds to
        thousands.
    """
    if low is None or high is None:
        return digits(0.1 * abs(value), value)
    half, longest = 0.5 * (high - low), max(abs(value), abs(low), abs(high))
    if half <= _ROUNDING * longest < math.inf and _is_whole(value):
        return 0
    if not (half > 0.0 and 10.0**MOST_DIGITS <= longest < math.inf):
        return digits(half, value)
    return min(0, 1 - math.floor(math.log10(half)))


def _is_whole(value: float) -> bool:
    """Whether a number is a whole one but for the last digits of what was added up."""
    return abs(value - round(value)) <= _ROUNDING * abs(value)


def number(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with a fixed number of decimals and thousands separators.

    Args:
        value: The number.
        decimals: Places after the point; below 0 the number is rounded to tens, hundreds and so on.
        signed: Whether a number above 0 has a plus sign.
    """
    if decimals < 0 and math.isfinite(value):
        value, decimals = float(round(value, decimals)), 0
    text = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    return "0" if text.strip("+-0.,") == "" else text


def estimate(value: Mapping[str, Any] | None, *, signed: bool = True, unit: bool = True) -> str:
    """An estimate as `+0.123 [+0.110, +0.136] bits/byte`; a dash where there is none."""
    if value is None:
        return "-"
    mean, low, high = value["mean"], value["low"], value["high"]
    known = low is not None and high is not None
    places = decimals(mean, low, high)
    text = number(mean, places, signed=signed)
    ends = [number(end, places, signed=signed) for end in (low, high)] if known else []
    if known and high > low and ends[0] != ends[1]:
        text += f" [{ends[0]}, {ends[1]}]"
    if unit:
        text = f"{text} {value['unit']}".rstrip()
    if known and ends[0] == ends[1]:
        text += " in every run" if high > low else " exactly"
    return text


def percent(part: float | None) -> str:
    """A part in whole percent, such as `24%`; nothing where there is none to tell."""
    return "" if part is None else f"{number(part, 0)}%"


def of_total(total: Mapping[str, Any]) -> str:
    """The head of a column of percentages: what they are parts of."""
    return "of the loss" if total["mean"] < 0.0 else "of the gain"


def is_nothing(total: Mapping[str, Any]) -> bool:
    """Whether an estimate is exactly 0, so that there is nothing to divide."""
    return bool(total["low"] == total["high"] == 0.0)


def cancels(parts: Iterable[float | None]) -> bool:
    """Whether parts of a whole, in percent, work against each other so that one exceeds it."""
    return any(part is not None and part > WHOLE for part in parts)


def instant(at: str) -> str:
    """A time of the record, which is in UTC, as `2026-11-28 01:51 UTC`."""
    return f"{at[:10]} {at[11:16]} UTC"


def sure(probability: float) -> str:
    """A probability as `97% sure`; never certain, because a posterior is not."""
    return f"{probability:.0%} sure" if probability < 0.995 else "over 99% sure"


def duration(seconds: float | None) -> str:
    """A duration as `20 ms`, `45 s`, `3 min 20 s` or `2 h 05 min`; a dash if not known."""
    if seconds is None:
        return "-"
    if 0.0 < seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(count: float) -> str:
    """Bytes as `1.2 GB` (powers of 1,000)."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def recipe(members: Sequence[str], *, most: int = 12) -> str:
    """A recipe as `a + b`; the trunk by its name; a long one cut with its length."""
    if not members:
        return "the trunk"
    if len(members) > most:
        return " + ".join(members[:most]) + f" + {len(members) - most} more"
    return " + ".join(members)


def values(found: Mapping[str, float] | None) -> str:
    """Raw metric values on one line."""
    if found is None:
        return "failed"
    return "  ".join(f"{name} {value:.6g}" for name, value in found.items())


def brief(text: str, most: int) -> str:
    """A text of many lines on one line of at most so many characters; what is cut ends in `...`."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3].rstrip()}..."


def plural(count: int, word: str) -> str:
    """`1 trial`, `2 trials`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
