from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.domain.stack import Role
from mainstem.lab import vetoes
from mainstem.lab.decisions_log import DecisionsLog, Gain, LoggedDecision
from mainstem.lab.teams import Layout, layouts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def gain(mean: float, sd: float = 1.0, role: Role = Role.IMPROVE) -> Gain:
    """Evidence in margins of 2 units."""
    return Gain(mean=2.0 * mean, sd=2.0 * sd, margin=2.0, role=role)


def decision(number: int = 1, **traits: object) -> LoggedDecision:
    """A decision that was not merged, unless said."""
    return replace(LoggedDecision(number=number, merged=False), **traits)  # type: ignore[arg-type]  # traits by name


def log_of(*decisions: LoggedDecision, vetoes_logged: bool = True) -> DecisionsLog:
    """A log of three components."""
    return DecisionsLog(
        components=("a", "b", "c"), decisions=decisions, vetoes_logged=vetoes_logged
    )


def test_strength_is_of_the_sum_or_of_the_weakest_margin() -> None:
    """Two objectives to improve add up; a guard that may break its margin is what counts."""
    two = decision(gain={"x": gain(3.0, 3.0), "y": gain(2.0, 4.0)})
    assert vetoes.strength(two) == pytest.approx(min(5.0 / 5.0, 4.0 / 3.0, 3.0 / 4.0))
    assert vetoes.strength(two, -3.5) == pytest.approx(1.5 / 5.0)
    guarded = decision(gain={"x": gain(3.0), "g": gain(-1.5, 0.5, Role.GUARD)})
    assert vetoes.strength(guarded) == pytest.approx(-0.5 / 0.5)
    assert vetoes.strength(decision(gain={"x": gain(1.0, 0.0)})) == vetoes.STRONGEST


def test_interactions_count_within_the_silo_only() -> None:
    """A decider of a team of its own does not see what another team's merge does to it."""
    merged = decision(1, components=("b",), gain={"x": gain(2.0)}, merged=True)
    later = decision(2, components=("a",), gain={"x": gain(2.0)}, beside={1: -1.5})
    silo, pair = Layout(width=1, team=(0, 1, 2)), Layout(width=2, team=(0, 0, 1))
    found = vetoes.strengths([merged, later], log_of(merged, later), [silo, pair])
    assert found == pytest.approx(np.array([[2.0, 2.0], [2.0, 0.5]]))


def probability(one: LoggedDecision, phi: float, v: float, r: Floats) -> Floats | float:
    """The table of the module's docstring, decision by decision, without a common line of code."""
    e = 0.005
    a = e + (1 - 2 * e) * phi
    outcome = "merged" if one.merged else "veto" if one.vetoed else "nothing"
    return {
        (True, "merged"): a * (1 - v),
        (True, "veto"): a * v * r,
        (True, "nothing"): a * v * (1 - r),
        (False, "nothing"): 1 - a,
        (None, "merged"): a * (1 - v),
        (None, "veto"): a * v * r,
        (None, "nothing"): 1 - a + a * v * (1 - r),
    }[one.approved, outcome]


STRENGTHS = (-1.0, 0.3, 1.0, 2.5, 4.0, 6.0)
LOGS = {
    "approvals": [(True, "merged"), (True, "veto"), (True, "nothing"), (False, "nothing")],
    "none": [(None, "merged"), (None, "veto"), (None, "nothing"), (None, "nothing")],
    "some": [(True, "merged"), (None, "nothing"), (True, "nothing"), (None, "veto")],
}


@pytest.mark.parametrize("kind", LOGS)
@pytest.mark.parametrize("vetoes_logged", [True, False])
def test_the_likelihood_is_the_tables(kind: str, *, vetoes_logged: bool) -> None:
    """Integrated over everything not known by plain sums, decision by decision."""
    decisions = [
        decision(
            at,
            gain={"x": gain(s)},
            approved=approved,
            merged=outcome == "merged",
            vetoed=outcome == "veto" and vetoes_logged,
        )
        for at, (s, (approved, outcome)) in enumerate(
            zip(STRENGTHS, 2 * LOGS[kind], strict=False), start=1
        )
    ]
    at = [10, 60, 170]
    found = vetoes.log_likelihood(
        log_of(*decisions, vetoes_logged=vetoes_logged), [Layout(width=3, team=(0, 0, 0))]
    )[0, at]
    written = (np.arange(20) + 0.5) / 20 if vetoes_logged else np.zeros(1)
    strengths = [vetoes.strength(one) for one in decisions]
    wanted = []
    for v in vetoes.RATES[at]:
        total = 0.0
        for c in np.linspace(-2.0, 4.0, 41):
            for d in np.geomspace(0.1, 4.0, 9):
                product = np.ones(len(written))
                for one, s in zip(decisions, strengths, strict=True):
                    product *= probability(one, NormalDist(c, d).cdf(s), v, written)
                total += product.sum()
        wanted.append(np.log(total / (41 * 9 * len(written))))
    assert found == pytest.approx(np.array(wanted), abs=2e-3)


def test_layouts_share_what_no_interaction_tells_apart() -> None:
    """Without interactions decisions say nothing of teams."""
    one = decision(1, components=("a",), gain={"x": gain(2.0)}, merged=True)
    found = vetoes.log_likelihood(log_of(one), layouts(3))
    assert np.ptp(found, axis=0) == pytest.approx(np.zeros(len(vetoes.RATES)))


def test_every_decision_is_counted_once() -> None:
    """By what was known of it and what came of it."""
    evidence = {"x": gain(2.0)}
    log = log_of(
        decision(1, approved=True, merged=True),
        decision(2, gain=evidence, merged=True),
        decision(3, approved=True, vetoed=True),
        decision(4, approved=True),
        decision(5, gain=evidence),
        decision(6, approved=False),
        decision(7, approved=False, vetoed=True),
        decision(8, vetoed=True),
        decision(9),
    )
    found = vetoes.counts(log)
    assert found == vetoes.Counts(
        merged=2, written=1, silent=1, unclear=1, refused=2, beside_the_point=1, unused=2
    )
    assert found.telling == 5
