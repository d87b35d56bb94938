"""A forecast from five rungs of a real repository with confined trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import STACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stack

SCALES = (10, 20, 40, 80, 160)

RUNGS = STACK.replace('"sh train.sh {seed}"', '"sh train.sh {seed} {rung.steps}"') + "".join(
    f'\n[[rungs]]\nname = "s{steps}"\ncost = {steps / 10}\nsteps = {steps}\n' for steps in SCALES
)

CLIMB = r"""#!/bin/sh
# The loss falls with the steps towards a floor; what a setting brings changes with the scale.
set -eu
lr=$(cat settings/lr) depth=$(cat settings/depth) clip=$(cat settings/clip)
awk -v seed="$1" -v steps="$2" -v lr="$lr" -v depth="$depth" -v clip="$clip" 'BEGIN {
  srand(seed); noise = -6; for (i = 0; i < 12; i++) noise += rand()
  rate = 0.5; size = 6; floor = 2
  if (lr == "high") floor -= 0.3
  if (clip == "on") { floor += 0.5; size -= 4 }
  loss = floor + size * steps^(-rate) + 0.004 * noise
  printf "final_loss: %.6f\nweights: %d\n", loss, 1000 * depth
}'
"""


def everywhere(stack: Stack, *, rungs: int = len(SCALES), budget: str = "8") -> None:
    """Runs a small campaign at each of the first rungs: the file names one after the other."""
    file = stack.path / "mainstem.toml"
    text = file.read_text()
    for steps in SCALES[:rungs]:
        file.write_text(text + f'\n[decisions]\nconfirm_rung = "s{steps}"\n')
        stack.mainstem("integrate", "--budget", budget, "-j", "2")
    file.write_text(text)


def test_a_gain_that_holds_and_one_that_turns_are_told_apart(
    make_stack: Callable[..., Stack],
) -> None:
    """A lower floor holds at 8 times the largest run; a fast start at a higher floor turns."""
    stack = make_stack(toml=RUNGS, train=CLIMB)
    stack.mainstem("propose", "lr-high", "clip")
    refused = stack.mainstem("forecast", "--at", "steps=1280", code=2)
    assert "the trunk has run at 0 scales of steps (rungs: none)" in refused.err
    everywhere(stack)
    report = stack.mainstem("forecast", "--at", "steps=1280", "--json").json
    assert report["beyond"] == {"steps": 8.0}
    trunk = report["recipes"][0]
    assert (trunk["is"][0], trunk["rungs"]) == ("trunk", 5)
    value = trunk["objectives"]["loss"]["value"]
    assert value["low"] - 0.03 <= 2 + 6 * 1280**-0.5 <= value["high"] + 0.03
    assert value["high"] - value["low"] < 0.5
    weights = trunk["objectives"]["weights"]["value"]
    assert (weights["low"], weights["high"]) == (pytest.approx(4000), pytest.approx(4000))
    found = {row["id"]: row["objectives"]["loss"] for row in report["proposals"]}
    assert found["lr-high"]["outlook"] == "holds"
    assert found["lr-high"]["then"]["low"] <= 0.3 <= found["lr-high"]["then"]["high"]
    assert found["clip"]["then"]["high"] < 0.0
    text = " ".join(stack.mainstem("forecast", "lr-high", "--at", "steps=1280").out.split())
    assert "extrapolates 8-fold beyond the largest run (steps 160)" in text
    assert "nothing here enters a verdict" in text
    assert stack.mainstem("forecast", "--at", "steps=1280", "--json").json == report


def test_wrong_use_is_one_clear_line(make_stack: Callable[..., Stack]) -> None:
    """Too few rungs, no such scale, no such proposal, no number: each says what next."""
    stack = make_stack(toml=RUNGS, train=CLIMB)
    stack.mainstem("propose", "lr-high")
    everywhere(stack, rungs=2, budget="4")
    few = stack.mainstem("forecast", "--at", "steps=1280", code=2).err
    assert "has run at 2 scales of steps (rungs: s10, s20), and a forecast needs 4" in few
    assert "name one as decisions.confirm_rung, `mainstem integrate`" in few
    unknown = stack.mainstem("forecast", "--at", "width=4", code=2).err
    assert "--at width: not every rung has a number above 0 of that name" in unknown
    assert "there are cost, steps" in unknown
    both = stack.mainstem("forecast", "--at", "steps=9", "--at", "cost=9", code=2).err
    assert "these rise together" in both
    assert "write KEY=VALUE" in stack.mainstem("forecast", "--at", "steps=-1", code=2).err
    assert (
        "stands there twice"
        in stack.mainstem("forecast", "--at", "steps=1", "--at", "steps=2", code=2).err
    )
