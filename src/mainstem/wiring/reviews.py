"""Reviews: the blind pack of a proposal, a prediction written down, and how predictions fared."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mainstem.domain.contributor import Authorship
from mainstem.domain.errors import UsageError
from mainstem.engine.rungs import same_question
from mainstem.engine.workshop import catch_up, write_if_last
from mainstem.gitrepo.history import diff_text
from mainstem.gitrepo.identity import committer
from mainstem.people import blinding, reviews

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.proposal import ProposalId
    from mainstem.domain.stack import Objective
    from mainstem.engine.record import Record
    from mainstem.wiring.project import Project


def pack(project: Project, proposal: str) -> dict[str, Any]:
    """A proposal for a blind reader: the documented JSON of `mainstem review PROPOSAL`.

    Nothing that was measured or decided is in it.

    Raises:
        UsageError: There is no such proposal.
        ConfigurationError: `contributors.toml` is wrong.
        GitError: A proposal's commit is gone.
    """
    record = project.record()
    known = record.proposals[reviews.proposal_of(record, proposal)]
    diff = diff_text(project.trees.merger.git, known.base, known.commit)
    found = blinding.blinded([known.id, known.claim, diff], _names(project, record))
    shown, claim, diff = found.texts
    return {
        "proposal": shown,
        "claim": claim,
        "components": list(known.components),
        "objectives": [_objective(objective) for objective in project.stack.objectives],
        "replaced": dict(found.replaced),
        "diff": diff,
    }


def give(
    project: Project, proposal: str, *, merge: float, effects: Mapping[str, float], note: str
) -> dict[str, Any]:
    """Writes a review down, and returns what was written.

    Raises:
        UsageError: It cannot be scored, or git does not know who reviews.
        ConfigurationError: `contributors.toml` is wrong.
        StoreError: The store cannot be written.
        GitError: A proposal's commit is gone.
    """
    record = project.record()
    known = reviews.fold(project.ledger.entries(kinds=reviews.KINDS))
    reviews.checked(project.stack, record, known, proposal, merge=merge, effects=effects)
    token = project.signature
    said = blinding.blinded([note], _names(project, record)) if note else None
    while True:
        found = reviews.checked(
            project.stack, record, known, proposal, merge=merge, effects=effects
        )
        kind, body = reviews.line(
            record,
            known,
            found,
            merge=merge,
            effects=effects,
            note="" if said is None else said.texts[0],
            by=token,
        )
        if write_if_last(project.ledger, record, [(kind, body)]):
            replaced = {} if said is None else dict(said.replaced)
            return {**body, "again": (token, found) in known.waiting, "replaced": replaced}
        # Somebody wrote meanwhile: the verdict may be sealed now.
        for entry in catch_up(project.ledger, record):
            known.advance(entry)


def look(project: Project, *, others: bool) -> dict[str, Any]:
    """What there is to review, and how predictions fared: see `people.reviews.report`.

    Raises:
        ConfigurationError: `contributors.toml` is wrong.
        StoreError: The store cannot be read.
    """
    record = project.record()

    @cache
    def measured(campaign: str, proposal: ProposalId) -> reviews.Measured:
        return _measured(project, record, campaign, proposal)

    return reviews.report(
        record,
        reviews.fold(project.ledger.entries(kinds=reviews.KINDS)),
        measured,
        me=_me(project),
        person_of={
            token: project.directory.acting(identity).handle
            for token, identity in project.identities.known().items()
        },
        others=others,
    )


def _measured(
    project: Project, record: Record, campaign: str, proposal: ProposalId
) -> reviews.Measured:
    """What a campaign says of a proposal now; nothing if its settings are not today's."""
    # Here and not above: they load the statistics.
    from mainstem.engine.restore import restore
    from mainstem.engine.views.proposals import gains

    found = record.campaigns[campaign]
    if not same_question(project.stack, found):
        return reviews.Measured(gain={}, margins={})
    state = restore(project.stack, record, found)
    gain, _ = gains(state, proposal)
    return reviews.Measured(gain=gain, margins=state.integrator.margins())


def _me(project: Project) -> str | None:
    """What whoever runs this is called; None if git does not know them."""
    try:
        who = committer(project.repository)
    except UsageError:
        return None
    author = Authorship(name=who.name, email=who.email.lower(), share=1.0)
    return project.directory.contributor(author).handle


def _names(project: Project, record: Record) -> list[frozenset[str]]:
    """What everybody may be called who contributes, reviewers included."""
    directory = project.directory
    authors = [
        (directory.contributor(author).handle, author)
        for proposal in record.in_order()
        for author in directory.authors_of(proposal)
    ]
    acting = [
        (directory.acting(one).handle, Authorship(name=one.name or "", email=one.email, share=1.0))
        for one in project.identities.known().values()
        if one.email is not None
    ]
    listed = [(directory.shown(one).handle, one) for one in directory.listed or ()]
    return blinding.names_of(listed, [*authors, *acting])


def _objective(objective: Objective) -> dict[str, Any]:
    return {
        "name": objective.name,
        "role": objective.role,
        "direction": objective.direction,
        "margin": objective.margin,
        "unit": objective.unit,
    }
