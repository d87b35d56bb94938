"""Where we stand, and what next."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.page import Visit
from mainstem.board.pages import trunk
from mainstem.board.reader import Answer, Question
from mainstem.plots import numbers
from tests.unit.board.conftest import HOSTILE, harmless, hostile
from tests.unit.board.looking import WORKING, Looking, failed, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NO_FRONTIER = {"frontier": failed("there is no frontier.toml")}


def answer(body: Mapping[str, Any]) -> Answer:
    """An answer that is there."""
    return Answer(body=body, line=1, current=True, working=False)


def seen(reader: Looking, **instead: Answer) -> Looking:
    """The same, without a frontier."""
    return replace(reader, instead={**NO_FRONTIER, **instead})


def page(reader: Looking) -> str:
    """The page on one line."""
    return " ".join(shown(trunk.PAGE, reader).split())


def rows(reader: Looking) -> dict[str, dict[str, Any]]:
    """The rows of the table, by objective."""
    found = trunk.content(reader, Visit())["objectives"]
    return {row["objective"].name: row for row in found}


def compared(trunk_mean: float, **forecast: Any) -> Answer:
    """A frontier with one reference that the loss is compared with."""
    mean = {"mean": trunk_mean, "low": trunk_mean, "high": trunk_mean, "level": 0.9, "unit": ""}
    reference = {"id": "theirs", "value": 1.4, "comparable": True}
    other = {"id": "elsewhere", "value": 0.1, "comparable": False}
    none = {"date": None, "low": None, "high": None}
    gap = {"value": {**mean, "mean": trunk_mean - 1.4}, "standing": "behind"}
    loss = {
        "objective": "loss",
        "trunk": mean,
        "references": [reference, other],
        "reference": "theirs",
        "gap": gap,
        "forecast": {**none, **forecast},
    }
    return answer({"objectives": [loss]})


def test_sentences_come_first(reader: Looking) -> None:
    """Where it stands, the best set, what comes next; commands look like commands."""
    html = page(seen(reader))
    parts = [
        "Campaign c1 has ended",
        "Best so far: muon + rope",
        "Next: <code>mainstem merge</code>",
    ]
    places = [html.index(part) for part in [*parts, "The trunk now", "How it came here"]]
    assert places == sorted(places)


def test_the_table_says_what_show_says(reader: Looking) -> None:
    """Trunk, margin and gain of the best set, objective by objective."""
    body = reader.ask(Question.SHOW).body
    assert body is not None
    for name, row in rows(seen(reader)).items():
        assert {k: row["now"][k] for k in ("mean", "low", "high")} == {
            k: body["trunk"]["objectives"][name][k] for k in ("mean", "low", "high")
        }
        assert row["margin"] == body["margins"][name]
        assert row["gain"] == body["best"]["gain"][name]
        assert row["gap"] is None


def test_a_guard_has_its_limit_and_the_best_set_its_line(reader: Looking) -> None:
    """What is tolerated is worse by the margin; a set that is not merged has a line of its own."""
    found = rows(seen(reader))
    now, margin = found["params"]["now"]["mean"], found["params"]["margin"]
    assert f"{now + margin:,.6g}" in found["params"]["picture"]
    assert "tolerated" in found["params"]["picture"]
    assert "tolerated" not in found["loss"]["picture"]
    assert "best set" in found["loss"]["picture"]


def test_the_best_set_is_as_precise_as_its_gain(reader: Looking) -> None:
    """Two digits of the interval's half width; and times count from an instant, not a date."""
    row = rows(seen(reader))["loss"]
    gain, value = row["gain"], row["now"]["mean"] - row["gain"]["mean"]
    places = numbers.digits(0.5 * (gain["high"] - gain["low"]), value)
    assert places < 6
    assert f">best set {value:,.{places}f}<" in row["picture"]
    assert re.search(r">\w+ since \d{4}-\d\d-\d\d \d\d:\d\d UTC<", row["picture"])


def test_merges_are_steps_that_lead_to_what_was_merged(merged: Looking) -> None:
    """The gain of the best set is in the trunk by then, and no line any more."""
    reader = seen(merged)
    found = rows(reader)["loss"]
    assert found["gain"] is None
    assert "best set" not in found["picture"]
    assert 'href="/proposals/muon"' in found["picture"]
    html = page(reader)
    assert 'id="merges"' in html
    assert "not measured yet" in html  # of the trunk as it is now nothing ran
    assert "judges 1 open proposal on the trunk as it is now" in html


