"""Numbers as people read them on a page, and whether they are those of the JSON.

Nothing here shares code with what writes them: a number that is shown stands for every value that
rounds to it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NUMBER = r"[-+\N{MINUS SIGN}]?\d[\d,\N{NARROW NO-BREAK SPACE}]*(?:\.\d+)?(?:e[-+]?\d+)?"
_ESTIMATE = re.compile(rf"({_NUMBER})\s*\[({_NUMBER}),\s*({_NUMBER})\]")
_ALONE = re.compile(_NUMBER)


def _decimal(text: str) -> Decimal:
    plain = re.sub(r"[,\N{NARROW NO-BREAK SPACE}]", "", text)
    return Decimal(plain.replace("\N{MINUS SIGN}", "-"))


def stands_for(shown: Decimal, value: float, unit: Decimal | None = None) -> bool:
    """Whether a number that is shown is this value, rounded: to its last digit, or to a unit."""
    if unit is None:
        exponent = shown.as_tuple().exponent
        assert isinstance(exponent, int)
        unit = Decimal(10) ** exponent
    # A little more than half a unit: what is halfway may have been rounded to either side.
    return abs(Decimal(value) - shown) <= Decimal("0.5001") * unit


def estimates(text: str) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Every `mean [low, high]` of a text."""
    return [
        (_decimal(mean), _decimal(low), _decimal(high))
        for mean, low, high in _ESTIMATE.findall(text)
    ]


def numbers(text: str) -> list[Decimal]:
    """Every number of a text."""
    return [_decimal(found) for found in _ALONE.findall(text)]


def shows(text: str, estimate: Mapping[str, Any]) -> bool:
    """Whether an estimate of the JSON stands in a text, with its interval if it has one."""
    mean, low, high = (estimate[key] for key in ("mean", "low", "high"))
    if low is None or high is None or low == mean == high:
        return any(stands_for(found, mean) for found in numbers(text))
    values = (mean, low, high)
    return any(
        all(stands_for(at, value, unit) for at, value in zip(shown, values, strict=True))
        for shown in estimates(text)
        for unit in (None, _rounded_to(shown))
        if unit is None or 20 * unit <= Decimal(high) - Decimal(low)
    )


def _rounded_to(shown: tuple[Decimal, ...]) -> Decimal | None:
    """What long numbers were rounded to, as the zeros at their ends say; None of short ones.

    Whoever asks sees to it that this is no more than a tenth of what they are uncertain by.
    """
    if max(map(abs, shown)) < 10**5 or any(at != at.to_integral_value() for at in shown):
        return None
    known = (str(abs(int(at))) for at in shown if at)
    return Decimal(10) ** min(len(text) - len(text.rstrip("0")) for text in known)


def missing(text: str, wanted: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Which of the named estimates a text does not show."""
    return [f"{name}: {dict(one)}" for name, one in wanted if not shows(text, one)]
