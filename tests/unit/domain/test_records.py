from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import mainstem.domain
from mainstem.domain.measurement import Cause, Failure, Measurement
from mainstem.domain.trial import Purpose, Trial


def records() -> list[type]:
    """Every record of the package."""
    found: list[type] = []
    for module in pkgutil.iter_modules(mainstem.domain.__path__, "mainstem.domain."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        found += [kind for _, kind in members if dataclasses.is_dataclass(kind)]
    return sorted(set(found), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", records(), ids=lambda kind: kind.__name__)
def test_records_are_frozen_and_every_field_is_described(kind: type) -> None:
    """Nothing can be changed behind a decision's back, and `help()` says what each field means."""
    assert kind.__dataclass_params__.frozen
    described = inspect.getdoc(kind) or ""
    fields = [field.name for field in dataclasses.fields(kind)]
    if len(fields) > 2:
        assert [name for name in fields if f"{name}:" not in described] == []


def test_a_failed_measurement_is_a_value_with_a_cause() -> None:
    """Never a number, never an exception."""
    failed = Measurement(failure=Failure(cause=Cause.TIMEOUT, what="600 s"))
    assert not failed.succeeded
    assert failed.values == {}
    assert Measurement(values={"loss": 1.0}).succeeded


def test_trials_compare_by_value() -> None:
    """A trial that was written down and read back is the same trial."""
    trial = Trial(1, frozenset("ab"), 7)
    assert trial == Trial(1, frozenset("ba"), 7, None, Purpose.SEARCH)
    assert trial != Trial(1, frozenset("ab"), 7, None, Purpose.CONFIRM)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trial.seed = 8  # type: ignore[misc]  # that is what must fail
