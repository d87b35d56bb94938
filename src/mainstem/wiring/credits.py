"""Credit of a project: its division over people, and how it moved."""

from __future__ import annotations

import contextlib
import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.people import credit as people_credit, reviews
from mainstem.wiring import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.domain.contributor import Contributor
    from mainstem.domain.proposal import ProposalId
    from mainstem.wiring.project import Project

_FILE = "credit-history.json"


def credit(project: Project) -> dict[str, Any]:
    """The documented JSON of `mainstem credit`.

    Raises:
        ConfigurationError: `contributors.toml` is wrong.
        GitError: A proposal's commit is gone.
        UsageError: Many members, and shapiq is not installed.
    """
    from mainstem.engine.views.credit import credit as view  # loads the statistics: only here

    record = project.record()
    _, state = project.standing(record)
    divide = partial(
        view,
        project.stack,
        record,
        state,
        project.trees,
        trunk=project.trunk_commit,
        tree=project.trees.merger.tree_of(project.trunk_commit),
    )
    try:
        return people_credit.report(
            project.directory, record, lambda o: divide(owners=o), reviewed=_reviewed(project)
        )
    except ModuleNotFoundError as error:
        raise UsageError(str(error)) from None


def history(project: Project) -> list[dict[str, Any]]:
    """The documented `history` of `mainstem credit`: how the division moved.

    What stood at a merge never changes while settings and code do not, so it is kept beside the
    ledger; a file that is gone or cannot be read costs time, nothing else.

    Raises:
        GitError: A proposal's commit is gone.
        UsageError: Many members, and shapiq is not installed.
    """
    from mainstem.engine.views import credit_history  # loads the statistics: only here

    project.record()  # writes down a merge that was killed before it was
    before = _read(project)
    now: dict[str, Any] = {}

    def kept(line: str, work_out: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        key = hashlib.sha256(f"{line}\n{project.stack!r}\n{shown.code()}".encode()).hexdigest()
        if key not in now:
            now[key] = before[key] if key in before else work_out()
        found: dict[str, Any] = now[key]
        return found

    try:
        steps = credit_history.history(
            project.stack,
            list(project.ledger.entries()),
            project.trees,
            trunk=project.trunk_commit,
            tree_of=project.trees.merger.tree_of,
            kept=kept,
        )
    except ModuleNotFoundError as error:
        raise UsageError(str(error)) from None
    if now.keys() != before.keys():
        _write(project, now)
    return steps


def _reviewed(project: Project) -> list[tuple[Contributor, ProposalId]]:
    """Who reviewed what, of proposals that have a verdict since; the forgotten as pseudonyms."""
    known = project.identities.known()
    found = reviews.fold(project.ledger.entries(kinds=reviews.KINDS)).scored
    return [
        (project.directory.acting(known[review.by]), review.proposal)
        for review, _ in found
        if review.by in known
    ]


def _read(project: Project) -> dict[str, Any]:
    """What was worked out before, by key."""
    try:
        found = json.loads((project.state / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(project: Project, kept: dict[str, Any]) -> None:
    part = project.state / f"{_FILE}.part"
    with contextlib.suppress(OSError):
        part.write_text(json.dumps(kept), encoding="utf-8")
        part.replace(project.state / _FILE)
