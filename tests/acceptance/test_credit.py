"""Credit for what was merged, on a real repository, by proposals and by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Stack

AUTHORS = {"lr-high": "Ada <ada@example.org>", "clip": "Bob <bob@example.org>"}


def sign(stack: Stack) -> None:
    """Branches by two authors; of one they are both."""
    for branch, author in AUTHORS.items():
        stack.git("checkout", "--quiet", branch)
        message = f"Try {branch}"
        if branch == "clip":
            message += "\n\nCo-authored-by: Ada <ada@example.org>"
        stack.git("commit", "--quiet", "--amend", f"--message={message}", f"--author={author}")
    stack.git("checkout", "--quiet", "main")


def test_the_gain_is_divided_over_proposals_and_people(stack: Stack) -> None:
    """Values sum to the gain and are those that were planted; authors share theirs."""
    sign(stack)
    before = stack.mainstem("credit")
    assert "nothing was merged yet" in before.out
    stack.mainstem("propose", "lr-high", "clip", "lr-low")
    stack.mainstem("integrate", "--budget", "40")
    stack.mainstem("merge")
    report = stack.mainstem("credit", "--json").json
    assert report["members"] == ["lr-high", "clip"]
    loss = report["objectives"][0]
    values = {m["id"]: m["value"]["mean"] for m in loss["members"]}
    assert sum(values.values()) == pytest.approx(loss["total"]["mean"])
    assert values == pytest.approx({"lr-high": 0.20, "clip": 0.15}, abs=0.02)
    people = {p["handle"]: p["value"]["mean"] for p in loss["people"]}
    assert people["bob@example.org"] == pytest.approx(0.5 * values["clip"])
    assert sum(people.values()) == pytest.approx(loss["total"]["mean"])
    assert sum(m["percent"] for m in loss["members"]) == pytest.approx(100.0)
    nats = {row["id"]: row["nats"] for row in report["information"]}
    assert nats["lr-low"] > 0.1
    text = stack.mainstem("credit").out
    assert "Shapley shares of its gain" in text
    assert "never added to the first" in " ".join(text.split())
    said = stack.mainstem("credit", "--explain", "clip").out
    assert "written by bob@example.org 50%, ada@example.org 50%" in said
    assert "half of what it does with lr-high" in said
    assert (
        "'lr-low' is not in the trunk's gain"
        in stack.mainstem("credit", "--explain", "lr-low", code=2).err
    )


@pytest.fixture
def cited(stack: Stack) -> Stack:
    """Two changes are merged, one of which Cy filed by himself before Bob and Ada did."""
    sign(stack)
    stack.git("checkout", "--quiet", "-b", "clip-too", "main")
    (stack.path / "settings" / "clip").write_text("on\n")
    stack.git("commit", "--quiet", "--all", "--message=Clip", "--author=Cy <cy@example.org>")
    stack.git("checkout", "--quiet", "main")
    (stack.path / "contributors.toml").write_text(
        '[[contributors]]\nhandle = "ada"\nemails = ["ada@example.org"]\n'
        'given_names = "Ada"\nfamily_names = "King"\norcid = "0000-0002-1825-0097"\n'
    )
    stack.git("add", ".")
    stack.git("commit", "--quiet", "--message=Who is who")
    stack.mainstem("propose", "lr-high", "clip-too", "clip")
    stack.mainstem("integrate", "--budget", "40")
    stack.mainstem("merge")
    return stack


def test_credit_is_written_as_others_read_it(cited: Stack) -> None:
    """A citation file, Markdown and roles: names of the file and of commits, and no address."""
    cff = cited.mainstem("credit", "--format", "cff").out
    assert "cff-version: 1.2.0\n" in cff
    assert '  - family-names: "King"\n    given-names: "Ada"\n' in cff
    assert '  - alias: "Cy"' in cff
    assert "Bob" not in cff  # he reproduced, and wrote nothing of what was merged
    markdown = cited.mainstem("credit", "--format", "markdown").out
    assert "| lr-high | Ada King | +0." in markdown
    roles = cited.mainstem("credit", "--format", "roles").out
    assert [line.split() for line in roles.splitlines() if line.startswith("Bob")] == [
        ["Bob", "Validation", "clip-too"]
    ]
    assert "Roles are derived from the ledger" in " ".join(roles.split())
    for said in (cff, markdown, roles):
        assert "@" not in said
    assert cited.mainstem("credit", "--format", "json").json == (
        cited.mainstem("credit", "--json").json
    )
    refused = cited.mainstem("credit", "--format", "cff", "--history", code=2).err
    assert "leave --explain and --history out" in refused


def test_nobody_is_cited_before_the_first_merge(stack: Stack) -> None:
    """One clear line, and nothing on standard output that a file could be made of."""
    ended = stack.mainstem("credit", "--format", "cff", code=1)
    assert "nothing was merged yet" in ended.err
    assert not ended.out


def test_credit_tells_how_it_moved_and_why(cited: Stack) -> None:
    """A step for the merge, one for the runs that came since; told again from what is kept."""
    merged = cited.mainstem("credit", "--json", "--history").json
    (first,) = merged["history"]
    assert first["merged"] == ["lr-high", "clip-too"]
    assert [m["value"] for m in first["objectives"][0]["members"]] == [
        m["value"] for m in merged["objectives"][0]["members"]
    ]
    cited.mainstem("propose", "deeper")
    cited.mainstem("integrate", "--budget", "8")
    again = cited.mainstem("credit", "--json", "--history").json["history"]
    assert again[0] == first
    assert {row["trial"].split(".")[0] for row in again[1]["new_trials"]} == {"c2"}
    kept = (cited.path / ".mainstem" / "credit-history.json").read_bytes()
    said = cited.mainstem("credit", "--explain", "lr-high").out
    assert "merged lr-high + clip-too" in said
    assert "now, trunk" in said
    assert "moved by" in said
    assert "new" in cited.mainstem("credit", "--history").out
    assert (cited.path / ".mainstem" / "credit-history.json").read_bytes() == kept


def test_who_filed_the_same_change_is_in_an_account_of_its_own(cited: Stack) -> None:
    """Bob reproduced what Cy filed first; so did Ada, who wrote it with him."""
    rows = {r["id"]: r for r in cited.mainstem("credit", "--json").json["reproductions"]}
    assert rows["clip-too"]["same_tree"] == [{"id": "clip", "sealed": True}]
    assert rows["clip-too"]["by"] == ["bob@example.org", "ada"]
    assert rows["lr-high"]["by"] == []
    assert rows["lr-high"]["repeats"] > 0
    said = cited.mainstem("credit").out
    assert "Accounts of their own, in counts, that are never added to the gain." in said


def test_who_reviewed_what_was_merged_is_in_the_table_of_roles(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name that git has of them, once the verdict is there; the ledger has a token."""
    for variable in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{variable}")
    stack.git("config", "user.name", "Grace")
    stack.git("config", "user.email", "grace@example.org")
    sign(stack)
    stack.mainstem("propose", "lr-high", "lr-low")
    for proposal in ("lr-high", "lr-low"):
        stack.mainstem("review", proposal, "--merge", "0.5")
    stack.mainstem("integrate", "--budget", "30")
    stack.mainstem("merge")
    said = stack.mainstem("credit", "--format", "roles").out
    (line,) = [line for line in said.splitlines() if line.startswith("Grace")]
    assert line.split("  ")[0] == "Grace"
    assert line.endswith("review & editing  lr-high")
    assert "Grace" not in stack.mainstem("credit", "--format", "cff").out
