"""Runs that somebody else made: how they are read, and what is wrong with them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import ConfigurationError, MainstemError, UsageError
from mainstem.frontier.runs import ForeignRuns, Reading, runs_of
from mainstem.frontier.table import Row, Shape, Table, parse_table

LOSS = {"name": "loss", "margin": "0.01"}


def read(text: str, **how: object) -> ForeignRuns:
    """The runs of a file of this text."""
    reading = Reading(**{"objectives": (LOSS,), **how})  # type: ignore[arg-type]  # as a call has it
    return runs_of(parse_table("f", text.encode()), reading)


def test_a_list_of_changes_is_a_recipe() -> None:
    """Apart by `;` or ` + `, or a JSON list; the run without any is the baseline."""
    found = read("run,changes,seed,loss\nx,,1,3\ny,a + b,1,2\nz,b;c,2,\n")
    assert [(r.name, r.changes, r.seed) for r in found.runs] == [
        ("x", frozenset(), 1),
        ("y", {"a", "b"}, 1),
        ("z", {"b", "c"}, 2),
    ]
    assert [r.values for r in found.runs] == [{"loss": 3.0}, {"loss": 2.0}, None]
    assert found.changes == ("a", "b", "c")
    text = json.dumps(
        {"runs": [{"seed": 1, "loss": 2}, {"changes": ["a+b"], "seed": 1, "loss": 1}]}
    )
    assert read(text).runs[1].changes == {"a+b"}


def test_settings_are_changes_against_the_baseline() -> None:
    """What is no metric, seed or place; what is ignored is none either."""
    found = read(
        "seed,lr,clip,host_note,loss,machine\n1,1,off,u,3,m\n2,2,on,v,2,m\n",
        baseline={"lr": "1"},
        ignored=("host_note",),
    )
    assert found.runs[1].changes == {"lr=2", "clip"}
    assert found.runs[1].places == {"machine": "m"}


def test_a_json_file_says_all_by_itself() -> None:
    """Objectives, baseline, settings and metrics; a further metric is named."""
    text = json.dumps(
        {
            "objectives": [{"name": "loss", "margin": 0.1}],
            "baseline": {"lr": 1},
            "runs": [
                {"config": {"lr": 1}, "seed": 1, "metrics": {"loss": 2.0, "acc": 1.0}},
                {"config": {"lr": 2}, "seed": 1, "metrics": None},
            ],
        }
    )
    found = read(text, objectives=())
    assert [r.changes for r in found.runs] == [frozenset(), {"lr=2"}]
    assert found.runs[1].values is None
    assert found.unused == ("acc",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,1,nan", "loss is nan: no finite number"),
        ("a,1,inf", "loss is inf: no finite number"),
        ("a,x,1", "`seed` is x, not a whole number"),
        ("a,1.5,1", "`seed` is 1.5, not a whole number"),
        ("a,-1,1", "`seed` is -1, not a whole number"),
        (",1,1", "f:3: duplicate run: the same changes and seed 1 as f:2"),
        ("a + a,1,1", "names one twice"),
    ],
)
def test_a_bad_run_is_named(row: str, said: str) -> None:
    """With its line; nothing of the file is taken."""
    with pytest.raises(ConfigurationError) as caught:
        read(f"changes,seed,loss\n,1,3\n{row}\n")
    assert said in str(caught.value)


def test_a_value_that_is_missing_beside_others_is_no_failed_run() -> None:
    """Which one is it? Said, not guessed."""
    guard = {"name": "size", "margin": "1", "role": "guard"}
    with pytest.raises(ConfigurationError, match="missing, and others are there"):
        read("changes,seed,loss,size\n,1,3,4\na,1,3,\n", objectives=(LOSS, guard))


@pytest.mark.parametrize("row", ["a,1,3", ",1,"])
def test_without_a_run_of_the_baseline_nothing_can_be_told(row: str) -> None:
    """Also where it failed."""
    with pytest.raises(ConfigurationError, match="baseline missing"):
        read(f"changes,seed,loss\n{row}\nb,2,4\n")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"objectives": ({"name": "acc", "margin": "1"},)}, "no metric acc: an unknown objective"),
        ({"objectives": ()}, "no objective to improve"),
        ({"ignored": ("gone",)}, "has no column gone"),
        ({"baseline": {"gone": "1"}}, "has no column gone"),
        ({"only": {"rung": "big"}}, "has no run with rung=big"),
        ({}, "has runs of 2 values of `rung`"),
    ],
)
def test_what_the_call_names_must_be_there(how: dict[str, object], said: str) -> None:
    """One line, and what there is instead."""
    if how:
        how = {"only": {"rung": "s"}, **how}
    with pytest.raises(UsageError, match=said):
        read("changes,seed,loss,rung\n,1,3,s\na,1,3,m\n", **how)


def test_runs_are_chosen_by_where_they_were_measured() -> None:
    """Of two rungs one; how many were left out is known."""
    found = read("changes,seed,loss,rung\n,1,3,s\na,1,2,s\na,1,9,m\n", only={"rung": "s"})
    assert (len(found.runs), found.left_out) == (2, 1)


def test_a_file_without_seeds_is_none_of_runs() -> None:
    """JSON may call its list `runs` and still lack them."""
    with pytest.raises(ConfigurationError, match="runs need `seed`"):
        read('{"runs": [{"loss": 1}]}')


@given(st.lists(st.dictionaries(
    st.sampled_from(["seed", "changes", "loss", "config", "metrics", "lr", "rung", "run"]),
    st.none() | st.booleans() | st.integers(0, 9) | st.floats() | st.text(max_size=4)
    | st.lists(st.text(max_size=2) | st.integers(), max_size=3)
    | st.dictionaries(st.sampled_from(["lr", "loss"]), st.none() | st.floats() | st.text()),
), min_size=1, max_size=4))  # fmt: skip
def test_any_rows_are_read_or_refused(rows: list[dict[str, object]]) -> None:
    """Runs with finite values, the baseline among them, or an error that says where."""
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    table = Table(
        file="f",
        sha256="",
        shape=Shape.RUNS,
        rows=tuple(Row(where=f"f:{at}", cells=row) for at, row in enumerate(rows)),
        columns=columns,
    )
    said = "f"
    try:
        found = runs_of(table, Reading(objectives=(LOSS,)))
        assert any(not run.changes for run in found.runs)
        values = [run.values["loss"] for run in found.runs if run.values is not None]
        assert all(abs(value) < float("inf") for value in values)
    except MainstemError as error:
        said = str(error)
    assert said.startswith("f")
