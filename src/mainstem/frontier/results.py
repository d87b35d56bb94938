"""What a harness wrote about one metric of one task: the common form of all that is imported."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from mainstem.domain.reference import Scale


class UnreadableError(ValueError):
    """A file is none of the forms that are known here; says why."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One value as a file states it.

    Attributes:
        names: What it can be called by, the fullest first, such as `gsm8k/exact_match,strict-match`
            and `gsm8k/exact_match`.
        value: The value; None if the file holds no finite number there.
        model: Of which model, for people and for its id.
        harness: What evaluated it; empty if the file does not say.
        version: All that says how: version of the harness and of the task, shots, filter; empty if
            the file does not say.
        date: When; None if the file does not say.
        source: Where it can be looked up; empty if the file does not say.
        standard_error: As stated; None if not.
        scale: Such as the number of parameters.
        higher_is_better: None if the file does not say.
        note: What else the file says.
    """

    names: tuple[str, ...]
    value: float | None
    model: str = ""
    harness: str = ""
    version: str = ""
    date: dt.date | None = None
    source: str = ""
    standard_error: float | None = None
    scale: Mapping[str, Scale] = field(default_factory=dict)
    higher_is_better: bool | None = None
    note: str = ""


def finite(value: Any) -> float | None:
    """A number that is one; None for all else, such as "N/A", a boolean or NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def text(value: Any) -> str:
    """A value on one line without control characters; empty for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
