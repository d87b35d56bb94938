from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from mainstem.domain.errors import ConfigurationError, UsageError
from mainstem.domain.stack import (
    ClusterSettings,
    Component,
    DecisionSettings,
    Direction,
    Metrics,
    MetricsSource,
    Objective,
    Resources,
    Role,
    Rung,
    RunSettings,
    Stack,
)
from mainstem.tomlfiles.sections import KEYS
from mainstem.tomlfiles.stack import find_stack_file, parse_stack, read_stack

if TYPE_CHECKING:
    from pathlib import Path

DESIGN = """\
[stack]
name = "tinylm"
trunk = "main"
command = "python train.py --seed {seed} --steps {rung.steps}"
timeout = "10m"

[metrics]                       # the last value of a metric wins
source = "json"                 # {"val_bpb": 2.31, ...} lines in $MAINSTEM_METRICS
# source = "stdout"             # or a regex per metric over what is printed
# [metrics.patterns]
# val_bpb = '^val_bpb:\\s+(\\S+)'

[components]
optimizer = ["optim/**", "train.py:Optimizer"]

[[objectives]]
name = "val_bpb"
direction = "minimize"          # or "maximize"
role = "improve"                # or "guard"
margin = 0.002                  # absolute, or "0.5%" of the trunk's mean
unit = "bits/byte"

[[rungs]]
name = "small"
cost = 1.0
steps = 200                     # any further keys are the rung's parameters
[rungs.resources]               # for clusters and confinement
gpus = 0
cpus = 1
memory = "4GB"
time = "1h"

[decisions]
alpha = 0.05
confirm_rung = "small"          # default: the last rung

[run]
threads = 1
network = false
env = ["HF_HOME"]               # passed through; nothing else is
private = ["data/heldout/**"]

[store]
url = "sqlite"                  # or postgresql://...
"""
"""The file of the design."""

LEAST = '[stack]\ncommand = "train"\n[[objectives]]\nname = "loss"\nmargin = "0.5%"\n'
"""The shortest file that is right."""


def said(error: pytest.ExceptionInfo[ConfigurationError]) -> list[str]:
    """Each problem as it is printed."""
    return [str(problem) for problem in error.value.problems]


def test_the_file_of_the_design() -> None:
    """The documented example gives exactly this record."""
    assert parse_stack(DESIGN, "mainstem.toml") == Stack(
        name="tinylm",
        trunk="main",
        command="python train.py --seed {seed} --steps {rung.steps}",
        timeout_s=600.0,
        objectives=(
            Objective(
                "val_bpb",
                margin=0.002,
                direction=Direction.MINIMIZE,
                role=Role.IMPROVE,
                unit="bits/byte",
            ),
        ),
        rungs=(
            Rung(
                name="small",
                cost=1.0,
                parameters={"steps": 200},
                resources=Resources(gpus=0, cpus=1, memory_bytes=4 * 10**9, time_s=3600.0),
            ),
        ),
        metrics=Metrics(source=MetricsSource.JSON),
        components=(Component(name="optimizer", globs=("optim/**", "train.py:Optimizer")),),
        decisions=DecisionSettings(alpha=0.05, confirm_rung="small"),
        run=RunSettings(threads=1, network=False, env=("HF_HOME",), private=("data/heldout/**",)),
        store="sqlite",
    )


def test_the_shortest_file() -> None:
    """Everything but the command and one objective has a default; the name is the folder's."""
    assert parse_stack(LEAST, "mainstem.toml", folder="here") == Stack(
        name="here",
        trunk="main",
        command="train",
        timeout_s=3600.0,
        objectives=(Objective("loss", margin="0.5%"),),
        rungs=(Rung(name="default", cost=1.0),),
    )


def test_metrics_from_the_output() -> None:
    """An unchanged script works: one pattern for each objective."""
    text = LEAST + "[metrics]\nsource = \"stdout\"\npatterns.loss = '^loss:\\s+(\\S+)'\n"
    metrics = parse_stack(text, "mainstem.toml").metrics
    assert metrics == Metrics(source=MetricsSource.STDOUT, patterns={"loss": r"^loss:\s+(\S+)"})


def test_a_rungs_further_keys_are_its_parameters() -> None:
    """Strings, numbers and booleans as they stand; several rungs in the order of the file."""
    text = LEAST + (
        '[[rungs]]\nname = "s"\nlr = 1e-3\ndata = "x"\nfast = true\n'
        '[[rungs]]\nname = "l"\ncost = 9\n'
    )
    small, large = parse_stack(text, "mainstem.toml").rungs
    assert small.parameters == {"lr": 0.001, "data": "x", "fast": True}
    assert (large.name, large.cost, large.parameters) == ("l", 9.0, {})


