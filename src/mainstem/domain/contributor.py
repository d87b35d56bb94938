"""Who contributes: a noun that nothing which decides may import (`.importlinter`, Blind)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


@dataclass(frozen=True, kw_only=True)
class Contributor:
    """A person or an agent, as the team's own file describes them.

    Attributes:
        handle: What they are called here.
        kind: Such as `student`, `staff`, `agent` or `external`, or the team's own word.
        emails: Addresses that their commits bear, in lower case.
        joined: Since when they contribute.
        team: Their group.
        weight: How large their claim on compute is, beside others'.
        given_names: As a citation prints them; they and the family names as the team's file says.
        family_names: Likewise.
        orcid: Their ORCID iD, sixteen digits in four groups.
        alias: What their commits call them, where no file names them.
    """

    handle: str
    kind: str = ""
    emails: tuple[str, ...] = ()
    joined: date | None = None
    team: str = ""
    weight: float = 1.0
    given_names: str = ""
    family_names: str = ""
    orcid: str = ""
    alias: str = ""

    @property
    def name(self) -> str:
        """What to print of them in public: a name, or what they are called; never an address."""
        said = f"{self.given_names} {self.family_names}".strip()
        return said or self.alias or self.handle


@dataclass(frozen=True, kw_only=True)
class Authorship:
    """A part of a proposal, as its commits sign it.

    Attributes:
        name: As in the commits.
        email: In lower case; what tells authors apart.
        share: Above 0; the parts of a proposal sum to 1.
    """

    name: str
    email: str
    share: float


def equal_shares(signed: Sequence[tuple[str, str]]) -> tuple[Authorship, ...]:
    """Those who signed something together, in the order of signing, with equal parts."""
    names: dict[str, str] = {}
    for name, email in signed:
        names.setdefault(email.lower(), name)
    return tuple(
        Authorship(name=name, email=email, share=1.0 / len(names)) for email, name in names.items()
    )
