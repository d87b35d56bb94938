"""What goes back to whoever filed a proposal, after a real campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Stack


def test_every_verdict_has_a_message_for_its_pull_request(stack: Stack) -> None:
    """As text and as a key of the JSON; a lost guard, a conflict, a member; no name in any."""
    stack.mainstem("propose", "lr-high", "lr-low", "clip", "deeper")
    before = stack.mainstem("why", "deeper", "--message").out
    assert "What was measured: nothing of it yet." in before
    stack.mainstem("integrate", "--budget", "40")
    text = stack.mainstem("why", "deeper", "--message").out
    assert text.startswith("**deeper**: shelve (kept, not merged now)\n\nThe reason: breaks the gu")
    assert "- weights: -2,000 exactly; a loss of up to 400 is tolerated\n" in text
    assert "- a loss of at most 400 on weights (measured: -2,000 exactly)" in text
    assert "(confirmed on fresh seeds: loss +0.3" in text
    assert stack.mainstem("why", "deeper", "--json").json["message"] == text.removesuffix("\n")
    member = stack.mainstem("why", "clip", "--message").out
    assert "What would change this" not in member
    for said in (before, text, member):
        assert "example.org" not in said
