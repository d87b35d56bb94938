"""The lab on the record of a real campaign: lists, replays, pages, and what it refuses."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from mainstem.wiring.board_desk import Desk, Request

if TYPE_CHECKING:
    from conftest import Stack

OWN = """
import numpy as np

class Idle:
    name = "idle"

    def admits(self, desk):
        return desk.here

    def runs(self, desk):
        return np.array([desk.trunk])

    def merges(self, desk):
        return []
"""


def test_a_campaign_is_replayed_in_other_ways(stack: Stack) -> None:
    """The same numbers on one process and on two; an own policy beside named ones; a page."""
    stack.mainstem("propose", "lr-high", "clip")
    stack.mainstem("integrate", "--budget", "16")
    (stack.path / "idle.py").write_text(OWN)
    asked = ["lab", "--replay", "--campaigns", "2", "--policy", "greedy", "--policy", "idle.py"]
    found = stack.mainstem(*asked, "--json").json
    assert [row["name"] for row in found["policies"]] == ["collective", "greedy", "idle"]
    assert found["budget"] == round(found["record"]["spent"])
    idle = found["policies"][2]
    assert idle["gain"]["mean"] == 0.0
    assert idle["extrapolated"] == {"trunks": 0.0, "runs": 0.0}
    assert idle["price"]["mean"] == found["policies"][0]["gain"]["mean"] >= 0.0
    file = stack.path / "lab.html"
    said = stack.mainstem(*asked, "-j", "2", "--html", str(file)).out
    for sentence in found["said"]:
        assert sentence.split(":", maxsplit=1)[0][:40] in said.replace("\n", " ")
    page = file.read_text(encoding="utf-8")
    for row in found["policies"]:
        assert row["name"] in page
    again = stack.mainstem(*asked, "-j", "2", "--json").json
    assert again == found
    with contextlib.closing(Desk(stack.path)) as desk:
        shown = json.loads(desk.answer(Request(question="lab")).text)
    assert found["said"][0][:40] in shown.pop("html")
    line = stack.mainstem("verify", "--json").json["entries"]
    assert shown == {**found, "line": line}  # what a board shows of it
    own = stack.mainstem("lab", "--own", "--json").json
    assert own["decisions"] == 0  # nothing was merged or refused for good
    assert own["veto_rate"] is None
    assert own["said"]
    assert "--replay, --log and --own" in stack.mainstem("lab", "--own", "--replay", code=2).err
