from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.landscapes.pairwise import pairwise
from mainstem.lab.organisation import Contributor, Organisation, drawn, team
from tests.unit.lab.worlds import three


def test_skill_sets_the_odds_of_a_better_proposal() -> None:
    """Of two people, skill 1 against 0: P(theirs) is logistic in the standardised worth.

    1,500 draws on `three`, whose worths 2, 1, -1 have mean 2/3 and sd sqrt(14/9); within 4 standard
    errors.
    """
    both = Organisation(
        contributors=(Contributor(home="x", skill=1.0), Contributor(home="y", skill=0.0))
    )
    rng = np.random.default_rng(1)
    theirs = np.array([drawn(both, three(), rng).authors == 0 for _ in range(1500)]).mean(axis=0)
    z = (np.array([2.0, 1.0, -1.0]) - 2 / 3) / math.sqrt(14 / 9)
    expected = 1.0 / (1.0 + np.exp(-z))
    assert np.all(np.abs(theirs - expected) < 4.0 * np.sqrt(0.25 / 1500))


def test_a_component_with_a_team_is_worked_on_by_it() -> None:
    """Proposals of a component nobody is at home in come from anybody."""
    people = (Contributor(home="data"), Contributor(home="data"), Contributor(home="schedule"))
    rng = np.random.default_rng(2)
    seen = [drawn(Organisation(contributors=people), three(), rng).authors for _ in range(60)]
    assert {int(a[0]) for a in seen} == {0, 1}
    assert {int(a[2]) for a in seen} == {0, 1, 2}


def test_opinions_scatter_as_much_as_judgement_says() -> None:
    """About true worths, by sds of true worths; the same intraclass correlation as its source."""
    land = pairwise(200, np.random.default_rng(0))
    people = tuple(Contributor(home="data") for _ in range(40))
    staff = drawn(Organisation(contributors=people), land, np.random.default_rng(5))
    worth = land.main / land.objectives[0].margin_at(1.0)
    errors = staff.opinions - worth
    assert errors.std() == pytest.approx(1.4 * worth.std(), rel=0.05)
    between = float(np.corrcoef(staff.opinions)[np.triu_indices(40, 1)].mean())
    assert between == pytest.approx(0.34, abs=0.03)


def test_arrivals_and_stays_have_their_means() -> None:
    """Poisson arrivals at 2 a run: 400 take 200; exponential stays of 50 runs."""
    land = pairwise(400, np.random.default_rng(0))
    people = tuple(Contributor(home="data") for _ in range(400))
    org = Organisation(contributors=people, arrivals=2.0, stay=50.0)
    staff = drawn(org, land, np.random.default_rng(7))
    assert staff.arrives.max() == pytest.approx(200.0, rel=0.2)
    assert staff.leaves.mean() == pytest.approx(50.0, rel=0.2)
    still = drawn(replace(org, arrivals=np.inf, stay=np.inf), land, np.random.default_rng(7))
    assert not still.arrives.any()
    assert np.isinf(still.leaves).all()


def test_a_team_has_students_at_the_bottom() -> None:
    """Homes in turn, ranks falling, the last quarter are students."""
    people = team(("b", "a", "b"), size=8).contributors
    assert [p.home for p in people] == ["b", "a"] * 4
    assert [p.rank for p in people] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [p.student for p in people] == [False] * 6 + [True] * 2


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Organisation(contributors=()), "at least one"),
        (lambda: Organisation(contributors=(Contributor(home="x"),), stay=0.0), "above 0"),
        (lambda: Contributor(home="x", judgement=-1.0), "0 or above"),
        (lambda: team(("x",), size=0), "no such team"),
    ],
)
def test_what_cannot_be_is_refused(make: object, said: str) -> None:
    """Each error says which value."""
    assert callable(make)
    with pytest.raises(ValueError, match=said):
        make()
