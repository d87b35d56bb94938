"""Taking proposals in: what was read from git becomes entries of the ledger, all or none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import Conflict, Proposal, ProposalId, first_version
from mainstem.engine import record as records
from mainstem.engine.opening import conflict_entry, new_conflicts
from mainstem.engine.workshop import catch_up, write_down, write_if_last

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId
    from mainstem.domain.reference import Claim
    from mainstem.engine.ports import Ledger, Trees
    from mainstem.engine.record import Record


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A branch as git has it.

    Attributes:
        id: The proposal's id.
        name: The branch's name.
        commit: Its commit.
        base: Its merge base with the trunk.
        components: The components that it touches.
    """

    id: str
    name: str
    commit: CommitId
    base: CommitId
    components: tuple[str, ...]


def propose(
    ledger: Ledger,
    trees: Trees,
    record: Record,
    branches: Sequence[Branch],
    *,
    trunk: CommitId,
    claim: str,
    reference: Claim | None = None,
) -> dict[str, Any]:
    """Takes branches in and finds their conflicts with the trunk and with one another.

    A branch that was taken in before with the same commit changes nothing. One that has moved since
    is a new version: a proposal of its own, without evidence, which takes the place of the old one.
    What was measured stays with the old commit.

    Args:
        ledger: Where they are written down.
        trees: Merges them.
        record: All of the ledger, folded.
        branches: What to take in.
        trunk: The trunk's commit.
        claim: What is said of them.
        reference: The result elsewhere that they bring here.

    Raises:
        UsageError: Two branches want one id, a text cannot be one, or an id stands for another
            branch.
    """
    branches = list(dict.fromkeys(branches))
    says = _Says(claim=claim, reference=reference)
    while True:
        _check_ids(record, branches)
        answers: list[_Answer] = []
        taken: list[Proposal] = []
        for branch in branches:
            order = record.taken + len(taken) + 1
            answer = _answer(trees, record, branch, trunk=trunk, order=order, says=says)
            answers.append(answer)
            taken += [answer.proposal] if answer.fresh else []
        trees.pin(trunk, taken)
        withdrawn = {p.follows for p in taken} - record.merged
        everyone = [*(p for p in record.open_proposals() if p.id not in withdrawn), *taken]
        conflicts = new_conflicts(trees, record, trunk, everyone)
        if write_if_last(ledger, record, [e for p in taken for e in _entries(record, p)]):
            break
        # Somebody else proposed meanwhile: places in the order and ids may be taken now.
        catch_up(ledger, record)
    write_down(ledger, record, [conflict_entry(trunk, c, record) for c in conflicts])
    return {
        "proposals": [_view(record, answer) for answer in answers],
        "conflicts": [dict(conflict_entry(trunk, c, record)[1]) for c in conflicts],
    }


