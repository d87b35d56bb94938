"""What a bench has measured so far, kept ten by ten: one that is stopped goes on."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_KEEP_EVERY = 10


def ten_by_ten(
    file: Path, wanted: int, measure: Callable[[int], T], read: Callable[[Any], T]
) -> list[T]:
    """The first cases, from a file as far as they are there; the others are measured and kept.

    Args:
        file: Where they are kept, as JSON.
        wanted: How many.
        measure: Measures the case of a number, from 0; gives an instance of a dataclass.
        read: Makes one of it again from JSON.
    """
    kept = json.loads(file.read_text("utf-8")) if file.exists() else []
    cases = [read(row) for row in kept]
    while len(cases) < wanted:
        more = range(len(cases), min(wanted, len(cases) + _KEEP_EVERY))
        cases += [measure(number) for number in more]
        file.write_text(json.dumps([asdict(case) for case in cases]), encoding="utf-8")
    return cases[:wanted]
