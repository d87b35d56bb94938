"""Everybody of whom something is kept, and all that is: to be seen, taken along, and forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.engine import record as records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mainstem.domain.contributor import Contributor
    from mainstem.domain.proposal import Proposal
    from mainstem.engine.ports import Entry, Identity
    from mainstem.people.directory import Directory

_RESULTS = (records.TRIAL_FINISHED, records.TRIAL_LATE)


@dataclass(kw_only=True)
class Person:
    """Somebody of whom something is kept.

    Attributes:
        handle: What they are called here; the pseudonym of somebody who was forgotten.
        contributor: What is known of them.
        listed: Whether `contributors.toml` names them.
        names: By address: those in the file, in commits, and of acts; none of the forgotten.
        parts: Their part of each of their proposals.
        identities: Their rows in the store.
    """

    handle: str
    contributor: Contributor
    listed: bool = False
    names: dict[str, str] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)

    @property
    def forgotten(self) -> bool:
        """Whether they are a pseudonym."""
        return any(one.pseudonym is not None for one in self.identities)


def persons(
    directory: Directory, proposals: Sequence[Proposal], known: Mapping[str, Identity]
) -> dict[str, Person]:
    """By handle: whom the file names, then the authors, then those who only act.

    Args:
        directory: Who is who.
        proposals: All proposals, in order.
        known: Whom the store has a token for.
    """
    everyone = directory.everyone(proposals)
    listed = {directory.shown(one).handle: one for one in directory.listed or ()}
    found = {
        handle: Person(handle=handle, contributor=one, listed=handle in listed)
        for handle, one in everyone.items()
    }
    for handle, one in listed.items():
        found[handle].names.update(dict.fromkeys(one.emails, ""))
    for proposal in proposals:
        for author in directory.authors_of(proposal):
            person = found[directory.contributor(author).handle]
            person.names[author.email] = author.name
            parts = person.parts
            parts[proposal.id] = parts.get(proposal.id, 0.0) + author.share
    for identity in known.values():
        one = directory.acting(identity)
        person = found.setdefault(one.handle, Person(handle=one.handle, contributor=one))
        person.identities.append(identity)
        if identity.email is not None:
            person.names[identity.email] = identity.name or ""
    return found


def chosen(found: Mapping[str, Person], handles: Sequence[str]) -> list[Person]:
    """The people of these handles.

    Raises:
        UsageError: Nobody is called so here.
    """
    for handle in handles:
        if handle not in found:
            known = ", ".join(found) or "nobody yet"
            raise UsageError(f"nobody is called {handle!r} here; who is known: {known}")
    return [found[handle] for handle in dict.fromkeys(handles)]


def check_one(people: Sequence[Person], file_name: str) -> None:
    """These are handles of one person, as far as the team's file says.

    A pseudonym is for good: two people who got one together could never be told apart again.

    Raises:
        UsageError: The file names several of them.
    """
    listed = [person.handle for person in people if person.listed]
    if len(listed) > 1:
        raise UsageError(
            f"{' and '.join(listed)} are {len(listed)} contributors in {file_name}, and a "
            "pseudonym is one person's, for good: name them one at a time, or put the addresses of "
            "one person under one handle there"
        )


def listing(found: Mapping[str, Person]) -> dict[str, Any]:
    """The documented JSON of `mainstem people list`."""
    return {
        "people": [
            {
                "handle": person.handle,
                "kind": person.contributor.kind,
                "team": person.contributor.team,
                "proposals": len(person.parts),
                "pseudonym": person.forgotten,
            }
            for person in found.values()
        ]
    }


def export(
    person: Person,
    entries: Iterable[Entry],
    *,
    shares: Mapping[str, Any],
    credit: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The documented JSON of `mainstem people export`: all that is kept of somebody.

    Args:
        person: Who.
        entries: Every line of the ledger.
        shares: What `mainstem shares` says.
        credit: What `mainstem credit` says; None where that cannot be worked out.
    """
    one = person.contributor
    tokens = {identity.token for identity in person.identities}
    lines, signed = _lines(entries, person.parts, tokens)
    told = {
        "handle": one.handle,
        "kind": one.kind,
        "emails": list(one.emails),
        "joined": None if one.joined is None else one.joined.isoformat(),
        "team": one.team,
        "weight": one.weight,
        "given_names": one.given_names,
        "family_names": one.family_names,
        "orcid": one.orcid,
    }
    return {
        "handle": person.handle,
        "pseudonym": person.forgotten,
        "contributors_toml": told if person.listed else None,
        "commits": []
        if person.forgotten
        else [{"name": name, "email": email} for email, name in person.names.items() if name],
        "proposals": [
            {"id": proposal, "part": part, "lines": lines[proposal]}
            for proposal, part in person.parts.items()
        ],
        "shares": _row(shares["contributors"], person.handle),
        "credit": None if credit is None else _credit(credit, person),
        "identities": [
            {"token": i.token, "name": i.name, "email": i.email, "pseudonym": i.pseudonym}
            for i in person.identities
        ],
        "signed": signed,
    }


