from __future__ import annotations

import pytest

from mainstem.board import report_tables as tables
from mainstem.plots import numbers
from tests.unit.board.report_material import PROPOSALS, material


@pytest.mark.parametrize(
    "make", [tables.objectives, tables.proposals, tables.effects, tables.candidates, tables.trials]
)
def test_every_row_is_as_wide_as_its_head(make: object) -> None:
    """And columns of numbers exist."""
    assert callable(make)
    found = make(material())
    assert found.rows
    assert {len(row) for row in found.rows} == {len(found.columns)}
    assert all(k < len(found.columns) for k in found.right)


def test_objectives_say_what_proved_them() -> None:
    """The gain with its interval, in margins, and the e-values with what they had to reach."""
    found = tables.objectives(material())
    loss = dict(zip(found.columns, found.rows[0], strict=True))
    gain = material()["show"]["best"]["gain"]["loss"]
    assert loss["gain of the best set (on fresh seeds)"] == numbers.estimate(gain, unit=False)
    assert loss["in margins"] == "+10.0"
    threshold = f"{material()['candidates'][-1]['threshold']:.3g}"
    assert loss["proof"].endswith(f"of {threshold}")
    assert dict(zip(found.columns, found.rows[1], strict=True))["proof"] == "exact: margin kept"


def test_a_proposal_without_a_run_has_no_gain() -> None:
    """A dash, not what the model makes of nothing."""
    rows = [{**row, "measured": 0} for row in material()["show"]["proposals"]]
    found = {**material(), "show": {**material()["show"], "proposals": rows}}
    cells = tables.proposals(found)
    alone = next(k for k, name in enumerate(cells.columns) if name.endswith("alone"))
    assert {row[alone] for row in cells.rows} == {"-"}
    known = tables.proposals(material())
    assert {row[alone] for row in known.rows} != {"-"}
    assert [row[1] for row in known.rows] == list(PROPOSALS)


def test_many_trials_are_cut_with_their_number() -> None:
    """The first ones, how many more there are, and where all are."""
    whole = tables.trials(material())
    assert whole.more == ""
    cut = tables.trials(material(), most=10)
    assert len(cut.rows) == 10
    assert cut.more.startswith(f"{len(whole.rows) - 10} more trials")


def test_failures_say_what_they_have_in_common() -> None:
    """Which proposals every failed run of a kind held."""
    found = tables.failures(material())
    assert found is not None
    assert len(found.rows) == 1
    count, cause, what, common, which = found.rows[0]
    assert int(count) == len(which.split(", "))
    assert (cause, common) == ("exit", "muon + old")
    assert "shapes differ" in what


def test_parts_that_are_not_there_are_no_tables() -> None:
    """No credit before a merge, no gap without references, no front of one set."""
    assert tables.credit(material()) is None
    assert tables.gaps(material()) is None
    assert tables.front(material()) is None
