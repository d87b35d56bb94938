"""Who is who: the authors that commits name, as contributors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mainstem.decisions.shares import Claims
from mainstem.domain.contributor import Authorship, Contributor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.domain.proposal import Proposal, ProposalId


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Those who contribute.

    Attributes:
        listed: Whom the team's file names; None where there is no file.
        authors_of: Reads who wrote a proposal from its commits.
    """

    listed: tuple[Contributor, ...] | None
    authors_of: Callable[[Proposal], Sequence[Authorship]]

    @cached_property
    def _by_email(self) -> Mapping[str, Contributor]:
        return {email: one for one in self.listed or () for email in one.emails}

    def contributor(self, author: Authorship) -> Contributor:
        """The contributor with an author's address; one of that address whom no file names."""
        stranger = Contributor(
            handle=author.email or author.name,
            emails=(author.email,),
            alias=author.name or "an author without a name",
        )
        return self._by_email.get(author.email, stranger)

    def authors(self, proposal: Proposal) -> dict[str, float]:
        """Each contributor's part of a proposal, by handle, the largest first."""
        parts: dict[str, float] = {}
        for author in self.authors_of(proposal):
            handle = self.contributor(author).handle
            parts[handle] = parts.get(handle, 0.0) + author.share
        return parts

    def everyone(self, proposals: Sequence[Proposal]) -> dict[str, Contributor]:
        """By handle: whom the file names, then the authors whom it does not, in order."""
        found = {one.handle: one for one in self.listed or ()}
        for proposal in proposals:
            for author in self.authors_of(proposal):
                one = self.contributor(author)
                found.setdefault(one.handle, one)
        return found

    def claims(self, proposals: Sequence[Proposal]) -> Claims:
        """Whose proposals these are, as numbers in the order of their coming: no name is left."""
        number: dict[str, int] = {}
        owners: list[dict[int, float]] = []
        for proposal in proposals:
            parts = self.authors(proposal)
            owners.append({number.setdefault(h, len(number)): part for h, part in parts.items()})
        known = self.everyone(proposals)
        return Claims(
            owners=owners, weights={at: known[handle].weight for handle, at in number.items()}
        )

    def of(self, proposals: Sequence[Proposal]) -> dict[ProposalId, dict[str, float]]:
        """Each contributor's part of every proposal."""
        return {proposal.id: self.authors(proposal) for proposal in proposals}
