from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.contributor import Contributor, equal_shares
from mainstem.domain.proposal import CommitId, Proposal, ProposalId
from mainstem.engine.record import Record
from mainstem.people.credit import report
from mainstem.people.directory import Directory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.contributor import Authorship

ADA = Contributor(
    handle="ada", emails=("ada@x.org",), given_names="Ada", family_names="King", orcid="0000"
)
WRITTEN = {
    "muon": [("A", "ada@x.org")],
    "rope": [("Bob B.", "bob@x.org")],
    "again": [("Cy", "cy@x.org")],
    "own": [("Bob B.", "bob@x.org"), ("Cy", "cy@x.org")],
    "open": [("Eve", "eve@x.org")],
}


def _record() -> Record:
    """Five proposals."""
    proposals = [
        Proposal(
            id=ProposalId(name),
            branch=name,
            commit=CommitId(name),
            base=CommitId("0"),
            tree=None,
            components=("optimizer",),
            order=at,
        )
        for at, name in enumerate(WRITTEN)
    ]
    return Record(proposals={p.id: p for p in proposals})


def _authors(one: Proposal) -> tuple[Authorship, ...]:
    return equal_shares(WRITTEN[one.id])


def _value(mean: float) -> dict[str, Any]:
    return {"mean": mean, "low": mean - 1, "high": mean + 1, "level": 0.9, "unit": ""}


def found(
    same: Sequence[tuple[str, bool]] = (), reviewed: Sequence[tuple[Contributor, str]] = ()
) -> dict[str, Any]:
    """The report of muon and rope in the trunk, rope earning twice what muon does."""

    def divide(owners: Mapping[ProposalId, Mapping[int, float]]) -> dict[str, Any]:
        groups = [
            {"group": next(iter(owners[ProposalId(p)])), "value": _value(mean), "percent": None}
            for p, mean in (("muon", 1.0), ("rope", 2.0))
        ]
        one = {"objective": "loss", "members": [], "total": _value(3.0), "groups": groups}
        rows = [{"id": "muon", "same_tree": []}]
        rows += [{"id": "rope", "same_tree": [{"id": i, "sealed": s} for i, s in same]}]
        return {
            "members": ["muon", "rope"],
            "objectives": [one],
            "in_all": {"of": ["loss"], **one},
            "reproductions": rows,
        }

    directory = Directory(listed=(ADA,), authors_of=_authors)
    return report(directory, _record(), divide, reviewed=[(c, ProposalId(p)) for c, p in reviewed])


def test_groups_get_their_handles_back() -> None:
    """Per objective and in all."""
    said = found()
    for one in (said["objectives"][0], said["in_all"]):
        assert "groups" not in one
        earned = {p["handle"]: p["value"]["mean"] for p in one["people"]}
        assert earned == {"ada": 1.0, "bob@x.org": 2.0}


def test_contributors_come_by_what_they_earned_with_names_to_cite() -> None:
    """The file's names; else what their commits call them, never their address."""
    bob, ada = found()["contributors"]
    assert (ada["handle"], ada["name"], ada["family_names"]) == ("ada", "Ada King", "King")
    assert (bob["handle"], bob["name"], bob["family_names"]) == ("bob@x.org", "Bob B.", "")


def test_only_others_reproduce_and_only_once_it_is_sealed() -> None:
    """A second filing with a common author is none; an open one names nobody."""
    said = found([("again", True), ("own", True), ("open", False)])
    assert [row["by"] for row in said["reproductions"]] == [[], ["cy@x.org"]]
    cy = next(c for c in said["contributors"] if c["handle"] == "cy@x.org")
    assert not cy["author"]
    assert cy["roles"] == [{"role": "Validation", "for": ["rope"]}]
    assert "eve@x.org" not in {c["handle"] for c in said["contributors"]}


def test_who_reviewed_what_was_merged_has_a_role_and_is_no_author() -> None:
    """Also one who filed nothing, once a proposal; of what was not merged nobody is named."""
    dan, eve = (Contributor(handle=f"{n}@x.org", alias=n.title()) for n in ("dan", "eve"))
    said = found(reviewed=[(dan, "rope"), (ADA, "rope"), (dan, "rope"), (eve, "open")])
    by = {c["handle"]: c for c in said["contributors"]}
    assert "eve@x.org" not in by
    assert (by["dan@x.org"]["name"], by["dan@x.org"]["author"]) == ("Dan", False)
    assert [role["for"] for role in by["dan@x.org"]["roles"]] == [["rope"]]
    assert by["ada"]["roles"][-1]["for"] == ["rope"]


def test_nobody_who_filed_what_is_not_merged_is_an_author_here() -> None:
    """The report names authors of members alone."""
    said = found()
    assert said["authors"] == {"muon": {"ada": 1.0}, "rope": {"bob@x.org": 1.0}}
    assert {c["handle"] for c in said["contributors"]} == {"ada", "bob@x.org"}
