"""`mainstem import` as a user calls it; the contest's page is what it prints."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from mainstem.cli.main import main
from mainstem.frontier import supported
from mainstem.frontier.import_pictures import record_gains
from mainstem.frontier.records import records_of
from mainstem.frontier.table import read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[3]
FILE = ROOT / "examples" / "contest" / "records.json"
RUNS = "lr,seed,loss\n1,0,3.0\n1,1,3.02\n2,0,2.0\n2,1,2.02\n"


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder that belongs to no project."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def call(*words: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(main, ["import", *words])


def test_the_contest_s_page_is_what_the_command_prints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Word by word, and the picture too; `docs/contest.md` says how to make them."""
    page = (ROOT / "docs" / "contest.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    first, second, printed = block.split("\n", 2)
    assert first == "$ cd examples/contest"
    monkeypatch.chdir(ROOT / "examples" / "contest")
    monkeypatch.setenv("COLUMNS", "100")
    done = call(*second.removeprefix("$ mainstem import ").split())
    assert done.output == printed
    table = read_table(FILE)
    asked = supported.Asked(nats=0.005, tokens_per_byte=(0.411, 0.268))
    drawn = record_gains(supported.report(table, records_of(table, None), asked))
    kept = ROOT / "docs" / "pictures" / "contest-gains.svg"
    assert kept.read_text(encoding="utf-8") == f"{drawn}\n"


def test_the_tokens_per_byte_of_the_page_follow_from_its_figures() -> None:
    """Bits per byte = nats per token / ln 2 * tokens per byte, and the ends enclose them all."""
    page = (ROOT / "docs" / "contest.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| ([\d.]+) \| ([\d.]+) \| (\.\d+) \| (\.\d+) \|", page)
    assert len(rows) == 5
    ln2 = 0.6931471805599453
    for nats, bits, tokens, wanted in rows:
        ratio = float(bits) * ln2 / float(nats)
        assert float(tokens) == pytest.approx(ratio, abs=6e-5)
        assert float(wanted) == pytest.approx(0.005 / ln2 * ratio, abs=6e-6)
        assert 0.268 <= ratio <= 0.411


def test_runs_are_judged_in_words_and_as_json(away: Path) -> None:
    """What comes out in words is in the JSON too."""
    (away / "r.csv").write_text(RUNS)
    words = ["r.csv", "--objective", "loss,margin=0.1", "--baseline", "lr=1"]
    said = call(*words)
    assert said.exit_code == 0
    assert "1 recipes came out better than the baseline; the evidence supports 1" in said.output
    assert "lr=2" in said.output
    found = json.loads(call(*words, "--json").output)
    assert found["wins"][0]["recipe"] == ["lr=2"]
    assert [one["recipe"] for one in found["next"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no objective to improve"),
        (("--objective", "loss"), "has no margin"),
        (("--objective", "loss,margin=0.1"), "baseline missing: which value of lr is it"),
        (("--objective", "acc,margin=0.1"), "no metric acc: an unknown objective"),
        (("--objective", "loss,margin=0.1", "--baseline", "lr"), "write it as COLUMN=VALUE"),
        (("--objective", "loss,margin=0.1", "--only", "lr=1"), "runs are chosen by rung"),
        (("--nats", "0.005"), "--nats is of records, and these are runs"),
        (("--tokens-per-byte", "0.4"), "--tokens-per-byte is of records"),
        (("--call", "a", "b"), "it goes with --into"),
        (("--into", "--gain", "1"), "are of records: not with --into"),
        (("--into", "--objective", "loss,margin=1"), "the objectives are those of mainstem.toml"),
    ],
)
def test_wrong_use_is_one_line(away: Path, words: Sequence[str], said: str) -> None:
    """Exit code 2 and nothing written."""
    (away / "r.csv").write_text(RUNS)
    done = call("r.csv", *words)
    assert done.exit_code == 2
    assert done.output.startswith("mainstem: ")
    assert said in done.output
    assert [one.name for one in away.iterdir()] == ["r.csv"]


def test_records_take_no_options_of_runs(away: Path) -> None:
    """Nor is there a baseline of a leaderboard."""
    (away / "records.csv").write_text("record,value\n1,2.0\n")
    for words in (["--baseline", "a=b"], ["--ignore", "x"], ["--only", "rung=s"]):
        done = call("records.csv", *words)
        assert done.exit_code == 2
        assert "of runs, and these are records" in done.output


def test_a_page_that_cannot_be_written_is_an_error(away: Path) -> None:
    """One line, with the reason."""
    (away / "records.csv").write_text("record,value\n1,2.0\n")
    done = call("records.csv", "--html", str(away / "gone" / "page.html"))
    assert done.exit_code == 2
    assert "cannot be written: No such file or directory" in done.output
