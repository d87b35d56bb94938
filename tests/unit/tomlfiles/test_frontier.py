from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import ConfigurationError
from mainstem.domain.reference import Frontier, Measured, Obtained, Reference
from mainstem.domain.stack import Direction, Objective, Rung, Stack
from mainstem.tomlfiles.frontier import parse_frontier, read_frontier, source_fault

TODAY = dt.date(2026, 3, 1)
STACK = Stack(
    name="toy",
    trunk="main",
    command="python train.py",
    timeout_s=60.0,
    objectives=(
        Objective("loss", margin=0.05, unit="nats"),
        Objective("acc", margin=0.5, direction=Direction.MAXIMIZE),
    ),
    rungs=(Rung(name="default"),),
)
GOOD = """
[measured.loss]
harness = "eval.py"
version = "3"
scale = { steps = 100 }

[measured.acc]
harness = "eval.py"
version = "3"
scale = "any"

[[references]]
id = "theirs"
objective = "loss"
value = 2.5
unit = "nats"
spread = 0.0
seeds = 3
standard_error = 0.01
scale = { steps = 100, "rung name" = "small", tied = true }
harness = "eval.py"
version = "3"
date = 2026-02-28
source = "https://example.org/theirs"
obtained = "published"
gain = 0.1
note = '''
Two lines
of it.'''

[[references]]
id = "other"
metric = "mmlu"
value = 61
date = 2026-01-01
source = "doi:10.1234/some.thing"
obtained = "recomputed"
"""


def parsed(text: str) -> Frontier:
    """What a text says."""
    return parse_frontier(text, "frontier.toml", STACK, today=TODAY, folder=Path("nowhere"))


def faults(text: str) -> list[str]:
    """What is wrong with a text."""
    with pytest.raises(ConfigurationError) as caught:
        parsed(text)
    return str(caught.value).splitlines()


def changed(old: str, new: str) -> list[str]:
    """What is wrong with the good text after a change."""
    assert GOOD.count(old) >= 1, old
    return faults(GOOD.replace(old, new, 1))


def test_references_are_read_with_all_that_they_state() -> None:
    """What is not stated is None or empty, and never a number."""
    found = parsed(GOOD)
    theirs, other = found.references
    assert isinstance(theirs, Reference)
    assert (theirs.value, theirs.spread, theirs.seeds, theirs.gain) == (2.5, 0.0, 3, 0.1)
    assert theirs.scale == {"steps": 100, "rung name": "small", "tied": True}
    assert theirs.date == dt.date(2026, 2, 28)
    assert theirs.metric == "loss"
    assert theirs.note == "Two lines\nof it."
    assert (other.objective, other.metric, other.value) == ("", "mmlu", 61.0)
    assert other.obtained is Obtained.RECOMPUTED
    assert (other.spread, other.seeds, other.standard_error, other.gain) == (None,) * 4
    assert (other.harness, other.version, other.scale) == ("", "", {})
    assert found.measured == {
        "loss": Measured(objective="loss", harness="eval.py", version="3", scale={"steps": 100}),
        "acc": Measured(objective="acc", harness="eval.py", version="3", any_scale=True),
    }


