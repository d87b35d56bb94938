"""The frontier of a real stack: references, a gap, a merge, what was reproduced, and an import."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Stack

REFERENCES = """\
# What others have; edited by hand.
[measured.loss]
harness = "train.sh"
version = "1"

[[references]]
id = "theirs"
objective = "loss"
value = 2.5
unit = "nats"
spread = 0.01
seeds = 4
scale = { rung = "default" }
harness = "train.sh"
version = "1"
date = 2024-01-01
source = "https://example.org/theirs"
obtained = "published"

[[references]]
id = "lr-paper"
objective = "loss"
value = 2.8
unit = "nats"
gain = 0.12
harness = "[bold]other.py[/bold]"
date = 2024-01-01
source = "arXiv:2401.01234"
obtained = "published"
"""

RESULTS = {
    "results": {"toy": {"alias": "toy", "loss,none": 2.4, "loss_stderr,none": 0.02}},
    "versions": {"toy": 1.0},
    "n-shot": {"toy": 0},
    "higher_is_better": {"toy": {"loss": False}},
    "config": {"model_args": "pretrained=them/model"},
    "date": 1735689600.0,
    "lm_eval_version": "0.4.9",
}


def written(stack: Stack) -> None:
    """Puts the references beside the stack, out of git's sight."""
    (stack.path / "frontier.toml").write_text(REFERENCES)
    with (stack.path / ".git/info/exclude").open("a") as file:
        file.write("frontier.toml\n*.html\n*.json\n*.yaml\n")


def loss(report: dict[str, Any]) -> dict[str, Any]:
    """The objective that is to be improved."""
    found: dict[str, Any] = report["objectives"][0]
    assert found["objective"] == "loss"
    return found


def test_a_gap_shrinks_by_what_is_merged(stack: Stack) -> None:
    """From before the first run to after the merge, with claims that were borne out or not."""
    assert "no frontier.toml: write one beside mainstem.toml" in stack.mainstem("frontier").out
    written(stack)
    said = stack.mainstem("frontier").out
    assert "gap: not known, as no run of today's trunk is" in said
    assert "evaluated by [bold]other.py[/bold], ours by train.sh" in " ".join(said.split())
    stack.mainstem("check")
    before = loss(stack.mainstem("frontier", "--json").json)
    assert before["gap"]["standing"] == "behind"
    taken = stack.mainstem("propose", "lr-high", "--reference", "lr-paper", "--json").json
    assert taken["proposals"][0]["claim"] == "loss +0.12 nats"
    stack.mainstem("propose", "clip", "--reference", "theirs")
    stack.mainstem("propose", "lr-low", "deeper")
    claims = stack.mainstem("frontier", "--json").json["claims"]
    assert [row["status"] for row in claims] == ["claimed", "claimed"]
    assert abs(claims[1]["claimed"] - before["gap"]["value"]["mean"]) < 1e-9
    stack.mainstem("integrate", "--budget", "50")
    during = loss(stack.mainstem("frontier", "--json").json)
    assert {row["id"] for row in during["prospects"]} == {"lr-low", "deeper"}
    stack.mainstem("merge")
    report = stack.mainstem("frontier", "--html", "frontier.html", "--json").json
    after = loss(report)
    gained = report["merges"][0]["gain"]["loss"]["mean"]
    closed = before["gap"]["value"]["mean"] - after["gap"]["value"]["mean"]
    assert abs(closed - gained) < 0.02
    assert after["forecast"]["why_none"] == (
        "1 merge with a measured gain so far, and a pace takes 3"
    )
    status = {row["id"]: row["status"] for row in report["claims"]}
    assert status == {"lr-high": "reproduced", "clip": "not-reproduced"}
    runs = report["claims"][0]["runs"]
    assert runs["confirmation"]
    why = stack.mainstem("why", "lr-high").out
    assert all(trial in why for trial in runs["search"])
    assert "the trunk is behind" in (stack.path / "frontier.html").read_text(encoding="utf-8")
    assert "whole" in stack.mainstem("verify").out


def test_what_harnesses_wrote_is_added_and_nothing_is_lost(stack: Stack) -> None:
    """From JSON and YAML; a second time there is nothing to add; the file stays valid."""
    written(stack)
    (stack.path / "them.json").write_text(json.dumps(RESULTS))
    entries = (
        "- dataset: {id: a/b, task_id: c}\n  value: 2.3\n  date: 2025-02-03\n"
        "  source: {url: https://example.org/t}\n- dataset: {id: a/b, task_id: d}\n  value: 1\n"
    )
    (stack.path / "them.yaml").write_text(entries)
    words = ["frontier", "import", "them.json", "--objective", "loss=toy/loss"]
    dry = stack.mainstem(*words, "--dry-run", "--json").json
    assert [row["id"] for row in dry["taken"]] == ["model-toy-loss"]
    assert (stack.path / "frontier.toml").read_text() == REFERENCES
    stack.mainstem(*words)
    first = (stack.path / "frontier.toml").read_text()
    assert first.startswith(REFERENCES)
    again = stack.mainstem(*words).out
    assert "nothing added to frontier.toml" in again
    assert "it is there already, as model-toy-loss" in " ".join(again.split())
    said = stack.mainstem("frontier", "import", "them.yaml", "--objective", "loss=a/b/c").out
    assert "not taken: a/b/d (them.yaml): no objective was named for it" in " ".join(said.split())
    assert (stack.path / "frontier.toml").read_text().startswith(first)
    rows = {row["id"]: row for row in loss(stack.mainstem("frontier", "--json").json)["references"]}
    assert rows["model-toy-loss"]["source"] == "them.json"
    assert rows["model-toy-loss"]["standard_error"] == 0.02
    assert [m["matter"] for m in rows["model-toy-loss"]["mismatches"]] == ["harness", "scale"]
    assert rows["a-b"]["source"] == "https://example.org/t"


def test_what_is_wrong_is_one_line_and_changes_nothing(stack: Stack) -> None:
    """Exit code 2: in the file, in a call, in a file of results."""
    written(stack)
    path = stack.path / "frontier.toml"
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date()
    path.write_text(REFERENCES.replace("date = 2024-01-01", f"date = {tomorrow}", 1))
    ended = stack.mainstem("frontier", code=2)
    assert ended.err.startswith("mainstem: frontier.toml:16: references.date is")
    path.write_text(REFERENCES)
    assert "has no such reference; it has theirs, lr-paper" in (
        stack.mainstem("propose", "clip", "--reference", "x", code=2).err
    )
    assert "run `mainstem check`" in (
        stack.mainstem("propose", "clip", "--reference", "theirs", code=2).err
    )
    both = ["propose", "clip", "--reference", "lr-paper", "--claim", "loss +1"]
    assert "leave --claim out" in stack.mainstem(*both, code=2).err
    assert stack.mainstem("status", "--json").json["proposals"] == []
    (stack.path / "x.json").write_text("{}")
    assert 'holds no "results" by task' in (
        stack.mainstem("frontier", "import", "x.json", code=2).err
    )
    (stack.path / "them.json").write_text(json.dumps(RESULTS))
    far = ["frontier", "import", "them.json", "--objective", "loss=toy/loss"]
    wrong = stack.mainstem(*far, "--source", "somewhere", code=2).err
    assert "nothing was added to frontier.toml, as it would be wrong" in wrong
    assert "there is no such file here" in wrong
    assert path.read_text() == REFERENCES
    assert "cannot be written" in (
        stack.mainstem("frontier", "--html", "nowhere/f.html", code=2).err
    )
