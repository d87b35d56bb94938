"""Objectives, as an option or a JSON file names them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import UsageError
from mainstem.domain.stack import Direction, Role
from mainstem.frontier.objectives import listed, objective, objectives, spec


def test_an_option_is_an_objective() -> None:
    """All of its settings, in any order."""
    found = objective(spec("acc, margin=0.5%, unit=share, direction=maximize, role=guard"))
    assert (found.name, found.margin, found.unit) == ("acc", "0.5%", "share")
    assert (found.direction, found.role) == (Direction.MAXIMIZE, Role.GUARD)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no name"),
        ("loss,margn=1", "'margn=1' is not one of|margn=1 is not one of"),
        ("loss,margin=1,margin=2", "is not one of"),
        ("loss,direction=up", "write minimize or maximize"),
    ],
)
def test_an_option_that_says_nothing_is_refused(text: str, said: str) -> None:
    """With the form that it should have."""
    with pytest.raises(UsageError, match=said):
        spec(text)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"margin": 1}, "needs a name"),
        ({"name": "loss"}, "has no margin"),
        ({"name": "lo\x1b[2Jss", "margin": 1}, "holds control characters"),
        ({"name": "loss", "margin": -1}, "margin"),
        ({"name": "loss", "margin": "wide"}, "could not convert"),
        ({"name": "loss", "margin": [1]}, "give a number"),
        ({"name": "loss", "margin": 1, "role": "both"}, "both"),
        ({"name": "loss", "margin": 1, "weight": 2}, "has weight, which none has"),
    ],
)
def test_what_is_no_objective_is_refused(settings: dict[str, object], said: str) -> None:
    """One line that names it."""
    with pytest.raises(UsageError, match=said):
        objective(settings)


def test_one_at_least_is_to_improve_and_names_differ() -> None:
    """As in `mainstem.toml`."""
    with pytest.raises(UsageError, match="no objective to improve"):
        objectives([])
    with pytest.raises(UsageError, match="no objective to improve"):
        objectives([{"name": "a", "margin": 1, "role": "guard"}])
    with pytest.raises(UsageError, match="two objectives are called a"):
        objectives([{"name": "a", "margin": 1}] * 2)
    with pytest.raises(UsageError, match="is no list of objects"):
        listed({"a": 1}, "f.json")


KEYS = st.sampled_from(["name", "margin", "role", "unit", "direction", "x"])
ANY = st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.text())


@given(st.dictionaries(KEYS, ANY))
def test_any_settings_are_read_or_refused(settings: dict[str, object]) -> None:
    """Whatever a JSON file holds."""
    said = "objective"
    try:
        assert objective(settings).name
    except UsageError as error:
        said = str(error)
    assert "objective" in said