@dataclass(frozen=True, kw_only=True)
class _Says:
    """What is said of branches.

    Attributes:
        claim: In words.
        reference: Which result elsewhere they bring here, and the effect that is claimed.
    """

    claim: str
    reference: Claim | None = None


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What becomes of a branch.

    Attributes:
        proposal: What stands for it now.
        fresh: Whether that is to be written down.
        note: What to say of it.
    """

    proposal: Proposal
    fresh: bool
    note: str = ""


def _answer(
    trees: Trees, record: Record, branch: Branch, *, trunk: CommitId, order: int, says: _Says
) -> _Answer:
    """A new proposal, a new version of one, or the one that is there."""
    before = record.newest(ProposalId(branch.id))
    if before is not None and before.commit == branch.commit:
        return _Answer(proposal=before, fresh=False, note=_known(record, before, says))
    proposal = _proposal(trees, record, branch, trunk=trunk, order=order, says=says)
    if before is None:
        return _Answer(proposal=proposal, fresh=True)
    old = before.commit[:10]
    if _same_files(trees, trunk, before, proposal):
        note = f"moved to {branch.commit[:10]} with the files of {old}: nothing new"
        return _Answer(proposal=before, fresh=False, note=note)
    note = f"a new version of {before.id}, whose trials stay with {old}"
    return _Answer(proposal=proposal, fresh=True, note=note)


def _known(record: Record, proposal: Proposal, says: _Says) -> str:
    """What to say of a proposal that is there already."""
    override = record.standing().get(proposal.id)
    note = "known already"
    if override is not None and override.bars:
        note += f", and {override.kind.past}: `mainstem {override.kind} {proposal.id} --lift`"
    if says.claim and says.claim != proposal.claim:
        note += f"; its claim stays {proposal.claim!r}" if proposal.claim else "; without a claim"
    if says.reference is not None and says.reference != proposal.reference:
        kept = proposal.reference
        of = "without a reference" if kept is None else f"its reference stays {kept.reference}"
        note += f"; {of}: what is claimed is claimed before anything runs"
    return note


def _proposal(
    trees: Trees, record: Record, branch: Branch, *, trunk: CommitId, order: int, says: _Says
) -> Proposal:
    """A branch as a proposal: the first of its id, or a new version of what has it."""
    before = record.newest(ProposalId(branch.id))
    proposal = Proposal(
        id=ProposalId(branch.id) if before is None else _next_id(record, before),
        branch=branch.name,
        commit=branch.commit,
        base=branch.base,
        tree=None,
        components=branch.components,
        order=order,
        claim=says.claim,
        reference=says.reference,
        follows=None if before is None else before.id,
    )
    tree = trees.tree(trunk, [proposal])
    return replace(proposal, tree=None if isinstance(tree, Conflict) else tree)


def _next_id(record: Record, before: Proposal) -> ProposalId:
    """The id of the version after this one: that of the first with the next free number."""
    first = first_version(before, record.proposals).id
    names = (ProposalId(f"{first}@{number}") for number in itertools.count(2))
    return next(name for name in names if name not in record.proposals)


def _same_files(trees: Trees, trunk: CommitId, before: Proposal, now: Proposal) -> bool:
    """Whether two versions give the same files on the trunk, such as after a rebase."""
    return now.tree is not None and trees.tree(trunk, [before]) == now.tree


def _entries(record: Record, proposal: Proposal) -> list[tuple[str, Mapping[str, Any]]]:
    """What the ledger takes of a new proposal; what is in the trunk is not withdrawn."""
    entries: list[tuple[str, Mapping[str, Any]]] = [(records.PROPOSAL_TAKEN, _body(proposal))]
    if proposal.follows is not None and proposal.follows not in record.merged:
        body = {"id": proposal.follows, "by": proposal.id}
        entries.append((records.PROPOSAL_WITHDRAWN, body))
    return entries


def _check_ids(record: Record, branches: Sequence[Branch]) -> None:
    """Every id stands for one branch."""
    seen: dict[str, Branch] = {}
    for branch in branches:
        if not _is_name(branch.id):
            raise UsageError(
                f"{branch.id!r} cannot be an id: give {branch.name} one on one line, without "
                "control characters and without blanks at its ends"
            )
        other = seen.setdefault(branch.id, branch)
        if other.name != branch.name:
            raise UsageError(f"{other.name} and {branch.name} both want the id {branch.id!r}")
        known = record.proposals.get(ProposalId(branch.id))
        if known is not None and known.branch != branch.name:
            raise UsageError(
                f"the id {branch.id!r} stands for branch {known.branch} already: "
                f"give {branch.name} another with --id"
            )


def _is_name(text: str) -> bool:
    """Whether a text can stand in a table, in a trailer and on a command line."""
    one_line = text.splitlines() == [text]
    return one_line and text == text.strip() and not any(c < " " or c == "\x7f" for c in text)


def _body(proposal: Proposal) -> Mapping[str, Any]:
    """The line of a proposal; one that brings no reference here has no key for it."""
    claim = proposal.reference
    brings = (
        {}
        if claim is None
        else {
            "reference": {
                "id": claim.reference,
                "objective": claim.objective,
                "gain": claim.gain,
            }
        }
    )
    return {
        "id": proposal.id,
        "branch": proposal.branch,
        "commit": proposal.commit,
        "base": proposal.base,
        "tree": proposal.tree,
        "components": list(proposal.components),
        "order": proposal.order,
        "claim": proposal.claim,
        "follows": proposal.follows,
        **brings,
    }


def _view(record: Record, answer: _Answer) -> dict[str, Any]:
    """One proposal as `propose --json` has it, with who shares its tree."""
    proposal, note = answer.proposal, answer.note
    twins = [
        p.id
        for p in record.in_order()
        if p.id != proposal.id and p.tree is not None and p.tree == proposal.tree
    ]
    if twins:
        note = f"the same tree as {', '.join(twins)}: they share their trials"
    body = {"reference": None, **_body(proposal)}
    return {**body, "same_tree": twins, "note": note}
