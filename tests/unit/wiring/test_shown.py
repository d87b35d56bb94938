from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from large_ledger import Size, make_project
from mainstem.engine import views
from mainstem.engine.views import listing
from mainstem.wiring import open_project, shown

if TYPE_CHECKING:
    from conftest import GitRepo
    from mainstem.wiring import Project

STACK = """
[stack]
trunk = "main"
command = "sh train.sh {seed}"
[[objectives]]
name = "loss"
margin = 0.05
"""


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The trunk each time that the whole record is weighed."""
    found: list[str] = []
    show = views.show

    def noted(*words: Any, trunk: str) -> dict[str, Any]:
        found.append(trunk)
        return show(*words, trunk=trunk)

    monkeypatch.setattr(views, "show", noted)
    return found


def test_the_same_record_is_weighed_once(repo: GitRepo, weighed: list[str]) -> None:
    """Each time the same is shown, as it was the first time; also by another process."""
    reports = []
    for _ in range(3):
        with open_project(repo.path) as project:
            reports.append(project.show())
    assert len(weighed) == 1
    assert reports[0] == reports[1] == reports[2]


def test_whatever_is_written_down_is_shown(repo: GitRepo, weighed: list[str]) -> None:
    """A proposal more, and it is there at once."""
    with open_project(repo.path) as project:
        assert project.show()["proposals"] == []
        project.propose(["clip"], proposal_id=None, claim="")
        assert [p["id"] for p in project.show()["proposals"]] == ["clip"]
    assert len(weighed) == 2


@pytest.mark.parametrize("what", ["settings", "trunk"])
def test_other_settings_and_another_trunk_are_weighed_anew(
    repo: GitRepo, weighed: list[str], what: str
) -> None:
    """What is shown depends on both."""
    with open_project(repo.path) as project:
        project.show()
    if what == "settings":
        (repo.path / "mainstem.toml").write_text(STACK, encoding="utf-8")
    else:
        repo.commit({"more": "1\n"})
    with open_project(repo.path) as project:
        project.show()
    assert len(weighed) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "0"}', "\x00\xff"])
def test_a_kept_file_that_is_damaged_is_not_believed(
    repo: GitRepo, weighed: list[str], text: str
) -> None:
    """It is written anew."""
    with open_project(repo.path) as project:
        first = project.show()
        (project.state / "shown.json").write_text(text, encoding="latin-1")
        assert project.show() == project.show() == first
    assert len(weighed) == 2


def test_a_folder_that_cannot_be_written_costs_time_only(repo: GitRepo, weighed: list[str]) -> None:
    """A folder in the file's place stands for a full disk."""
    with open_project(repo.path) as project:
        (project.state / "shown.json").mkdir()
        assert project.show() == project.show()
    assert len(weighed) == 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a campaign that waits for a batch."""
    folder = tmp_path_factory.mktemp("made") / "stack"
    return make_project(folder, Size(proposals=4, trials=12, campaigns=1))


@pytest.fixture
def long(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, whose record counts as a long one."""
    monkeypatch.setattr(listing, "MOST_RUNS", 1)
    return Path(shutil.copytree(made, tmp_path / "stack"))


def ended(project: Project, name: str) -> tuple[str, dict[str, Any]]:
    """The line of a trial that has ended, like one that stands in the record."""
    last = project.ledger.latest(kinds=["trial-finished"], most=1)[0]
    return last.kind, {**last.body, "trial": name}


def waiting(project: Project) -> list[str]:
    """Trials that were asked for and have no result."""
    campaign = project.record().latest()
    assert campaign is not None
    return [a.name for a in campaign.asked() if a.name not in campaign.finished]


def test_a_long_record_is_weighed_by_who_asks_for_it(long: Path, weighed: list[str]) -> None:
    """Else what was weighed is shown with its date, and with nothing weighed, what lines say."""
    with open_project(long) as project:
        assert project.show()["weighed"]["line"] is None
        assert not weighed
        whole = project.show(weigh=True)
        assert (whole["weighed"], len(weighed)) == (None, 1)
        assert project.show() == whole
        line = project.ledger.end()[0]
        project.ledger.append([ended(project, waiting(project)[0])])
        done = whole["trials"]["done"]
        dated = {**whole, "weighed": {"line": line, "trials": done, "since": 1}}
        assert project.show() == project.show() == dated
        assert len(weighed) == 1
        anew = project.show(weigh=True)
        assert (anew["trials"]["done"], anew["weighed"]) == (done + 1, None)
        assert project.show() == anew
    assert len(weighed) == 2


