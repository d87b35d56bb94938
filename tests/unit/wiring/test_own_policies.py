"""A user's own way of working, from a file."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.lab.replay import Entrant, Question, replay
from mainstem.wiring.own_policies import own_policy
from tests.unit.lab import records

if TYPE_CHECKING:
    from pathlib import Path

BOLD = """
import numpy as np
from mainstem.lab.campaign import Act, Decision

class Bold:
    name = "bold"

    def admits(self, desk):
        return desk.here

    def runs(self, desk):
        return np.array([desk.trunk])

    def merges(self, desk):
        return [Decision(proposal=p, act=Act.MERGED) for p in range(desk.n) if not desk.trunk[p]]
"""


def written(folder: Path, text: str, name: str = "bold.py") -> Path:
    """A file that holds it."""
    path = folder / name
    path.write_text(text)
    return path


def asked(way: object) -> Question:
    """The small record, with this way alone."""
    whole = records.question()
    return Question(
        recording=whole.recording,
        organisation=whole.organisation,
        entrants=(Entrant(way=way, campaigns=3),),  # type: ignore[arg-type]  # what is tested
        budget=4,
        seed=0,
    )


def test_a_class_in_a_file_plays_like_any_other(tmp_path: Path) -> None:
    """Also after it was handed to another process: only its file's name is."""
    way = own_policy(written(tmp_path, BOLD))
    assert way.name == "bold"
    (played,) = replay(asked(pickle.loads(pickle.dumps(way))), map)  # noqa: S301 - our own bytes
    assert played.merged.tolist() == [4, 4, 4]
    assert played.broke.all()  # wide is merged too


def test_what_a_file_raises_while_it_plays_names_the_file(tmp_path: Path) -> None:
    """And the policy, and how far it came."""
    text = BOLD.replace("return np.array([desk.trunk])", "return 1 / 0")
    way = own_policy(written(tmp_path, text))
    with pytest.raises(UsageError, match=r"bold\.py: bold failed after 0 runs: ZeroDivisionError"):
        replay(asked(way), map)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "one class with a `name` is to be in it, not none"),
        (BOLD + BOLD.replace("Bold", "Bolder"), "not Bold, Bolder"),
        (BOLD.replace("def merges", "def merge"), "Bold is no policy: give it `name`"),
        (BOLD.replace('"bold"', "7"), "`name` of Bold is 7: give it a word"),
        (BOLD.replace("class Bold:", "class Bold"), r"bold\.py:5: it cannot be loaded: Syntax"),
        ("import nothing_of_that_name", "cannot be loaded: ModuleNotFoundError"),
        (BOLD + "    def __init__(self, x): pass", r"Bold\(\) failed: TypeError"),
    ],
)
def test_a_wrong_file_is_one_line_that_says_what_is_wrong(
    tmp_path: Path, text: str, said: str
) -> None:
    """Whose fault, where, and what is asked for."""
    with pytest.raises(UsageError, match=said) as caught:
        own_policy(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_python_is_said_so(tmp_path: Path) -> None:
    """Before anything is played."""
    with pytest.raises(UsageError, match="there is no such file"):
        own_policy(tmp_path / "none.py")
    with pytest.raises(UsageError, match=r"its name is to end in \.py"):
        own_policy(written(tmp_path, BOLD, "bold.txt"))
