from __future__ import annotations

from typing import Any

import pytest

from mainstem.domain.stack import Role
from mainstem.lab.log_rows import row_of_csv, row_of_json

SOUND: dict[str, Any] = {"number": 3, "merged": False}
GAIN = {"mean": 1.0, "sd": 0.5, "margin": 2.0}


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"number": 0}, "`number` is '0': a whole number from 1"),
        ({"number": 1.5}, "`number` is '1.5': a whole number from 1"),
        ({"number": True}, "`number` is 'True': a whole number from 1"),
        ({"number": None}, "`number` is missing"),
        ({"merged": None}, "`merged` is missing"),
        ({"merged": "maybe"}, "`merged` is 'maybe': yes or no"),
        ({"round": -1}, "`round` is '-1': a whole number from 0"),
        ({"merged": True, "vetoed": True}, "vetoed and merged: log what came of it in the end"),
        ({"by": "Ada"}, "`by` is 'Ada': a level of seniority as a whole number from 0, never a"),
        ({"vetod": True}, "unknown key 'vetod'; did you mean `vetoed`?"),
        ({"zzz": 1}, "unknown key 'zzz'; there are number, round, component"),
        ({"component": 3}, "`component` is '3': a name, or a list of names"),
        ({"component": [""]}, "`component` is"),
        ({"beside": [1]}, "`beside` is '[1]': numbers with their interaction in margins"),
        ({"beside": {"x": 1.0}}, "`beside` is 'x': the number of a proposal"),
        ({"beside": {"1": "big"}}, "`beside.1` is 'big': a number of margins"),
        ({"gain": 3}, "`gain` is '3': by objective, mean, sd, margin, role"),
        ({"gain": {"loss": 3}}, "`gain` is"),
        ({"gain": {"loss": {"mean": 1.0, "sd": 1.0}}}, "`gain.loss.margin` is missing"),
        ({"gain": {"loss": GAIN | {"sd": -1.0}}}, "`gain.loss.sd` is -1: from 0"),
        ({"gain": {"loss": GAIN | {"margin": 0.0}}}, "`gain.loss.margin` is 0: above 0"),
        ({"gain": {"loss": GAIN | {"mean": "1e999"}}}, "`gain.loss.mean` is '1e999': a finite"),
        ({"gain": {"loss": GAIN | {"mean": 10**400}}}, "`gain.loss.mean` is"),
        ({"gain": {"loss": GAIN | {"mean": "1_0"}}}, "`gain.loss.mean` is '1_0': a finite number"),
        ({"gain": {"loss": GAIN | {"role": "boost"}}}, "`gain.loss.role` is 'boost': improve or"),
        ({"gain": {"loss": GAIN | {"mode": 1}}}, "unknown key 'mode' of `gain.loss`"),
        ({"gain": {"loss": GAIN | {"role": "guard"}}}, "`gain` has guards only"),
    ],
)
def test_a_wrong_value_is_named(changed: dict[str, Any], wanted: str) -> None:
    """With its key, the value and what would be right; nothing is made of the row."""
    row = row_of_json("log:7", SOUND | changed)
    assert row.decision is None
    (problem,) = row.problems
    assert str(problem).startswith(f"log:7: {wanted}")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"run": [1, 1]}, "`run` names a proposal twice"),
        ({"run": ["x"]}, "`run` is 'x': the numbers of proposals that ran together"),
        ({"run": [1], "number": 2}, "unknown key 'number'; there are run, round"),
    ],
)
def test_a_wrong_run_is_named(given: dict[str, Any], wanted: str) -> None:
    """As a wrong decision is."""
    row = row_of_json("log:7", given)
    assert row.run is None
    assert [str(p) for p in row.problems] == [f"log:7: {wanted}"]


@pytest.mark.parametrize("text", ["3", "3:-0.4 3:1", "3:x"])
def test_pairs_of_a_cell_are_looked_at(text: str) -> None:
    """Numbers with their interactions, each once."""
    row = row_of_csv("log:2", {"number": "4", "merged": "no", "beside": text})
    assert row.decision is None
    assert len(row.problems) == 1


def test_an_objective_may_have_a_point_in_its_name() -> None:
    """A column is the objective's name, a point and the part."""
    cells = {"number": "4", "merged": "no", "a.b.mean": "1", "a.b.sd": "2", "a.b.margin": "3"}
    row = row_of_csv("log:2", cells | {"g.mean": "0", "g.sd": "0", "g.margin": "1"})
    assert not row.problems
    assert row.decision is not None
    assert row.decision.gain["a.b"].sd == 2.0
    assert row.decision.gain["g"].role is Role.IMPROVE
