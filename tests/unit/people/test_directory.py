from __future__ import annotations

from mainstem.domain.contributor import Authorship, Contributor, equal_shares
from mainstem.domain.proposal import CommitId, Proposal, ProposalId
from mainstem.people.directory import Directory

ADA = Contributor(handle="ada", emails=("ada@x.org", "ada@uni.x"), weight=2.0)
WRITTEN = {
    "muon": [("Ada", "ada@x.org")],
    "rope": [("A. L.", "ada@uni.x"), ("Bob", "bob@x.org")],
    "mix": [("Bob", "bob@x.org")],
}


def proposal(name: str) -> Proposal:
    """A proposal of that name."""
    return Proposal(
        id=ProposalId(name),
        branch=name,
        commit=CommitId(name),
        base=CommitId("0"),
        tree=None,
        components=(),
        order=0,
    )


def authors(one: Proposal) -> tuple[Authorship, ...]:
    """Who wrote it."""
    return equal_shares(WRITTEN[one.id])


PROPOSALS = [proposal(name) for name in WRITTEN]


def test_addresses_of_one_contributor_are_one() -> None:
    """By whichever address a commit was signed."""
    directory = Directory(listed=(ADA,), authors_of=authors)
    assert directory.of(PROPOSALS) == {
        "muon": {"ada": 1.0},
        "rope": {"ada": 0.5, "bob@x.org": 0.5},
        "mix": {"bob@x.org": 1.0},
    }


def test_everything_works_without_the_file() -> None:
    """Authors stand for themselves, by their addresses."""
    directory = Directory(listed=None, authors_of=authors)
    assert list(directory.everyone(PROPOSALS)) == ["ada@x.org", "ada@uni.x", "bob@x.org"]


def test_claims_hold_numbers_and_no_name() -> None:
    """What is handed to those who decide: which belong together, and weights."""
    claims = Directory(listed=(ADA,), authors_of=authors).claims(PROPOSALS)
    assert claims.owners == [{0: 1.0}, {0: 0.5, 1: 0.5}, {1: 1.0}]
    assert claims.weights == {0: 2.0, 1: 1.0}


def test_nobody_is_lost_who_has_not_filed_anything() -> None:
    """Whom the file names is known before the first proposal."""
    other = Contributor(handle="eve", emails=("eve@x.org",))
    directory = Directory(listed=(ADA, other), authors_of=authors)
    assert list(directory.everyone([PROPOSALS[2]])) == ["ada", "eve", "bob@x.org"]
