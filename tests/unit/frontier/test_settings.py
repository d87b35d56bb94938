"""Settings as changes against a baseline."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import ConfigurationError
from mainstem.frontier.settings import Coding, coded, word
from mainstem.frontier.table import Row, Shape, Table


def coding(settings: list[dict[str, object]], **baseline: str) -> Coding:
    """How rows with these settings become changes."""
    rows = tuple(Row(where=f"f:{at}", cells=row) for at, row in enumerate(settings))
    table = Table(file="f", sha256="", shape=Shape.RUNS, rows=rows, columns=())
    return coded(table, baseline, settings)


def test_on_and_off_is_a_change_of_its_own_name() -> None:
    """Whatever the words for it; the other way round it is a value like any other."""
    found = coding([{"a": "on", "b": 1}, {"a": "Off", "b": 0}])
    assert found.all == ("a", "b")
    assert found.changes({"a": "on", "b": 0}) == {"a"}
    assert found.conflicts == ()
    other = coding([{"a": True}, {"a": False}], a="on")
    assert other.all == ("a=off",)
    assert other.changes({"a": False}) == {"a=off"}


def test_values_of_one_setting_exclude_each_other() -> None:
    """Each is a change against the baseline's, numbers too."""
    found = coding([{"lr": 1}, {"lr": 0.5}, {"lr": "x"}], lr="1")
    assert found.all == ("lr=0.5", "lr=x")
    assert found.conflicts == (frozenset({"lr=0.5", "lr=x"}),)
    assert found.changes({"lr": 1}) == frozenset()


def test_what_never_varies_is_no_change() -> None:
    """It is named as such."""
    found = coding([{"a": 3, "b": "on"}, {"a": 3, "b": "off"}])
    assert (found.constant, found.all) == (("a",), ("b",))


@pytest.mark.parametrize(
    ("settings", "baseline", "said"),
    [
        ([{"lr": "a"}, {"lr": "b"}], {}, "baseline missing: which value of lr is it, of a, b"),
        ([{"lr": "a"}, {"lr": "b"}], {"lr": "c"}, "lr=c is in no run; there are a, b"),
        ([{"lr": "a"}, {}], {"lr": "a"}, "1 runs do not say what lr was"),
        ([{"a": "x", "a=y": "off"}, {"a": "y", "a=y": "on"}], {"a": "x"}, "a change called a=y"),
    ],
)
def test_what_cannot_be_coded_is_refused(
    settings: list[dict[str, object]], baseline: dict[str, str], said: str
) -> None:
    """With the setting, its values and the option to say."""
    with pytest.raises(ConfigurationError) as caught:
        coding(settings, **baseline)
    assert said in str(caught.value)


cells = st.sampled_from(["a", "b", "on", "off", 1, 0, 2.5, None, True])


@given(st.lists(st.fixed_dictionaries({"x": cells, "y": cells}), min_size=1, max_size=8))
def test_the_baseline_has_no_change_and_a_row_is_known_from_its_changes(
    settings: list[dict[str, object]],
) -> None:
    """Rows with other words have other changes."""
    first = {key: "" if value is None else word(value) for key, value in settings[0].items()}
    found = coding(settings, **first)
    assert found.changes(settings[0]) == frozenset()
    said = {found.changes(row): None for row in settings}
    words = {tuple("" if row[k] is None else word(row[k]) for k in "xy") for row in settings}
    assert len(said) == len(words)
