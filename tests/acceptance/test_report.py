"""The report of a real campaign: written before anything ran, after it, and for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Stack


def test_a_campaign_is_written_up(stack: Stack) -> None:
    """One file that says what `--json` says; the same in Markdown; pictures as files."""
    with (stack.path / ".git/info/exclude").open("a") as file:
        file.write("*.html\nfigures\n")
    stack.mainstem("propose", "lr-high", "clip", "lr-low")
    empty = stack.mainstem("report", "--format", "md").out
    assert "Nothing ran yet: 3 proposals on record" in empty
    stack.mainstem("integrate", "--budget", "40")
    stack.mainstem("merge")
    assert stack.mainstem("report").out == "written: report.html\n"
    html = (stack.path / "report.html").read_text(encoding="utf-8")
    found = stack.mainstem("report", "--json").json
    assert found["show"] == stack.mainstem("show", "--json").json
    assert found["credit"] == stack.mainstem("credit", "--json").json
    assert found["ledger"]["alterations"] == []
    assert found["ledger"]["hash"] in html
    assert "2 of 3 proposals are in the trunk together (lr-high, clip)" in html
    assert html.count("ada@example.org") == html[html.index('id="credit"') :].count(
        "ada@example.org"
    )
    assert {host["trials"] for host in found["hosts"]} == {found["show"]["trials"]["done"]}
    text = stack.mainstem("report", "--format", "md", "--plots", "figures")
    assert "**2 of 3 proposals are in the trunk together" in text.out
    assert "written: figures/" in text.err
    files = sorted(path.name for path in (stack.path / "figures").iterdir())
    assert {"course.svg", "course.csv", "effects-loss.svg"} <= set(files)


def test_what_cannot_be_is_one_line(stack: Stack) -> None:
    """No such campaign, no such folder, two places for one JSON: exit code 2, nothing written."""
    stack.mainstem("propose", "lr-high")
    said = stack.mainstem("report", "--campaign", "c7", code=2).err
    assert said == "mainstem: --campaign c7: there is no such campaign; there are: none yet\n"
    said = stack.mainstem("report", "-o", "none/report.html", code=2).err
    assert said == "mainstem: none/report.html cannot be written: No such file or directory\n"
    said = stack.mainstem("report", "--json", "-o", "report.json", code=2).err
    assert said.startswith("mainstem: --json prints to standard output")
    assert not (stack.path / "report.html").exists()
