from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.curve import (
    MOST_POINTS,
    READ_BYTES,
    CurveReader,
    curves_of,
    last_before,
    level_along,
    level_at,
    thinned,
)

PRINTED = {"step": r"^step (\d+)", "loss": r"loss=(\S+)"}


def test_lines_with_a_step_are_points() -> None:
    """Several metrics may come in one line or in several of one step; the last value is there."""
    text = '{"step": 1, "loss": 3}\n{"step": 2, "loss": 2.5}\n{"step": 2, "error": 9}'
    assert curves_of(text, ("loss", "error"), {}) == {
        "loss": [(1, 3.0), (2, 2.5)],
        "error": [(2, 9.0)],
    }


def test_without_a_step_there_is_no_curve() -> None:
    """A stack that reports values alone is left as it was."""
    assert curves_of('{"loss": 3}\n{"loss": 2}\n', ("loss",), {}) == {}


def test_a_line_without_a_step_belongs_to_the_last_step() -> None:
    """A size that is reported at the start is known at every later step."""
    text = '{"size": 7}\n{"step": 5, "loss": 3}\n{"speed": 2}\n'
    found = curves_of(text, ("loss", "size", "speed"), {})
    assert found == {"size": [(0, 7.0)], "loss": [(5, 3.0)], "speed": [(5, 2.0)]}


def test_steps_out_of_order_and_repeated_change_nothing() -> None:
    """What was said of a step stands: a trial may have been ended for it."""
    said = [(1, 5), (3, 4), (2, 9), (3, 8), (-1, 7), (1.5, 7), (True, 7), ("x", 7), (4, 3)]
    text = "\n".join(json.dumps({"step": step, "loss": loss}) for step, loss in said)
    assert curves_of(text, ("loss",), {}) == {"loss": [(1, 5.0), (3, 4.0), (4, 3.0)]}


def test_what_is_no_finite_number_is_no_point() -> None:
    """NaN, infinity, booleans and text that is no number."""
    values = ["NaN", "Infinity", "true", '"bad"', "null", "9" * 5000]
    text = "".join(f'{{"step": {i}, "loss": {v}}}\n' for i, v in enumerate(values))
    assert curves_of(text + '{"step": 9, "loss": "2.5"}', ("loss",), {}) == {"loss": [(9, 2.5)]}


def test_nothing_counts_after_a_line_that_is_no_json() -> None:
    """Such a trial fails in the end: it must not be ended early before."""
    text = '{"step": 1, "loss": 3}\noops\n{"step": 2, "loss": 2}\n'
    assert curves_of(text, ("loss",), {}) == {"loss": [(1, 3.0)]}


def test_printed_lines_are_read_with_patterns() -> None:
    """The step of a line is that of its values, wherever it stands in it, or the one before."""
    text = "step 1\nloss=3\nstep 2 loss=2\nnoise\nloss=9\n"
    assert curves_of(text, ("loss",), PRINTED) == {"loss": [(1, 3.0), (2, 2.0)]}


@pytest.mark.parametrize("patterns", [{"loss": r"loss=(\S+)"}, {}])
def test_no_curve_without_a_key_for_steps(patterns: dict[str, str]) -> None:
    """Patterns without one for the step; or an objective that is itself called step."""
    metrics = ("loss",) if patterns else ("step",)
    assert curves_of('{"step": 1}\nstep 1 loss=2\n', metrics, patterns) == {}


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_pieces_do_not_matter(tail: bytes, cuts: list[int]) -> None:
    """Whatever is written, and however it comes in, the curve is the same."""
    data = b'{"step": 1, "loss": 3}\n{"step": 2, "loss": 2}\n' + tail
    whole, pieces = CurveReader(("loss",), {}), CurveReader(("loss",), {})
    whole.feed(data, last=True)
    at = 0
    for cut in sorted(min(cut, len(data)) for cut in cuts):
        pieces.feed(data[at:cut])
        at = cut
    pieces.feed(data[at:], last=True)
    assert pieces.curves == whole.curves


def test_reading_ends_at_its_limit() -> None:
    """What comes later, or is cut there, is no part of the curve for anybody."""
    line = b'{"step": %d, "loss": 1}\n'
    data = b"".join(line % i for i in range(READ_BYTES // 20))
    reader = CurveReader(("loss",), {})
    reader.feed(data, last=True)
    last = data[:READ_BYTES].count(b"\n") - 1
    assert reader.curves["loss"][-1] == (last, 1.0)
    assert last < READ_BYTES // 20 - 1


def test_thinning_keeps_ends_and_equal_steps() -> None:
    """At most `MOST_POINTS`; two curves with equal steps keep equal steps."""
    long = [(i, float(i)) for i in range(1000)]
    other = [(i, -float(i)) for i in range(1000)]
    assert len(thinned(long)) == MOST_POINTS
    assert (thinned(long)[0], thinned(long)[-1]) == (long[0], long[-1])
    assert [s for s, _ in thinned(long)] == [s for s, _ in thinned(other)]
    assert thinned(long[:MOST_POINTS]) == long[:MOST_POINTS]


def test_a_level_is_the_median_of_three() -> None:
    """A spike is no level; a step without a report has none."""
    points = [(1, 5.0), (2, 4.0), (3, 90.0), (4, 3.0)]
    assert [level_at(points, step) for step in range(6)] == [None, 5.0, 4.0, 5.0, 4.0, None]


def test_reports_are_carried_on_before_the_median() -> None:
    """Of a curve that falls it is where it stands now, whichever report is a spike."""
    course = ((2, -30.0), (3, -10.0), (4, 0.0))
    falls = [(1, 120.0), (2, 80.0), (3, 60.0), (4, 50.0), (5, 45.0)]
    assert level_along(falls, course) == 50.0
    for spike in (1, 2, 3):
        points = [(s, v + 15.0 * (place == spike)) for place, (s, v) in enumerate(falls)]
        assert level_along(points, course) == 50.0
    assert level_along(falls[:3], course) is None
    assert level_along([falls[0], *falls[2:]], course) is None
    assert level_along(falls, ((4, 0.0),)) == 50.0


def test_the_last_value_of_an_earlier_step() -> None:
    """The checkpoint's own step does not count: it may not be over."""
    points = [(0, 7.0), (4, 8.0)]
    assert [last_before(points, step) for step in (0, 1, 4, 5)] == [None, 7.0, 7.0, 8.0]
