from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.landscapes.pairwise import pairwise
from mainstem.lab.log_text import parse, written
from mainstem.lab.organisation import Contributor
from mainstem.lab.played_log import Played, noted, played_log
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.policy import play
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from mainstem.lab.policies.silos import Silos
from mainstem.lab.recover import recovered
from tests.unit.lab.worlds import drawn_game, game, staffed, three

PARTS = ("data", "optimizer", "schedule", "inference")
CHIEF = Contributor(home="data", rank=3, judgement=0.0)
NOVICE = Contributor(home="data", rank=0, judgement=0.0)


def vetoing(number: int, veto: float) -> Played:
    """A campaign in which a chief vetoes what novices file."""
    land = pairwise(10, np.random.default_rng([1, number]), noise=0.5)
    staff = staffed(land, CHIEF, NOVICE, authors=(1,) * 10)
    one = game(land, staff=staff, budget=80, seed=number)
    return noted(SeniorityVeto(veto=veto, level=0.2), one, np.random.default_rng([2, number]))


def test_noting_changes_nothing() -> None:
    """The campaign is the one that nobody watched."""
    one = drawn_game(3)
    watched = noted(Greedy(), one, np.random.default_rng(4))
    plain = play(Greedy(), one, np.random.default_rng(4))
    assert watched.course.merged == plain.merged
    assert watched.course.decisions == plain.decisions
    assert watched.recipes


def test_the_trunk_is_no_choice() -> None:
    """Greedy tries one proposal at a time, whatever is in the trunk by then."""
    watched = noted(Greedy(), game(three(), budget=40), np.random.default_rng(0))
    assert watched.course.merged
    assert all(len(recipe) == 1 for recipe in watched.recipes)


@pytest.fixture(scope="module")
def campaigns() -> list[Played]:
    """Fifteen campaigns under a chief who vetoes 40%."""
    return [vetoing(number, 0.4) for number in range(15)]


def test_a_log_says_what_was_decided(campaigns: list[Played]) -> None:
    """Each proposal once, with its last act, and with the rank that a veto came from."""
    log = played_log(campaigns, sorted({c for p in campaigns for c in p.game.landscape.components}))
    numbers = [one.number for one in log.decisions]
    assert numbers == sorted(set(numbers))
    acts = [one.decision.act for played in campaigns for one in played.course.decisions]
    assert sum(one.vetoed for one in log.decisions) == acts.count(Act.VETOED) > 0
    assert sum(one.merged for one in log.decisions) == acts.count(Act.MERGED) > 0
    assert {one.by for one in log.decisions if one.vetoed} == {3}
    assert all(one.approved for one in log.decisions if one.vetoed or one.merged)
    assert any(one.approved is False and one.gain for one in log.decisions)
    assert parse("log.jsonl", written(log).encode()) == log


def test_a_policys_veto_is_given_back(campaigns: list[Played]) -> None:
    """By the log alone, of a policy that knows nothing of the lab's model of logs."""
    log = played_log(campaigns, sorted({c for p in campaigns for c in p.game.landscape.components}))
    rate = recovered(log).veto_rate
    assert rate is not None
    assert rate.low <= 0.4 <= rate.high


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_policys_silos_are_given_back(width: int) -> None:
    """Teams of one, of two, and a team of all."""
    played = []
    for number in range(6):
        rng = np.random.default_rng([3, number])
        land = pairwise(12, rng, noise=0.5)
        land = replace(land, components=tuple(rng.choice(PARTS, size=12)))
        land = replace(land, components=_in_order(land.components))
        played.append(noted(Silos(width=width), game(land, budget=90, seed=number), rng))
    silo = recovered(played_log(played, PARTS)).silo_width
    assert silo is not None
    assert silo.mode == width


def _in_order(components: tuple[str, ...]) -> tuple[str, ...]:
    """Proposals of all parts, neighbours beside each other, as `Silos` forms its teams."""
    return tuple(sorted((*PARTS, *components[len(PARTS) :]), key=PARTS.index))