def _credit(report: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """What of the trunk's gain is theirs, their roles in it, and what their proposals taught."""
    in_all = report["in_all"]
    part = _row(report["contributors"], person.handle)
    return {
        "objectives": [
            {"objective": one["objective"], **row}
            for one in report["objectives"]
            if (row := _row(one["people"], person.handle)) is not None
        ],
        "in_all": None if in_all is None else _row(in_all["people"], person.handle),
        "roles": [] if part is None else part["roles"],
        "information": [row for row in report["information"] if row["id"] in person.parts],
    }


def _row(rows: Sequence[Mapping[str, Any]], handle: str) -> dict[str, Any] | None:
    """The row of a handle; None if there is none."""
    return next((dict(row) for row in rows if row["handle"] == handle), None)


def _lines(
    entries: Iterable[Entry], proposals: Collection[str], tokens: Collection[str]
) -> tuple[dict[str, list[int]], list[dict[str, Any]]]:
    """Numbers of the lines that speak of each proposal, and the lines that somebody signed.

    The line of a result names its trial alone: it speaks of whatever was in the trial.
    """
    lines: dict[str, list[int]] = {proposal: [] for proposal in proposals}
    signed = []
    trials: dict[str, set[str]] = {}
    for entry in entries:
        named = set(_texts(entry.body))
        if entry.kind == records.BATCH_ASKED:
            trials |= {row["trial"]: set(row["recipe"]) for row in entry.body["trials"]}
        elif entry.kind in _RESULTS:
            named |= trials.get(entry.body["trial"], set())
        for proposal in named & lines.keys():
            lines[proposal].append(entry.seq)
        if entry.body.get("by") in tokens:
            line = {"line": entry.seq, "at": entry.at, "kind": entry.kind, "body": entry.body}
            signed.append(line)
    return lines, signed


def _texts(value: Any) -> Iterator[str]:
    """Every text within a body, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def lines_that_name(entries: Iterable[Entry], people: Sequence[Person]) -> list[int]:
    """Numbers of the lines in which a handle, a name or an address stands as a word.

    Lines hold no names of their own, but branch names, claims, reasons and folders, which do where
    somebody put one there. Neither case nor the signs around a word matter.
    """
    words = {
        word
        for one in people
        for word in (one.handle, one.contributor.name, *one.names, *one.names.values())
    }
    told = "|".join(re.escape(word.lower()) for word in sorted(words) if len(word) > 1)
    if not told:
        return []
    found = re.compile(rf"(?<![a-z0-9])(?:{told})(?![a-z0-9])")
    return [
        entry.seq
        for entry in entries
        if any(found.search(text.lower()) for text in _texts(entry.body))
    ]


def remains(
    people: Sequence[Person], named: Sequence[int], *, pseudonym: str, file_name: str
) -> list[dict[str, Any]]:
    """What a pseudonym does not reach, and what to do about it, an entry for each place.

    Args:
        people: Who is forgotten.
        named: Numbers of the ledger's lines that name them.
        pseudonym: What they are called from now on.
        file_name: The contributors' file.
    """
    found: list[dict[str, Any]] = []
    if any(one.listed for one in people):
        found.append(
            {
                "where": file_name,
                "what": "it still has the handle and the addresses, and so has its history in git",
                "do": f'remove the entry, or write handle = "{pseudonym}" and no emails to keep '
                "kind, team and weight",
            }
        )
    if any(one.parts for one in people):
        found.append(
            {
                "where": "git",
                "what": "commits bear name and address, in every clone; Mainstem shows the "
                "pseudonym for them, and never rewrites history",
                "do": "to take them out, rewrite history (`git filter-repo --mailmap`): commits "
                "then have other ids, so propose the branches again",
            }
        )
    if named:
        found.append(
            {
                "where": "ledger",
                "what": "lines hold the handle, a name or an address as a word, in branch names, "
                "ids, claims, reasons, hosts or folders; the chain keeps them as they are",
                "lines": list(named),
                "do": "nothing takes them out of this ledger; to begin a new one, move the store "
                "away and propose again under other branch names",
            }
        )
    found.append(
        {
            "where": "copies",
            "what": "backups, copies of the store and exports made before, and logs of trials, are "
            "as they were",
            "do": "`mainstem store copy` carries this to a copy; remove the others, and "
            ".mainstem/logs where scripts print names",
        }
    )
    return found
