"""Does the audit keep its error rate, find what was planted, and cover it?

Quick forms, with fixed seeds, of what `make bench BENCH_ARGS=audit` simulates; and the same of
whole ledgers, with the evidence and the campaigns that `mainstem audit` reads from their lines.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import audit as bench
from mainstem.engine.record import fold
from mainstem.people.audit_arrays import arrays
from mainstem.people.decided import history
from mainstem.stats import audit
from mainstem.stats.audit import Question
from tests.unit.people.planted import STACK, UNTIL, organisation

HISTORIES, LEDGERS = 40, 20
FAIR = [name for name, cell in bench.CELLS.items() if cell.planted is None and cell.claimed]


def test_the_bound_is_the_target() -> None:
    """Of 500 unbiased histories at most 37 may have a false alarm."""
    assert bench.most(500) == 37


@pytest.mark.parametrize("merit", bench.MERITS)
@pytest.mark.parametrize("name", ["fair", "fair, nearly a bar", "fair, 40 decisions"])
def test_fair_organisations_are_called_fair(name: str, merit: float) -> None:
    """At most 6 of 40 histories have any false alarm: the 99% bound of 5%."""
    assert name in FAIR
    found = bench.audited(bench.CELLS[name], merit, HISTORIES)
    assert found["alarms"] <= bench.most(HISTORIES)


@pytest.mark.parametrize("merit", bench.MERITS)
def test_a_planted_odds_ratio_of_four_is_found_and_covered(merit: float) -> None:
    """Of 40 histories 26 or more find it, 32 or more intervals hold it, as wide as likelihood's.

    Where 80% find it and 90% hold it, the 1% quantiles are 26 and 31.
    """
    found = bench.audited(bench.CELLS["seniors' odds times 4"], merit, HISTORIES)
    assert found["said"][str(Question.SENIORITY)] >= 26
    assert found["cover"] * HISTORIES >= 32
    assert found["width"] <= bench.GOAL_WIDTH


def alarms_of_ledgers(
    histories: int, *, decisions: int, merit: float, odds: float
) -> dict[Question, int]:
    """How often each question is answered yes, of organisations that stand in ledgers."""
    said = dict.fromkeys(Question, 0)
    for number in range(histories):
        one = organisation(1000 + number, decisions=decisions, merit=merit, seniors_odds=odds)
        read = history(STACK, one.entries)
        found = arrays(one.directory(), fold(one.entries), read, until=UNTIL)
        assert found.decisions is not None
        rng = np.random.default_rng([6, number])
        for question, answer in audit.answers(rng, found.decisions, found.waits).items():
            said[question] += answer.adjusted is not None and answer.adjusted <= bench.ALPHA
    return said


@pytest.mark.parametrize("merit", [0.0, 1.6])
def test_fair_ledgers_are_called_fair(merit: float) -> None:
    """Given three columns of evidence, in campaigns, with seniors who are .8 sds better or not.

    That their claims hold more often is no false alarm. Of 20 the sum of the others' alarms is at
    most the 99% bound of 5%.
    """
    said = alarms_of_ledgers(LEDGERS, decisions=100, merit=merit, odds=1.0)
    assert said[Question.GAIN] == LEDGERS
    others = [said[q] for q in Question if q not in {Question.GAIN, Question.CLAIMS}]
    assert sum(others) <= bench.most(LEDGERS)


def test_an_odds_ratio_of_four_is_found_in_ledgers() -> None:
    """Of 20 histories of 160 decisions 12 or more: the 1% quantile where 80% find it."""
    said = alarms_of_ledgers(LEDGERS, decisions=160, merit=0.0, odds=4.0)
    assert said[Question.SENIORITY] >= int(stats.binom.ppf(0.01, LEDGERS, 0.8))


def test_the_count_can_fail() -> None:
    """Given what was measured later instead, groups of different merit make bias of nothing."""
    cell = bench.CELLS["fair, audited by a later measurement"]
    found = bench.audited(cell, bench.MERIT, HISTORIES)
    assert found["alarms"] > bench.most(HISTORIES)


def test_an_organisation_merges_as_often_as_it_is_said_to() -> None:
    """The base rate is 30% with and without bias and merit, half of the decisions are seniors'."""
    for cell in bench.CELLS.values():
        for merit in bench.MERITS:
            organisation = bench.replace(cell.organisation, merit=merit)
            own = [bench.history(organisation, number).decisions for number in range(30)]
            merged = np.concatenate([d.merged for d in own])
            error = np.sqrt(0.21 / len(merged))
            assert abs(merged.mean() - bench.BASE_RATE) < 4.0 * error
            assert all(d.senior is not None and d.senior.mean() == 0.5 for d in own)
