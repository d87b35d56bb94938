"""Credit over people: groups of owners get their names back, and what they did gets its roles.

Only of merged proposals, whose verdict is sealed: of no other an author is named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.people.roles import roles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.domain.contributor import Contributor
    from mainstem.domain.proposal import ProposalId
    from mainstem.engine.record import Record
    from mainstem.people.directory import Directory

    Owners = Mapping[ProposalId, Mapping[int, float]]


def report(
    directory: Directory,
    record: Record,
    divide: Callable[[Owners], Mapping[str, Any]],
    *,
    reviewed: Sequence[tuple[Contributor, ProposalId]],
) -> dict[str, Any]:
    """The documented JSON of `mainstem credit`.

    Args:
        directory: Who is who.
        record: What the ledger holds.
        divide: Divides the gain over members and groups of owners, which are numbers.
        reviewed: Who reviewed what before its verdict.
    """
    proposals = record.in_order()
    known = directory.everyone(proposals)
    number = {handle: at for at, handle in enumerate(known)}
    handles = list(number)
    parts = directory.of(proposals)
    found = divide({p: {number[h]: part for h, part in of.items()} for p, of in parts.items()})
    divided = [_with_people(one, handles) for one in found["objectives"]]
    in_all = None if found["in_all"] is None else _with_people(found["in_all"], handles)
    authors = {p: parts[p] for p in found["members"]}
    repeats = [_reproduced(row, parts) for row in found["reproductions"]]
    advice: dict[str, list[str]] = {}
    for reviewer, proposal in reviewed:
        known.setdefault(reviewer.handle, reviewer)
        advice.setdefault(reviewer.handle, []).append(proposal)
    did = _roles(record, authors, repeats, advice)
    return {
        **found,
        "objectives": divided,
        "in_all": in_all,
        "authors": authors,
        "reproductions": repeats,
        "contributors": _contributors(known, authors, did, in_all),
    }


def _with_people(one: Mapping[str, Any], handles: Sequence[str]) -> dict[str, Any]:
    """A division with handles in place of groups' numbers."""
    people = [
        {
            "handle": handles[group["group"]],
            "value": group["value"],
            "percent": group["percent"],
        }
        for group in one["groups"]
    ]
    return {**{key: value for key, value in one.items() if key != "groups"}, "people": people}


def _reproduced(
    row: Mapping[str, Any], parts: Mapping[ProposalId, Mapping[str, float]]
) -> dict[str, Any]:
    """Who filed the same change by themselves: those of no common author, once that is sealed."""
    own = parts[row["id"]].keys()
    others = [of["id"] for of in row["same_tree"] if of["sealed"]]
    by = [h for other in others if not own & parts[other].keys() for h in parts[other]]
    return {**row, "by": list(dict.fromkeys(by))}


def _contributors(
    known: Mapping[str, Contributor],
    authors: Mapping[str, Mapping[str, float]],
    did: Mapping[str, list[dict[str, Any]]],
    in_all: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """Who had a part in what was merged: names to cite and roles, by what they earned in all."""
    people = [] if in_all is None else in_all["people"]
    worth = {person["handle"]: person["value"]["mean"] for person in people}
    written = {h: sum(of.get(h, 0.0) for of in authors.values()) for h in did}
    return [
        {
            "handle": handle,
            "name": known[handle].name,
            "given_names": known[handle].given_names,
            "family_names": known[handle].family_names,
            "orcid": known[handle].orcid,
            "author": written[handle] > 0.0,
            "roles": did[handle],
        }
        for handle in sorted(did, key=lambda h: (-worth.get(h, 0.0), -written[h]))
    ]


def _roles(
    record: Record,
    authors: Mapping[str, Mapping[str, float]],
    repeats: Sequence[Mapping[str, Any]],
    reviewed: Mapping[str, Sequence[str]],
) -> dict[str, list[dict[str, Any]]]:
    """By handle: what they did for what was merged."""
    reproduced: dict[str, list[str]] = {}
    for row in repeats:
        for handle in row["by"]:
            reproduced.setdefault(handle, []).append(row["id"])
    return roles(
        authors,
        {str(p.id): p.components for p in record.in_order()},
        reproduced,
        {h: [p for p in dict.fromkeys(of) if p in authors] for h, of in reviewed.items()},
    )
