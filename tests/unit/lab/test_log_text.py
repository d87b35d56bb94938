from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from mainstem.domain.errors import ConfigurationError
from mainstem.domain.foreign import MOST_PROBLEMS
from mainstem.domain.stack import Role
from mainstem.lab.decisions_log import DecisionsLog, Gain, LoggedDecision, LoggedRun
from mainstem.lab.log_text import parse, written

JSON = (
    """\
{"components": ["data", "optimizer"]}
{"number": 1, "round": 2, "component": "data", "merged": true, "approved": true, "vetoed": false}

{"number": 2, "round": 2, "component": ["data", "optimizer"], "merged": false, "vetoed": true,
""".replace(",\n", ', "by": 3, "beside": {"1": -0.5}, "gain": {"loss": ').rstrip()
    + ('{"mean": 0.004, "sd": 0.001, "margin": 0.002}}}\n{"run": [1, 2], "round": 2}\n')
)
CSV = """\
# components: data, optimizer
number,round,component,loss.mean,loss.sd,loss.margin,beside,approved,vetoed,by,merged,run
1,2,data,,,,,yes,no,,true,
2,2,data|optimizer,0.004,0.001,0.002,1:-0.5,,YES,3,no,

,2,,,,,,,,,,1 2
"""
LOG = DecisionsLog(
    components=("data", "optimizer"),
    decisions=(
        LoggedDecision(number=1, round=2, components=("data",), approved=True, merged=True),
        LoggedDecision(
            number=2,
            round=2,
            components=("data", "optimizer"),
            gain={"loss": Gain(mean=0.004, sd=0.001, margin=0.002, role=Role.IMPROVE)},
            beside={1: -0.5},
            vetoed=True,
            by=3,
            merged=False,
        ),
    ),
    runs=(LoggedRun(round=2, members=frozenset({1, 2})),),
)


@pytest.mark.parametrize("text", [JSON, CSV, "\ufeff" + CSV, CSV.replace("\n", "\r\n")])
def test_both_forms_say_the_same(text: str) -> None:
    """Lines of JSON and CSV, also as spreadsheets write it."""
    assert parse("log", text.encode()) == LOG


def test_the_files_of_the_documentation_are_read() -> None:
    """Both examples of docs/recovery.md, which say the same."""
    page = (Path(__file__).parents[3] / "docs" / "recovery.md").read_text(encoding="utf-8")
    blocks = [block.partition("\n")[2] for block in page.split("```")[1::2]]
    as_json, as_csv = (parse("log", block.encode()) for block in blocks[:2])
    assert as_json == as_csv
    assert [one.by for one in as_json.decisions] == [None, 3]


def problems(text: str, **known: object) -> list[str]:
    """What is said of a wrong file."""
    with pytest.raises(ConfigurationError) as caught:
        parse("log", text.encode(), **known)  # type: ignore[arg-type]  # components by name
    return [str(problem) for problem in caught.value.problems]


def test_every_wrong_line_is_said_at_once() -> None:
    """Each with its place and value."""
    text = (
        '{"components": ["data"]}\n'
        '{"number": 1, "component": "dta", "merged": true}\n'
        "not json\n"
        "[1]\n"
        '{"number": 1, "merged": false, "vetoed": "perhaps"}\n'
        '{"number": 2, "merged": false, "beside": {"7": 0.1}}\n'
        '{"number": 2, "merged": false}\n'
        '{"number": 3, "round": 2, "merged": false, "beside": {"2": 0.1}}\n'
        '{"run": [2, 9]}\n'
    )
    assert problems(text) == [
        "log:3: is no JSON: Expecting value: line 1 column 1 (char 0); a line holds one object",
        "log:4: is no object; a line holds one",
        "log:5: `vetoed` is 'perhaps': yes or no",
        "log:7: number 2 is decided twice: each proposal has one decision",
        "log:2: component 'dta' is not in the order data",
        "log:6: `beside` names 7, which is no other decision of round 1",
        "log:8: `beside` names 2, which is no other decision of round 2",
        "log:9: runs 9, of which round 1 has no decision",
    ]


