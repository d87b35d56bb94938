from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import CommitId, Proposal, ProposalId, TreeId
from mainstem.domain.stack import Direction, Objective, Rung, Stack
from mainstem.engine.record import Record
from mainstem.frontier.climbs import Climb
from mainstem.frontier.forecasts import forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS = (10, 20, 40, 80, 160)
TRUNK = CommitId("c0")


def stack(*, width: Sequence[int] = (1, 2, 3, 4, 5)) -> Stack:
    """A stack of five rungs, whose score is to rise and whose loss is to fall."""
    return Stack(
        name="tiny",
        trunk="main",
        command="train {seed}",
        timeout_s=60.0,
        objectives=(
            Objective("loss", margin=0.1, unit="nats"),
            Objective("score", margin="1%", direction=Direction.MAXIMIZE),
        ),
        rungs=tuple(
            Rung(name=f"s{n}", cost=n / 10, parameters={"steps": n, "width": w, "kind": "x"})
            for n, w in zip(STEPS, width, strict=True)
        ),
    )


def record(*names: str) -> Record:
    """A record of proposals and nothing else."""
    found = Record()
    for order, name in enumerate(names, start=1):
        found.proposals[ProposalId(name)] = Proposal(
            id=ProposalId(name),
            branch=name,
            commit=CommitId(f"c-{name}"),
            base=TRUNK,
            tree=TreeId(f"t-{name}"),
            components=(),
            order=order,
        )
    return found


def runs(
    *members: str, floor: float, rungs: Sequence[int] = STEPS, size: float = 6.0
) -> list[Climb]:
    """Three seeds of a recipe at each rung: loss floor + size / sqrt(steps), score 10 - loss."""
    found = []
    for steps in rungs:
        for seed in range(3):
            noise = 0.003 * np.random.default_rng([steps, seed]).standard_normal()
            loss = floor + size * steps**-0.5 + float(noise)
            found.append(
                Climb(
                    trial=f"{members}{steps}.{seed}",
                    recipe=frozenset(ProposalId(m) for m in members),
                    rung=f"s{steps}",
                    seed=seed,
                    values={"loss": loss, "score": 10.0 - loss},
                )
            )
    return found


def report(found: list[Climb], *named: str, at: dict[str, float] | None = None) -> dict[str, Any]:
    """The forecast of these runs, with the best recipe known to hold `low`."""
    return forecast(
        stack(),
        record("low", "fast"),
        found,
        trunk=TRUNK,
        best=["low"],
        at=at or {"steps": 1280.0},
        named=named,
    )


def test_gains_keep_their_sign_whatever_the_direction() -> None:
    """What lowers the loss raises the score: both hold, and a fast start turns on both."""
    found = report(
        [
            *runs(floor=2.0),
            *runs("low", floor=1.6),
            *runs("fast", floor=2.4, size=2.5),
        ]
    )
    assert found["beyond"] == {"steps": 8.0}
    assert [r["is"] for r in found["recipes"]] == [["trunk"], ["best"], []]
    assert found["recipes"][0]["span"] == {"steps": [10.0, 160.0]}
    by_id = {row["id"]: row["objectives"] for row in found["proposals"]}
    for name in ("loss", "score"):
        assert by_id["low"][name]["outlook"] == "holds"
        assert by_id["low"][name]["then"]["mean"] == pytest.approx(0.4, abs=0.05)
        assert by_id["fast"][name]["then"]["high"] < 0.0
    assert by_id["low"]["score"]["margin"] == pytest.approx(
        0.01 * (8.0 - 6.0 / 1280**0.5), rel=0.02
    )
    value = found["recipes"][0]["objectives"]["loss"]["value"]
    assert value["low"] <= 2.0 + 6.0 / 1280**0.5 <= value["high"]
    assert (value["level"], value["unit"]) == (0.8, "nats")


def test_a_proposal_with_too_few_rungs_is_listed_without_a_forecast() -> None:
    """It says how many it has and how many it takes."""
    found = report([*runs(floor=2.0), *runs("low", floor=1.6, rungs=STEPS[:2])], "low")
    (row,) = found["proposals"]
    assert (row["rungs"], row["rungs_needed"], row["objectives"]) == (2, 4, {})
    assert found["recipes"][1]["objectives"] == {}


def test_with_and_without_may_be_beside_others() -> None:
    """Where a proposal never climbed alone, the recipe with it that did is compared."""
    found = report([*runs(floor=2.0), *runs("low", floor=1.6), *runs("low", "fast", floor=1.4)])
    row = next(row for row in found["proposals"] if row["id"] == "fast")
    assert row["without"] == ["low"]
    assert row["objectives"]["loss"]["then"]["mean"] == pytest.approx(0.2, abs=0.05)


def test_cost_is_a_scale_too() -> None:
    """Costs rise with the steps here, so the same target is the same forecast, but for chance."""
    found = [
        report(runs(floor=2.0), at=at)["recipes"][0]["objectives"]["loss"]["value"]["mean"]
        for at in ({"steps": 1280.0}, {"cost": 128.0})
    ]
    assert found[0] == pytest.approx(found[1], abs=1e-6)


@pytest.mark.parametrize(
    ("rungs", "at", "named", "says"),
    [
        (STEPS[:3], {"steps": 640.0}, (), r"run at 3 scales of steps \(rungs: s10, s20, s40\)"),
        (STEPS[:3], {"steps": 640.0}, (), "name one as decisions.confirm_rung"),
        (STEPS, {"depth": 4.0}, (), "there are cost, steps, width"),
        (STEPS, {"kind": 4.0}, (), "not every rung has a number above 0"),
        (STEPS, {"steps": 640.0, "cost": 64.0}, (), "these rise together"),
        (STEPS, {"steps": 640.0, "width": 8.0}, (), "a forecast needs 6: mainstem.toml has 5"),
        (STEPS, {"steps": 640.0}, ("rope",), "no such proposal: 'rope'; there are: low, fast"),
    ],
)
def test_what_cannot_be_forecast_is_said(
    rungs: Sequence[int], at: dict[str, float], named: tuple[str, ...], says: str
) -> None:
    """Which value, and what next."""
    with pytest.raises(UsageError, match=says):
        report(runs(floor=2.0, rungs=rungs), *named, at=at)
