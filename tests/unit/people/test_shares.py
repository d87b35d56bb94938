"""The report of shares from a record that is written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.contributor import Authorship, Contributor, equal_shares
from mainstem.engine import record as records
from mainstem.engine.ports import Entry
from mainstem.engine.record import fold
from mainstem.people.directory import Directory
from mainstem.people.shares import report

if TYPE_CHECKING:
    from mainstem.domain.proposal import Proposal

WRITTEN = {"a": ["ada"], "b": ["ada", "bob"], "c": ["bob"], "d": ["eve"]}
KNOWN = tuple(
    Contributor(handle=name, emails=(f"{name}@x.org",), weight=weight)
    for name, weight in (("ada", 1.0), ("bob", 1.0), ("eve", 2.0), ("idle", 1.0))
)


def authors(proposal: Proposal) -> tuple[Authorship, ...]:
    """Who wrote it."""
    return equal_shares([(name, f"{name}@x.org") for name in WRITTEN[proposal.id]])


def entries(*lines: tuple[str, dict[str, Any]]) -> list[Entry]:
    """Lines that are a minute apart."""
    return [
        Entry(seq=k, at=f"2026-01-01T00:{k:02}:00.000Z", kind=kind, body=body, hash="")
        for k, (kind, body) in enumerate(lines)
    ]


def taken(name: str, order: int) -> tuple[str, dict[str, Any]]:
    """A proposal's line."""
    body = {"branch": name, "commit": name, "base": "0", "tree": name, "components": []}
    return records.PROPOSAL_TAKEN, {**body, "id": name, "order": order, "claim": ""}


def asked(recipes: dict[str, list[str]]) -> tuple[str, dict[str, Any]]:
    """A batch's line."""
    rows = [
        {"trial": trial, "recipe": recipe, "seed": 0, "purpose": "search", "tree": trial}
        for trial, recipe in recipes.items()
    ]
    return records.BATCH_ASKED, {"campaign": "c1", "trials": rows}


def finished(trial: str, wall_s: float) -> tuple[str, dict[str, Any]]:
    """A result's line."""
    run = {"wall_s": wall_s}
    body = {"campaign": "c1", "trial": trial, "values": {"loss": 1.0}, "failure": None, "run": run}
    return records.TRIAL_FINISHED, body


LINES = entries(
    taken("a", 1),
    taken("b", 2),
    taken("c", 3),
    taken("d", 4),
    (
        records.CAMPAIGN_OPENED,
        {
            "campaign": "c1",
            "seed": 0,
            "trunk": "0",
            "setup": "",
            "batch": 4,
            "budget": None,
            "rung": "r",
            "proposals": ["a", "b"],
            "inherited": [],
            "trees": {"a": "a", "b": "b"},
        },
    ),
    asked({"c1.1": [], "c1.2": ["a"], "c1.3": ["a", "b"], "c1.4": ["b"]}),
    finished("c1.1", 8.0),
    finished("c1.2", 8.0),
    finished("c1.3", 16.0),
    (records.VERDICT, {"campaign": "c1", "proposal": "a", "kind": "merge"}),
)


def rows(directory: Directory) -> dict[str, dict[str, Any]]:
    """Each contributor's row, ten minutes after midnight."""
    found = report(directory, fold(LINES), LINES, now="2026-01-01T00:10:00.000Z")
    return {row["handle"]: row for row in found["contributors"]}


def test_trials_count_in_equal_parts_for_the_proposals_in_them() -> None:
    """Those of the trunk for all in the campaign; authors share; what still runs does not count."""
    found = rows(Directory(listed=KNOWN, authors_of=authors))
    # ada: of the trunk 1/2 + 1/4, of `a` alone 1, of both 1/2 + 1/4; bob: 1/4 + 1/4.
    assert found["ada"]["trials"] == pytest.approx(2.5)
    assert found["bob"]["trials"] == pytest.approx(0.5)
    assert found["ada"]["wall_s"] == pytest.approx(0.75 * 8.0 + 8.0 + 0.75 * 16.0)
    assert found["ada"]["share"] == pytest.approx(2.5 / 3.0)
    assert found["eve"]["share"] == 0.0
    assert "idle" not in found


def test_an_equal_claim_is_by_weight() -> None:
    """Among those who filed something."""
    found = rows(Directory(listed=KNOWN, authors_of=authors))
    assert [found[h]["equal_share"] for h in ("ada", "bob", "eve")] == [0.25, 0.25, 0.5]


def test_waits_end_with_the_first_verdict_and_go_on_without_one() -> None:
    """Minutes between lines; of several that wait the oldest counts."""
    found = rows(Directory(listed=KNOWN, authors_of=authors))
    assert (found["ada"]["waited_s"], found["ada"]["waiting_s"]) == (540.0, 540.0)
    assert (found["bob"]["waited_s"], found["bob"]["waiting_s"]) == (None, 540.0)
    assert found["eve"]["waiting_s"] == 420.0


def test_who_is_in_the_campaign_and_who_is_in_line() -> None:
    """Parts of proposals; nobody has asked for more than the others, so nobody is held back."""
    directory = Directory(listed=KNOWN, authors_of=authors)
    found = rows(directory)
    at = {h: (row["in_campaign"], row["waiting"]) for h, row in found.items()}
    assert at == {"ada": (1.5, 0.0), "bob": (0.5, 1.0), "eve": (0.0, 1.0)}
    said = report(directory, fold(LINES), LINES, now="2026-01-01T00:10:00.000Z")
    assert said["on"]
    assert said["level"] is None


def ada_but_for_d(proposal: Proposal) -> tuple[Authorship, ...]:
    """Three are one contributor's, and one is another's."""
    name = "eve" if proposal.id == "d" else "ada"
    return equal_shares([(name, f"{name}@x.org")])


@pytest.mark.parametrize(
    ("listed", "line", "level"),
    [(KNOWN, 1, 1.0), (KNOWN, 2, 1.0), (KNOWN, 3, None), (None, 1, None)],
)
def test_the_level_is_told_where_somebody_waits(
    listed: tuple[Contributor, ...] | None, line: int, level: float | None
) -> None:
    """Two of three are beyond one place: a line of two is asked for, or less, or nobody waits."""
    directory = Directory(listed=listed, authors_of=ada_but_for_d, least_line=line)
    said = report(directory, fold(LINES), [], now="2026-01-01T00:10:00.000Z")
    assert (said["level"], said["line"]) == (level, line)


@pytest.mark.parametrize(
    ("lines", "line", "in_line"),
    [(LINES[:4], 1, 2.0), (LINES[:4], 3, 0.0), (LINES, 1, 1.0), (LINES[:5], 1, 1.0)],
)
def test_who_enters_next_is_told_from_who_is_in_line(
    lines: list[Entry], line: int, in_line: float
) -> None:
    """Before any campaign the first of three enters; in one, what is in it has the places."""
    directory = Directory(listed=KNOWN, authors_of=ada_but_for_d, least_line=line)
    found = report(directory, fold(lines), [], now="2026-01-01T00:10:00.000Z")
    rows = {row["handle"]: row for row in found["contributors"]}
    assert rows["ada"]["in_line"] == in_line
    assert rows["eve"]["in_line"] == 0.0


def test_before_any_trial_nothing_is_shared() -> None:
    """No index of nothing."""
    found = report(
        Directory(listed=KNOWN, authors_of=authors),
        fold(LINES[:4]),
        LINES[:4],
        now="2026-01-01T00:10:00.000Z",
    )
    assert found["jain"] is None
    assert all(row["share"] is None for row in found["contributors"])
