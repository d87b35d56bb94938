"""From decisions and authors to arrays."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from mainstem.domain.contributor import Contributor
from mainstem.engine.record import fold
from mainstem.people.audit_arrays import Arrays, _strata, arrays
from mainstem.people.decided import history
from tests.unit.people.planted import (
    STACK,
    UNTIL,
    Lines,
    Organisation,
    evidence,
    organisation,
)


def of(found: Organisation) -> Arrays:
    """The arrays of an organisation."""
    record = fold(found.entries)
    return arrays(found.directory(), record, history(STACK, found.entries), until=UNTIL)


def person(handle: str, kind: str, year: int | None, team: str = "") -> Contributor:
    """Whom contributors.toml names."""
    joined = None if year is None else dt.date(year, 1, 1)
    return Contributor(
        handle=handle, emails=(f"{handle}@x.org",), kind=kind, team=team, joined=joined
    )


def small(people: tuple[Contributor, ...], authors: list[list[tuple[str, float]]]) -> Organisation:
    """One campaign, in which proposal k is by the authors k; every second one is merged."""
    lines, names = Lines([]), [f"q{k}" for k in range(len(authors))]
    for name in names:
        lines.take(name, "loss +0.1" if name in {"q0", "q1"} else "")
    lines.open("c1", names)
    lines.run("c1", [[name] for name in names])
    for k, name in enumerate(names):
        lines.judge("c1", name, "rework" if k == 2 else "shelve", evidence(float(k)))
    lines.end("c1")
    lines.merge(*names[::2])
    author = dict(zip(names, authors, strict=True))
    return Organisation(entries=lines.entries, people=people, author=author)


SEVEN = (
    *(person(f"s{k}", "staff", 2010 + k) for k in range(3)),
    *(person(f"u{k}", "student", 2024) for k in range(3)),
    person("x", "student", None),
)


def test_a_proposal_counts_with_its_lead_author() -> None:
    """Who wrote most, of equals the first; how many have others of another kind is kept."""
    authors = [
        [("s0", 0.7), ("u0", 0.3)],
        [("u1", 0.5), ("s1", 0.5)],
        [("s2", 1.0)],
        [("u0", 0.4), ("u2", 0.6)],
        [("s1", 1.0)],
        [("u0", 1.0)],
    ]
    found = of(small(SEVEN, authors))
    assert list(found.leads.values()) == ["s0", "u1", "s2", "u2", "s1", "u0"]
    assert found.mixed == 2
    d = found.decisions
    assert d is not None
    assert d.kind is not None
    assert found.kinds == ("staff", "student")
    assert d.kind.tolist() == [0, 1, 0, 1, 0, 1]
    assert d.merged.tolist() == [True, False] * 3
    assert d.team is None


def test_columns_of_evidence() -> None:
    """Asinh of the gain in margins, guards left out; whether it belongs; whether it hinders."""
    found = of(small(SEVEN, [[(p, 1.0)] for p in ("s0", "u0", "s1", "u1", "s2", "u2")]))
    d = found.decisions
    assert d is not None
    assert d.evidence[:, 0] == pytest.approx(np.arcsinh(np.arange(6.0)))
    assert d.evidence[:, 1] == pytest.approx(1.0 / (1.0 + np.exp(-np.arange(6.0))))
    assert d.evidence[:, 2].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert d.runs is not None
    assert d.runs.tolist() == [1.0] * 6


def test_senior_is_who_had_joined_by_the_median() -> None:
    """Of all contributors there at the decision; of whoever has no date nothing is said."""
    authors = [[(p, 1.0)] for p in ("s0", "u0", "s1", "u1", "s2", "u2", "x")]
    # Somebody who joins after the decision moves no median.
    found = of(small((*SEVEN, person("later", "staff", 2030)), authors))
    d = found.decisions
    assert d is not None
    assert d.dated is not None
    assert d.senior is not None
    assert d.dated.tolist() == [True] * 6 + [False]
    assert d.senior.tolist()[:6] == [True, False, True, False, True, False]
    assert not found.few_seniors


def test_two_seniors_are_not_spoken_of() -> None:
    """Then nothing is asked of seniority: no row is dated."""
    authors = [[(p, 1.0)] for p in ("s0", "u0", "s1", "u1", "s0", "u2")]
    found = of(small(SEVEN, authors))
    assert found.few_seniors
    assert found.decisions is not None
    assert found.decisions.dated is not None
    assert not found.decisions.dated.any()


def test_claims_that_name_a_number_are_held_to_it() -> None:
    """+0.1 is two margins: measured were none and one."""
    found = of(small(SEVEN, [[(p, 1.0)] for p in ("s0", "u0", "s1", "u1", "s2", "u2")]))
    d = found.decisions
    assert d is not None
    assert d.claimed is not None
    assert d.held is not None
    assert d.claimed.tolist() == [True, True, False, False, False, False]
    assert d.held.tolist() == [False] * 6


def test_what_waits_is_counted_in() -> None:
    """From filing to now, without evidence, in a column of its own."""
    found = of(organisation(1, decisions=40))
    w = found.waits
    assert w is not None
    assert len(w.waits) == 42
    assert w.judged.sum() == 40
    waiting = ~w.judged
    assert w.evidence[waiting, 3].tolist() == [1.0, 1.0]
    assert not w.evidence[w.judged, 3].any()
    assert w.waits[waiting].min() > w.waits[w.judged].max()


def test_a_kind_of_one_person_is_no_group_of_its_own() -> None:
    """Whoever is alone of their kind is counted with the smallest of the others."""
    people = (*SEVEN, person("m", "agent", 2020))
    authors = [[(p, 1.0)] for p in ("s0", "u0", "s1", "u1", "s2", "u2", "m", "x")]
    found = of(small(people, authors))
    assert found.kinds == ("staff or agent", "student")


def test_campaigns_that_are_small_are_one_stratum() -> None:
    """Ten decisions are enough for a base rate of one's own, nine are not."""
    [one] = of(small(SEVEN, [[("s0", 1.0)]])).decided
    campaigns = ["c1"] * 10 + ["c2"] * 9 + ["c3"] * 2
    rows = [replace(one, campaign=campaign) for campaign in campaigns]
    assert _strata(rows).tolist() == [0] * 10 + [1] * 11


def test_small_campaigns_have_one_base_rate() -> None:
    """Of campaigns with 20, 20 and 5 decisions the last is no stratum of two more like it."""
    found = of(organisation(2, decisions=45))
    assert found.decisions is not None
    assert found.decisions.strata is not None
    assert np.bincount(found.decisions.strata).tolist() == [20, 20, 5]
