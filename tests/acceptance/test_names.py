"""Who wrote what: hidden, shown on record, exported and forgotten, on a real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Stack

NAMES = ("ada@example.org", "Grace", "grace@example.org")


def test_listings_show_no_name_unless_asked_to(stack: Stack) -> None:
    """As text and as JSON; asked for, authors stand in a column, and it is written down first."""
    stack.mainstem("propose", "clip", "deeper")
    for words in (["status"], ["show"], ["why", "clip"]):
        for form in ([], ["--json"]):
            plain = stack.mainstem(*words, *form).out
            assert not any(name in plain for name in NAMES)
            assert "authors" not in plain
            assert "ada@example.org" in stack.mainstem(*words, "--names", *form).out
    [first, *_] = stack.mainstem("show", "--names", "--json").json["proposals"]
    assert first["authors"] == {"ada@example.org": 1.0}
    refused = stack.mainstem("show", "--stale", "--names", code=2)
    assert "--stale has no authors" in refused.err
