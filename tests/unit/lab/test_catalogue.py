"""The ways of working that have a name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mainstem.lab import catalogue
from mainstem.lab.policies.policy import Policy, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.engine.ports import Clock, Ledger


@contextmanager
def no_ledger(clock: Clock) -> Iterator[Ledger]:
    """None is opened before somebody plays."""
    del clock
    raise AssertionError("nobody plays")
    yield  # type: ignore[unreachable]  # what makes it a generator


def test_every_way_is_called_what_it_is_listed_as() -> None:
    """And is made anew each time, so that no campaign meets another's memory."""
    for name, one in catalogue.CHEAP.items():
        way = one.make()
        assert isinstance(way, Policy | Whole)
        assert way.name == name
        assert way is not one.make()
        assert one.does
    assert catalogue.reference(no_ledger, batch=4).name == catalogue.REFERENCE
    assert catalogue.REFERENCE not in catalogue.CHEAP
