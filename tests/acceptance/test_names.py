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


CONTRIBUTORS = """
[[contributors]]
handle = "ada"
kind = "student"
emails = ["ada@example.org"]
"""


def test_somebody_sees_all_that_is_kept_and_is_forgotten(stack: Stack) -> None:
    """List, export, dry run, the real thing; no command shows the name again, verify is content."""
    (stack.path / "contributors.toml").write_text(CONTRIBUTORS)
    stack.git("branch", "ada/clip", "clip")
    stack.mainstem("propose", "ada/clip", "deeper")
    stack.mainstem("status", "--names")
    [row, *_] = stack.mainstem("people", "list", "--json").json["people"]
    assert (row["handle"], row["kind"], row["proposals"]) == ("ada", "student", 2)
    kept = stack.mainstem("people", "export", "ada").json
    assert [row["id"] for row in kept["proposals"]] == ["ada/clip", "deeper"]
    assert kept["contributors_toml"]["emails"] == ["ada@example.org"]
    said = stack.mainstem("people", "pseudonymise", "ada", "--dry-run").out
    assert "nothing was changed" in said
    done = stack.mainstem("people", "pseudonymise", "ada", "--json").json
    name = done["pseudonym"]
    assert {place["where"] for place in done["remains"]} == {
        *("contributors.toml", "git", "ledger", "copies")
    }
    [lines] = [place["lines"] for place in done["remains"] if "lines" in place]
    assert 1 in lines
    (stack.path / "contributors.toml").unlink()
    for words in (["status", "--names"], ["show", "--names"], ["shares"], ["people", "list"]):
        shown = stack.mainstem(*words).out
        assert name in shown
        assert "ada@" not in shown
    assert "the ledger is whole" in stack.mainstem("verify").out
    again = stack.mainstem("people", "pseudonymise", name).out
    assert again.startswith(
        f"{name} is a pseudonym already, and stays one (1 address)\nout of reach:\n- git: "
    )
    assert "nobody is called 'ada' here" in stack.mainstem("people", "export", "ada", code=2).err
