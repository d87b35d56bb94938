"""What people did for a trunk, in the words of CRediT: derived from the ledger, claimed by nobody.

CRediT (Contributor Role Taxonomy, ANSI/NISO Z39.104-2022) has fourteen roles. Five of them can be
read off what the ledger holds; the others (such as Supervision or Funding acquisition) leave no
trace there, and a team adds them by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SOFTWARE = "Software"
CURATION = "Data curation"
METHODOLOGY = "Methodology"
VALIDATION = "Validation"
REVIEW = "Writing \N{EN DASH} review & editing"

ROLES = (CURATION, METHODOLOGY, SOFTWARE, VALIDATION, REVIEW)
"""The roles that are derived, in the order of the taxonomy."""

_DATA = re.compile(r"data|corpus|tokeni[sz]er", re.IGNORECASE)


def roles(
    written: Mapping[str, Mapping[str, float]],
    components: Mapping[str, Iterable[str]],
    reproduced: Mapping[str, Sequence[str]],
    reviewed: Mapping[str, Sequence[str]],
) -> dict[str, list[dict[str, Any]]]:
    """By handle: each role with the merged proposals that it follows from.

    Args:
        written: Each author's part of every merged proposal.
        components: The components that each of these touches.
        reproduced: By handle: which merged proposals of others they filed independently.
        reviewed: By handle: which merged proposals they reviewed.
    """
    found: dict[str, dict[str, list[str]]] = {}

    def note(handle: str, role: str, proposal: str) -> None:
        found.setdefault(handle, {}).setdefault(role, []).append(proposal)

    for proposal, parts in written.items():
        for handle in parts:
            note(handle, SOFTWARE, proposal)
            for role in _of_components(components[proposal]):
                note(handle, role, proposal)
    for role, did in ((VALIDATION, reproduced), (REVIEW, reviewed)):
        for handle, proposals in did.items():
            for proposal in proposals:
                note(handle, role, proposal)
    return {
        handle: [{"role": role, "for": of[role]} for role in ROLES if role in of]
        for handle, of in found.items()
    }


def _of_components(components: Iterable[str]) -> set[str]:
    """What a change of these components is, beside software: data are curated, methods designed."""
    return {CURATION if _DATA.search(name) else METHODOLOGY for name in components}