def test_rungs_to_search_at() -> None:
    """All that are cheaper than the one that confirms, unless the file names some, or none."""
    text = LEAST + (
        '[[rungs]]\nname = "s"\n[[rungs]]\nname = "m"\ncost = 4\n[[rungs]]\nname = "l"\ncost = 9\n'
    )
    assert parse_stack(text, "mainstem.toml").rung_costs == {"s": 1.0, "m": 4.0, "l": 9.0}
    some = parse_stack(text + '[decisions]\nsearch_rungs = ["m"]\n', "mainstem.toml")
    assert some.rung_costs == {"m": 4.0, "l": 9.0}
    none = parse_stack(text + "[decisions]\nsearch_rungs = []\n", "mainstem.toml")
    assert none.rung_costs == {}


def test_clusters_are_used_as_the_file_says() -> None:
    """Options stay in their order; without the table there are none."""
    text = LEAST + '[executors.slurm]\noptions = ["--qos=b", "--partition=a"]\npython = "/p"\n'
    assert parse_stack(text, "mainstem.toml").clusters == ClusterSettings(
        slurm_options=("--qos=b", "--partition=a"), slurm_python="/p"
    )
    assert parse_stack(LEAST, "mainstem.toml").clusters == ClusterSettings()


def test_postgresql_is_a_store() -> None:
    """The address is handed on as it stands."""
    text = LEAST + '[store]\nurl = "postgresql://ada@example.org/lab"\n'
    assert parse_stack(text, "mainstem.toml").store == "postgresql://ada@example.org/lab"
    assert parse_stack(text, "mainstem.toml").lease_s == 60.0
    assert parse_stack(text + 'lease = "5m"\n', "mainstem.toml").lease_s == 300.0


def test_all_problems_are_said_at_once_in_order() -> None:
    """One run names everything that has to be mended, in the order of the lines."""
    text = DESIGN.replace('"10m"', '"soon"').replace("alpha = 0.05", "alpha = 2")
    text = text.replace("threads = 1", "threads = 1\nzeal = 3").replace("name = ", "nmae = ")
    with pytest.raises(ConfigurationError) as error:
        parse_stack(text, "mainstem.toml")
    lines = [int(problem.where.partition(":")[2]) for problem in error.value.problems]
    assert lines == sorted(lines)
    assert [re.split(r"[ :;]", problem.what)[0] for problem in error.value.problems] == [
        "unknown", "stack.timeout", "objectives.name", "unknown", "rungs.name",
        "decisions.alpha", "decisions.confirm_rung", "unknown",
    ]  # fmt: skip  # one word for each problem
    assert str(error.value).count("\n") == len(lines) - 1


def test_an_empty_file_says_what_it_needs() -> None:
    """Both required things at once."""
    with pytest.raises(ConfigurationError) as error:
        parse_stack("", "mainstem.toml")
    assert said(error) == [
        'mainstem.toml:1: stack.command is missing: write command = "python train.py {seed}"',
        "mainstem.toml:1: no objective: add [[objectives]] with a name and a margin",
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("\n[stack\n", 2, "not valid TOML: Expected ']'"),
        ("a = 1\na = 2\n", 2, "not valid TOML: Cannot overwrite a value"),
        ('a = 1\nb = """x\n\n', 2, "not valid TOML: Unterminated string"),
        ("a = 1\nd = 2024-02-31", 2, "not valid TOML: Invalid date"),
        ("\ufeff[stack]", 1, "begins with a byte order mark"),
        ("a = " + "[" * 5000 + "]" * 5000, 1, "nested too deeply"),
        ("a = " + "9" * 5000, 1, "not valid TOML: Exceeds the limit"),
    ],
)
def test_what_is_no_toml(text: str, line: int, what: str) -> None:
    """Syntax errors come with their line, and hostile files are errors like any other."""
    with pytest.raises(ConfigurationError) as error:
        parse_stack(text, "mainstem.toml")
    (problem,) = error.value.problems
    assert problem.where == f"mainstem.toml:{line}"
    assert what in problem.what


def test_a_file_is_read(tmp_path: Path) -> None:
    """The folder's name is the stack's where the file gives none."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "mainstem.toml").write_text(LEAST, encoding="utf-8")
    assert read_stack(tmp_path / "lab" / "mainstem.toml").name == "lab"


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    """The line and the byte are named."""
    (tmp_path / "mainstem.toml").write_bytes(b"[stack]\nname = 'caf\xe9'\n")
    with pytest.raises(ConfigurationError) as error:
        read_stack(tmp_path / "mainstem.toml")
    assert said(error) == ["mainstem.toml:2: byte 0xe9 is not UTF-8; save the file as UTF-8"]


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    """A folder of that name is said, not a traceback; it is also what the search finds."""
    (tmp_path / "mainstem.toml").mkdir()
    with pytest.raises(ConfigurationError) as error:
        read_stack(find_stack_file(tmp_path))
    assert said(error) == ["mainstem.toml: it is a folder; move it away and run `mainstem init`"]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Whatever the system says comes in one line."""
    (tmp_path / "mainstem.toml").symlink_to("mainstem.toml")
    with pytest.raises(ConfigurationError, match="it cannot be read: Too many levels"):
        read_stack(tmp_path / "mainstem.toml")


