from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.measurement import Cause
from mainstem.domain.stack import Metrics, MetricsSource, Objective, Rung, Stack
from mainstem.domain.trial import Ending, Run, TrialId
from mainstem.engine.metrics import NOTES_LENGTH, measure
from mainstem.ledger.chain import canonical

NAME = TrialId("c1.1")
PRINTED = Metrics(source=MetricsSource.STDOUT, patterns={"loss": r"^loss:?\s*(\S+)|(9)"})


def stack(metrics: Metrics | None = None) -> Stack:
    """A stack with one objective."""
    return Stack(
        name="s",
        trunk="main",
        command="true",
        timeout_s=1.0,
        objectives=(Objective("loss", margin=0.1),),
        rungs=(Rung(name="default"),),
        metrics=metrics or Metrics(),
    )


def ended(**fields: object) -> Run:
    """A run that ended well unless said otherwise."""
    return Run(**{"trial": NAME, "ending": Ending.EXITED, "exit_code": 0, **fields})  # type: ignore[arg-type]  # the test names fields by word


def test_the_last_value_of_a_metric_wins() -> None:
    """Training scripts report as they go; only the last line of a metric counts."""
    run = ended(metrics='{"loss": 3}\n\n{"loss": 2.5, "note": "x"}\n')
    found = measure(stack(), run)
    assert found.values == {"loss": 2.5}
    assert found.notes == {"note": "x"}


def test_stdout_patterns_read_an_unchanged_script() -> None:
    """In regex mode a script that only prints is measured, by its last match."""
    metrics = Metrics(source=MetricsSource.STDOUT, patterns={"loss": r"^loss:\s+(\S+)"})
    found = measure(stack(metrics), ended(stdout="loss: 3\nother\nloss: 1e-3\n"))
    assert found.values == {"loss": 0.001}


def test_a_pattern_that_never_matched_is_shown_as_it_was_written() -> None:
    """Backslashes are not doubled: the user searches for the line in their file."""
    metrics = Metrics(source=MetricsSource.STDOUT, patterns={"loss": r"^loss:\s+(\S+)"})
    found = measure(stack(metrics), ended(stdout="lost: 3\n"))
    assert found.failure is not None
    assert found.failure.what.endswith(r"matches '^loss:\s+(\S+)'")


@pytest.mark.parametrize(
    ("run", "cause", "words"),
    [
        (ended(exit_code=3, stderr_tail="a\nboom"), Cause.EXIT, "exit code 3: boom"),
        (ended(ending=Ending.TIMEOUT, wall_s=61.0), Cause.TIMEOUT, "timeout after 61 s"),
        (
            ended(ending=Ending.CANNOT_START, detail="no such command: foo"),
            Cause.CANNOT_START,
            "no such command: foo",
        ),
        (ended(ending=Ending.SIGNALLED, signal="SIGSEGV"), Cause.SIGNAL, "SIGSEGV"),
        (ended(metrics=""), Cause.METRIC_MISSING, "loss never arrived"),
        (ended(metrics='{"loss": NaN}'), Cause.METRIC_INVALID, "loss is nan"),
        (ended(metrics='{"loss": "two"}'), Cause.METRIC_INVALID, "'two'"),
        (ended(metrics='{"loss": true}'), Cause.METRIC_INVALID, "True"),
        (ended(metrics="loss=2"), Cause.METRIC_INVALID, "line 1"),
        (ended(metrics="[1]"), Cause.METRIC_INVALID, "line 1"),
    ],
)
def test_a_failure_is_a_cause_in_words(run: Run, cause: Cause, words: str) -> None:
    """Every way to fail has its own cause and says the value and the place."""
    found = measure(stack(), run)
    assert not found.succeeded
    assert found.values == {}
    assert found.failure is not None
    assert found.failure.cause is cause
    assert words in found.failure.what


FRAGMENTS = [
    '{"loss": ',
    '"loss"',
    ": ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    "\r\n",
    "\u2028",
    "\x0b",
    "\x00",
    " ",
    "1",
    "-",
    "2.5",
    "1e999",
    "NaN",
    "-Infinity",
    "true",
    "null",
    '"a"',
    '"',
    "\\u",
    "\\ud800",
    "9" * 500,
    "9" * 5000,
    "-" + "9" * 5000,
    "[" * 5000,
    '{"a":' * 5000,
    '"' + "x" * 1000 + '"',
]


@pytest.mark.fuzz
@given(st.text() | st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever a trial writes gives a finite number or a cause in few words, never an exception."""
    for source in (stack(), stack(PRINTED)):
        found = measure(source, ended(metrics=text, stdout=text))
        assert found.succeeded == ("loss" in found.values)
        assert found.failure is None or len(found.failure.what) < 2000
        assert all(len(note) <= NOTES_LENGTH for note in found.notes.values())
        canonical({"values": dict(found.values), "notes": dict(found.notes)})


def test_numbers_of_thousands_of_digits_are_no_numbers() -> None:
    """Python refuses to read or to print them; the trial has failed, and the campaign goes on."""
    for digits in ("9" * 5000, "-" + "9" * 5000):
        found = measure(stack(), ended(metrics=f'{{"loss": {digits}}}'))
        assert found.failure is not None
        assert found.failure.cause is Cause.METRIC_INVALID
        rest = measure(stack(), ended(metrics=f'{{"loss": 1, "other": {digits}}}'))
        assert rest.values == {"loss": 1.0}


def test_a_line_ends_where_json_says() -> None:
    """Characters that Unicode counts among line ends may stand in a text."""
    found = measure(stack(), ended(metrics='{"loss": 1, "note": "a\u2028b"}\r\n'))
    assert found.values == {"loss": 1.0}
    assert found.notes == {"note": "a\u2028b"}


def test_a_long_value_is_cut_in_the_cause() -> None:
    """What a trial writes into a metric does not fill the record."""
    found = measure(stack(), ended(metrics=json.dumps({"loss": ["x"] * 10**5})))
    assert found.failure is not None
    assert len(found.failure.what) < 2 * NOTES_LENGTH
