from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from mainstem.lab.decisions_log import DecisionsLog, LoggedDecision
from mainstem.lab.planted import Planted, log_of
from mainstem.lab.recover import FEWEST, _silo_width, plain, recovered
from mainstem.lab.teams import layouts


def approved(merged: int, vetoed: int, silent: int = 0) -> DecisionsLog:
    """A log of approved proposals without components or evidence."""
    rows = [(True, False)] * merged + [(False, True)] * vetoed + [(False, False)] * silent
    return DecisionsLog(
        decisions=tuple(
            LoggedDecision(number=at, approved=True, merged=m, vetoed=v, by=2 if v else None)
            for at, (m, v) in enumerate(rows, start=1)
        ),
    )


@pytest.mark.parametrize(("merged", "vetoed"), [(40, 10), (18, 2), (5, 60)])
def test_where_all_is_known_the_interval_is_jeffreys(merged: int, vetoed: int) -> None:
    """A share of what was approved: the posterior is a beta distribution."""
    rate = recovered(approved(merged, vetoed)).veto_rate
    assert rate is not None
    wanted = stats.beta(vetoed + 0.5, merged + 0.5).ppf([0.05, 0.5, 0.95])
    assert [rate.low, rate.median, rate.high] == pytest.approx(list(wanted), abs=1e-3)


def test_a_veto_that_nobody_wrote_down_counts_alike() -> None:
    """Approved and not merged is a veto, whether the log says so or not."""
    spoken, quiet = recovered(approved(30, 10)).veto_rate, recovered(approved(30, 0, 10)).veto_rate
    assert spoken is not None
    assert quiet is not None
    assert (quiet.low, quiet.high) == pytest.approx((spoken.low, spoken.high))


def test_the_ends_of_what_is_possible_are_in_the_interval() -> None:
    """No veto at all does not rule out a rate of 0, nor vetoes alone one of 1."""
    never, always = recovered(approved(30, 0)).veto_rate, recovered(approved(0, 30)).veto_rate
    assert never is not None
    assert always is not None
    assert never.low == 0.0
    assert never.high < 0.15
    assert always.high == 1.0
    assert always.low > 0.85


def test_of_too_few_decisions_nothing_is_concluded() -> None:
    """Neither of vetoes nor of silos."""
    assert recovered(approved(FEWEST - 2, 1)).veto_rate is None
    assert recovered(approved(FEWEST - 1, 1)).veto_rate is not None
    few = log_of(
        np.random.default_rng(1), Planted(veto_rate=0.3, layout=layouts(4)[0], decisions=15)
    )
    found = recovered(few)
    assert found.silo_width is None
    assert found.veto_rate is None


def test_a_silo_and_none_are_told_apart() -> None:
    """The teams that were planted, by name; and a whole stack as no silo."""
    silo = layouts(6)[2]
    assert silo.team == (0, 0, 1, 1, 2, 2)
    found = recovered(log_of(np.random.default_rng(2), Planted(veto_rate=0.2, layout=silo)))
    assert found.silo_width is not None
    assert found.silo_width.mode == 2
    assert found.silo_width.layout == (("part1", "part2"), ("part3", "part4"), ("part5", "part6"))
    assert found.silo_width.no_silo < 1e-3
    whole = recovered(
        log_of(np.random.default_rng(3), Planted(veto_rate=0.2, layout=layouts(6)[-1]))
    )
    assert whole.silo_width is not None
    assert whole.silo_width.mode == 6
    assert whole.silo_width.no_silo > 0.9
    assert sum(whole.silo_width.probability) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("mass", "mode", "within"),
    [
        ([0.05, 0.5, 0.1, 0.35], 2, (2, 3)),
        ([0.95, 0.03, 0.01, 0.01], 1, (1,)),
        ([0.4, 0.1, 0.2, 0.3], 1, (1, 2, 3)),
    ],
)
def test_the_set_of_widths_is_the_smallest_of_ninety_percent(
    mass: list[float], mode: int, within: tuple[int, ...]
) -> None:
    """Layouts of a width count together."""
    log = DecisionsLog(components=("a", "b", "c"), decisions=())
    found = _silo_width(np.array(mass), layouts(3), log)
    assert (found.mode, found.within) == (mode, within)
    assert found.no_silo == mass[-1]


def test_strong_evidence_tells_a_silent_veto_from_a_weak_proposal() -> None:
    """Without a word on approvals or vetoes, more silent vetoes make a higher rate."""
    rates = []
    for seed, rate in ((4, 0.05), (4, 0.5)):
        organisation = Planted(veto_rate=rate, layout=layouts(3)[0], written=0.0)
        log = log_of(np.random.default_rng(seed), organisation)
        hidden = tuple(
            LoggedDecision(number=d.number, gain=d.gain, merged=d.merged) for d in log.decisions
        )
        found = recovered(DecisionsLog(decisions=hidden)).veto_rate
        assert found is not None
        assert found.low <= rate <= found.high
        rates.append(found.median)
    assert rates[1] > rates[0] + 0.2


def test_the_json_holds_what_was_found() -> None:
    """Every key of docs/recovery.md, as JSON can hold it, and no name."""
    log = log_of(np.random.default_rng(2), Planted(veto_rate=0.2, layout=layouts(6)[2]))
    found = json.loads(json.dumps(plain(recovered(log))))
    assert found["decisions"] == 150
    assert set(found["veto_rate"]) == {"median", "low", "high", "level"}
    assert found["silo_width"]["mode"] == 2
    assert len(found["silo_width"]["probability"]) == 6
    assert sum(found["vetoes_by_level"].values()) == found["vetoes_written"]
    assert plain(recovered(approved(3, 1)))["veto_rate"] is None
