from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.organisation import Contributor
from mainstem.lab.policies.evidence import weigh
from mainstem.lab.policies.judging import belief, outranking, seniors
from tests.unit.lab.worlds import desk, game, staffed, three

PEOPLE = tuple(Contributor(home="data", rank=rank) for rank in (1, 3, 2, 3))


def test_opinion_and_runs_are_weighted_by_their_precisions() -> None:
    """By the textbook's formula; confidence multiplies the opinion's."""
    land = three(noise=1.0)
    staff = replace(
        staffed(land, *PEOPLE), opinions=np.full((4, 3), 7.0), opinion_sd=np.full(4, 2.0)
    )
    at = desk(game(land, staff=staff))
    at.run(np.array([at.trunk, at.with_(0)] * 3))
    found = weigh(at, 0)
    assert found is not None
    for confidence in (1.0, 5.9):
        precision = confidence / 4.0, 1.0 / found.score_se**2
        expected = np.average([7.0, found.score], weights=precision)
        assert belief(at, 2, found, confidence=confidence) == pytest.approx(expected)


def test_before_there_is_a_variance_the_opinion_is_all() -> None:
    """One run in each arm."""
    at = desk(game())
    at.run(np.array([at.trunk, at.with_(2)]))
    found = weigh(at, 2)
    assert found is not None
    assert belief(at, 0, found) == pytest.approx(-2.0)  # its true worth: this judge errs by nothing


def test_without_noise_the_runs_are_all() -> None:
    """Even for a judge who never errs: the opinion is of the proposal alone, not of what is in."""
    at = desk(game())
    at.run(np.array([at.trunk, at.with_(0)] * 2))
    found = weigh(at, 0)
    assert found is not None
    assert belief(at, 0, found) == pytest.approx(found.score)


def test_ranks_decide_who_is_asked() -> None:
    """The highest first, of equals the first named; never the author, nobody who has left."""
    staff = replace(staffed(three(), *PEOPLE), leaves=np.array([9.0, 9.0, 0.0, 9.0]))
    at = desk(game(staff=staff))
    assert seniors(at, author=0) == [1, 3]
    assert seniors(at, author=1) == [3, 0]
    assert outranking(at, author=1) == []
    assert outranking(at, author=2) == [1, 3]