def test_what_is_new_beside_trials_is_listed_at_once(long: Path, weighed: list[str]) -> None:
    """With the figures of then, and their date."""
    with open_project(long) as project:
        whole = project.show(weigh=True)
        body = dict(project.ledger.latest(kinds=["proposal-taken"], most=1)[0].body)
        body |= {"id": "late", "branch": "late", "commit": "1" * 40, "order": 99}
        project.ledger.append([("proposal-taken", body)])
        found = project.show()
        assert [p["id"] for p in found["proposals"]] == [
            *(p["id"] for p in whole["proposals"]),
            "late",
        ]
        assert found["best"] == whole["best"]
        assert found["weighed"]["since"] == 0
        assert found["weighed"]["line"] == project.ledger.end()[0] - 1
    assert len(weighed) == 1


@pytest.mark.parametrize("what", ["code", "settings", "ledger", "line", "cut", "shape"])
def test_what_was_weighed_elsewhere_is_never_shown_here(
    long: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """By another version, with other settings, of another ledger, or half of a file."""
    with open_project(long) as project:
        line = project.ledger.end()[0]
        report = {"trunk": {"commit": project.trunk_commit}}
        shown.keep_weighed(project.state, project.stack, project.ledger, report, line=line)
        assert shown.weighed_last(project.state, project.stack, project.ledger) is not None
    path = long / ".mainstem" / "weighed.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    if what == "code":
        monkeypatch.setattr(shown, "code", lambda: "another")
    elif what == "settings":
        text = (long / "mainstem.toml").read_text(encoding="utf-8")
        (long / "mainstem.toml").write_text(text.replace("0.01", "0.02"), encoding="utf-8")
    elif what == "ledger":
        path.write_text(json.dumps({**kept, "hash": "0" * 64}), encoding="utf-8")
    elif what == "line":
        path.write_text(json.dumps({**kept, "line": kept["line"] + 5}), encoding="utf-8")
    elif what == "cut":
        path.write_text(json.dumps(kept)[:-40], encoding="utf-8")
    else:
        path.write_text(json.dumps({**kept, "line": "7"}), encoding="utf-8")
    with open_project(long) as project:
        assert shown.weighed_last(project.state, project.stack, project.ledger) is None
        listed = None if what == "settings" else {"line": None, "trials": 0, "since": 8}
        assert project.show()["weighed"] == listed  # other settings ask another question


def test_a_campaign_keeps_what_it_weighs_in_a_small_part_of_its_time(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weighing of 2 s comes every 40 s; the last one always; a short record has none."""
    now_s = [100.0]
    monkeypatch.setattr(shown.time, "monotonic", lambda: now_s[0])
    at_s: list[float] = []

    def weigh(*_words: Any) -> dict[str, Any]:
        at_s.append(now_s[0])
        now_s[0] += 2.0
        return {"trunk": {"commit": "0" * 40}, "proposals": [], "campaign": "c1"}

    with open_project(long) as project:
        record = project.record()
        campaign, state = project.standing(record)
        assert campaign is not None
        assert state is not None
        keep = shown.Keeping(project.state, project.stack, project.ledger, weigh)
        for _ in range(50):
            keep(record, campaign, state, last=False)
            now_s[0] += 1.0
        keep(record, campaign, state, last=True)
        kept = shown.weighed_last(project.state, project.stack, project.ledger)
        assert kept is not None
        assert kept.line == record.seq
        monkeypatch.setattr(listing, "MOST_RUNS", 1000)
        keep(record, campaign, state, last=True)
    assert at_s[:2] == [100.0, 140.0]
    assert len(at_s) == 3


def test_what_runs_is_never_kept(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes without a line in the record."""
    with open_project(repo.path) as project:
        assert project.show()["trials"]["running"] == 0
        monkeypatch.setattr(type(project), "progress", lambda _self, _record: {"running": ["c1.1"]})
        assert project.show()["trials"]["running"] == 1
        kept = json.loads((project.state / "shown.json").read_text(encoding="utf-8"))
    assert kept["report"]["trials"]["running"] == 0
    assert shown.read(project.state, "another") is None


def test_a_kept_page_loads_no_engine(long: Path) -> None:
    """Statistics, executors and the record's folding are half a second that nobody waits for."""
    with open_project(long) as project:
        project.show()
    script = """
import sys
from pathlib import Path
from mainstem.cli import main, show
from mainstem.wiring import open_project
with open_project(Path(sys.argv[1])) as project:
    show.render(project.show())
heavy = ("numpy", "mainstem.stats", "mainstem.executors", "mainstem.engine.record", "psycopg")
print([name for name in sys.modules if name.startswith(heavy)], file=sys.stderr)
"""
    words = [sys.executable, "-c", script, str(long)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
