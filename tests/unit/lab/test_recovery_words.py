from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.decisions_log import DecisionsLog, LoggedDecision
from mainstem.lab.planted import Kept, Planted, log_of
from mainstem.lab.recover import Recovered, recovered
from mainstem.lab.recovery_words import MODEL, sentences
from mainstem.lab.teams import layouts


@pytest.fixture(scope="module")
def silo() -> Recovered:
    """What the log of an organisation in silos of two says."""
    planted = Planted(veto_rate=0.3, layout=layouts(4)[2], logs=Kept.VETOES | Kept.RECIPES)
    return recovered(log_of(np.random.default_rng(1), planted))


def test_both_figures_are_said_with_their_intervals(silo: Recovered) -> None:
    """And what they rest on."""
    assert silo.veto_rate is not None
    said = sentences(silo)
    assert said[0].startswith("The log holds 150 decisions; ")
    assert f"seniors veto {silo.veto_rate.median:.0%} (90% interval " in said[1]
    assert "the log does not say whether evidence or a veto kept it out" in said[1]
    assert "whatever else keeps out what measures well is counted as a veto" in said[1]
    assert said[2].startswith("Vetoes that were written down, by seniority: ")
    assert said[3].startswith("Silo width: likeliest is 2, teams of 2 neighbouring components (")
    assert "That there is no silo has a probability of under 1%." in said[3]
    assert said[4].startswith("The likeliest teams of that width: part1")
    assert said[-1] == MODEL


def test_no_silo_and_a_silo_of_one_have_their_own_words(silo: Recovered) -> None:
    """A width of all is none."""
    assert silo.silo_width is not None
    none = replace(silo.silo_width, mode=4, probability=(0.0, 0.0, 0.1, 0.9), within=(3, 4))
    said = sentences(replace(silo, silo_width=replace(none, layout=(silo.components,))))
    assert (
        "Silo width: none is likeliest (90%): proposals are tried together across all 4 "
        "components. 90% set of widths: 3, 4."
    ) in said
    assert not any("likeliest teams" in one for one in said)
    alone = replace(silo.silo_width, mode=1, probability=(0.9, 0.1, 0.0, 0.0), within=(1,))
    said = sentences(replace(silo, silo_width=alone))
    assert any("likeliest is 1, each component by itself (90%)" in one for one in said)


def test_of_too_little_nothing_is_concluded() -> None:
    """And it is said how much is needed, and what was left out."""
    rows = (
        LoggedDecision(number=1, merged=False),
        LoggedDecision(number=2, approved=False, vetoed=True, merged=False),
    )
    log = DecisionsLog(components=("a", "b"), decisions=rows)
    said = sentences(recovered(log))
    assert said[1].startswith("Veto rate: nothing is concluded from fewer than 20 decisions")
    assert said[2].startswith("Silo width: nothing is concluded from 2 decisions, 0 of them with")
    assert "1 veto of what evidence would not merge anyway: not counted." in said
    assert "1 decision with neither approval nor evidence: not counted." in said
    bare = sentences(recovered(replace(log, components=())))
    assert bare[2] == "Silo width: not asked, as the log names no two components."
