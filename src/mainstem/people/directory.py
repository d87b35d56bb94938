"""Who is who: the authors that commits name, as contributors; the forgotten, as pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mainstem.decisions.shares import LEAST_LINE, Claims
from mainstem.domain.contributor import Authorship, Contributor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.domain.proposal import Proposal, ProposalId
    from mainstem.engine.ports import Identity


def _nobody(email: str) -> None:
    """Nobody was forgotten."""
    del email


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Those who contribute.

    Attributes:
        listed: Whom the team's file names; None where there is no file.
        authors_of: Reads who wrote a proposal from its commits.
        pseudonym_of: What is shown of whoever has an address; None unless they were forgotten.
        least_line: How many proposals have to be in line for anybody to wait.
    """

    listed: tuple[Contributor, ...] | None
    authors_of: Callable[[Proposal], Sequence[Authorship]]
    pseudonym_of: Callable[[str], str | None] = _nobody
    least_line: int = LEAST_LINE

    @cached_property
    def _shown(self) -> tuple[tuple[Contributor, Contributor], ...]:
        """Whom the file names, each as it has them and as they are shown."""
        return tuple((one, self.shown(one)) for one in self.listed or ())

    def shown(self, one: Contributor) -> Contributor:
        """Somebody whom the file names: a pseudonym if any address of theirs was forgotten."""
        found = (self.pseudonym_of(email) for email in one.emails)
        pseudonym = next((each for each in found if each is not None), None)
        if pseudonym is None:
            return one
        nameless = replace(one, given_names="", family_names="", orcid="", alias="")
        return replace(nameless, handle=pseudonym, emails=())

    @cached_property
    def _by_email(self) -> Mapping[str, Contributor]:
        return {email: shown for one, shown in self._shown for email in one.emails}

    @cached_property
    def _by_handle(self) -> Mapping[str, Contributor]:
        return {shown.handle: shown for _, shown in self._shown}

    def contributor(self, author: Authorship) -> Contributor:
        """The contributor with an author's address; one of that address whom no file names.

        Of somebody who was forgotten it is what the file says under the pseudonym, if anything.
        """
        if author.email in self._by_email:
            return self._by_email[author.email]
        pseudonym = self.pseudonym_of(author.email)
        if pseudonym is not None:
            return self._by_handle.get(pseudonym, Contributor(handle=pseudonym))
        return Contributor(
            handle=author.email or author.name,
            emails=(author.email,),
            alias=author.name or "an author without a name",
        )

    def acting(self, identity: Identity) -> Contributor:
        """The contributor that a token stands for."""
        if identity.email is None:
            return self._by_handle.get(
                identity.pseudonym or "", Contributor(handle=identity.pseudonym or identity.token)
            )
        name = identity.name or ""
        return self.contributor(Authorship(name=name, email=identity.email, share=1.0))

    def authors(self, proposal: Proposal) -> dict[str, float]:
        """Each contributor's part of a proposal, by handle, the largest first."""
        parts: dict[str, float] = {}
        for author in self.authors_of(proposal):
            handle = self.contributor(author).handle
            parts[handle] = parts.get(handle, 0.0) + author.share
        return parts

    def everyone(self, proposals: Sequence[Proposal]) -> dict[str, Contributor]:
        """By handle: whom the file names, then the authors whom it does not, in order."""
        found = dict(self._by_handle)
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
            owners=owners,
            weights={at: known[handle].weight for handle, at in number.items()},
            least_line=self.least_line,
        )

    def of(self, proposals: Sequence[Proposal]) -> dict[ProposalId, dict[str, float]]:
        """Each contributor's part of every proposal."""
        return {proposal.id: self.authors(proposal) for proposal in proposals}
