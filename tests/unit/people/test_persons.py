from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mainstem.domain.contributor import Authorship, Contributor, equal_shares
from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import CommitId, Proposal, ProposalId
from mainstem.engine.ports import Entry, Identity
from mainstem.people.directory import Directory
from mainstem.people.persons import (
    Person,
    chosen,
    export,
    lines_that_name,
    listing,
    persons,
    remains,
)

ADA = Contributor(
    handle="ada",
    kind="student",
    emails=("ada@x.org", "ada@uni.x"),
    joined=date(2026, 2, 1),
    given_names="Augusta Ada",
    family_names="King",
    orcid="0000-0002-1825-0097",
)
WRITTEN = {
    "muon": [("Ada L.", "ada@x.org")],
    "rope": [("Ada L.", "ada@x.org"), ("Bob", "bob@x.org")],
}
PROPOSALS = [
    Proposal(
        id=ProposalId(name),
        branch=name,
        commit=CommitId(name),
        base=CommitId("0"),
        tree=None,
        components=(),
        order=order,
    )
    for order, name in enumerate(WRITTEN, start=1)
]


def identity(token: str, name: str | None, email: str | None, pseudonym: str | None) -> Identity:
    """A row of the store."""
    return Identity(token=token, name=name, email=email, pseudonym=pseudonym)


GRACE = identity("a1", "Grace", "grace@x.org", None)
ACTS = identity("b2", "Ada L.", "ada@uni.x", None)
GONE = identity("c3", None, None, "contributor-3f9a")

NO_SHARES: dict[str, Any] = {"contributors": []}
NO_CREDIT: dict[str, Any] = {
    "objectives": [],
    "in_all": None,
    "contributors": [],
    "information": [],
}


def authors(one: Proposal) -> tuple[Authorship, ...]:
    """Who wrote it."""
    return equal_shares(WRITTEN[one.id])


def everybody(
    *known: Identity, listed: tuple[Contributor, ...] | None = (ADA,)
) -> dict[str, Person]:
    """Everybody of the file, the commits and the store."""
    directory = Directory(listed=listed, authors_of=authors)
    return persons(directory, PROPOSALS, {one.token: one for one in known})


def entries(*lines: tuple[str, dict[str, Any]]) -> list[Entry]:
    """Lines of a ledger."""
    return [
        Entry(seq=seq, at=f"t{seq}", kind=kind, body=body, hash="")
        for seq, (kind, body) in enumerate(lines, start=1)
    ]


def test_everybody_is_known_once_however_they_are_met() -> None:
    """By the file, by commits, by acts: in this order, each with their own."""
    found = everybody(GRACE, ACTS, GONE)
    assert listing(found)["people"] == [
        {"handle": "ada", "kind": "student", "team": "", "proposals": 2, "pseudonym": False},
        {"handle": "bob@x.org", "kind": "", "team": "", "proposals": 1, "pseudonym": False},
        {"handle": "grace@x.org", "kind": "", "team": "", "proposals": 0, "pseudonym": False},
        {"handle": "contributor-3f9a", "kind": "", "team": "", "proposals": 0, "pseudonym": True},
    ]
    assert found["ada"].identities == [ACTS]
    assert found["ada"].parts == {"muon": 1.0, "rope": 0.5}
    assert found["ada"].names == {"ada@x.org": "Ada L.", "ada@uni.x": "Ada L."}
    assert everybody(listed=None).keys() == {"ada@x.org", "bob@x.org"}


def test_nothing_scores_anybody() -> None:
    """The list has what people are and filed, and no measure of them."""
    assert listing(everybody(GRACE))["people"][0].keys() == {
        *("handle", "kind", "team", "proposals", "pseudonym")
    }


