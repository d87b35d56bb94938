from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.reference import Obtained
from mainstem.domain.stack import Direction, Objective
from mainstem.frontier import harness_json
from mainstem.frontier.importing import Found, Taken, Wanted, take
from mainstem.frontier.results import Result
from tests.unit.frontier.test_harness_json import WRITTEN

OURS = (
    Objective("bpb", margin=0.01, unit="bits/byte"),
    Objective("gsm8k", margin=1.0, direction=Direction.MAXIMIZE, unit="%"),
)
FOUND = [
    Found(file="a.json", place="runs/a.json", result=result)
    for result in harness_json.read(json.dumps(WRITTEN))
]


def took(found: list[Found] = FOUND, known: Any = (), **wanted: Any) -> Taken:
    """What is taken of these."""
    return take(found, OURS, known, Wanted(**wanted))


def test_what_a_person_named_is_taken() -> None:
    """In the objective's unit, with the harness's error; all else is named with what to do."""
    found = took(objectives={"bpb": "wikitext/bits_per_byte"})
    (one,) = found.references
    assert (one.objective, one.metric) == ("bpb", "wikitext/bits_per_byte,none")
    assert (one.value, one.unit, one.seeds, one.spread) == (0.81, "bits/byte", 1, None)
    assert (one.source, one.date) == ("runs/a.json", dt.date(2025, 1, 1))
    assert one.obtained is Obtained.PUBLISHED
    assert one.id == "pythia-160m-wikitext-bits_per_byte"
    assert [left.why for left in found.left] == [
        "no objective was named for it: --objective NAME=gsm8k/exact_match,strict-match",
        "no objective was named for it: --objective NAME=gsm8k/exact_match,flexible-extract",
    ]


def test_several_filters_are_not_chosen_between() -> None:
    """Each is another value: a person names one."""
    both = took(objectives={"gsm8k": "gsm8k/exact_match"})
    assert both.references == ()
    assert "name one, gsm8k/exact_match,strict-match" in both.left[0].why
    (one,) = took(objectives={"gsm8k": "gsm8k/exact_match,strict-match"}).references
    assert one.value == 0.3


def test_a_factor_brings_a_value_into_the_objectives_unit() -> None:
    """With its error, and it is said that it was worked out."""
    name = {"gsm8k": "gsm8k/exact_match,strict-match"}
    (one,) = took(objectives=name, factors={"gsm8k": 100.0}).references
    assert one.value == pytest.approx(30.0)
    assert one.standard_error == pytest.approx(1.26)
    assert one.obtained is Obtained.RECOMPUTED
    assert one.note.endswith("the file states 0.3")


def test_another_direction_is_another_quantity() -> None:
    """What is better when higher is no value of an objective to be minimized."""
    (left, *_) = took(objectives={"bpb": "gsm8k/exact_match,strict-match"}).left
    assert left.why == "its harness says that higher is better, mainstem.toml: minimize"


def one_of(**keys: Any) -> list[Found]:
    """A result that states little."""
    result = Result(names=("cais/hle/default", "cais/hle"), value=20.9)
    return [Found(file="h.yaml", place="", result=replace(result, **keys))]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (one_of(value=None), "no finite number"),
        (one_of(source="https://example.org"), "when it was measured: --date YYYY-MM-DD"),
        (one_of(date=dt.date(2025, 1, 1)), "where it can be looked up: --source ADDRESS"),
    ],
)
def test_what_is_missing_is_named_and_not_made_up(found: list[Found], said: str) -> None:
    """With the option that brings it."""
    (left,) = took(found, objectives={"gsm8k": "cais/hle"}).left
    assert (left.file, left.name) == ("h.yaml", "cais/hle/default")
    assert said in left.why


def test_options_stand_in_for_what_a_file_does_not_state() -> None:
    """And never for what it does."""
    date, other = dt.date(2025, 1, 1), dt.date(2024, 1, 1)
    name = {"objectives": {"gsm8k": "cais/hle/default"}}
    (one,) = took(one_of(), date=date, source="doi:10.1234/x", **name).references
    assert (one.date, one.source) == (date, "doi:10.1234/x")
    stated = one_of(date=other, source="https://example.org")
    (one,) = took(stated, date=date, source="doi:10.1234/x", **name).references
    assert (one.date, one.source) == (other, "https://example.org")


def test_what_is_there_already_is_not_taken_twice() -> None:
    """Neither from the file of references nor from a second copy of the same file."""
    name = {"bpb": "wikitext/bits_per_byte"}
    first = took(objectives=name)
    again = took(known=first.references, objectives=name)
    assert again.references == ()
    assert any("already, as pythia-160m-wikitext-bits_per_byte" in left.why for left in again.left)
    twice = took([*FOUND, *FOUND], objectives=name)
    assert len(twice.references) == 1


def test_names_stay_apart() -> None:
    """Another value of the same model and task gets a number."""
    other = [replace(one, result=replace(one.result, value=0.9)) for one in FOUND]
    found = took([*FOUND, *other], objectives={"bpb": "wikitext/bits_per_byte"})
    assert [one.id for one in found.references] == [
        "pythia-160m-wikitext-bits_per_byte",
        "pythia-160m-wikitext-bits_per_byte-2",
    ]


def test_an_objective_of_that_very_name_needs_no_option() -> None:
    """Nothing else is guessed."""
    named = Objective("wikitext/bits_per_byte", margin=0.01)
    (one,) = take(FOUND, (named,), (), Wanted()).references
    assert one.objective == "wikitext/bits_per_byte"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"objectives": {"loss": "x"}}, "mainstem.toml has no objective 'loss'; it has bpb, gsm8k"),
        ({"factors": {"loss": 2.0}}, "--factor loss=...: mainstem.toml has no objective"),
        ({"objectives": {"bpb": "wiki/bpb"}}, "no file has that; they have gsm8k/exact_match,str"),
    ],
)
def test_a_slip_of_the_pen_is_an_error(wanted: dict[str, Any], said: str) -> None:
    """Not an import of nothing."""
    with pytest.raises(UsageError) as caught:
        took(**wanted)
    assert said in str(caught.value)