def test_a_missing_file(tmp_path: Path) -> None:
    """Whether searched or named: where it was looked for, and what makes one."""
    said = rf"no mainstem.toml in {re.escape(str(tmp_path))} or above; run `mainstem init`"
    with pytest.raises(UsageError, match=said):
        find_stack_file(tmp_path)
    with pytest.raises(UsageError, match=said):
        read_stack(tmp_path / "mainstem.toml")


def test_the_nearest_file_above_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder below; `..` leads up, not down again."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "mainstem.toml").touch()
    assert find_stack_file(inner) == tmp_path / "mainstem.toml"
    (inner / "mainstem.toml").touch()
    assert find_stack_file(inner) == inner / "mainstem.toml"
    assert find_stack_file(inner / "..") == tmp_path / "mainstem.toml"
    monkeypatch.chdir(inner)
    assert find_stack_file(inner.__class__()) == inner / "mainstem.toml"


def outcome(text: str) -> list[str]:
    """What is wrong with a text, sane itself; anything but a stack or problems is a failure."""
    try:
        parse_stack(text, "mainstem.toml")
    except ConfigurationError as error:
        problems = error.problems
    else:
        return []
    lines = [int(problem.where.removeprefix("mainstem.toml:")) for problem in problems]
    assert lines
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
    assert "\n" not in "".join(problem.what for problem in problems)
    return [problem.what for problem in problems]


@pytest.mark.fuzz
@given(st.text() | st.text("[]{}=.\"'#,\n\\a1 ", max_size=40))
def test_any_text_is_a_stack_or_an_error(text: str) -> None:
    """Nothing that can stand in a file raises anything but ConfigurationError."""
    outcome(text)


words = [word for keys in KEYS.values() for word in keys]
values = [
    "1", "0", "-1", "0.05", "nan", "inf", "1e400", "true", '""', '"x"', '"0.5%"', '"1h"', '"4GB"',
    '"guard"', '"stdout"', '"json"', '"maximize"', '"{seed}"', '"{rung.x} {{"', "'(a)'", "'(((('",
    "[]", '["a"]', '["a", 1]', "{}", "{a = 1}", '{loss = "(x)"}', "[{}]", "2024-01-02", "07:32:00",
    '"\\u0000"', "9" * 400, "0x" + "f" * 5000, "[[1]]", "'a{99999999999999999999}'",
    "'[[a](b)'", '"a\\nb"',
]  # fmt: skip  # a list of words


@st.composite
def files(draw: st.DrawFn) -> str:
    """Files with our keys in the right and in the wrong places, and values of every kind."""
    names = draw(st.lists(st.sampled_from(list(KEYS)), max_size=6, unique=True))
    parts = [] if {"stack", "objectives"} & set(names) else [LEAST]
    for name in sorted(names, key=len):
        double = (name in {"objectives", "rungs"}) ^ draw(st.integers(0, 9).map(lambda n: n == 0))
        parts.append(f"[[{name}]]" if double else f"[{name}]")
        own = st.sampled_from(KEYS[name] or ("data",))
        other = st.sampled_from([*words, "loss", "x", "patterns.loss", "resources.gpus"])
        keys = draw(st.lists(own | other, max_size=4, unique_by=lambda k: k.partition(".")[0]))
        parts += [f"{key} = {draw(st.sampled_from(values))}" for key in keys]
    return "\n".join(parts)


@settings(max_examples=120)
@pytest.mark.fuzz
@given(files())
def test_any_arrangement_is_a_stack_or_an_error(text: str) -> None:
    """Our own keys, misplaced and with any value, give a stack or problems on lines that exist."""
    outcome(text)


@given(st.data())
def test_any_value_of_any_key_is_a_stack_or_an_error(data: st.DataObject) -> None:
    """One key of the design's file with another value: never another exception."""
    lines = DESIGN.split("\n")
    at = data.draw(
        st.sampled_from([i for i, line in enumerate(lines) if re.match(r"\w+ = ", line)])
    )
    key = lines[at].partition(" = ")[0]
    lines[at] = f"{key} = {data.draw(st.sampled_from(values))}"
    assert not any("not valid TOML" in what for what in outcome("\n".join(lines)))