def test_an_export_holds_all_that_is_kept() -> None:
    """What the file says, proposals with their lines, shares, credit, rows, what they signed."""
    asked = {"campaign": "c1", "trials": [{"trial": "c1.1", "recipe": ["rope"]}]}
    done = {"campaign": "c1", "trial": "c1.1", "values": {}}
    record = entries(
        ("proposal-taken", {"id": "muon", "branch": "muon"}),
        ("proposal-taken", {"id": "rope", "branch": "rope"}),
        ("batch-asked", asked),
        ("trial-finished", done),
        ("trial-finished", {**done, "trial": "c1.2"}),
        ("conflict-found", {"proposals": ["muon", "rope"]}),
        ("campaign-opened", {"campaign": "c1", "trees": {"muon": "t"}}),
        ("reviewed", {"proposal": "other", "by": "b2"}),
        ("reviewed", {"proposal": "other", "by": "a1"}),
    )
    row = {"handle": "ada", "trials": 3.5}
    gain = {"objective": "loss", "people": [{"handle": "ada", "value": 1, "percent": 2}]}
    nats = [{"id": "muon", "nats": 0.5}, {"id": "other", "nats": 0.1}]
    found = export(
        everybody(GRACE, ACTS)["ada"],
        record,
        shares={"contributors": [{"handle": "bob"}, row]},
        credit={
            "objectives": [gain, {"objective": "x", "people": []}],
            "in_all": {"people": [{"handle": "ada", "value": 3, "percent": 4}]},
            "contributors": [{"handle": "ada", "roles": [{"role": "Software"}]}],
            "information": nats,
        },
    )
    assert found["contributors_toml"] == {
        "handle": "ada",
        "kind": "student",
        "emails": ["ada@x.org", "ada@uni.x"],
        "joined": "2026-02-01",
        "team": "",
        "weight": 1.0,
        "given_names": "Augusta Ada",
        "family_names": "King",
        "orcid": "0000-0002-1825-0097",
    }
    assert found["proposals"] == [
        {"id": "muon", "part": 1.0, "lines": [1, 6, 7]},
        {"id": "rope", "part": 0.5, "lines": [2, 3, 4, 6]},
    ]
    assert found["shares"] == row
    assert found["credit"] == {
        "objectives": [{"objective": "loss", "handle": "ada", "value": 1, "percent": 2}],
        "in_all": {"handle": "ada", "value": 3, "percent": 4},
        "roles": [{"role": "Software"}],
        "information": [{"id": "muon", "nats": 0.5}],
    }
    assert found["identities"] == [
        {"token": "b2", "name": "Ada L.", "email": "ada@uni.x", "pseudonym": None}
    ]
    body = {"proposal": "other", "by": "b2"}
    assert found["signed"] == [{"line": 8, "at": "t8", "kind": "reviewed", "body": body}]
    assert {"name": "Ada L.", "email": "ada@x.org"} in found["commits"]


def test_an_export_of_a_pseudonym_has_no_name() -> None:
    """Git still has the address, and the file may have it: neither is told."""
    directory = Directory(
        listed=(ADA,),
        authors_of=authors,
        pseudonym_of=lambda email: "contributor-3f9a" if email == "ada@x.org" else None,
    )
    person = persons(directory, PROPOSALS, {"c3": GONE})["contributor-3f9a"]
    found = export(person, [], shares=NO_SHARES, credit=NO_CREDIT)
    assert found["pseudonym"] is True
    assert found["contributors_toml"]["kind"] == "student"
    assert [row["id"] for row in found["proposals"]] == ["muon", "rope"]
    assert "ada" not in str(found).lower()


def test_without_credit_the_export_says_that_it_has_none() -> None:
    """Where it cannot be worked out; nothing else is missing for it."""
    found = export(everybody()["ada"], [], shares=NO_SHARES, credit=None)
    assert (found["credit"], found["shares"]) == (None, None)


def test_nobody_of_that_name_is_an_error_that_lists_who_is_known() -> None:
    """One line, and all handles are looked at before anything is done."""
    with pytest.raises(UsageError, match="nobody is called 'eve' here; who is known: ada, bob@x"):
        chosen(everybody(), ["ada", "eve"])
    assert [one.handle for one in chosen(everybody(), ["ada", "ada"])] == ["ada"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"branch": "ada/rope"}, True),
        ({"claim": "as ADA L. said"}, True),
        ({"worker": {"folder": "lab/ada/state"}}, True),
        ({"recipe": ["x", "by-ada@x.org"]}, True),
        ({"trees": {"ada": "t"}}, True),
        ({"claim": "an idea of Augusta Ada King's"}, True),
        ({"branch": "adam", "claim": "cadabra"}, False),
        ({"by": "b2", "n": 3, "x": None}, False),
    ],
)
def test_lines_that_name_somebody_are_found(body: dict[str, Any], *, named: bool) -> None:
    """As a word of any text in the body; a part of a longer word is none."""
    record = entries(("x", {}), ("x", body))
    assert lines_that_name(record, [everybody(ACTS)["ada"]]) == ([2] if named else [])


def test_what_is_out_of_reach_is_said_for_each_place() -> None:
    """Only places that hold something of them, each with what to do."""

    def places(person: Person, named: list[int]) -> list[str]:
        name = "contributor-3f9a"
        found = remains([person], named, pseudonym=name, file_name="contributors.toml")
        assert all(place["what"] and place["do"] for place in found)
        return [place["where"] for place in found]

    assert places(everybody()["ada"], [4]) == ["contributors.toml", "git", "ledger", "copies"]
    assert places(everybody()["bob@x.org"], []) == ["git", "copies"]
    assert places(everybody(GRACE)["grace@x.org"], []) == ["copies"]
    [file, *_] = remains([everybody()["ada"]], [], pseudonym="contributor-3f9a", file_name="f")
    assert 'handle = "contributor-3f9a"' in file["do"]