def test_neighbours_need_an_order() -> None:
    """Which a caller may give in the file's place."""
    text = '{"number": 1, "component": "data", "merged": true}\n'
    (said,) = problems(text)
    assert said.startswith("log:1: the order of components is not known: begin with a line")
    assert parse("log", text.encode(), ["data", "optimizer"]).components == ("data", "optimizer")
    assert problems(text, components=["data", "data"]) == [
        "log: the component 'data' is listed twice"
    ]
    assert problems(text, components=["data", *map(str, range(60))]) == [
        "log: 61 components are too many (at most 60): put some together"
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "holds no decision"),
        ("number,merged\n", "holds no decision"),
        ("number,number\n1,2\n", "the column number is there twice"),
        ("number,merged\n1\n", "log:2: has 1 cells for 2 columns"),
        ('number,merged\n1,"yes\n', "is no CSV"),
        ('{"components": [1]}\n', "log:1: `components` is to be a list of names"),
        ('{"number": NaN}\n', "log:1: is no JSON: NaN is no number"),
        ("[" * 200_000, "log:2"),
    ],
)
def test_what_is_no_log_is_refused(text: str, wanted: str) -> None:
    """In one line that says where and what."""
    text = "{}\n" + text if wanted == "log:2" else text
    assert any(wanted in one for one in problems(text))


def test_bytes_that_are_no_text_are_refused() -> None:
    """As is a file that is too large."""
    with pytest.raises(ConfigurationError, match="is not UTF-8"):
        parse("log", b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="larger than 20 MB"):
        parse("log", b" " * 20_000_001)


def test_of_many_wrong_lines_the_number_is_said() -> None:
    """A terminal is not flooded, nor acted on."""
    said = problems("number,merged\n" + "\x1b[2J,no\n" * 30)
    assert len(said) == MOST_PROBLEMS + 1
    assert said[-1] == "log: and 10 more like these"
    assert "\x1b" not in "".join(said)


NAMES = st.text('a,.|:"\n\x1b é', min_size=1, max_size=4)
FINITE = st.floats(-1e6, 1e6)
GAINS = st.builds(
    Gain,
    mean=FINITE,
    sd=st.floats(0.0, 1e6),
    margin=st.floats(1e-9, 1e6),
    role=st.just(Role.IMPROVE),
)


@st.composite
def logs(draw: st.DrawFn) -> DecisionsLog:
    """Any sound log."""
    components = tuple(draw(st.lists(NAMES, unique=True, max_size=3)))
    decisions = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        outcome = draw(st.sampled_from(["merged", "vetoed", "nothing"]))
        own = [one.number for one in decisions if one.round == 1]
        decisions.append(
            LoggedDecision(
                number=number,
                round=draw(st.integers(1, 2)),
                components=tuple(draw(st.sets(st.sampled_from(components)))) if components else (),
                gain=draw(st.dictionaries(NAMES, GAINS, max_size=2)),
                approved=draw(st.none() | st.booleans()),
                vetoed=outcome == "vetoed",
                by=draw(st.none() | st.integers(0, 9)),
                merged=outcome == "merged",
            )
        )
        if own and decisions[-1].round == 1:
            beside = {draw(st.sampled_from(own)): draw(FINITE)}
            last = decisions.pop()
            decisions.append(
                LoggedDecision(**{k: getattr(last, k) for k in _FIELDS} | {"beside": beside})
            )
    members = frozenset(one.number for one in decisions if one.round == 1)
    runs = (LoggedRun(round=1, members=members),) if members else ()
    return DecisionsLog(components=components, decisions=tuple(decisions), runs=runs)


_FIELDS = ("number", "round", "components", "gain", "approved", "vetoed", "by", "merged")


@settings(max_examples=25, deadline=None)
@given(logs())
def test_what_is_written_reads_as_the_same(log: DecisionsLog) -> None:
    """Whatever names, numbers and answers it holds."""
    assert parse("log", written(log).encode()) == log


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_is_read_or_refused(content: bytes) -> None:
    """No file ends in another error than the one that names its lines."""
    try:
        said = [one.number for one in parse("log", content).decisions]
    except ConfigurationError as error:
        said = error.problems
    assert said
    assert "\x1b" not in "".join(map(str, said))
