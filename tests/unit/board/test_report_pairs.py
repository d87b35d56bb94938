from __future__ import annotations

import pytest

from mainstem.board.report_pairs import MOST_PAIRED, front, interactions
from tests.unit.board.report_material import PROPOSALS, material


def test_pairs_with_the_runs_behind_them() -> None:
    """Every pair with its interval and how many runs held both; what never ran is hatched."""
    [one] = interactions(material())
    ran = [set(t["recipe"]) for t in material()["trials"] if t["values"]]
    rows = one.picture.rows
    assert len(rows) == len(PROPOSALS) * (len(PROPOSALS) - 1) / 2
    for first, other, mean, low, high, together in rows:
        assert together == sum({first, other} <= recipe for recipe in ran)
        assert low <= mean <= high
    assert {row[-1] for row in rows} >= {0}
    assert "never ran together" in one.picture.svg


def test_a_pair_that_only_failed_is_no_gap() -> None:
    """Muon crashes with old: that was tried, and the caption counts such pairs."""
    [one] = interactions(material())
    trials = [(set(t["recipe"]), bool(t["values"])) for t in material()["trials"]]
    spoiled = [
        {first, other}
        for first, other, *_ in one.picture.rows
        if {held for recipe, held in trials if {first, other} <= recipe} == {False}
    ]
    assert {"muon", "old"} in spoiled
    assert f"Hatched both ways: every run with both failed ({len(spoiled)})." in one.caption
    assert one.picture.svg.count("only ever failed together") == len(spoiled)


def test_what_git_cannot_merge_is_marked() -> None:
    """A pair that cannot be merged is no interaction."""
    [one] = interactions(material())
    assert "clip and rope: cannot be merged together" in one.picture.svg


def test_of_many_proposals_those_with_the_strongest_pairs() -> None:
    """A picture that can be read, with as many as it has room for; the data have all."""
    row = material()["show"]["interactions"][0]
    names = [f"p{k}" for k in range(MOST_PAIRED + 20)]
    pairs = [
        {**row, "pair": [a, b], "objective": "loss", "mean": float(k)}
        for k, (a, b) in enumerate(zip(names[::2], names[1::2], strict=True))
    ]
    gains = {name: {"alone": {}, "in_best": None} for name in names}
    show = {**material()["show"], "interactions": pairs}
    [one] = interactions({**material(), "show": show, "gains": gains})
    assert len(one.picture.rows) == len(pairs)
    assert "p59" in one.picture.svg
    assert ">p0<" not in one.picture.svg
    assert f"The {MOST_PAIRED} with the strongest" in one.caption


def test_sets_to_choose_from() -> None:
    """Where two objectives are to be improved and sets differ; nothing where one set is it."""
    assert list(front(material())) == []
    gain = {"mean": 0.3, "low": 0.2, "high": 0.4, "unit": ""}
    points = [
        {
            "recipe": recipe,
            "objectives": {"loss": {**gain, "mean": at}, "params": {**gain, "mean": 1.0 - at}},
            "probability": 0.9,
            "runs": 3,
        }
        for recipe, at in ((["muon"], 0.3), (["rope"], 0.2))
    ]
    show = {**material()["show"], "improve": ["loss", "params"], "front": points}
    [one] = front({**material(), "show": show})
    assert [row[0] for row in one.picture.rows] == ["muon", "rope"]
    assert one.picture.rows[0][1] == pytest.approx(0.3)
    assert "rope" in one.picture.svg
