from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.engine import record as records
from mainstem.engine.ports import Entry
from mainstem.engine.record import fold
from mainstem.people.names import sealed, with_authors

if TYPE_CHECKING:
    from mainstem.engine.record import Record

Line = tuple[str, dict[str, Any]]


def taken(name: str, order: int, follows: str | None = None) -> Line:
    """A proposal."""
    body = {"id": name, "branch": name, "commit": "c", "base": "b", "tree": "t", "components": []}
    return records.PROPOSAL_TAKEN, {**body, "order": order, "claim": "", "follows": follows}


def opened(campaign: str, *proposals: str) -> Line:
    """A campaign."""
    body = {"campaign": campaign, "seed": 0, "trunk": "t", "setup": "s", "batch": 4, "budget": 9}
    rest = {"rung": "r", "proposals": list(proposals), "trees": {}, "inherited": []}
    return records.CAMPAIGN_OPENED, {**body, **rest}


def verdict(proposal: str, kind: str, campaign: str = "c1") -> Line:
    """What a campaign says of a proposal."""
    body = {"campaign": campaign, "proposal": proposal, "kind": kind, "reason": "", "others": []}
    return records.VERDICT, body


ENDED: Line = (records.CAMPAIGN_ENDED, {"campaign": "c1"})


def of(*lines: Line) -> Record:
    """The record of these lines."""
    return fold(
        Entry(seq=seq, at="", kind=kind, body=body, hash="")
        for seq, (kind, body) in enumerate(lines, start=1)
    )


FILED = (taken("a", 1), taken("b", 2), taken("c", 3))


def test_nothing_is_sealed_before_its_campaign_has_ended() -> None:
    """Filed, asked for, or judged on the way: names stay hidden."""
    assert sealed(of(*FILED)) == set()
    judged = of(*FILED, opened("c1", "a", "b"), verdict("a", "merge"), verdict("b", "shelve"))
    assert sealed(judged) == set()


@pytest.mark.parametrize("kind", ["merge", "shelve", "rework", "broken"])
def test_a_verdict_is_sealed_when_its_campaign_ends(kind: str) -> None:
    """Every verdict but `open`, of those who were in it."""
    ended = of(*FILED, opened("c1", "a", "b"), verdict("a", kind), verdict("b", "open"), ENDED)
    assert sealed(ended) == {"a"}


def test_a_new_campaign_opens_it_again() -> None:
    """What was shelved is judged again when the trunk moves; what is in the trunk is not."""
    lines = [*FILED, opened("c1", "a", "b"), verdict("a", "merge"), verdict("b", "shelve"), ENDED]
    lines.append((records.MERGED, {"recipe": ["a"]}))
    assert sealed(of(*lines)) == {"a", "b"}
    assert sealed(of(*lines, opened("c2", "b", "c"))) == {"a"}


def test_a_campaign_that_goes_on_opens_its_verdicts_again() -> None:
    """Others enter it with a further budget: what it said before may change by what is learnt."""
    lines = [*FILED, opened("c1", "a", "b"), verdict("a", "shelve"), verdict("b", "merge"), ENDED]
    body = {"campaign": "c1", "proposals": ["c"], "trees": {}, "budget": 20}
    assert sealed(of(*lines, (records.CAMPAIGN_JOINED, body))) == set()


def test_an_earlier_version_is_sealed_with_the_newest() -> None:
    """Both have the same authors: the one that is closed would give the other away."""
    lines = [*FILED, opened("c1", "a", "b"), verdict("a", "shelve"), ENDED]
    lines += [
        taken("a@2", 4, follows="a"),
        (records.PROPOSAL_WITHDRAWN, {"id": "a", "by": "a@2"}),
    ]
    assert sealed(of(*lines)) == set()
    again = [opened("c2", "a@2"), verdict("a@2", "merge", "c2")]
    ended = (records.CAMPAIGN_ENDED, {"campaign": "c2"})
    assert sealed(of(*lines, *again, ended)) == {"a", "a@2"}


def test_authors_stand_beside_their_rows() -> None:
    """Every other key stays, and the rows handed in are not changed."""
    row = {"id": "a", "verdict": "open"}
    assert with_authors([row], {"a": {"ada": 0.5}}) == [{**row, "authors": {"ada": 0.5}}]
    assert "authors" not in row
