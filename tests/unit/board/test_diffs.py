"""Diffs, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mainstem.board import diffs
from mainstem.board.page import Visit
from tests.unit.board.looking import one_file

if TYPE_CHECKING:
    from mainstem.board.reader import Diff, Reader
    from tests.unit.board.looking import Looking

TEXT = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n"


def test_each_line_says_what_it_is() -> None:
    """Heads of files are no lines that came or went."""
    assert [kind for kind, _ in diffs.lines(one_file(TEXT))] == [
        "hunk",
        "hunk",
        "hunk",
        "hunk",
        "del",
        "add",
        "",
    ]


def test_all_of_it_is_read_only_where_it_is_asked_for() -> None:
    """A page has the beginning."""

    class Asked:
        most = 0

        def diff(self, recipe: list[str], *, most: int) -> Diff:
            self.most = most
            return one_file(",".join(recipe))

    asked = Asked()
    reader = cast("Reader", asked)
    assert diffs.wanted(reader, ["a", "b"], Visit()).text == "a,b"
    assert asked.most == diffs.SOME_BYTES
    diffs.wanted(reader, ["a"], Visit(query={"diff": "all"}))
    assert asked.most == diffs.MANY_BYTES


def test_a_merged_one_has_the_commit_that_merged_it(merged: Looking) -> None:
    """The last one, where it was merged again; none of what is not in the trunk."""
    record = merged.record()
    assert diffs.merge_of(record, "muon") == record.merges[-1]["commits"]["muon"]
    assert diffs.merge_of(record, "bad") is None
    found = diffs.merged(cast("Reader", merged), "abc", Visit())
    assert found.files[0].path == "abc"
