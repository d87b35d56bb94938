from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.log_text import parse, written
from mainstem.lab.planted import Kept, Planted, any_layout, log_of
from mainstem.lab.teams import layouts, owners
from mainstem.lab.vetoes import strengths

LAYOUT = layouts(6)[2]


def test_an_organisation_vetoes_and_leaks_as_often_as_it_is_said_to() -> None:
    """Over 1,500 decisions, to four standard errors."""
    planted = Planted(veto_rate=0.3, layout=LAYOUT, decisions=1500, leak=0.2)
    log = log_of(np.random.default_rng(1), planted)
    approved = [one for one in log.decisions if one.approved]
    merged = np.mean([one.merged for one in approved])
    assert merged == pytest.approx(0.7, abs=4 * np.sqrt(0.21 / len(approved)))
    spoken = [one.vetoed for one in approved if not one.merged]
    assert np.mean(spoken) == pytest.approx(0.7, abs=4 * np.sqrt(0.21 / len(spoken)))
    teams = owners(log, LAYOUT)
    across = np.mean([len({teams[p] for p in run.members}) > 1 for run in log.runs])
    # Of what leaks a part stays within a team by chance.
    assert 0.1 < across < 0.25
    assert not any(one.merged for one in log.decisions if not one.approved)


def test_nothing_leaks_where_nothing_is_to() -> None:
    """Then every recipe is of one team."""
    log = log_of(np.random.default_rng(2), Planted(veto_rate=0.3, layout=LAYOUT, leak=0.0))
    teams = owners(log, LAYOUT)
    assert all(len({teams[p] for p in run.members}) == 1 for run in log.runs)


def test_a_decider_does_not_see_across_the_silo() -> None:
    """Without noise of judgement, approval is the bar on what is seen within the own silo."""
    planted = Planted(veto_rate=0.3, layout=LAYOUT, judgement_sd=0.0)
    log = log_of(np.random.default_rng(3), planted)
    seen, whole = strengths(log.decisions, log, [LAYOUT, layouts(6)[-1]])
    approved = np.array([one.approved for one in log.decisions])
    assert np.array_equal(approved, seen > planted.bar)
    assert not np.array_equal(approved, whole > planted.bar)


@pytest.mark.parametrize("kept", [Kept(0), *Kept])
def test_a_log_keeps_what_it_is_said_to(kept: Kept) -> None:
    """And no more; and its file says the same as itself."""
    log = log_of(np.random.default_rng(4), Planted(veto_rate=0.3, layout=LAYOUT, logs=kept))
    assert any(one.approved is not None for one in log.decisions) == (Kept.APPROVALS in kept)
    assert any(one.vetoed for one in log.decisions) == (Kept.VETOES in kept)
    assert any(one.beside for one in log.decisions) == (Kept.INTERACTIONS in kept)
    assert bool(log.runs) == (Kept.RECIPES in kept)
    assert parse("log.jsonl", written(log).encode()) == log


def test_the_same_seed_plants_the_same() -> None:
    """And another one something else."""
    planted = Planted(veto_rate=0.3, layout=LAYOUT)
    first, again, other = (log_of(np.random.default_rng(s), planted) for s in (5, 5, 6))
    assert first == again != other


def test_a_log_may_be_wrong() -> None:
    """Mislabelled, with approvals the wrong way round and sds that are too small."""
    planted = Planted(veto_rate=0.3, layout=LAYOUT)
    right = log_of(np.random.default_rng(7), planted)
    wrong = log_of(
        np.random.default_rng(7), replace(planted, mislabelled=0.5, misapproved=0.5, overstated=2.0)
    )
    pairs = list(zip(right.decisions, wrong.decisions, strict=True))
    assert 0.25 < np.mean([a.components != b.components for a, b in pairs]) < 0.6
    assert any(a.approved != b.approved for a, b in pairs)
    assert all(b.approved for _, b in pairs if b.merged or b.vetoed)
    assert pairs[0][1].gain["loss"].sd == pytest.approx(pairs[0][0].gain["loss"].sd / 2.0)


def test_layouts_are_drawn_by_width() -> None:
    """Each width as often as any other."""
    rng = np.random.default_rng(8)
    widths = [any_layout(rng, 4).width for _ in range(800)]
    counts = [widths.count(width) for width in range(1, 5)]
    assert all(count == pytest.approx(200, abs=4 * np.sqrt(150)) for count in counts)
