from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.stopper import Checkpoint, Guess, Stopped, Stopper, from_plain

LOSS = Guess(metric="loss", intercept=1.0, slope=0.5, windows=((0.0, 4.0), (9.0, 10.0)))
SIZE = Guess(metric="size", intercept=0.0, slope=1.0, windows=((-1e9, 1e9),), before=True)
RULE = Stopper(
    last_step=8,
    checkpoints=(
        Checkpoint(step=2, guesses=(LOSS, SIZE)),
        Checkpoint(step=4, guesses=(LOSS, SIZE)),
    ),
)
values = st.one_of(st.floats(-20.0, 20.0), st.just(float("nan")))
COURSE = replace(
    LOSS,
    windows=((-30.0, 30.0),),
    course=((1, -1.0), (2, -0.5), (3, 0.0)),
    since=1,
    trend=0.4,
    course_since=((1, 0.0),),
)
ALONG = Stopper(last_step=8, checkpoints=(Checkpoint(step=3, guesses=(COURSE, SIZE)),))
lines = st.lists(
    st.one_of(
        st.builds(lambda s, v: json.dumps({"step": s, "loss": v}), st.integers(0, 6), values),
        st.builds(lambda v: json.dumps({"size": v}), st.integers(-5, 5)),
        st.sampled_from(["oops", "", "[]", '{"step": 3}']),
    ),
    max_size=14,
)


def said(*pairs: tuple[int, float], size: float | None = 7) -> str:
    """A trial's metrics."""
    first = [] if size is None else [json.dumps({"size": size})]
    return "\n".join([*first, *(json.dumps({"step": s, "loss": v}) for s, v in pairs)]) + "\n"


def test_the_first_checkpoint_that_holds_counts() -> None:
    """All objectives have to be known well enough; values are predicted along the line."""
    assert RULE.outcome(said((1, 3), (2, 2))) == Stopped(step=2, values={"loss": 2.0, "size": 7.0})
    assert RULE.outcome(said((2, 6), (4, 9))) == Stopped(step=4, values={"loss": 5.5, "size": 7.0})


@pytest.mark.parametrize(
    "text",
    [
        said((2, 6)),
        said((1, 2), (3, 2)),
        said((2, 2), size=None),
        said((2, float("nan"))),
        said((3, 2), (2, 2)),
        "oops\n" + said((2, 2)),
        "",
    ],
    ids=["outside", "other steps", "unknown size", "NaN", "out of order", "no JSON", "nothing"],
)
def test_what_does_not_hold_runs_whole(text: str) -> None:
    """Nothing is guessed from what is missing, odd or out of the range that was learnt."""
    assert RULE.outcome(text) is None


def test_a_level_is_carried_on_by_its_trend() -> None:
    """Half of what it changed since step 2 is added; what had no level there runs whole."""
    carried = replace(LOSS, since=2, trend=0.5)
    rule = Stopper(last_step=8, checkpoints=(Checkpoint(step=4, guesses=(carried,)),))
    found = rule.outcome(said((2, 5), (4, 3), size=None))
    assert found == Stopped(step=4, values={"loss": 1.0 + 0.5 * 2.0})
    assert rule.outcome(said((1, 5), (4, 3), size=None)) is None
    assert rule.outcome(said((2, 1), (4, 3.5), size=None)) is None  # 4.75 is in no window


def test_reports_are_carried_on_to_the_checkpoint() -> None:
    """Where a level has a course it is made of; the level that a trend counts from has its own."""
    course = ((2, -4.0), (3, -2.0), (4, 0.0))
    carried = replace(LOSS, course=course)
    rule = Stopper(last_step=8, checkpoints=(Checkpoint(step=4, guesses=(carried,)),))
    assert rule.outcome(said((2, 7), (3, 5), (4, 9), size=None)) == Stopped(
        step=4, values={"loss": 2.5}
    )
    assert rule.outcome(said((2, 7), (4, 3), size=None)) is None
    trend = replace(carried, since=2, trend=0.5, course_since=((2, 0.0),))
    rule = Stopper(last_step=8, checkpoints=(Checkpoint(step=4, guesses=(trend,)),))
    found = rule.outcome(said((0, 99), (1, 99), (2, 7), (3, 5), (4, 3), size=None))
    assert found == Stopped(step=4, values={"loss": 1.0 + 0.5 * 1.0})


def test_a_level_is_of_the_checkpoint() -> None:
    """Else what follows a checkpoint could change what was found at it."""
    with pytest.raises(ValueError, match="another step"):
        Checkpoint(step=2, guesses=(replace(LOSS, course=((2, 0.0), (3, 0.0))),))


@pytest.mark.parametrize(
    "unknown", [("course", "course_since"), ("since", "trend", "course", "course_since")]
)
def test_rules_of_older_records_are_read_as_they_were_meant(unknown: tuple[str, ...]) -> None:
    """Those of before trends, and those of before courses."""
    old = RULE.plain()
    for checkpoint in old["checkpoints"]:
        for guess in checkpoint["guesses"]:
            for name in unknown:
                del guess[name]
    assert from_plain(old) == RULE


def test_trends_and_courses_are_data() -> None:
    """Through JSON and back they are the same."""
    course, course_since = ((3, -1.5), (4, 0.0)), ((2, 0.0),)
    guess = replace(LOSS, since=2, trend=0.5, course=course, course_since=course_since)
    rule = Stopper(last_step=8, checkpoints=(Checkpoint(step=4, guesses=(guess,)),))
    assert from_plain(json.loads(json.dumps(rule.plain()))) == rule


@given(st.sampled_from([RULE, ALONG]), lines, lines)
def test_what_follows_changes_nothing(rule: Stopper, before: list[str], after: list[str]) -> None:
    """The outcome is a pure function of the curve up to the checkpoint that holds.

    So it does not matter whether and when the trial was ended, nor what it reported meanwhile.
    """
    first = rule.outcome("".join(f"{line}\n" for line in before))
    if first is not None:
        assert rule.outcome("".join(f"{line}\n" for line in [*before, *after])) == first


@given(lines)
def test_watching_and_reading_afterwards_agree(written: list[str]) -> None:
    """A keeper that looks after every line finds what is found from the whole text."""
    reader = RULE.reader()
    seen = None
    for line in written:
        reader.feed(f"{line}\n".encode())
        seen = seen or RULE.look(reader.curves)
    assert RULE.outcome("".join(f"{line}\n" for line in written)) == seen


def test_a_rule_is_data() -> None:
    """Through JSON and back it is the same; what is none is refused."""
    assert from_plain(json.loads(json.dumps(RULE.plain()))) == RULE
    with pytest.raises(ValueError, match="checkpoint"):
        from_plain({"last_step": 8, "checkpoints": [], "patterns": {}})
    with pytest.raises(KeyError):
        from_plain({"last_step": 8, "checkpoints": [{"step": 1}], "patterns": {}})


def test_a_checkpoint_needs_something_of_its_own_step() -> None:
    """With nothing but earlier values nobody could tell when it is reached."""
    with pytest.raises(ValueError, match="own step"):
        Checkpoint(step=2, guesses=(SIZE,))


def test_a_guess_that_overflows_is_none() -> None:
    """What is predicted is a finite number."""
    steep = Guess(metric="loss", intercept=0.0, slope=1e308, windows=((0.0, 100.0),))
    assert steep.final({"loss": [(2, 90.0)]}, 2) is None
