from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.stack import (
    DecisionSettings,
    Direction,
    Objective,
    PlaceholderError,
    Role,
    Rung,
    Stack,
    argv,
)

SMALL = Rung(
    name="small", parameters={"steps": 200, "lr": 0.5, "fast": True, "text": "a b; $(rm) 'q'"}
)


def test_a_command_is_split_and_then_filled() -> None:
    """Seed, rung and the rung's own keys; quotes group words and are gone."""
    command = "python train.py --seed {seed} --at={rung} --steps {rung.steps} 'two words' {rung.lr}"
    assert argv(command, seed=7, rung=SMALL) == (
        "python",
        "train.py",
        "--seed",
        "7",
        "--at=small",
        "--steps",
        "200",
        "two words",
        "0.5",
    )


@pytest.mark.parametrize(
    ("cost", "of_one", "trials"),
    [(10.0, 1.0, 10), (0.3, 0.1, 3), (0.29, 0.1, 2), (2.0, 2.5, 0), (1e6, 0.5, 2_000_000)],
)
def test_a_cost_pays_for_whole_trials(cost: float, of_one: float, trials: int) -> None:
    """At the rung that confirms; what does not pay for one more is left."""
    rungs = (SMALL, Rung(name="large", cost=of_one))
    objectives = (Objective("loss", margin=0.1),)
    stack = Stack(
        name="s",
        trunk="main",
        command="true",
        timeout_s=60.0,
        objectives=objectives,
        rungs=rungs,
    )
    found = stack.searching(()).trials_for(cost)
    assert isinstance(found, int)
    assert found == trials


def test_a_value_never_adds_a_word() -> None:
    """There is no shell: blanks, quotes and metacharacters of a value stay one word."""
    assert argv("run {rung.text} end", seed=0, rung=SMALL) == ("run", "a b; $(rm) 'q'", "end")


def test_booleans_are_written_as_toml_writes_them() -> None:
    """As the author of the file sees them."""
    assert argv("run {rung.fast}", seed=0, rung=SMALL)[1] == "true"


def test_double_braces_are_braces() -> None:
    """JSON on a command line is possible, with placeholders in it."""
    words = argv("""run '{{"seed": {seed}, "x": {{}}}}'""", seed=3, rung=SMALL)
    assert words == ("run", '{"seed": 3, "x": {}}')


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "command is empty"),
        ("   ", "command is empty"),
        ("run 'open", "cannot be split into words"),
        (
            "run {nobody}",
            r"command has '\{nobody\}'; known here: \{seed\}, \{rung\}, \{rung.steps\}",
        ),
        ("run {rung.nothing}", r"command has '\{rung.nothing\}'"),
        ("run {seed", r"command has '\{seed'"),
        ("run {}", r"command has '\{\}'"),
        ("run seed}", "lone '}' in 'seed}'; write '}}'"),
    ],
)
def test_a_command_that_cannot_be_filled_is_refused(command: str, message: str) -> None:
    """The error shows what is there, and what could be."""
    with pytest.raises(PlaceholderError, match=message):
        argv(command, seed=1, rung=SMALL)


words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(st.lists(words, min_size=1, max_size=5), words)
def test_any_text_can_be_said_by_quoting_and_doubling(literal: list[str], value: str) -> None:
    """Whatever the words and whatever a value holds, each comes out as it was meant."""
    import shlex

    command = shlex.join([word.replace("{", "{{").replace("}", "}}") for word in literal])
    rung = Rung(name="r", parameters={"key": value})
    filled = argv(f"{command} {{rung.key}}", seed=1, rung=rung)
    assert filled == (*literal, value)


@given(st.text(alphabet="{}seduring. '\"ab\\"))
def test_a_command_is_filled_or_refused_and_nothing_else(command: str) -> None:
    """No other error, whatever is typed; and no placeholder is left unfilled by accident."""
    try:
        filled = argv(command, seed=1, rung=SMALL)
    except PlaceholderError:
        return
    assert filled
    if "{{" not in command and "}}" not in command:
        assert not any("{" in word or "}" in word for word in filled)


@pytest.mark.parametrize(
    ("margin", "trunk_mean", "expected"),
    [
        (0.002, 50.0, 0.002),
        (3, 0.0, 3.0),
        ("0.5%", 200.0, 1.0),
        ("10%", -4.0, 0.4),  # a percentage is of the size, whatever the sign
        (" 1e1 %", 2.0, 0.2),
        ("5%", 0.0, 0.0),  # whether that is usable is for the caller to say
    ],
)
def test_margins_are_numbers_or_percentages(
    margin: float | str, trunk_mean: float, expected: float
) -> None:
    """In the metric's unit, given the trunk's mean."""
    objective = Objective("loss", margin=margin)
    assert objective.margin_at(trunk_mean) == pytest.approx(expected)
    assert objective.is_relative is isinstance(margin, str)


