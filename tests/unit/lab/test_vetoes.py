from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from mainstem.domain.stack import Role
from mainstem.lab import vetoes
from mainstem.lab.decisions_log import DecisionsLog, Gain, LoggedDecision
from mainstem.lab.teams import Layout, layouts


def gain(mean: float, sd: float = 1.0, role: Role = Role.IMPROVE) -> Gain:
    """Evidence in margins of 2 units."""
    return Gain(mean=2.0 * mean, sd=2.0 * sd, margin=2.0, role=role)


def decision(number: int = 1, **traits: object) -> LoggedDecision:
    """A decision that was not merged, unless said."""
    return replace(LoggedDecision(number=number, merged=False), **traits)  # type: ignore[arg-type]  # traits by name


def log_of(*decisions: LoggedDecision) -> DecisionsLog:
    """A log of three components."""
    return DecisionsLog(components=("a", "b", "c"), decisions=decisions)


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


def probability(one: LoggedDecision, phi: float, v: float) -> float:
    """The table of the module's docstring, decision by decision, without a common line of code."""
    e = 0.005
    a = e + (1 - 2 * e) * phi
    return {
        (True, True): a * (1 - v),
        (True, False): a * v,
        (False, False): 1 - a,
        (None, True): a * (1 - v),
        (None, False): 1 - a * (1 - v),
    }[one.approved, one.merged]


STRENGTHS = (-1.0, 0.3, 1.0, 2.5, 4.0, 6.0)
LOGS = {
    "approvals": [(True, True), (True, False), (False, False)],
    "none": [(None, True), (None, False), (None, False)],
    "some": [(True, True), (None, False), (True, False), (None, True)],
}


@pytest.mark.parametrize("kind", LOGS)
def test_the_likelihood_is_the_tables(kind: str) -> None:
    """Integrated over everything not known by plain sums, decision by decision."""
    rows = zip(STRENGTHS, 2 * LOGS[kind], strict=False)
    decisions = [
        decision(at, gain={"x": gain(s)}, approved=approved, merged=merged)
        for at, (s, (approved, merged)) in enumerate(rows, start=1)
    ]
    at = [10, 60, 110, 170]
    whole = Layout(width=3, team=(0, 0, 0))
    found = vetoes.log_likelihood(log_of(*decisions), [whole])[0, at]
    strengths = [vetoes.strength(one) for one in decisions]
    wanted = []
    for v in vetoes.RATES[at]:
        total = 0.0
        for c in np.linspace(-2.0, 4.0, 41):
            for d in np.geomspace(0.1, 4.0, 9):
                pairs = zip(decisions, strengths, strict=True)
                total += np.prod([probability(one, NormalDist(c, d).cdf(s), v) for one, s in pairs])
        wanted.append(np.log(total / (41 * 9)))
    assert found == pytest.approx(np.array(wanted), abs=2e-3)


def test_whether_a_veto_was_written_down_changes_nothing() -> None:
    """What counts is whether evidence would merge, and what came of it."""
    rows = [
        decision(1, gain={"x": gain(5.0)}),
        decision(2, gain={"x": gain(0.1)}),
        decision(3, gain={"x": gain(4.0)}, merged=True),
        decision(4, approved=True),
    ]
    written = [replace(one, vetoed=not one.merged) for one in rows]
    whole = [Layout(width=3, team=(0, 0, 0))]
    found = [vetoes.log_likelihood(log_of(*some), whole) for some in (rows, written)]
    assert found[0] == pytest.approx(found[1])


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
        merged=2, vetoed=2, unclear=1, refused=2, unused=2, written=3, beside_the_point=1
    )
    assert found.telling == 5
