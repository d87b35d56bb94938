"""`mainstem people`: who is known, all that is kept of one, and how they are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.people import persons
from mainstem.tomlfiles.contributors import FILE_NAME
from mainstem.wiring.credits import credit as credit_of
from mainstem.wiring.names import on_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.people.persons import Person
    from mainstem.wiring.project import Project


def everybody(project: Project) -> dict[str, Person]:
    """By handle, everybody of whom something is kept.

    Raises:
        ConfigurationError: `contributors.toml` is wrong.
        GitError: A proposal's commit is gone.
        StoreError: The store cannot be read.
    """
    proposals = project.record().in_order()
    return persons.persons(project.directory, proposals, project.identities.known())


def listing(project: Project) -> dict[str, Any]:
    """The documented JSON of `mainstem people list`.

    Raises:
        MainstemError: As `everybody`.
    """
    return persons.listing(everybody(project))


def export(project: Project, handle: str) -> dict[str, Any]:
    """The documented JSON of `mainstem people export`.

    Whoever looks at somebody else is shown whose undecided proposals are, on record.

    Raises:
        UsageError: Nobody is called so, or git does not know who asks.
        MainstemError: As `everybody`.
    """
    [person] = persons.chosen(everybody(project), [handle])
    on_record(project, list(person.parts), command="people export", themselves=handle)
    try:
        credit = credit_of(project)
    except UsageError:  # many members, and no shapiq to weigh them with
        credit = None
    return persons.export(person, project.ledger.entries(), shares=project.shares(), credit=credit)


def pseudonymise(project: Project, handles: Sequence[str], *, dry_run: bool) -> dict[str, Any]:
    """Forgets one person; the documented JSON of `mainstem people pseudonymise`.

    Args:
        project: Where.
        handles: All that the person is called here.
        dry_run: Changes nothing; the pseudonym is not known then.

    Raises:
        UsageError: Nobody is called so, or the file has them as several contributors.
        MainstemError: As `everybody`.
    """
    people = persons.chosen(everybody(project), handles)
    persons.check_one(people, FILE_NAME)
    named = persons.lines_that_name(project.ledger.entries(), people)
    pseudonym = None if dry_run else _forget(project, people)
    return {
        "handles": [person.handle for person in people],
        "dry_run": dry_run,
        "pseudonym": pseudonym,
        "addresses": len({email for person in people for email in person.names}),
        "remains": persons.remains(
            people, named, pseudonym=pseudonym or "PSEUDONYM", file_name=FILE_NAME
        ),
    }


def _forget(project: Project, people: Sequence[Person]) -> str:
    """Forgets every address of a person, also those under which they never acted."""
    tokens = [identity.token for person in people for identity in person.identities]
    tokens += [
        project.identities.token(name, email)
        for person in people
        for email, name in person.names.items()
    ]
    pseudonym = project.identities.forget(tokens)
    del project.directory  # it says who was whom before
    return pseudonym