def test_no_file_is_none_and_an_empty_one_holds_nothing(tmp_path: Path) -> None:
    """Everything else works without the file."""
    path = tmp_path / "frontier.toml"
    assert read_frontier(path, STACK, today=TODAY) is None
    path.write_text("", encoding="utf-8")
    assert read_frontier(path, STACK, today=TODAY) == Frontier()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "https://example.org/theirs"\n', "", "references.source is missing: write an"),
        ("https://example.org/theirs", "https:///x", "that is no address"),
        ("https://example.org/theirs", "javascript:alert(1)", "that is no source"),
        ("https://example.org/theirs", "ftp://example.org", "that is no address"),
        ("https://example.org/theirs", "https://exa mple.org", "that is no address"),
        ("https://example.org/theirs", "../x", "that is a file elsewhere"),
        ("https://example.org/theirs", "runs/none.json", "there is no such file here"),
        ('unit = "nats"\n', 'unit = "bits"\n', 'is "bits", and loss is in nats: convert'),
        ('unit = "nats"\n', "", 'references.unit is missing: write unit = "nats"'),
        ('id = "other"', 'id = "theirs"', 'a second "theirs": the first is on line 13'),
        ("seeds = 3", "seed = 3", 'unknown key "references.seed" (did you mean "seeds"?)'),
        ("seeds = 3", "seeds = 0", "write a whole number of at least 1"),
        ("[measured.loss]", "[measure.loss]", 'unknown key "measure" (did you mean "measured"?)'),
        ("[measured.loss]", "[measured.los]", 'no such objective (did you mean "loss"?)'),
        ('scale = "any"', 'scale = "some"', "write it as a table"),
        ("2026-02-28", "2026-03-02", "still to come (today is 2026-03-01)"),
        ("2026-02-28", "1026-02-28", "not older than 1950-01-01"),
        ("2026-02-28", '"2026-02-28"', "write a date without quotes"),
        ("2026-02-28", "2026-02-28T01:00:00", "without a time"),
        ("2026-02-28", "2026-02-30", "not valid TOML"),
        ("date = 2026-02-28\n", "", "references.date is missing"),
        ("value = 2.5", "value = nan", "references.value is nan: write a finite number"),
        ("value = 2.5", "value = inf", "references.value is inf"),
        ("value = 2.5", 'value = "2.5"', 'references.value is "2.5"'),
        ("value = 2.5", "value = true", "references.value is true"),
        ("value = 2.5", f"value = 1{'0' * 400}", "references.value is 1000"),
        ("value = 2.5\n", "", "references.value is missing"),
        ("spread = 0.0", "spread = -1", "write a finite number of at least 0"),
        ("gain = 0.1", "gain = 0", "write a number above 0"),
        ('objective = "loss"', 'objective = "los"', "no such objective"),
        ('objective = "loss"\n', "", "references.objective is missing"),
        ('obtained = "published"', 'obtained = "heard"', 'write "published" or "reproduced" or'),
        ('obtained = "published"\n', "", "references.obtained is missing"),
        ('id = "theirs"', 'id = "a\\u001b[31m"', "one line, without control characters"),
        ('id = "theirs"', 'id = "a\\u202eb"', "one line, without control characters"),
        ('id = "theirs"\n', "", "references.id is missing"),
        ("steps = 100,", "steps = [1],", "references.scale.steps is a list"),
        ("steps = 100,", "steps = nan,", "references.scale.steps is nan"),
        ("of it.", "of\x00 it.", "not valid TOML"),
    ],
)
def test_a_fault_is_one_clear_error(old: str, new: str, said: str) -> None:
    """Of a file that is right but for that: one line that says where, what, and what to write."""
    (fault,) = changed(old, new)
    assert fault.startswith("frontier.toml:")
    assert said in fault, fault


def test_every_fault_is_named_at_once_with_its_line() -> None:
    """Whoever mends the file mends it once."""
    found = faults(GOOD.replace("2.5", "nan").replace("nats", "bits").replace("mmlu", "a\\tb"))
    assert [fault.partition(": ")[0] for fault in found] == [
        "frontier.toml:15",
        "frontier.toml:16",
        "frontier.toml:33",
    ]


def test_one_result_under_two_names_is_an_error() -> None:
    """Else it would be counted twice, and mended once."""
    again = GOOD[GOOD.index("[[references]]") : GOOD.index('[[references]]\nid = "other"')]
    (fault,) = faults(GOOD + again.replace('"theirs"', '"copy"'))
    assert '"copy" is the same result as "theirs"' in fault


def test_a_source_can_be_a_file_of_the_folder(tmp_path: Path) -> None:
    """Also one in a folder of it, never one outside, whatever leads there."""
    (tmp_path / "here" / "runs").mkdir(parents=True)
    (tmp_path / "here" / "runs" / "a.json").write_text("{}")
    (tmp_path / "secret").write_text("x")
    (tmp_path / "here" / "link").symlink_to(tmp_path / "secret")
    assert source_fault("runs/a.json", tmp_path / "here") is None
    for path in ("../secret", "link", str(tmp_path / "secret")):
        fault = source_fault(path, tmp_path / "here")
        assert fault is not None
        assert "a file elsewhere" in fault


@pytest.mark.parametrize(
    "source",
    [
        "https://arxiv.org/abs/2401.01234",
        "http://example.org:8080/a?b=c#d",
        "doi:10.48550/arXiv.1706.03762",
        "DOI:10.1/x".replace("10.1", "10.1234"),
        "arXiv:2401.01234v2",
        "arxiv:hep-th/9901001",
    ],
)
def test_what_can_be_looked_up_is_a_source(source: str) -> None:
    """Addresses, DOIs and numbers of arXiv, as people write them."""
    assert source_fault(source, Path("nowhere")) is None


@pytest.mark.parametrize("text", ["references = 3", "a = [", "x = 1", "measured = 1", "\ufeff"])
def test_what_is_no_list_of_references_is_one_clear_error(text: str) -> None:
    """No traceback, and the file is named."""
    assert all(line.startswith("frontier.toml") for line in faults(text))


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Not a file without references."""
    path = tmp_path / "frontier.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_frontier(path, STACK, today=TODAY)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match="it cannot be read"):
        read_frontier(path, STACK, today=TODAY)


@pytest.mark.fuzz
@given(st.text(max_size=200) | st.text(max_size=60).map(lambda text: GOOD + text))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands there: references, or an error that names the file."""
    said = "frontier.toml"
    try:
        assert all(one.id for one in parsed(text).references)
    except ConfigurationError as error:
        said = str(error)
    assert said.startswith("frontier.toml")