def test_the_frontier_gives_the_gap_and_its_lines(merged: Looking) -> None:
    """Only what can be compared is drawn; runs of this very trunk are its value."""
    found = rows(seen(merged, frontier=compared(1.71)))["loss"]
    assert found["now"]["measured"]
    assert found["now"]["mean"] == 1.71
    assert found["gap"]["value"]["mean"] == pytest.approx(0.31)
    assert "theirs" in found["picture"]
    assert "elsewhere" not in found["picture"]


def test_the_pace_leads_to_the_reference_by_its_dates(merged: Looking) -> None:
    """A band of straight lines: at the median date the value is the reference's."""
    last = merged.moment().at
    assert last is not None
    soon, later = "2024-01-01T00:30:00Z", "2024-01-01T02:00:00Z"
    now = {"mean": 1.7}
    first = merged.lines[0].at
    until = trunk.seconds(first, last)
    of = compared(1.7, date=later, low=soon, high=None).body
    assert of is not None
    [ahead] = trunk._pace(now, of["objectives"][0], until=until, in_s=1.0, since=first)
    share = (ahead.at - until) / (trunk.seconds(first, later) - until)
    assert ahead.middle == pytest.approx(1.7 + share * (1.4 - 1.7))
    assert ahead.high == 1.7  # without an end it stays where it is
    quick = (ahead.at - until) / (trunk.seconds(first, soon) - until)
    assert ahead.low == pytest.approx(1.7 - 0.3 * min(1.0, quick))
    none = compared(1.7).body
    assert none is not None
    assert trunk._pace(now, none["objectives"][0], until=until, in_s=1.0, since=first) == []


def test_what_needs_attention_is_a_note_with_a_link(reader: Looking) -> None:
    """Warnings of `status`, and trials that do not repeat themselves."""
    show = dict(reader.ask(Question.SHOW).body or {})
    show["not_repeatable"] = [{"trial": "c1.4", "other": "k1.1", "seed": 1, "objectives": {}}]
    status = answer({"warnings": ["branch <b> has moved; `mainstem propose` takes it anew"]})
    html = page(seen(reader, show=answer(show), status=status))
    assert 'href="/runs/c1.4"' in html
    assert "branch &lt;b&gt; has moved; <code>mainstem propose</code>" in html


def test_before_anything_is_measured_it_says_what_to_do(waiting: Looking, empty: Looking) -> None:
    """No picture, no number, and the next command."""
    assert "Nothing is measured yet" in page(seen(waiting))
    assert "mainstem integrate --budget N" in page(seen(waiting))
    assert "There is no proposal yet" in page(seen(empty))


@pytest.mark.parametrize("instead", [WORKING, failed("the store is gone")])
def test_sentences_need_no_answer(reader: Looking, instead: Answer) -> None:
    """Where the campaign stands is known from the record alone."""
    html = page(seen(reader, show=instead, status=instead, frontier=instead))
    assert "Campaign c1 has ended after 40 of 60 trials." in html
    assert ("being worked out" in html) is instead.working
    assert ("the store is gone" in html) is not instead.working


def test_a_forecast_at_a_larger_scale_is_asked_of_many_rungs_only(reader: Looking) -> None:
    """With one rung nobody is asked; with four there is a table."""
    assert trunk.content(seen(reader), Visit())["ahead"] is None
    value = {"mean": 1.1, "low": 1.0, "high": 1.2, "level": 0.8, "unit": ""}
    rows = [
        {"is": ["trunk"], "recipe": [], "objectives": {"loss": {"value": value}}},
        {"is": ["best"], "recipe": ["muon"], "objectives": {}},
    ]
    body = {"at": {"cost": 64.0}, "fresh_runs": 3, "recipes": rows}
    reading = seen(reader, forecast=answer(body))
    rungs = tuple(replace(reader.stack.rungs[0], name=f"r{k}") for k in range(4))
    reading.world = replace(reading.world, stack=replace(reader.stack, rungs=rungs))
    html = page(reading)
    assert "Forecast at cost 64" in html
    assert "1.10 [1.00, 1.20]" in html
    assert html.count('scope="row">trunk') == 1


def test_whatever_the_record_holds_is_text(folder: Path) -> None:
    """Names, files and failures that hold markup, escapes or turned text act nowhere."""
    reader = Looking(world=hostile(folder))
    show = dict(reader.ask(Question.SHOW).body or {})
    show["best"] = {**show["best"], "recipe": list(HOSTILE)}
    status = answer({"warnings": [f"branch {name} has moved" for name in HOSTILE]})
    html = shown(trunk.PAGE, seen(reader, show=answer(show), status=status))
    harmless(html)
    assert "&lt;script&gt;" in html
