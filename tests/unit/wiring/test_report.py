from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING

import pytest

from mainstem.board.report_drawing import Drawing
from mainstem.domain.errors import UsageError
from mainstem.engine.views.course import course
from mainstem.plots.picture import NoPngError, Picture
from mainstem.wiring.report import report, write, write_plots
from tests.unit.board.report_material import made, material, project

if TYPE_CHECKING:
    from pathlib import Path

DRAWING = Drawing(
    name="effects-loss/../x y",
    caption="",
    picture=Picture(
        title="A picture",
        svg='<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"></svg>',
        columns=("a", "b"),
        rows=((1.5, None), ('x"', "y,z")),
    ),
    phone="",
)


def test_it_is_made_of_what_the_commands_say(tmp_path: Path) -> None:
    """`show` as it is, gains of all proposals, every trial with its result, the ledger's end."""
    world = made(tmp_path / "world", budget=24)
    one = project(world)
    found = report(one)
    record = one.record()
    campaign = record.latest()
    assert campaign is not None
    assert found["campaign"]["id"] == campaign.id == "c1"
    assert found["show"]["trials"]["done"] == len(found["trials"]) == len(campaign.finished)
    assert list(found["gains"]) == [p.id for p in record.in_order()]
    assert {t["trial"]: t["values"] for t in found["trials"]} == {
        name: result.values for name, result in campaign.finished.items()
    }
    assert found["course"] == course(world.stack.objectives, campaign)
    lines, end = one.ledger.end()
    assert found["ledger"] == {"lines": lines, "hash": end, "alterations": []}
    assert json.loads(json.dumps(found, allow_nan=False))["made"]["mainstem"]
    one.ledger.close()


def test_other_settings_are_said_and_nothing_is_made_up(tmp_path: Path) -> None:
    """A campaign that asked another question has trials, and no gain in today's terms."""
    world = made(tmp_path / "world", budget=8)
    world.stack = dataclasses.replace(world.stack, timeout_s=1.0)
    one = project(world)
    found = report(one)
    assert found["campaign"]["settings_changed"]
    assert found["gains"] == {}
    assert len(found["trials"]) == 8
    one.ledger.close()


def test_an_earlier_campaign_by_its_name(tmp_path: Path) -> None:
    """Its own trials and proposals; one that is not there is named, with those that are."""
    world = made(tmp_path / "world", budget=8)
    world.propose("late")
    world.integrate(budget=8, seed=1)
    one = project(world)
    assert report(one)["campaign"]["id"] == "c2"
    first = report(one, campaign="c1")
    assert first["campaign"]["id"] == "c1"
    assert "late" not in [row["id"] for row in first["show"]["proposals"]]
    assert {trial["trial"].split(".")[0] for trial in first["trials"]} == {"c1"}
    with pytest.raises(UsageError, match=r"--campaign c9: there is no such campaign; .* c1, c2"):
        report(one, campaign="c9")
    one.ledger.close()


def test_failures_are_one_row_a_kind() -> None:
    """With the trials, and what all of them held."""
    [group] = material()["failures"]
    assert group["in_all"] == ["muon", "old"]
    failed = [t["trial"] for t in material()["trials"] if t["failure"]]
    assert group["trials"] == failed


def test_pictures_are_files(tmp_path: Path) -> None:
    """SVG and numbers under a name that every system takes, in a folder that is made."""
    files, _ = write_plots(tmp_path / "new" / "plots", [DRAWING])
    assert [path.name for path in files][:2] == [f"effects-loss_.._x_y.{k}" for k in ("svg", "csv")]
    assert files[0].read_text() == DRAWING.picture.svg
    rows = list(csv.reader(io.StringIO(files[1].read_text())))
    assert rows == [["a", "b"], ["1.5", ""], ['x"', "y,z"]]


def test_png_where_one_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of pixels; where none can be made the other files are there, and it is said why."""
    monkeypatch.setattr(Picture, "png", lambda _: b"\x89PNG")
    files, without = write_plots(tmp_path, [DRAWING])
    assert (files[-1].name, files[-1].read_bytes()) == ("effects-loss_.._x_y.png", b"\x89PNG")
    assert without == ""

    def none(_: Picture) -> bytes:
        raise NoPngError("no font was found")

    monkeypatch.setattr(Picture, "png", none)
    files, without = write_plots(tmp_path / "other", [DRAWING])
    assert [path.suffix for path in files] == [".svg", ".csv"]
    assert without == "no font was found"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Which file, and why."""
    with pytest.raises(UsageError, match=r"r\.html cannot be written: No such file or directory"):
        write(tmp_path / "none" / "r.html", "text")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file cannot be made: File exists"):
        write_plots(tmp_path / "file", [])