@pytest.mark.parametrize(
    "margin", [0.0, -1.0, math.nan, math.inf, "5", "%", "x%", "-1%", "0%", "nan%", "inf%", ""]
)
def test_margins_that_mean_nothing_are_refused(margin: float | str) -> None:
    """At once, with the value and what to give instead."""
    with pytest.raises(ValueError, match=r"margin of 'loss' is .*give a number above 0"):
        Objective("loss", margin=margin)


def test_an_objective_takes_plain_words() -> None:
    """As a notebook writes them; unknown ones are refused."""
    objective = Objective("speed", margin=1.0, direction="maximize", role="guard")
    assert (objective.direction, objective.role) == (Direction.MAXIMIZE, Role.GUARD)
    for wrong in ({"direction": "up"}, {"role": "watch"}):
        with pytest.raises(ValueError, match="is not a valid"):
            Objective("speed", margin=1.0, **wrong)
    with pytest.raises(ValueError, match="needs a name"):
        Objective("", margin=1.0)


def test_the_sign_turns_raw_differences_into_gains() -> None:
    """Above 0 is better, whatever the direction."""
    assert Objective("loss", margin=1.0).sign == -1.0
    assert Objective("accuracy", margin=1.0, direction="maximize").sign == 1.0


def stack(confirm_rung: str | None) -> Stack:
    """A stack of two rungs."""
    return Stack(
        name="s",
        trunk="main",
        command="run",
        timeout_s=1.0,
        objectives=(Objective("loss", margin=1.0),),
        rungs=(SMALL, Rung(name="large", cost=8.0)),
        decisions=DecisionSettings(confirm_rung=confirm_rung),
    )


def test_candidates_are_confirmed_at_the_last_rung_unless_told_otherwise() -> None:
    """Where it matters most."""
    assert stack(None).confirm_rung.name == "large"
    assert stack("small").confirm_rung.name == "small"


def test_a_rung_that_does_not_exist_is_an_error() -> None:
    """With the name that was looked for."""
    with pytest.raises(KeyError, match="huge"):
        stack(None).rung("huge")


def test_the_smallest_rung_is_the_cheapest_wherever_it_stands() -> None:
    """By cost; of equal ones the first. Trials of the stack there are at that rung."""
    two = stack(None)
    assert two.smallest_rung.name == "small"
    turned = replace(two, rungs=two.rungs[::-1])
    assert turned.smallest_rung.name == "small"
    same = replace(two, rungs=(Rung(name="first"), Rung(name="second")))
    assert same.smallest_rung.name == "first"
    assert two.at(two.smallest_rung).confirm_rung is two.smallest_rung
    assert two.confirm_rung.name == "large"


def test_a_campaign_runs_at_every_cheaper_rung_unless_told_otherwise() -> None:
    """The cheapest first and the one that confirms last; none that costs as much or more."""
    ladder = replace(
        stack("large"),
        rungs=(
            Rung(name="huge", cost=64.0),
            Rung(name="large", cost=8.0),
            Rung(name="twin", cost=8.0),
            Rung(name="middle", cost=4.0),
            SMALL,
        ),
    )
    assert [rung.name for rung in ladder.rungs_in_play] == ["small", "middle", "large"]
    assert ladder.rung_costs == {"small": 1.0, "middle": 4.0, "large": 8.0}
    some = ladder.searching(["middle", "large"])
    assert some.rung_costs == {"middle": 4.0, "large": 8.0}
    assert ladder.searching([]).rung_costs == {}
    assert ladder.at(SMALL).rungs_in_play == (SMALL,)
    assert stack("small").rung_costs == {}


@pytest.mark.parametrize(
    ("name", "why"),
    [("tiny", "there is no rung 'tiny'; there is 'small', 'large'"), ("large", "costs 8")],
)
def test_a_rung_that_saves_nothing_is_not_searched_at(name: str, why: str) -> None:
    """It must exist and cost less than the one that confirms, here the small one."""
    with pytest.raises(ValueError, match=why):
        stack("small").searching([name])


def test_a_cost_pays_for_parts_of_trials_where_a_cheaper_rung_is_in_play() -> None:
    """What does not pay for one more at the rung that confirms pays for some below it."""
    assert stack("large").trials_for(100.0) == 12.5
    assert stack("large").searching([]).trials_for(100.0) == 12
