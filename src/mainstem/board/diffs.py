"""A diff to look at: what each line of it is, for whoever reads it in colours or by ear."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.board.page import Visit
    from mainstem.board.reader import Diff, Reader
    from mainstem.engine.record import Record

SOME_BYTES, MANY_BYTES = 16_000, 400_000
"""Of a diff's text: at first, and where all of it is asked for."""


def wanted(reader: Reader, recipe: Sequence[str], visit: Visit) -> Diff:
    """What a recipe changes in the trunk as it is now: its beginning, or all with `diff=all`."""
    return reader.diff(recipe, most=_most(visit))


def merged(reader: Reader, commit: str, visit: Visit) -> Diff:
    """What a merge commit changed in the trunk of then, cut in the same way."""
    return reader.merge_diff(commit, most=_most(visit))


def merge_of(record: Record, proposal: str) -> str | None:
    """The commit that merged a proposal, the last one of several; None if none did."""
    found = (merge["commits"].get(proposal) for merge in reversed(record.merges))
    return next((str(commit) for commit in found if commit is not None), None)


def _most(visit: Visit) -> int:
    return MANY_BYTES if visit.query.get("diff") == "all" else SOME_BYTES


def lines(diff: Diff) -> list[tuple[str, str]]:
    """The text line by line, each with its class: `add`, `del`, `hunk` or none."""
    return [(_kind(line), line) for line in diff.text.splitlines()]


def _kind(line: str) -> str:
    if line.startswith(("+++", "---", "diff ", "index ", "@@")):
        return "hunk"
    return {"+": "add", "-": "del"}.get(line[:1], "")
